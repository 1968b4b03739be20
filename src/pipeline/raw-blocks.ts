// Uncompressed blocks: only the bytes that a region needs are read, where they can straight to their place.

import { pixelCount, type Region, type Tczyx } from '../core/geometry.js';
import { bytesPerSample, type PixelType } from '../core/pixel-type.js';
import type { FilePool } from '../io/files.js';
import type { Kernels } from '../kernels/kernels.js';
import { isRaw, stridesOf } from './block-index.js';
import { pattern } from './fill.js';
import { type Piece, PROCEDURAL_FILE } from './locate.js';
import type { BlockJob, Target } from './region-reader.js';

/** Span of rows read at once where they have to be picked apart. */
const WINDOW = 8 * 2 ** 20;

/** Element strides and first element of a decoded block. */
export function blockLayout(job: BlockJob): { readonly st: Tczyx; readonly origin: number } {
  const { chain } = job;
  return { st: chain.strides ?? stridesOf(chain.order, job.place.stored), origin: chain.origin ?? 0 };
}

/** Whether rows of the block, of pixels of `size` bytes, can be read on their own. */
export function rowsReadable(job: BlockJob, size: number): boolean {
  if (job.mask || job.pieces.length !== 1 || !isRaw(job.chain, size) || job.pieces[0]!.file.startsWith(PROCEDURAL_FILE))
    return false;
  const { st } = blockLayout(job);
  return Math.abs(st[3]) >= Math.abs(st[4]) && Math.abs(st[3]) > 0 && Math.abs(st[0]) >= Math.abs(st[3]);
}

/** Element of the block that a box begins with. */
export function firstElement(job: BlockJob): number {
  const { st, origin } = blockLayout(job);
  return job.box.start.reduce((sum, s, i) => sum + (s - job.place.start[i]!) * st[i]!, origin);
}

/** Spans of the block's file that hold the rows of its box: of elements of `size` bytes, one for each plane. */
export function wantedRows(job: BlockJob, size: number): Piece[] {
  const { st } = blockLayout(job);
  const [, nc, nz, ny, nx] = job.box.shape;
  const piece = job.pieces[0]!;
  const inner = [reach(st[3], ny), reach(st[4], nx)];
  const low = inner.reduce((sum, [a]) => sum + a, 0);
  const high = inner.reduce((sum, [, b]) => sum + b, 0);
  const spans: Piece[] = [];
  for (let c = 0; c < nc; c++) {
    for (let z = 0; z < nz; z++) {
      const first = firstElement(job) + c * st[1] + z * st[2];
      const from = Math.max(0, (first + low) * size);
      const to = Math.min(piece.length, (first + high + 1) * size);
      if (to > from) spans.push({ file: piece.file, offset: piece.offset + from, length: to - from });
    }
  }
  return spans;
}

/** Address of a position in a target. */
export function targetAddress(target: Target, [, c, z, y, x]: Tczyx, size: number): number {
  const [, c0, z0, y0, x0] = target.region.start;
  const { ptr, strides } = target;
  return ptr + (c - c0) * strides.c + (z - z0) * strides.z + (y - y0) * strides.y + (x - x0) * size;
}

/** Lowest and highest offset of `n` elements that lie `stride` apart. */
export function reach(stride: number, n: number): readonly [low: number, high: number] {
  const far = stride * (n - 1);
  return far < 0 ? [far, 0] : [0, far];
}

interface DirectRead {
  readonly file: string;
  readonly offset: number;
  readonly ptr: number;
  length: number;
  readonly swap: boolean;
  readonly parts: { readonly job: BlockJob; readonly ptr: number; readonly length: number }[];
}

export interface RawHost {
  /** Value of pixels that should exist and do not. */
  readonly fill: number;
  /** A block ends too early, or cannot be read (`failure`). May throw. */
  short(job: BlockJob, failure: unknown): void;
}

export class RawBlocks {
  readonly #size: number;
  #pending: DirectRead | undefined;
  /** Bytes read from files so far. */
  bytesRead = 0;

  constructor(
    readonly type: PixelType,
    readonly kernels: Kernels,
    readonly files: FilePool,
    readonly host: RawHost,
  ) {
    this.#size = bytesPerSample(type);
  }

  /** Lay the box of a block down; complete only after `flush`. */
  read(job: BlockJob, target: Target): void {
    const piece = job.pieces[0]!;
    const { st } = blockLayout(job);
    const size = this.#size;
    const [, nc, nz, ny, nx] = job.box.shape;
    const { strides } = target;
    if (st[4] !== 1 || (ny > 1 && (st[3] !== nx || strides.y !== nx * size))) {
      this.flush();
      this.#pick(job, target);
      return;
    }
    const dst = targetAddress(target, job.box.start, size);
    const first = firstElement(job);
    for (let c = 0; c < nc; c++) {
      for (let z = 0; z < nz; z++) {
        const offset = (first + c * st[1] + z * st[2]) * size;
        this.#direct(job, piece, offset, dst + c * strides.c + z * strides.z, ny * nx * size);
      }
    }
  }

  /** Read spans of rows and pick the wanted elements out of them. */
  #pick(job: BlockJob, target: Target): void {
    const { st } = blockLayout(job);
    const size = this.#size;
    const [, nc, nz, ny, nx] = job.box.shape;
    const { strides } = target;
    const dst = targetAddress(target, job.box.start, size);
    const first = firstElement(job);
    // Axes whose neighbours lie closer together than rows do are read along with the row.
    const [c1, c2] = Math.abs(st[1]) < Math.abs(st[3]) ? [1, nc] : [nc, 1];
    const [z1, z2] = Math.abs(st[2]) < Math.abs(st[3]) ? [1, nz] : [nz, 1];
    const inner = [reach(st[4], nx), reach(st[1], c2), reach(st[2], z2)];
    const low = inner.reduce((sum, [a]) => sum + a, 0);
    const high = inner.reduce((sum, [, b]) => sum + b, 0);
    const rowSpan = (high - low + 1) * size;
    const rowStep = Math.abs(st[3]) * size;
    // Far fewer bytes wanted than lie between rows: read row by row.
    const group = rowStep > 4 * rowSpan ? 1 : Math.max(1, Math.floor((WINDOW - rowSpan) / rowStep) + 1);
    for (let c = 0; c < c1; c++) {
      for (let z = 0; z < z1; z++) {
        for (let y = 0; y < ny; y += group) {
          const rows = Math.min(group, ny - y);
          const [yLow, yHigh] = reach(st[3], rows);
          const base = first + c * st[1] + z * st[2] + y * st[3];
          const from = (base + low + yLow) * size;
          const length = (high + yHigh - low - yLow + 1) * size;
          const window = this.kernels.scratch('raw', length);
          this.#bytes(job, from, window, length);
          const src = window + (base * size - from);
          for (let ci = 0; ci < c2; ci++) {
            for (let zi = 0; zi < z2; zi++) {
              const to = dst + (c + ci) * strides.c + (z + zi) * strides.z + y * strides.y;
              const at = src + (ci * st[1] + zi * st[2]) * size;
              this.kernels.x.gather(to, strides.y, at, st[3] * size, st[4] * size, nx, rows, size);
            }
          }
        }
      }
    }
  }

  /** Bytes that need no rearranging: neighbours in file and memory are joined into one read. */
  #direct(job: BlockJob, piece: Piece, offset: number, ptr: number, length: number): void {
    if (offset + length > piece.length) {
      this.flush();
      this.#bytes(job, offset, ptr, length);
      return;
    }
    const last = this.#pending;
    const from = piece.offset + offset;
    const swap = isSwapped(job);
    const joins =
      last?.file === piece.file &&
      last.swap === swap &&
      last.offset + last.length === from &&
      last.ptr + last.length === ptr;
    if (last && joins) {
      last.length += length;
      last.parts.push({ job, ptr, length });
      return;
    }
    this.flush();
    this.#pending = { file: piece.file, offset: from, ptr, length, swap, parts: [{ job, ptr, length }] };
  }

  /** Carry out the read that is pending. */
  flush(): void {
    const read = this.#pending;
    if (!read) return;
    this.#pending = undefined;
    const { got, failure } = this.#readFile(read.file, read.offset, read.ptr, read.length, read.swap);
    if (got === read.length) return;
    for (const { job, ptr, length } of read.parts) {
      const have = Math.max(0, Math.min(length, read.ptr + got - ptr));
      if (have < length) this.#short(job, ptr + have, length - have, failure);
    }
  }

  /** Bytes of a block from `offset` on; what it lacks becomes fill value. */
  #bytes(job: BlockJob, offset: number, ptr: number, length: number): void {
    const piece = job.pieces[0]!;
    const inside = Math.max(0, Math.min(length, piece.length - offset));
    const { got, failure } = this.#readFile(piece.file, piece.offset + offset, ptr, inside, isSwapped(job));
    if (got < length) this.#short(job, ptr + got, length - got, failure);
  }

  /** Whole elements read and in native order. */
  #readFile(
    file: string,
    offset: number,
    ptr: number,
    length: number,
    swap: boolean,
  ): { got: number; failure?: unknown } {
    let got = 0;
    let failure: unknown;
    try {
      if (length > 0) got = this.files.read(file, offset, this.kernels.view(ptr, length));
    } catch (error) {
      failure = error;
    }
    this.bytesRead += got;
    got -= got % this.#size;
    const { x } = this.kernels;
    if (swap && this.#size === 2) x.swap16(ptr, got);
    else if (swap && this.#size === 4) x.swap32(ptr, got);
    else if (swap && this.#size === 8) x.swap64(ptr, got);
    return { got, failure };
  }

  #short(job: BlockJob, ptr: number, length: number, failure: unknown): void {
    const [lo, hi] = pattern(this.host.fill, this.type);
    this.kernels.x.fillPattern(ptr, Math.floor(length / this.#size), this.#size, lo, hi);
    this.host.short(job, failure);
  }
}

function isSwapped(job: BlockJob): boolean {
  return job.chain.codecs.length > 0;
}

/** Fill a box of a target with a value. */
export function fillBox(kernels: Kernels, target: Target, box: Region, value: number | bigint, type: PixelType): void {
  const [lo, hi] = pattern(value, type);
  const size = bytesPerSample(type);
  const [, nc, nz, ny, nx] = box.shape;
  if (pixelCount(box.shape) === 0) return;
  const start = targetAddress(target, box.start, size);
  const { strides } = target;
  for (let c = 0; c < nc; c++)
    for (let z = 0; z < nz; z++)
      for (let y = 0; y < ny; y++)
        kernels.x.fillPattern(start + c * strides.c + z * strides.z + y * strides.y, nx, size, lo, hi);
}
