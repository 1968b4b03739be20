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
import { BlockIndex } from './block-index.js';
import type { Codecs } from './codecs.js';
import { pattern } from './fill.js';
import { Locator, type Piece, PROCEDURAL_FILE } from './locate.js';
import { validRuns } from './masked.js';
import {
  blockLayout,
  fillBox,
  firstElement,
  RawBlocks,
  reach,
  rowsReadable,
  targetAddress,
  wantedRows,
} from './raw-blocks.js';

/** Encoded bytes fetched before they are decoded. */
const FETCH_WINDOW = 4 * 2 ** 20;
/** Share of the limit that any block may decode to, however small it is. */
const SLACK = 1 / 16;
/** Blocks this near to each other in a file are read in one go. */
const GAP = 16 * 2 ** 10;

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

/** Where pixels go: the box `region` (one time point) at `ptr`. */
export interface Target {
  readonly region: Region;
  readonly ptr: number;
  readonly strides: TargetStrides;
}

/** One block's part in a read. */
export interface BlockJob {
  readonly block: number;
  readonly place: Region & { readonly stored: Tczyx };
  readonly box: Region;
  readonly chain: Chain;
  readonly pieces: readonly Piece[];
  /** Decoded earlier and kept. */
  readonly cached?: Uint8Array;
  /** Bits that say which pixels there are. */
  readonly mask?: Piece;
}

export class RegionReader {
  readonly #index: BlockIndex;
  readonly #locator: Locator;
  readonly #size: number;
  readonly #cache = new Map<number, Uint8Array>();
  #cached = 0;
  readonly #raw: RawBlocks;
  #encodedBytes = 0;

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
    this.#raw = new RawBlocks(type, kernels, files, {
      fill: options.fill,
      short: (job, failure) => {
        if (failure) this.#report(failure, job);
        else this.#endsEarly(job);
      },
    });
  }

  /** Bytes read from files so far. */
  get bytesRead(): number {
    return this.#encodedBytes + this.#raw.bytesRead;
  }

  /** Fetch the blocks at these grid positions where they lie on a server, so that `stored` and `mayBeCut` find them. */
  async prepare(positions: readonly Tczyx[]): Promise<void> {
    if (!this.#locator.remote) return;
    const blocks = positions.map((position) => this.#index.at(position));
    await this.files.prepare(blocks.flatMap((block) => this.#locator.needs(block)));
    const pieces = blocks.flatMap((block) => this.#pieces(block) ?? []);
    await this.files.prepare(pieces);
  }

  /** What a region needs of files on servers: where its blocks are, then their bytes, of raw ones the rows that are wanted. */
  async #prepareRegion(region: Region): Promise<void> {
    const blocks = this.#index.within(region).filter((block) => !this.#cache.has(block));
    await this.files.prepare(blocks.flatMap((block) => this.#locator.needs(block)));
    const needs: Piece[] = [];
    for (const block of blocks) {
      const place = this.#index.region(block);
      const box = intersect(place, region);
      const pieces = box && this.#pieces(block);
      if (!box || !pieces) continue;
      const mask = this.#mask(block, place);
      if (mask) needs.push(mask);
      const job = { block, place, box, chain: this.#index.chainOf(block), pieces, mask };
      if (rowsReadable(job, this.#size)) needs.push(...wantedRows(job, this.#size));
      else needs.push(...pieces);
    }
    await this.files.prepare(needs);
  }

  #mask(block: number, place: BlockJob['place']): Piece | undefined {
    return this.#locator.mask(block, place.stored[3]);
  }

  /** Undefined where a block has none; what is broken shows when it is read. */
  #pieces(block: number): readonly Piece[] | undefined {
    try {
      return this.#locator.find(block)?.filter(({ file }) => !file.startsWith(PROCEDURAL_FILE));
    } catch (error) {
      if (error instanceof ImgconvError && error.blame === 'format') return undefined;
      throw error;
    }
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
    this.#encodedBytes += at;
    return bytes;
  }

  /** Number of the block at a grid position, as `Damage` tells it. */
  numberAt(position: Tczyx): number {
    return this.#index.at(position);
  }

  /** Whether the block at a grid position ends where its file ends: it may have been cut. */
  mayBeCut(position: Tczyx): boolean {
    const pieces = this.#locator.find(this.#index.at(position)) ?? [];
    return pieces.some(({ file, offset, length }) => offset + length >= (this.files.size(file) ?? 0));
  }

  /** Fill `region` (one time point) at `ptr` in C order c, z, y, x with the given strides. */
  async read(region: Region, ptr: number, strides: TargetStrides): Promise<void> {
    const target: Target = { region, ptr, strides };
    const { map } = this.#index;
    if (this.#locator.remote) await this.#prepareRegion(region);
    if (map.layout.kind === 'placed') this.#fill(target, region, map.exactFill ?? map.fill);
    const jobs: BlockJob[] = [];
    for (const block of this.#index.within(region)) {
      const place = this.#index.region(block);
      const box = intersect(place, region);
      if (!box) continue;
      const chain = this.#index.chainOf(block);
      const cached = this.#cache.get(block);
      if (cached) {
        jobs.push({ block, place, box, chain, pieces: [], cached, mask: this.#mask(block, place) });
        continue;
      }
      const pieces = this.#find(block, place, box, target);
      if (pieces) jobs.push({ block, place, box, chain, pieces, mask: this.#mask(block, place) });
    }
    if (map.layout.kind === 'grid') {
      jobs.sort((a, b) => {
        const [p, q] = [a.pieces[0], b.pieces[0]];
        if (!p || !q) return (p ? 1 : 0) - (q ? 1 : 0);
        return p.file === q.file ? p.offset - q.offset : p.file < q.file ? -1 : 1;
      });
    }
    await this.#run(jobs, target);
    this.#raw.flush();
  }

  #find(block: number, place: Region, box: Region, target: Target): readonly Piece[] | undefined {
    try {
      const pieces = this.#locator.find(block);
      if (pieces) return pieces;
    } catch (error) {
      this.#broken(error, { block, place, box }, target);
      return undefined;
    }
    const { map } = this.#index;
    const sparse = map.absent === 'sparse';
    if (map.layout.kind === 'grid' || !sparse)
      this.#fill(target, box, sparse ? (map.exactFill ?? map.fill) : this.options.fill);
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

  async #run(jobs: readonly BlockJob[], target: Target): Promise<void> {
    let batch: BlockJob[] = [];
    let bytes = 0;
    for (const job of jobs) {
      if (rowsReadable(job, this.#size)) {
        if (batch.length > 0 && this.#index.map.layout.kind === 'placed') {
          await this.#decodeAll(batch, target);
          batch = [];
          bytes = 0;
        }
        this.#raw.read(job, target);
        continue;
      }
      const length = job.pieces.reduce((sum, piece) => sum + piece.length, 0);
      if (batch.length > 0 && bytes + length > FETCH_WINDOW) {
        await this.#decodeAll(batch, target);
        batch = [];
        bytes = 0;
      }
      batch.push(job);
      bytes += length;
    }
    if (batch.length > 0) await this.#decodeAll(batch, target);
  }

  // ---- encoded blocks

  async #decodeAll(batch: readonly BlockJob[], target: Target): Promise<void> {
    this.#raw.flush();
    const fetched = this.#fetch(batch);
    for (const [i, job] of batch.entries()) {
      const { cached } = job;
      const at = fetched[i]!;
      try {
        if (cached) {
          this.#paint(job, cached, target);
          this.#keep(job, cached, target.region);
          continue;
        }
        if (at.failure) throw at.failure;
        const input = this.kernels.view(at.ptr, at.length);
        let bytes = this.codecs.decode(input, job.chain, this.#context(job));
        if (bytes instanceof Promise) bytes = await bytes;
        const whole = this.#whole(job, bytes, at.short);
        this.#paint(job, whole, target);
        this.#keep(job, whole, target.region);
      } catch (error) {
        this.#broken(error, job, target);
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
      this.#encodedBytes += got;
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
        this.#encodedBytes += got;
        length += got;
        if (got < piece.length) break;
      }
    } catch (failure) {
      return { ptr: at, length, short: true, failure };
    }
    return { ptr: at, length, short: length < wanted };
  }

  /** The decoded block at its full size: where the stream ended early the rest is fill value, and a ledger row if any of it shows. */
  #whole(job: BlockJob, bytes: Uint8Array, short: boolean): Uint8Array {
    const { st, origin } = blockLayout(job);
    const size = this.#size;
    const bytesOf = (shape: Tczyx): number =>
      (shape.reduce((sum, n, i) => sum + Math.max(0, st[i]! * (n - 1)), origin) + 1) * size;
    const need = bytesOf(job.place.stored);
    // Kept as a number: growing kernel memory detaches the view.
    const found = bytes.length;
    if (found >= need) {
      if (short) this.#endsEarly(job);
      return bytes;
    }
    const have = found - (found % size);
    const ptr = this.kernels.place(bytes, 'decoded');
    const padded = this.kernels.scratch('short', need);
    const [lo, hi] = pattern(this.options.fill, this.type);
    this.kernels.x.fillPattern(padded, need / size, size, lo, hi);
    this.kernels.x.copyRows(padded, 0, ptr, 0, have, 1);
    if (have < bytesOf(job.place.shape)) {
      const text = `the block decodes to ${found} bytes, expected ${need}`;
      this.options.damage({ block: job.block, region: job.place, code: 'BLOCK_SHORT', text });
    }
    return this.kernels.view(padded, need);
  }

  /** Lay down the pixels of a decoded block that there are. */
  #paint(job: BlockJob, bytes: Uint8Array, target: Target): void {
    if (!job.mask) {
      this.#lay(job, bytes, target);
      return;
    }
    for (const box of validRuns(job, this.files)) this.#lay({ ...job, box }, bytes, target);
  }

  /** Lay the pixels of a decoded block where they belong. Of a block outside kernel memory only the needed span is copied there. */
  #lay(job: BlockJob, bytes: Uint8Array, target: Target): void {
    const { st } = blockLayout(job);
    const size = this.#size;
    const [, nc, nz, ny, nx] = job.box.shape;
    const first = firstElement(job);
    const spans = [reach(st[1], nc), reach(st[2], nz), reach(st[3], ny), reach(st[4], nx)];
    const low = first + spans.reduce((sum, [a]) => sum + a, 0);
    const high = first + spans.reduce((sum, [, b]) => sum + b, 0);
    const src = this.kernels.place(bytes.subarray(low * size, (high + 1) * size), 'decoded') - low * size;
    const dst = targetAddress(target, job.box.start, size);
    const { strides } = target;
    if (size === 1 && nc === 3 && nz === 1 && st[1] === 1 && st[4] === 3) {
      this.kernels.x.split3(dst, dst + strides.c, dst + 2 * strides.c, strides.y, src + first, st[3], nx, ny);
      return;
    }
    for (let c = 0; c < nc; c++) {
      for (let z = 0; z < nz; z++) {
        const from = src + (first + c * st[1] + z * st[2]) * size;
        const to = dst + c * strides.c + z * strides.z;
        this.kernels.x.gather(to, strides.y, from, st[3] * size, st[4] * size, nx, ny, size);
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

  #broken(error: unknown, job: { block: number; place: Region; box: Region }, target: Target): void {
    this.#report(error, job);
    this.#fill(target, job.box, this.options.fill);
  }

  #fill(target: Target, box: Region, value: number | bigint): void {
    fillBox(this.kernels, target, box, value, this.type);
  }

  #endsEarly({ block, place }: BlockJob): void {
    const text = 'the input ends before this block does';
    this.options.damage({ block, region: place, code: 'BLOCK_SHORT', text });
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
}
