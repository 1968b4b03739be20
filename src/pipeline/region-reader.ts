// Reads any box of pixels through a block map into kernel memory: finds the blocks, reads their bytes in few large reads,
// decodes, and lays the pixels down. Blocks that are absent or broken become fill value and a ledger row, never other pixels.

import type { CodecContext } from '../codecs/contract.js';
import type { Chain } from '../core/blocks.js';
import type { Level } from '../core/contracts.js';
import { ImgconvError } from '../core/errors.js';
import { intersect, type Region, type Tczyx } from '../core/geometry.js';
import { bytesPerSample, type PixelType } from '../core/pixel-type.js';
import type { FilePool } from '../io/files.js';
import type { Kernels } from '../kernels/kernels.js';
import { BlockIndex, isRaw, stridesOf } from './block-index.js';
import type { Codecs } from './codecs.js';
import { pattern } from './fill.js';
import { Locator, type Piece, PROCEDURAL_FILE } from './locate.js';

/** Encoded bytes fetched before they are decoded. */
const FETCH_WINDOW = 4 * 2 ** 20;
/** Share of the limit that any block may decode to, however small it is. */
const SLACK = 1 / 16;
/** Blocks this near to each other in a file are read in one go. */
const GAP = 16 * 2 ** 10;
/** Span of uncompressed rows read at once where rows have to be picked apart. */
const RAW_WINDOW = 8 * 2 ** 20;

/** Byte strides of the target along c, z and y; x is contiguous. */
export interface TargetStrides {
  readonly c: number;
  readonly z: number;
  readonly y: number;
}

export interface Damage {
  readonly block: number;
  readonly region: Region;
  readonly code: string;
  readonly text: string;
}

export interface ReaderOptions {
  /** Value of pixels that should exist and do not. */
  readonly fill: number;
  readonly maxBytes: number;
  /** Bytes of decoded blocks kept for the next rows. */
  readonly cacheBytes: number;
  damage(damage: Damage): void;
}

interface BlockJob {
  readonly block: number;
  readonly place: Region & { readonly stored: Tczyx };
  readonly box: Region;
  readonly chain: Chain;
  readonly pieces: readonly Piece[];
  /** Decoded earlier and kept. */
  readonly cached?: Uint8Array;
}

interface DirectRead {
  readonly file: string;
  readonly offset: number;
  readonly ptr: number;
  length: number;
  readonly swap: boolean;
  readonly parts: { readonly job: BlockJob; readonly ptr: number; readonly length: number }[];
}

export class RegionReader {
  readonly #index: BlockIndex;
  readonly #locator: Locator;
  readonly #size: number;
  readonly #cache = new Map<number, Uint8Array>();
  #cached = 0;
  #direct: DirectRead | undefined;
  /** Bytes read from files so far. */
  bytesRead = 0;

  constructor(
    level: Level,
    readonly type: PixelType,
    readonly kernels: Kernels,
    readonly files: FilePool,
    readonly codecs: Codecs,
    readonly options: ReaderOptions,
  ) {
    this.#index = new BlockIndex(level.blocks, level.shape);
    this.#locator = new Locator(level.blocks, this.#index, files, kernels);
    this.#size = bytesPerSample(type);
  }

  /** Stored bytes of the block at a grid position, as they are; undefined where it has none. */
  stored(position: Tczyx): Uint8Array | undefined {
    const pieces = this.#locator.find(this.#index.at(position));
    if (!pieces) return undefined;
    const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      const got = this.files.read(piece.file, piece.offset, bytes.subarray(at, at + piece.length));
      if (got < piece.length) return undefined;
      at += got;
    }
    this.bytesRead += at;
    return bytes;
  }

  /** Fill `region` (one time point) at `ptr` in C order c, z, y, x with the given strides. */
  async read(region: Region, ptr: number, strides: TargetStrides): Promise<void> {
    const { map } = this.#index;
    if (map.layout.kind === 'placed') this.#fill(region, region, ptr, strides, map.exactFill ?? map.fill);
    const jobs: BlockJob[] = [];
    for (const block of this.#index.within(region)) {
      const place = this.#index.region(block);
      const box = intersect(place, region);
      if (!box) continue;
      const chain = this.#index.chainOf(block);
      const cached = this.#cache.get(block);
      if (cached) {
        jobs.push({ block, place, box, chain, pieces: [], cached });
        continue;
      }
      const pieces = this.#find(block, place, box, region, ptr, strides);
      if (pieces) jobs.push({ block, place, box, chain, pieces });
    }
    if (map.layout.kind === 'grid') {
      jobs.sort((a, b) => {
        const [p, q] = [a.pieces[0], b.pieces[0]];
        if (!p || !q) return (p ? 1 : 0) - (q ? 1 : 0);
        return p.file === q.file ? p.offset - q.offset : p.file < q.file ? -1 : 1;
      });
    }
    await this.#run(jobs, region, ptr, strides);
    this.#flush();
  }

  #find(
    block: number,
    place: Region,
    box: Region,
    region: Region,
    ptr: number,
    strides: TargetStrides,
  ): readonly Piece[] | undefined {
    try {
      const pieces = this.#locator.find(block);
      if (pieces) return pieces;
    } catch (error) {
      this.#broken(error, { block, place, box }, region, ptr, strides);
      return undefined;
    }
    const { map } = this.#index;
    const sparse = map.absent === 'sparse';
    if (map.layout.kind === 'grid' || !sparse)
      this.#fill(box, region, ptr, strides, sparse ? (map.exactFill ?? map.fill) : this.options.fill);
    if (!sparse) {
      this.options.damage({
        block,
        region: { start: place.start, shape: place.shape },
        code: 'BLOCK_MISSING',
        text: 'the input has no data here',
      });
    }
    return undefined;
  }

  async #run(jobs: readonly BlockJob[], region: Region, ptr: number, strides: TargetStrides): Promise<void> {
    let batch: BlockJob[] = [];
    let bytes = 0;
    for (const job of jobs) {
      if (job.pieces.length === 1 && this.#rowsReadable(job)) {
        if (batch.length > 0 && this.#index.map.layout.kind === 'placed') {
          await this.#decodeAll(batch, region, ptr, strides);
          batch = [];
          bytes = 0;
        }
        this.#readRaw(job, region, ptr, strides);
        continue;
      }
      const length = job.pieces.reduce((sum, piece) => sum + piece.length, 0);
      if (batch.length > 0 && bytes + length > FETCH_WINDOW) {
        await this.#decodeAll(batch, region, ptr, strides);
        batch = [];
        bytes = 0;
      }
      batch.push(job);
      bytes += length;
    }
    if (batch.length > 0) await this.#decodeAll(batch, region, ptr, strides);
  }

  // ---- uncompressed blocks: only the rows that are needed

  #layout(job: BlockJob): { readonly st: Tczyx; readonly origin: number } {
    const { chain } = job;
    return { st: chain.strides ?? stridesOf(chain.order, job.place.stored), origin: chain.origin ?? 0 };
  }

  #rowsReadable(job: BlockJob): boolean {
    if (!isRaw(job.chain) || job.pieces[0]!.file.startsWith(PROCEDURAL_FILE)) return false;
    const { st } = this.#layout(job);
    return Math.abs(st[3]) >= Math.abs(st[4]) && Math.abs(st[3]) > 0 && Math.abs(st[0]) >= Math.abs(st[3]);
  }

  #readRaw(job: BlockJob, region: Region, ptr: number, strides: TargetStrides): void {
    const { box, place } = job;
    const piece = job.pieces[0]!;
    const { st, origin } = this.#layout(job);
    const size = this.#size;
    const swap = job.chain.codecs.length > 0;
    const [, nc, nz, ny, nx] = box.shape;
    const local = box.start.map((s, i) => s - place.start[i]!);
    const first =
      origin + local[0]! * st[0] + local[1]! * st[1] + local[2]! * st[2] + local[3]! * st[3] + local[4]! * st[4];
    const dst =
      ptr +
      (box.start[1] - region.start[1]) * strides.c +
      (box.start[2] - region.start[2]) * strides.z +
      (box.start[3] - region.start[3]) * strides.y +
      (box.start[4] - region.start[4]) * size;

    if (st[4] === 1 && (ny === 1 || (st[3] === nx && strides.y === nx * size))) {
      for (let c = 0; c < nc; c++) {
        for (let z = 0; z < nz; z++) {
          const offset = (first + c * st[1] + z * st[2]) * size;
          this.#readDirect(job, piece, offset, dst + c * strides.c + z * strides.z, ny * nx * size, swap);
        }
      }
      return;
    }
    this.#flush();
    // Axes whose neighbours lie closer together than rows do are read along with the row.
    const cInside = Math.abs(st[1]) < Math.abs(st[3]);
    const zInside = Math.abs(st[2]) < Math.abs(st[3]);
    const along = (stride: number, n: number): readonly [number, number] => [
      Math.min(0, stride * (n - 1)),
      Math.max(0, stride * (n - 1)),
    ];
    const inner = [along(st[4], nx), cInside ? along(st[1], nc) : [0, 0], zInside ? along(st[2], nz) : [0, 0]] as const;
    const low = inner.reduce((sum, [a]) => sum + a, 0);
    const high = inner.reduce((sum, [, b]) => sum + b, 0);
    const rowSpan = (high - low + 1) * size;
    const rowStep = Math.abs(st[3]) * size;
    // Far fewer bytes wanted than lie between rows: read row by row.
    const group = rowStep > 4 * rowSpan ? 1 : Math.max(1, Math.floor((RAW_WINDOW - rowSpan) / rowStep) + 1);
    for (let c = 0; c < (cInside ? 1 : nc); c++) {
      for (let z = 0; z < (zInside ? 1 : nz); z++) {
        for (let y = 0; y < ny; y += group) {
          const rows = Math.min(group, ny - y);
          const [yLow, yHigh] = along(st[3], rows);
          const base = first + c * st[1] + z * st[2] + y * st[3];
          const from = (base + low + yLow) * size;
          const length = (high + yHigh - low - yLow + 1) * size;
          const window = this.kernels.scratch('raw', length);
          this.#readBytes(job, piece, from, window, length);
          if (swap) this.#swap(window, length);
          const src = window + (base * size - from);
          for (let ci = 0; ci < (cInside ? nc : 1); ci++) {
            for (let zi = 0; zi < (zInside ? nz : 1); zi++) {
              this.kernels.x.gather(
                dst + (c + ci) * strides.c + (z + zi) * strides.z + y * strides.y,
                strides.y,
                src + (ci * st[1] + zi * st[2]) * size,
                st[3] * size,
                st[4] * size,
                nx,
                rows,
                size,
              );
            }
          }
        }
      }
    }
  }

  /** Bytes that need no rearranging go straight to their place; neighbours in file and memory are joined into one read. */
  #readDirect(job: BlockJob, piece: Piece, offset: number, ptr: number, length: number, swap: boolean): void {
    const last = this.#direct;
    const from = piece.offset + offset;
    const inside = Math.max(0, Math.min(length, piece.length - offset));
    if (inside < length) {
      this.#flush();
      this.#readBytes(job, piece, offset, ptr, length);
      if (swap) this.#swap(ptr, length);
      return;
    }
    if (
      last &&
      last.file === piece.file &&
      last.swap === swap &&
      last.offset + last.length === from &&
      last.ptr + last.length === ptr
    ) {
      last.length += length;
      last.parts.push({ job, ptr, length });
      return;
    }
    this.#flush();
    this.#direct = { file: piece.file, offset: from, ptr, length, swap, parts: [{ job, ptr, length }] };
  }

  #flush(): void {
    const read = this.#direct;
    if (!read) return;
    this.#direct = undefined;
    let got = 0;
    let failure: unknown;
    try {
      got = this.files.read(read.file, read.offset, this.kernels.view(read.ptr, read.length));
    } catch (error) {
      failure = error;
    }
    this.bytesRead += got;
    if (got < read.length) {
      for (const part of read.parts) {
        const have = Math.max(0, Math.min(part.length, read.ptr + got - part.ptr));
        if (have < part.length) this.#short(part.job, part.ptr + have, part.length - have, failure);
      }
    }
    if (read.swap) this.#swap(read.ptr, got - (got % this.#size));
  }

  #readBytes(job: BlockJob, piece: Piece, offset: number, ptr: number, length: number): void {
    const inside = Math.max(0, Math.min(length, piece.length - offset));
    let got = 0;
    let failure: unknown;
    try {
      if (inside > 0) got = this.files.read(piece.file, piece.offset + offset, this.kernels.view(ptr, inside));
    } catch (error) {
      failure = error;
    }
    this.bytesRead += got;
    const whole = got - (got % this.#size);
    if (got < length) this.#short(job, ptr + whole, length - whole, failure);
  }

  #short(job: BlockJob, ptr: number, length: number, failure: unknown): void {
    const size = this.#size;
    const value = isRaw(job.chain) && job.chain.codecs.length > 0 ? 0 : this.options.fill;
    const [lo, hi] = pattern(value, this.type);
    this.kernels.x.fillPattern(ptr, Math.floor(length / size), size, lo, hi);
    if (failure) this.#report(failure, job);
    else {
      this.options.damage({
        block: job.block,
        region: job.place,
        code: 'BLOCK_SHORT',
        text: 'the input ends before this block does',
      });
    }
  }

  #swap(ptr: number, bytes: number): void {
    const { x } = this.kernels;
    if (this.#size === 2) x.swap16(ptr, bytes);
    else if (this.#size === 4) x.swap32(ptr, bytes);
    else if (this.#size === 8) x.swap64(ptr, bytes);
  }

  // ---- encoded blocks

  async #decodeAll(batch: readonly BlockJob[], region: Region, ptr: number, strides: TargetStrides): Promise<void> {
    this.#flush();
    const fetched = this.#fetch(batch);
    for (const [i, job] of batch.entries()) {
      const { cached } = job;
      if (cached) {
        this.#lay(job, cached, region, ptr, strides);
        this.#keep(job, cached, region);
        continue;
      }
      const at = fetched[i]!;
      try {
        if (at.failure) throw at.failure;
        const input = this.kernels.view(at.ptr, at.length);
        let bytes = this.codecs.decode(input, job.chain, this.#context(job));
        if (bytes instanceof Promise) bytes = await bytes;
        const whole = this.#whole(job, bytes, at.short);
        this.#lay(job, whole, region, ptr, strides);
        this.#keep(job, whole, region);
      } catch (error) {
        this.#broken(error, job, region, ptr, strides);
      }
    }
  }

  #context(job: BlockJob): CodecContext {
    const [t, c, z, y, x] = job.place.stored;
    const bytes = t * c * z * y * x * this.#size;
    if (bytes > this.options.maxBytes) {
      throw new ImgconvError(
        'limit',
        'BLOCK_SIZE',
        `a block of ${bytes} bytes exceeds the limit of ${this.options.maxBytes}; raise --memory`,
      );
    }
    return {
      kernels: this.kernels,
      position: job.place.start,
      // A step in between may give more bytes than the block has (padding, wider types), but not without measure: a few bytes must not
      // unpack to a gigabyte.
      maxBytes: Math.min(this.options.maxBytes, Math.floor(8 * bytes + SLACK * this.options.maxBytes)),
      block: { width: x, height: y, depth: t * z, samples: c, type: this.type, bytes },
    };
  }

  /** Bytes of all blocks of a batch, in kernel memory, in few reads. */
  #fetch(batch: readonly BlockJob[]): { ptr: number; length: number; short: boolean; failure?: unknown }[] {
    const total = batch.reduce((sum, job) => sum + job.pieces.reduce((n, piece) => n + piece.length, 0), 0);
    const base = this.kernels.scratch('fetch', total + batch.length * GAP);
    const found: { ptr: number; length: number; short: boolean; failure?: unknown }[] = [];
    let at = base;
    let i = 0;
    while (i < batch.length) {
      const { pieces } = batch[i]!;
      if (pieces.length !== 1 || pieces[0]!.file.startsWith(PROCEDURAL_FILE)) {
        found.push(this.#assemble(pieces, at));
        at += found[i]!.length;
        i++;
        continue;
      }
      const head = pieces[0]!;
      let end = head.offset + head.length;
      let j = i + 1;
      for (; j < batch.length; j++) {
        const next = batch[j]!.pieces;
        const piece = next[0];
        if (next.length !== 1 || !piece || piece.file !== head.file || piece.offset < end || piece.offset > end + GAP)
          break;
        end = piece.offset + piece.length;
      }
      let got = 0;
      let failure: unknown;
      try {
        got = this.files.read(head.file, head.offset, this.kernels.view(at, end - head.offset));
      } catch (error) {
        failure = error;
      }
      this.bytesRead += got;
      for (let k = i; k < j; k++) {
        const piece = batch[k]!.pieces[0]!;
        const from = piece.offset - head.offset;
        const length = Math.max(0, Math.min(piece.length, got - from));
        found.push({ ptr: at + from, length, short: length < piece.length, failure });
      }
      at += end - head.offset;
      i = j;
    }
    return found;
  }

  #assemble(pieces: readonly Piece[], at: number): { ptr: number; length: number; short: boolean; failure?: unknown } {
    let length = 0;
    let wanted = 0;
    try {
      for (const piece of pieces) {
        if (piece.file.startsWith(PROCEDURAL_FILE)) continue;
        wanted += piece.length;
        const got = this.files.read(piece.file, piece.offset, this.kernels.view(at + length, piece.length));
        this.bytesRead += got;
        length += got;
        if (got < piece.length) break;
      }
    } catch (failure) {
      return { ptr: at, length, short: true, failure };
    }
    return { ptr: at, length, short: length < wanted };
  }

  /** The decoded block at its full size: where the stream ended early the rest is fill value and a ledger row. */
  #whole(job: BlockJob, bytes: Uint8Array, short: boolean): Uint8Array {
    const { st, origin } = this.#layout(job);
    const last = job.place.stored.reduce((sum, n, i) => sum + Math.max(0, st[i]! * (n - 1)), origin);
    const need = (last + 1) * this.#size;
    if (bytes.length >= need) {
      if (short)
        this.options.damage({
          block: job.block,
          region: job.place,
          code: 'BLOCK_SHORT',
          text: 'the input ends before this block does',
        });
      return bytes;
    }
    const have = bytes.length - (bytes.length % this.#size);
    const ptr = this.kernels.place(bytes, 'decoded');
    const padded = this.kernels.scratch('short', need);
    const [lo, hi] = pattern(this.options.fill, this.type);
    this.kernels.x.fillPattern(padded, need / this.#size, this.#size, lo, hi);
    this.kernels.x.copyRows(padded, 0, ptr, 0, have, 1);
    this.options.damage({
      block: job.block,
      region: job.place,
      code: 'BLOCK_SHORT',
      text: `the block decodes to ${bytes.length} bytes, expected ${need}`,
    });
    return this.kernels.view(padded, need);
  }

  /** Lay the pixels of a decoded block where they belong. */
  #lay(job: BlockJob, bytes: Uint8Array, region: Region, ptr: number, strides: TargetStrides): void {
    const { box, place } = job;
    const { st, origin } = this.#layout(job);
    const size = this.#size;
    const src = this.kernels.place(bytes, 'decoded');
    const [, nc, nz, ny, nx] = box.shape;
    const local = box.start.map((s, i) => s - place.start[i]!);
    for (let c = 0; c < nc; c++) {
      for (let z = 0; z < nz; z++) {
        const element =
          origin +
          local[0]! * st[0] +
          (local[1]! + c) * st[1] +
          (local[2]! + z) * st[2] +
          local[3]! * st[3] +
          local[4]! * st[4];
        const dst =
          ptr +
          (box.start[1] + c - region.start[1]) * strides.c +
          (box.start[2] + z - region.start[2]) * strides.z +
          (box.start[3] - region.start[3]) * strides.y +
          (box.start[4] - region.start[4]) * size;
        this.kernels.x.gather(dst, strides.y, src + element * size, st[3] * size, st[4] * size, nx, ny, size);
      }
    }
  }

  /** Keep a decoded block that the next rows or planes need as well; forget it once it is used up. */
  #keep(job: BlockJob, bytes: Uint8Array, region: Region): void {
    const { place } = job;
    const later = [0, 1, 2, 3].some(
      (axis) => place.start[axis]! + place.shape[axis]! > region.start[axis]! + region.shape[axis]!,
    );
    const known = this.#cache.get(job.block);
    if (known) {
      this.#cache.delete(job.block);
      if (later) this.#cache.set(job.block, known);
      else this.#cached -= known.length;
      return;
    }
    if (!later) return;
    const copy = this.kernels.owns(bytes) ? bytes.slice() : bytes;
    this.#cache.set(job.block, copy);
    this.#cached += copy.length;
    while (this.#cached > this.options.cacheBytes && this.#cache.size > 1) {
      const [oldest, old] = this.#cache.entries().next().value as [number, Uint8Array];
      this.#cache.delete(oldest);
      this.#cached -= old.length;
    }
  }

  // ---- damage

  #broken(
    error: unknown,
    job: { block: number; place: Region; box: Region },
    region: Region,
    ptr: number,
    strides: TargetStrides,
  ): void {
    this.#report(error, job);
    this.#fill(job.box, region, ptr, strides, this.options.fill);
  }

  /** Broken input is a ledger row; anything else ends the run. */
  #report(error: unknown, job: { block: number; place: Region }): void {
    const fatal =
      !(error instanceof ImgconvError) || (error.blame !== 'format' && error.blame !== 'io') || error.code === 'EMFILE';
    if (fatal) throw error;
    this.options.damage({
      block: job.block,
      region: { start: job.place.start, shape: job.place.shape },
      code: error.code,
      text: error.message,
    });
  }

  #fill(box: Region, region: Region, ptr: number, strides: TargetStrides, value: number | bigint): void {
    const [lo, hi] = pattern(value, this.type);
    const size = this.#size;
    for (let c = 0; c < box.shape[1]; c++) {
      for (let z = 0; z < box.shape[2]; z++) {
        for (let y = 0; y < box.shape[3]; y++) {
          const dst =
            ptr +
            (box.start[1] + c - region.start[1]) * strides.c +
            (box.start[2] + z - region.start[2]) * strides.z +
            (box.start[3] + y - region.start[3]) * strides.y +
            (box.start[4] - region.start[4]) * size;
          this.kernels.x.fillPattern(dst, box.shape[4], size, lo, hi);
        }
      }
    }
  }
}
