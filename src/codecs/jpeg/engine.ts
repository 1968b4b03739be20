// Drives the JPEG kernels (src/kernels/assembly/jpeg): lays out memory, feeds scans, and hands out interleaved samples.

import { formatError, unsupported } from '../../core/errors.js';
import { KERNEL_TYPES, type Kernels } from '../../kernels/kernels.js';
import { checkSize, type DecodedImage } from '../image-block.js';
import { decodeLossless } from './lossless.js';
import { STANDARD_AC, STANDARD_DC } from './standard.js';
import { type JpegFrame, type JpegScan, type JpegTables, linesFromDnl, readSegments, tablesOf } from './stream.js';

/** How the three or four components relate to the output samples. */
export type JpegColor = 'auto' | 'ycbcr' | 'rgb' | 'none';

export interface JpegOptions {
  /** Abbreviated stream with tables (TIFF JPEGTables). */
  readonly tables?: Uint8Array;
  readonly color: JpegColor;
  /** Pixels wanted from the top left corner; more than the frame has is cut to it. Absent: all. */
  readonly width?: number;
  readonly height?: number;
  /** Give the means of 2 × 2 pixels; width and height are then those of the result. */
  readonly half?: boolean;
  /** Refuse to decode to more bytes than this. */
  readonly maxBytes: number;
}

// Fields of the kernels' parameter block: see assembly/jpeg/state.ts.
const STATE = 1024;
const COMPONENT = 128;
const COMPONENT_SIZE = 64;
/** One derived Huffman table, and its source bytes behind it. */
const TABLE = 6656;
const TABLE_SLOT = TABLE + 288;
/** Room behind rows for whole vectors. */
const SLACK = 64;

/** Decode one stream: baseline, extended or progressive Huffman with 8 or 12 bits, or lossless. */
export function decodeJpeg(kernels: Kernels, input: Uint8Array, options: JpegOptions): DecodedImage {
  const tables = tablesOf(options.tables);
  // From here on by address: growing memory detaches views.
  const length = input.byteLength;
  const source = kernels.place(input, 'jpeg.in');
  const data = () => kernels.view(source, length);
  const scan = readSegments(data(), 0, tables);
  const header = tables.frame as JpegFrame | undefined;
  if (!scan || !header) throw formatError('JPEG_STREAM', 'no JPEG image in the stream');
  const lines = header.height || linesFromDnl(data(), scan.offset);
  if (lines === 0) throw formatError('JPEG_STREAM', 'the JPEG frame has 0 lines');
  const frame: JpegFrame = { ...header, height: lines };
  const size = frame.precision > 8 ? 2 : 1;
  const samples = frame.components.length;
  const half = options.half === true;
  if (half && !canHalve(frame)) return halved(kernels, decodeJpeg(kernels, data().slice(), wholeOf(options)));
  const [fullWidth, fullHeight] = half ? [frame.width / 2, frame.height / 2] : [frame.width, frame.height];
  const width = Math.min(options.width ?? fullWidth, fullWidth);
  const height = Math.min(options.height ?? fullHeight, fullHeight);
  checkSize('a JPEG image', frame.width, frame.height, samples * size, options.maxBytes);
  const blocks = Math.ceil(frame.width / 8) * Math.ceil(frame.height / 8);
  if (frame.process !== 'lossless' && blocks > 8 * length) {
    throw formatError('TRUNCATED', `${length} bytes of JPEG data cannot hold ${frame.width} × ${frame.height} pixels`);
  }
  const job = { kernels, frame, tables, source, length, width, height, half };
  const rows = frame.process === 'lossless' ? decodeLossless(job, scan) : new Decoder(job, options.color).run(scan);
  const stride = width * samples * size;
  return { pixels: kernels.view(rows.out, rows.done * stride), width, height, samples, size };
}

/** 8-bit frames of even size whose chroma has full size or half of it both ways. */
function canHalve({ precision, process, width, height, components }: JpegFrame): boolean {
  const hMax = Math.max(...components.map((c) => c.h));
  const vMax = Math.max(...components.map((c) => c.v));
  const fits = components.every((c) => (c.h === hMax && c.v === vMax) || (2 * c.h === hMax && 2 * c.v === vMax));
  return precision === 8 && process !== 'lossless' && width % 2 === 0 && height % 2 === 0 && fits;
}

function wholeOf({ half: _half, width, height, ...rest }: JpegOptions): JpegOptions {
  return { ...rest, ...(width && { width: 2 * width }), ...(height && { height: 2 * height }) };
}

/** Means of 2 × 2 pixels of a decoded image. */
function halved(kernels: Kernels, { pixels, width, height, samples, size }: DecodedImage): DecodedImage {
  const rows = Math.floor(pixels.length / (width * samples * size));
  const [w, h] = [Math.ceil(width / 2), Math.ceil(rows / 2)];
  const source = kernels.place(pixels, 'jpeg.whole');
  const plane = kernels.scratch('jpeg.plane', width * rows * size);
  const small = kernels.scratch('jpeg.small', w * h * size);
  const out = kernels.scratch('jpeg.halved', w * h * samples * size);
  const [step, type] = [samples * size, size === 2 ? 'uint16' : 'uint8'] as const;
  for (let s = 0; s < samples; s++) {
    kernels.x.gather(plane, width * size, source + s * size, width * step, step, width, rows, size);
    kernels.x.halveMean(KERNEL_TYPES.indexOf(type), small, w * size, plane, width * size, width, rows, 1, 0);
    kernels.x.scatter(out + s * size, w * step, step, small, w * size, w, h, size);
  }
  return { pixels: kernels.view(out, w * h * step), width: w, height: Math.ceil(height / 2), samples, size };
}

/** Address of the output, and its complete rows. */
export interface JpegRows {
  readonly out: number;
  readonly done: number;
}

export interface JpegJob {
  readonly kernels: Kernels;
  readonly frame: JpegFrame;
  readonly tables: JpegTables;
  /** Address and bytes of the stream. */
  readonly source: number;
  readonly length: number;
  /** Pixels wanted. */
  readonly width: number;
  readonly height: number;
  readonly half: boolean;
}

/** libjpeg's rules for the meaning of components: JFIF, then Adobe, then component numbers. */
function transformOf(frame: JpegFrame, tables: JpegTables, color: JpegColor): 0 | 1 | 2 {
  const n = frame.components.length;
  if (n < 3 || color === 'rgb' || color === 'none') return 0;
  if (color === 'ycbcr') return n === 3 ? 1 : 2;
  if (n === 4) return tables.adobe === undefined || tables.adobe === 0 ? 0 : 2;
  if (tables.jfif) return 1;
  if (tables.adobe !== undefined) return tables.adobe === 0 ? 0 : 1;
  return String.fromCharCode(...frame.components.map((c) => c.id)) === 'RGB' ? 0 : 1;
}

/** Upsampling mode of a component (state.ts, C_UPSAMPLE). */
function upsampling(h: number, v: number, hMax: number, vMax: number, width: number): number {
  if (h === hMax && v === vMax) return 0;
  if (hMax % h !== 0 || vMax % v !== 0) {
    throw unsupported(
      'JPEG_SAMPLING',
      `JPEG sampling ${h}×${v} in ${hMax}×${vMax} is not supported: not a whole ratio`,
    );
  }
  const wide = width > 2;
  if (hMax === 2 * h && v === vMax && wide) return 1;
  if (hMax === 2 * h && vMax === 2 * v && wide) return 2;
  if (h === hMax && vMax === 2 * v) return 3;
  return 4;
}

class Decoder {
  private readonly hMax: number;
  private readonly vMax: number;
  private readonly mcusX: number;
  private readonly mcusY: number;
  private readonly state: number;
  private readonly out: number;

  constructor(
    private readonly job: JpegJob,
    private readonly color: JpegColor,
  ) {
    const { frame, kernels, width, height } = job;
    this.hMax = Math.max(...frame.components.map((c) => c.h));
    this.vMax = Math.max(...frame.components.map((c) => c.v));
    this.mcusX = Math.ceil(frame.width / (8 * this.hMax));
    this.mcusY = Math.ceil(frame.height / (8 * this.vMax));
    const size = frame.precision > 8 ? 2 : 1;
    const rowBytes = (this.mcusX * this.hMax * 8 + SLACK) * 2;
    const ring = 24 * this.vMax * rowBytes;
    this.state = kernels.scratch(
      'jpeg.state',
      STATE + 128 + frame.components.length * (ring + rowBytes) + rowBytes + 256,
    );
    this.out = kernels.scratch('jpeg.out', width * height * frame.components.length * size + SLACK);
    this.layOut(rowBytes, ring, size);
  }

  private get fields(): Int32Array {
    return new Int32Array(this.job.kernels.x.memory.buffer, this.state, STATE / 4);
  }

  private layOut(rowBytes: number, ring: number, size: number): void {
    const { frame, width, height, tables } = this.job;
    const f = this.fields;
    f.fill(0);
    const n = frame.components.length;
    let free = this.state + STATE;
    const take = (bytes: number) => {
      const at = free;
      free += Math.ceil(bytes / 16) * 16;
      return at;
    };
    const scale = this.job.half ? 2 : 1;
    f.set([frame.width / scale, frame.height / scale, n, this.hMax, this.vMax, this.mcusX, this.mcusY]);
    f[32 / 4] = frame.precision;
    f[36 / 4] = transformOf(frame, tables, this.color);
    f[40 / 4] = this.out;
    f[44 / 4] = width;
    f[48 / 4] = height;
    f[52 / 4] = 0;
    f[56 / 4] = this.job.source + this.job.length;
    f[72 / 4] = take(128);
    f[60 / 4] = take(rowBytes + 32) + 16;
    f[64 / 4] = width * n * size;
    f[100 / 4] = frame.process === 'progressive' ? 1 : 0;
    f[104 / 4] = scale - 1;
    frame.components.forEach((c, i) => {
      const at = (COMPONENT + i * COMPONENT_SIZE) / 4;
      // At half size, chroma of half size is what it should be, and the rest is halved.
      const fine = this.job.half && c.h === this.hMax;
      const [h, v] = this.job.half ? [this.hMax, this.vMax] : [c.h, c.v];
      const samplesX = Math.ceil((frame.width * h) / this.hMax / scale);
      f[at] = c.h;
      f[at + 1] = c.v;
      f[at + 5] = take(ring);
      f[at + 6] = 24 * c.v;
      f[at + 7] = this.mcusX * c.h * 8 + 16;
      f[at + 8] = samplesX;
      f[at + 9] = Math.ceil((frame.height * v) / this.vMax / scale);
      f[at + 11] = this.mcusX * c.h;
      f[at + 12] = take(rowBytes);
      f[at + 14] = upsampling(h, v, this.hMax, this.vMax, samplesX);
      f[at + 15] = fine ? 2 : 3;
    });
  }

  run(first: JpegScan): JpegRows {
    const { frame, kernels } = this.job;
    const n = frame.components.length;
    this.prepare(first);
    if (frame.process === 'sequential' && first.components.length === n) {
      const inOrder = first.components.every((c, i) => c.index === i);
      if (inOrder) return this.finish(kernels.x.jpegSequential(this.state));
    }
    return this.collect(first);
  }

  /** Several scans: coefficients of the whole image first. */
  private collect(first: JpegScan): JpegRows {
    const { kernels, frame, tables, source, length } = this.job;
    const blocks = frame.components.map((c) => this.mcusX * c.h * this.mcusY * c.v);
    const total = blocks.reduce((a, b) => a + b, 0);
    const memory = kernels.scratch('jpeg.coefficients', total * 128);
    kernels.view(memory, total * 128).fill(0);
    let at = memory;
    blocks.forEach((count, i) => {
      this.fields[(COMPONENT + i * COMPONENT_SIZE) / 4 + 10] = at;
      at += count * 128;
    });
    const seen = new Set<number>();
    let worst = 0;
    for (let scan: JpegScan | undefined = first; scan; ) {
      this.prepare(scan);
      worst = Math.max(worst, kernels.x.jpegScan(this.state));
      if (worst !== 0) break;
      for (const c of scan.components) seen.add(c.index);
      const data = kernels.view(source, length);
      scan = readSegments(data, this.fields[52 / 4]! - source, tables);
    }
    // A picture from some of its scans would be a blurred guess.
    if (worst !== 0 || seen.size < frame.components.length) {
      throw formatError('TRUNCATED', 'the JPEG stream ends or breaks before its last scan');
    }
    kernels.x.jpegRender(this.state);
    return this.finish(0);
  }

  private finish(result: number): JpegRows {
    const done = this.fields[68 / 4]!;
    if (result !== 0 && done === 0) {
      throw formatError(result === 1 ? 'TRUNCATED' : 'JPEG_STREAM', 'the JPEG data ends or breaks in its first rows');
    }
    return { out: this.out, done };
  }

  private prepare(scan: JpegScan): void {
    const { tables, frame, source, kernels } = this.job;
    // Room for tables first: growing memory would detach the view that follows.
    kernels.scratch('jpeg.tables', 8 * TABLE_SLOT);
    const f = this.fields;
    f[28 / 4] = tables.restart;
    f[52 / 4] = source + scan.offset;
    f[76 / 4] = scan.start;
    f[80 / 4] = Math.min(scan.end, 63);
    f[84 / 4] = scan.high;
    f[88 / 4] = scan.low;
    f[92 / 4] = scan.components.length;
    f[96 / 4] = scan.components.reduce((list, c, i) => list | (c.index << (8 * i)), 0);
    const progressive = frame.process === 'progressive';
    if (progressive && (scan.start > scan.end || scan.end > 63 || (scan.start > 0 && scan.components.length > 1))) {
      throw formatError('JPEG_STREAM', 'broken JPEG stream: a progressive scan with impossible parameters');
    }
    const units = scan.components.reduce(
      (sum, c) => sum + frame.components[c.index]!.h * frame.components[c.index]!.v,
      0,
    );
    if (scan.components.length > 1 && units > 10) {
      throw formatError('JPEG_STREAM', `broken JPEG stream: ${units} blocks an MCU, 10 allowed`);
    }
    for (const c of scan.components) {
      const at = (COMPONENT + c.index * COMPONENT_SIZE) / 4;
      if (!progressive || scan.start === 0) f[at + 3] = this.huffman(0, c.dc);
      if (!progressive || scan.start > 0) f[at + 4] = this.huffman(1, c.ac);
      this.setQuant(c.index);
    }
  }

  /** A component keeps the table that was in force at its first scan. */
  private setQuant(index: number): void {
    const field = (COMPONENT + index * COMPONENT_SIZE) / 4 + 2;
    if (this.fields[field] !== 0) return;
    const table = this.job.tables.quant[this.job.frame.components[index]!.quant];
    if (!table) throw formatError('JPEG_STREAM', 'broken JPEG stream: a component without its quantisation table');
    const ptr = this.state + COMPONENT + 4 * COMPONENT_SIZE + index * 128;
    new Uint16Array(this.job.kernels.x.memory.buffer, ptr, 64).set(table);
    this.fields[field] = ptr;
  }

  private huffman(kind: 0 | 1, slot: number): number {
    const { tables, kernels } = this.job;
    const standard = kind === 0 ? STANDARD_DC : STANDARD_AC;
    const bytes = (kind === 0 ? tables.dc : tables.ac)[slot] ?? standard[slot & 1]!;
    return deriveTable(kernels, kind * 4 + slot, bytes);
  }
}

/** Derived Huffman table in kernel memory; tiles of one image share theirs, so it is made only when the source bytes change. */
export function deriveTable(kernels: Kernels, slot: number, bytes: Uint8Array): number {
  const ptr = kernels.scratch('jpeg.tables', 8 * TABLE_SLOT) + slot * TABLE_SLOT;
  const kept = kernels.view(ptr + TABLE, 288);
  if (kept[0] === bytes.length >> 1 && bytes.every((b, i) => kept[i + 1] === b)) return ptr;
  kept.fill(0);
  kept.set(bytes, 1);
  if (kernels.x.jpegHuffman(ptr, ptr + TABLE + 1, ptr + TABLE + 17) === 0) {
    throw formatError('JPEG_STREAM', 'broken JPEG stream: a Huffman table has too many codes');
  }
  kept[0] = bytes.length >> 1;
  return ptr;
}
