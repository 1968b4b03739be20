// Baseline JPEG of 8-bit gray or RGB pixels. Equal pixels and parameters give equal bytes on every machine.
//
// Parameters:
//   quality      1–100 (default 90), on libjpeg's scale
//   color        'ycbcr' (default for 3 samples): coded as YCbCr · 'rgb': as they are · 'none' (default for 1 sample)
//   subsampling  '420' (default with ycbcr): chroma at half width and height · '444'
//   planar       true: the samples of the block come plane by plane
//   tables       true, or what `jpegTables` gives: quantisation and Huffman tables are kept elsewhere and left out of the stream. Other tables
//                (of a file whose tiles are handed on, but for this one) are not ours: the stream brings its own.

import type { CodecStep } from '../../core/blocks.js';
import { ImgconvError } from '../../core/errors.js';
import type { Kernels } from '../../kernels/kernels.js';
import type { CodecContext } from '../contract.js';
import { inputPointer, outputPointer, result } from '../memory.js';
import { flag, whole, word } from '../parameters.js';
import { STANDARD_AC, STANDARD_DC } from './standard.js';
import { type FrameComponent, huffmanCodes, jpegTables, quantisation, streamHead, tableSegments } from './tables.js';

const LARGEST = 65_535;
/** Fields of the kernel's parameter block: see assembly/jpeg/encode.ts. */
const STATE_BYTES = 128;
const WORK_BYTES = 256;
/** 64 reciprocals, 16 DC and 256 AC codes. */
const TABLE_BYTES = 64 * 2 + (16 + 256) * 4;
/** Room that the kernel wants to see free before each group of blocks. */
const RESERVE = 8192;

interface Plan {
  readonly samples: number;
  readonly width: number;
  readonly height: number;
  readonly quality: number;
  readonly components: readonly FrameComponent[];
  /** Pixels of a group of blocks. */
  readonly unit: 8 | 16;
  readonly color: 'ycbcr' | 'rgb' | 'none';
  readonly planar: boolean;
  readonly head: Uint8Array;
}

function sameBytes(a: unknown, b: Uint8Array): boolean {
  return a instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Plans of the steps at hand: tiles of one image share theirs. */
const plans = new WeakMap<CodecStep, Plan>();

function planFor(step: CodecStep, context: CodecContext): Plan {
  const { width, height, depth, samples, type } = context.block;
  const known = plans.get(step);
  const same = known?.width === width && known.height === height * depth && known.samples === samples;
  if (known && same && type === 'uint8') return known;
  const plan = planStream(step, context);
  plans.set(step, plan);
  return plan;
}

function planStream(step: CodecStep, { block }: CodecContext): Plan {
  const { width, samples, type } = block;
  const height = block.height * block.depth;
  if (type !== 'uint8' || (samples !== 1 && samples !== 3) || width > LARGEST || height > LARGEST) {
    const what = `${samples} × ${type} of ${width} × ${height} pixels`;
    throw new ImgconvError('internal', 'CODEC_PARAMETER', `codec jpeg: cannot encode ${what}`);
  }
  const rgb = samples === 3;
  const color = word(step, 'color', ['ycbcr', 'rgb', 'none'], rgb ? 'ycbcr' : 'none');
  const ycbcr = rgb && color === 'ycbcr';
  const half = ycbcr && word(step, 'subsampling', ['420', '444'], '420') === '420';
  const quality = whole(step, 'quality', 90, 1, 100);
  const side = half ? 2 : 1;
  const plain = (id: number): FrameComponent => ({ id, h: 1, v: 1, table: 0 });
  const components: FrameComponent[] = ycbcr
    ? [
        { id: 1, h: side, v: side, table: 0 },
        { ...plain(2), table: 1 },
        { ...plain(3), table: 1 },
      ]
    : rgb
      ? [...'RGB'].map((letter) => plain(letter.charCodeAt(0)))
      : [plain(1)];
  const elsewhere = step.tables === true || sameBytes(step.tables, jpegTables(quality, ycbcr));
  const marker = elsewhere ? 'none' : rgb && !ycbcr ? 'adobe-rgb' : 'jfif';
  const head = streamHead(width, height, components, elsewhere ? [] : tableSegments(quality, ycbcr), marker);
  return {
    samples,
    width,
    height,
    quality,
    components,
    unit: half ? 16 : 8,
    color: ycbcr ? 'ycbcr' : rgb ? 'rgb' : 'none',
    planar: flag(step, 'planar'),
    head,
  };
}

/** Tables of luminance and chrominance in kernel memory; made when the quality changes. */
const made = new WeakMap<Kernels, { at: number; quality: number }>();

function tablesAt(kernels: Kernels, quality: number): number {
  const at = kernels.scratch('jpeg.encode.tables', 2 * TABLE_BYTES);
  const known = made.get(kernels);
  if (known?.at === at && known.quality === quality && kernels.view(at, 4).some((byte) => byte !== 0)) return at;
  for (const index of [0, 1] as const) {
    const steps = quantisation(quality, index);
    // Transposed: the transform leaves columns as rows.
    const step = (i: number): number => steps[(i & 7) * 8 + (i >> 3)]!;
    const reciprocals = Int16Array.from({ length: 64 }, (_, i) => Math.min(32_767, Math.round(32_768 / step(i))));
    const base = at + index * TABLE_BYTES;
    kernels.view(base, 128).set(new Uint8Array(reciprocals.buffer));
    const dc = huffmanCodes(STANDARD_DC[index], 16);
    kernels.view(base + 128, 64).set(new Uint8Array(dc.buffer));
    const ac = huffmanCodes(STANDARD_AC[index], 256);
    kernels.view(base + 192, 1024).set(new Uint8Array(ac.buffer));
  }
  made.set(kernels, { at, quality });
  return at;
}

/** Pixels padded to whole groups of blocks by repeating the last column and row; as they are where they fit. */
function padded(kernels: Kernels, given: number, plan: Plan, samples: number): Source {
  const { width, height } = plan;
  const [w, h] = [paddedTo(width), Math.ceil(height / plan.unit) * plan.unit];
  const apart = plan.planar && samples > 1;
  if (w === width && h === height)
    return { at: given, stride: apart ? width : width * samples, plane: apart ? width * height : 0 };
  const stride = w * samples;
  const src = apart ? interleaved(kernels, given, width, height, samples) : given;
  // Whole vectors are read behind the last pixel.
  const at = kernels.scratch('jpeg.encode.padded', stride * h + 64);
  for (let y = 0; y < h; y++) {
    const row = kernels.view(at + y * stride, stride);
    row.set(kernels.view(src + Math.min(y, height - 1) * width * samples, width * samples));
    for (let x = width; x < w; x++) row.copyWithin(x * samples, (width - 1) * samples, width * samples);
  }
  return { at, stride, plane: 0 };
}

function interleaved(kernels: Kernels, src: number, width: number, height: number, samples: number): number {
  const at = kernels.scratch('jpeg.encode.interleaved', width * height * samples);
  for (let c = 0; c < samples; c++)
    kernels.x.scatter(at + c, width * samples, samples, src + c * width * height, width, width, height, 1);
  return at;
}

/** Planes are made 16 pixels at a time. */
function paddedTo(size: number): number {
  return Math.ceil(size / 16) * 16;
}

interface Plane {
  readonly at: number;
  readonly stride: number;
}

interface Source extends Plane {
  /** Bytes from one colour to the next, 0 where they are interleaved. */
  readonly plane: number;
}

function makePlanes(kernels: Kernels, source: Source, plan: Plan): Plane[] {
  if (plan.color === 'none') return [source];
  const { stride, plane: apart } = source;
  if (plan.color === 'rgb' && apart > 0) return [0, 1, 2].map((c) => ({ at: source.at + c * apart, stride }));
  const [w, h] = [paddedTo(plan.width), Math.ceil(plan.height / plan.unit) * plan.unit];
  const half = plan.unit === 16;
  const at = kernels.scratch('jpeg.encode.planes', 3 * w * h);
  const planes = [at, at + w * h, at + w * h + (half ? (w * h) / 4 : w * h)] as const;
  if (plan.color === 'ycbcr') {
    kernels.x.jpegPlanes(planes[0], planes[1], planes[2], w, source.at, stride, apart, w, h, half ? 1 : 0);
  } else {
    for (const [c, plane] of planes.entries()) kernels.x.gather(plane, w, source.at + c, stride, 3, w, h, 1);
  }
  return planes.map((plane, c) => ({ at: plane, stride: half && c > 0 ? w / 2 : w }));
}

export function encodeJpeg(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const { kernels, block } = context;
  const plan = planFor(step, context);
  const { length } = input;
  const src = inputPointer(input, context);
  // All memory first: growing it moves nothing, but empties views.
  const state = kernels.scratch('jpeg.encode.state', STATE_BYTES + WORK_BYTES);
  const tables = tablesAt(kernels, plan.quality);
  const source = padded(kernels, src, plan, block.samples);
  const planes = makePlanes(kernels, source, plan);
  const { head } = plan;
  // Noise at the best quality takes more than the pixels themselves.
  for (let room = length + (length >> 1) + RESERVE + head.length; ; room *= 3) {
    const dst = outputPointer(context, src, length, room);
    const fields = new Int32Array(kernels.x.memory.buffer, state, STATE_BYTES / 4);
    fields.fill(0);
    const mcus = (size: number): number => Math.ceil(size / plan.unit);
    fields.set([dst + head.length, dst + room - 2, mcus(plan.width), mcus(plan.height)]);
    fields.set([plan.components.length, state + STATE_BYTES], 4);
    plan.components.forEach(({ h, v, table }, c) => {
      const { at, stride } = planes[c]!;
      const base = tables + table * TABLE_BYTES;
      fields.set([at, stride, h, v, base, base + 128], 8 + c * 8);
    });
    const end = kernels.x.jpegEncode(state);
    if (end === 0) continue;
    kernels.view(dst, head.length).set(head);
    kernels.view(end, 2).set([0xff, 0xd9]);
    return result(context, dst, end + 2 - dst);
  }
}
