// Frames to block maps. A frame holds all components of a plane: rows of interleaved samples, padded; colours as blue, green, red.

import type { BlockMap, Chain, CodecStep } from '../../src/core/blocks.js';
import type { Level } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { Limits } from '../../src/core/limits.js';
import { bytesPerSample, type PixelType } from '../../src/core/pixel-type.js';
import type { Arrangement } from './experiment.js';

export interface FrameFormat {
  readonly width: number;
  readonly height: number;
  readonly type: PixelType;
  /** Samples of each channel: 1, or 3 of a colour one. */
  readonly samples: readonly number[];
  /** Bytes from one row to the next. */
  readonly rowBytes: number;
  readonly codecs: readonly CodecStep[];
}

/** Bytes of a frame's pixels, after its time stamp. */
export interface StoredFrame {
  readonly offset: number;
  readonly length: number;
}

/** A frame above this is cut into strips, so that the engine reads what it needs. */
const STRIP_BYTES = 4 * 2 ** 20;
const WHOLE_BYTES = 8 * 2 ** 20;

export function components(format: FrameFormat): number {
  return format.samples.reduce((a, b) => a + b, 0);
}

/** Errors: format ND2_SIZE, limit DIRECTORIES. */
export function checkFormat(format: FrameFormat, arrangement: Arrangement, limits: Limits, file: string): void {
  const { width, height, rowBytes } = format;
  const planes = arrangement.sizeT * arrangement.sizeZ * arrangement.positions;
  const row = width * components(format) * bytesPerSample(format.type);
  if (![width, height, components(format)].every((n) => Number.isInteger(n) && n > 0 && n < 2 ** 31))
    throw formatError('ND2_SIZE', `${file}: frames of ${width} × ${height} × ${components(format)} make no sense`, {
      file,
    });
  if (rowBytes < row)
    throw formatError('ND2_SIZE', `${file}: rows of ${rowBytes} bytes cannot hold ${row} bytes of pixels`, { file });
  if (planes > limits.directories || arrangement.positions > limits.images) {
    const text = `${file}: ${planes} frames at ${arrangement.positions} positions are more than the limits allow`;
    throw new ImgconvError('limit', 'DIRECTORIES', text, { file });
  }
}

/** One chain for all components where none is a colour, or the only channel is one; else one for each channel. */
function partsOf(format: FrameFormat): { sample: number; samples: number; chain: Chain }[] {
  const { width, codecs, samples, rowBytes } = format;
  const all = components(format);
  const size = bytesPerSample(format.type);
  const rowElements = rowBytes / size;
  if (!Number.isInteger(rowElements))
    throw unsupported('ND2_ROW', `rows of ${rowBytes} bytes are no whole number of samples`);
  const jpeg = codecs.some((step) => step.id === 'jpeg2000');
  if (jpeg) return [{ sample: 0, samples: all, chain: { codecs, order: 'tzyxc' } }];
  const strides = (c: number): Tczyx => [0, c, 0, rowElements, all];
  const padded = rowElements !== width * all;
  if (samples.every((n) => n === 1)) {
    const chain: Chain = {
      codecs,
      order: all === 1 ? 'tczyx' : 'tzyxc',
      ...(padded ? { strides: strides(1), origin: 0 } : {}),
    };
    return [{ sample: 0, samples: all, chain }];
  }
  let sample = 0;
  return samples.map((n) => {
    const first = sample;
    sample += n;
    const chain: Chain =
      n === 3
        ? { codecs, order: 'tzyxc', strides: strides(-1), origin: first + 2 }
        : { codecs, order: 'tzyxc', strides: strides(1), origin: first };
    return { sample: first, samples: n, chain };
  });
}

/** Level of the image at position `p`. */
export function levelOf(
  format: FrameFormat,
  arrangement: Arrangement,
  p: number,
  frames: ReadonlyMap<number, StoredFrame>,
  file: string,
): Level {
  const { width, height, rowBytes, codecs } = format;
  const { sizeT, sizeZ } = arrangement;
  const all = components(format);
  const shape: Tczyx = [sizeT, all, sizeZ, height, width];
  const parts = partsOf(format);
  const frameBytes = rowBytes * height;
  const cut = codecs.length === 0 && frameBytes > WHOLE_BYTES;
  const rows = cut ? Math.max(1, Math.min(height, Math.floor(STRIP_BYTES / rowBytes))) : height;
  const strips = Math.ceil(height / rows);
  const blocks: { t: number; z: number; strip: number; part: number; offset: number; length: number }[] = [];
  for (let t = 0; t < sizeT; t++) {
    for (const [part] of parts.entries()) {
      for (let z = 0; z < sizeZ; z++) {
        const frame = frames.get(arrangement.frame(p, t, z));
        for (let strip = 0; strip < strips; strip++) {
          const from = strip * rows * rowBytes;
          const wanted = codecs.length > 0 ? frame?.length : Math.min(rows, height - strip * rows) * rowBytes;
          const length = frame ? Math.min(wanted!, frame.length - from) : 0;
          const offset = frame && length > 0 ? frame.offset + from : -1;
          blocks.push({ t, z, strip, part, offset, length: Math.max(0, length) });
        }
      }
    }
  }
  const grid = parts.length === 1;
  const place = (of: (block: (typeof blocks)[number]) => Tczyx): Int32Array => Int32Array.from(blocks.flatMap(of));
  const map: BlockMap = {
    layout: grid
      ? { kind: 'grid', block: [1, all, 1, rows, width], edge: 'clipped' }
      : {
          kind: 'placed',
          start: place(({ t, z, strip, part }) => [t, parts[part]!.sample, z, strip * rows, 0]),
          shape: place(({ strip, part }) => [1, parts[part]!.samples, 1, Math.min(rows, height - strip * rows), width]),
        },
    address: {
      kind: 'table',
      file: 0,
      offset: Float64Array.from(blocks, (block) => block.offset),
      length: Float64Array.from(blocks, (block) => block.length),
    },
    files: [file],
    chains: parts.map((each) => each.chain) as [Chain, ...Chain[]],
    chain: grid ? undefined : Uint16Array.from(blocks, (block) => block.part),
    fill: 0,
    absent: 'missing',
  };
  return { shape, blocks: map };
}
