// Compound file binary format: a small file system of 512- or 4096-byte sectors. [MS-CFB] 2.2 (header), 2.3 (FAT), 2.4 (mini FAT),
// 2.5 (DIFAT), 2.6 (directory). Streams are described as runs of bytes of the file; nothing but tables is read here.

import type { ByteSource } from '../../core/contracts.js';
import { formatError, ImgconvError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';

/** Bytes of the file that follow each other. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

export interface OleStream {
  /** Names of the storages and the stream, joined by '/'. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly start: number;
}

const SIGNATURE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const LAST_SECTOR = 0xfffffffa;
const END_OF_CHAIN = 0xfffffffe;
const HEADER_SLOTS = 109;
const ENTRY_BYTES = 128;
const NO_ENTRY = 0xffffffff;
const PARALLEL = 64;
const DEEPEST = 64;

/** True if the first bytes are those of a compound file. */
export function isOle(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => head[i] === byte);
}

export class OleFile {
  streams: readonly OleStream[] = [];
  #fat: Uint32Array = new Uint32Array(0);
  #miniFat: Uint32Array = new Uint32Array(0);
  #miniStream: readonly Extent[] = [];

  constructor(
    readonly source: ByteSource,
    readonly limits: Limits,
    readonly sectorBytes: number,
    readonly miniBytes: number,
    /** Streams smaller than this live in the mini stream. */
    readonly cutoff: number,
  ) {}

  static async open(source: ByteSource, limits: Limits): Promise<OleFile> {
    const where = { file: source.name, offset: 0 };
    const head = source.size >= 512 ? await source.read(0, 512) : new Uint8Array(0);
    if (!isOle(head)) throw formatError('OLE_HEADER', `${source.name}: no compound file signature`, where);
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const shift = view.getUint16(30, true);
    const miniShift = view.getUint16(32, true);
    if (view.getUint16(28, true) !== 0xfffe || shift < 7 || shift > 20 || miniShift < 2 || miniShift >= shift) {
      const found = `byte order ${view.getUint16(28, true)}, sectors of 2^${shift}, mini sectors of 2^${miniShift} bytes`;
      throw formatError('OLE_HEADER', `${source.name}: broken compound file header: ${found}`, where);
    }
    const file = new OleFile(source, limits, 2 ** shift, 2 ** miniShift, view.getUint32(56, true));
    await file.#load(view);
    return file;
  }

  #error(code: string, text: string): ImgconvError {
    return formatError(code, `${this.source.name}: ${text}`, { file: this.source.name });
  }

  /** Sectors that the file has room for, the last one perhaps cut short. */
  get #sectors(): number {
    return Math.max(0, Math.ceil(this.source.size / this.sectorBytes) - 1);
  }

  async #sector(number: number): Promise<Uint8Array> {
    if (number >= this.#sectors) throw this.#error('OLE_SECTOR', `sector ${number} lies outside the file`);
    const offset = (number + 1) * this.sectorBytes;
    return this.source.read(offset, Math.min(this.sectorBytes, this.source.size - offset));
  }

  /** Words of the listed sectors, one after the other. */
  async #words(sectors: readonly number[]): Promise<Uint32Array> {
    const each = this.sectorBytes / 4;
    const words = new Uint32Array(sectors.length * each).fill(0xffffffff);
    for (let i = 0; i < sectors.length; i += PARALLEL) {
      const batch = await Promise.all(sectors.slice(i, i + PARALLEL).map((number) => this.#sector(number)));
      batch.forEach((bytes, k) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        for (let w = 0; w * 4 + 4 <= bytes.length; w++) words[(i + k) * each + w] = view.getUint32(w * 4, true);
      });
    }
    return words;
  }

  async #load(head: DataView): Promise<void> {
    const fatSectors: number[] = [];
    for (let i = 0; i < HEADER_SLOTS; i++) fatSectors.push(head.getUint32(76 + 4 * i, true));
    const seen = new Set<number>();
    const slots = this.sectorBytes / 4 - 1;
    for (let next = head.getUint32(68, true); next <= LAST_SECTOR; ) {
      if (seen.has(next)) throw this.#error('OLE_LOOP', `the list of FAT sectors returns to sector ${next}`);
      seen.add(next);
      const words = await this.#words([next]);
      for (const word of words.subarray(0, slots)) fatSectors.push(word);
      next = words[slots]!;
    }
    const used = fatSectors.filter((number) => number <= LAST_SECTOR);
    if (new Set(used).size !== used.length)
      throw this.#error('OLE_LOOP', 'a sector is listed twice as part of the FAT');
    this.#fat = await this.#words(used);
    const directory = await this.#table(head.getUint32(48, true));
    this.#miniFat = await this.#words(this.#chain(head.getUint32(60, true), this.#fat, undefined));
    const root = directory.length >= ENTRY_BYTES ? this.#entry(directory, 0) : undefined;
    if (root?.kind !== 5) throw this.#error('OLE_DIRECTORY', 'the directory has no root entry');
    this.#miniStream = root.size > 0 ? this.#runs(this.#chain(root.start, this.#fat, root.size), root.size) : [];
    this.streams = this.#walk(directory);
  }

  /** Whole content of a chain whose size is not known beforehand. */
  async #table(start: number): Promise<Uint8Array> {
    const chain = this.#chain(start, this.#fat, undefined);
    if (chain.length * this.sectorBytes > this.limits.metadataBytes) {
      const text = `${this.source.name}: the directory takes more than the limit of ${this.limits.metadataBytes} bytes`;
      throw new ImgconvError('limit', 'METADATA_SIZE', text, { file: this.source.name });
    }
    const out = new Uint8Array(chain.length * this.sectorBytes);
    for (const [i, number] of chain.entries()) out.set(await this.#sector(number), i * this.sectorBytes);
    return out;
  }

  /** Sectors from `start` on, as many as `bytes` need; without it to the end of the chain. A chain cannot be longer than its table. */
  #chain(start: number, table: Uint32Array, bytes: number | undefined, unit = this.sectorBytes): number[] {
    const most = bytes === undefined ? Number.POSITIVE_INFINITY : Math.ceil(bytes / unit);
    const chain: number[] = [];
    for (let at = start; at !== END_OF_CHAIN && chain.length < most; at = table[at]!) {
      if (at > LAST_SECTOR || at >= table.length) {
        if (bytes === undefined && at === 0xffffffff) break;
        if (bytes === undefined || chain.length === 0) throw this.#error('OLE_CHAIN', `a chain leads to sector ${at}`);
        break;
      }
      if (chain.length >= table.length) throw this.#error('OLE_LOOP', `the chain from sector ${start} never ends`);
      chain.push(at);
    }
    return chain;
  }

  #runs(chain: readonly number[], size: number): Extent[] {
    const runs: { offset: number; length: number }[] = [];
    let left = Math.min(size, chain.length * this.sectorBytes);
    for (const number of chain) {
      const offset = (number + 1) * this.sectorBytes;
      const length = Math.min(this.sectorBytes, left);
      left -= length;
      const last = runs.at(-1);
      if (last && last.offset + last.length === offset) last.length += length;
      else if (length > 0) runs.push({ offset, length });
    }
    return runs;
  }

  /** Where a stream's bytes are. Shorter than its size where the chain breaks off. */
  extents(stream: OleStream): readonly Extent[] {
    if (stream.size === 0) return [];
    if (stream.size >= this.cutoff) return this.#runs(this.#chain(stream.start, this.#fat, stream.size), stream.size);
    const runs: { offset: number; length: number }[] = [];
    let left = stream.size;
    for (const mini of this.#chain(stream.start, this.#miniFat, stream.size, this.miniBytes)) {
      const length = Math.min(left, this.miniBytes);
      left -= length;
      for (const piece of slice(this.#miniStream, mini * this.miniBytes, length)) {
        const last = runs.at(-1);
        if (last && last.offset + last.length === piece.offset) last.length += piece.length;
        else runs.push({ ...piece });
      }
    }
    return runs;
  }

  #entry(directory: Uint8Array, index: number) {
    const at = index * ENTRY_BYTES;
    const view = new DataView(directory.buffer, directory.byteOffset + at, ENTRY_BYTES);
    const bytes = Math.max(0, Math.min(64, view.getUint16(64, true)) - 2);
    const name = new TextDecoder('utf-16le').decode(directory.subarray(at, at + bytes));
    // The upper half of the size is undefined in files with 512-byte sectors.
    const high = this.sectorBytes === 512 ? 0 : view.getUint32(124, true);
    return {
      name,
      kind: view.getUint8(66),
      left: view.getUint32(68, true),
      right: view.getUint32(72, true),
      child: view.getUint32(76, true),
      start: view.getUint32(116, true),
      size: view.getUint32(120, true) + high * 2 ** 32,
    };
  }

  #walk(directory: Uint8Array): OleStream[] {
    const count = Math.floor(directory.length / ENTRY_BYTES);
    const seen = new Set<number>([0]);
    const streams: OleStream[] = [];
    const pending: { index: number; folder: string; depth: number }[] = [];
    const push = (index: number, folder: string, depth: number): void => {
      if (index === NO_ENTRY || index >= count || depth > DEEPEST) return;
      if (seen.has(index)) throw this.#error('OLE_LOOP', `directory entry ${index} has two parents`);
      seen.add(index);
      pending.push({ index, folder, depth });
    };
    push(this.#entry(directory, 0).child, '', 0);
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { folder, depth } = next;
      const entry = this.#entry(directory, next.index);
      push(entry.left, folder, depth);
      push(entry.right, folder, depth);
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.kind === 1) push(entry.child, path, depth + 1);
      if (entry.kind === 2) streams.push({ path, size: entry.size, start: entry.start });
    }
    return streams.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

/** The part of a list of extents from `offset` on, `length` bytes or as many as there are. */
export function slice(extents: readonly Extent[], offset: number, length: number): Extent[] {
  const out: Extent[] = [];
  let at = 0;
  let left = length;
  for (const extent of extents) {
    const skip = Math.max(0, offset - at);
    at += extent.length;
    if (skip >= extent.length) continue;
    const take = Math.min(extent.length - skip, left);
    if (take > 0) out.push({ offset: extent.offset + skip, length: take });
    left -= take;
    if (left <= 0) break;
  }
  return out;
}
