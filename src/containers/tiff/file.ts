// A TIFF file: header, chain of directories, sub-directories on demand. TIFF 6.0 · BigTIFF · NDPI's 64-bit variant of classic TIFF.
// Damage is survived where good directories remain (they are kept, with a notice); loops and absurd chains are refused.

import type { ByteSource, Notice } from '../../core/contracts.js';
import { formatError, ImgconvError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import { TiffIfd } from './ifd.js';
import { TAG } from './tags.js';
import { ReadWindow } from './window.js';

export interface ParseOptions {
  /** Hamamatsu NDPI: classic header and entries with 64-bit offsets. */
  readonly ndpi?: boolean;
  /** Read only the first directories of the chain; `TiffFile.complete` tells whether there are more. */
  readonly first?: number;
}

const NOTICES = 50;
const MOST_ENTRIES = 65535;

export class TiffFile {
  /** Main chain, in order. */
  readonly ifds: TiffIfd[] = [];
  /** What was tolerated. */
  readonly notices: Notice[] = [];
  /** False if `ParseOptions.first` cut the walk short. */
  complete = true;
  readonly window: ReadWindow;
  /** Sizes of the structure's parts, bytes. */
  readonly entryBytes: 12 | 20;
  readonly countBytes: 2 | 8;
  readonly inlineBytes: 4 | 8;
  private readonly pointerBytes: 4 | 8;
  private directoryBytes = 0;
  private directories = 0;

  constructor(
    readonly source: ByteSource,
    readonly limits: Limits,
    readonly littleEndian: boolean,
    /** BigTIFF. */
    readonly big: boolean,
    readonly ndpi: boolean,
  ) {
    this.window = new ReadWindow(source);
    this.entryBytes = big ? 20 : 12;
    this.countBytes = big ? 8 : 2;
    this.inlineBytes = big ? 8 : 4;
    this.pointerBytes = big || ndpi ? 8 : 4;
  }

  report(code: string, rank: Notice['rank'], text: string): void {
    if (this.notices.length < NOTICES) this.notices.push({ code, rank, text });
  }

  private where(offset: number): { file: string; offset: number } {
    return { file: this.source.name, offset };
  }

  /** The directory at a position, wherever it was found. ImgconvError where there is none. */
  async ifdAt(offset: number): Promise<TiffIfd> {
    const { source, countBytes, entryBytes, littleEndian: le } = this;
    if (!Number.isSafeInteger(offset) || offset < 8 || offset + countBytes > source.size) {
      throw formatError(
        'TIFF_IFD_OFFSET',
        `no directory at ${offset}: the file has ${source.size} bytes`,
        this.where(offset),
      );
    }
    const head = await this.window.read(offset, countBytes);
    const headView = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const declared = this.big ? Number(headView.getBigUint64(0, le)) : headView.getUint16(0, le);
    if (declared === 0 || declared > MOST_ENTRIES) {
      throw formatError('TIFF_IFD', `the directory at ${offset} claims ${declared} entries`, this.where(offset));
    }
    const room = Math.floor((source.size - offset - countBytes) / entryBytes);
    const count = Math.min(declared, room);
    if (count === 0) throw formatError('TIFF_IFD', `the directory at ${offset} is cut off`, this.where(offset));
    const tableBytes = count * entryBytes;
    const end = offset + countBytes + tableBytes;
    const tail = this.pointerBytes + (this.ndpi ? 4 * count : 0);
    const whole = count === declared && end + this.pointerBytes <= source.size;
    const tailBytes = whole ? Math.min(tail, source.size - end) : 0;
    const bytes = (await this.window.read(offset + countBytes, tableBytes + tailBytes)).slice();
    const entries = bytes.subarray(0, tableBytes);
    if (!whole) {
      this.report('TIFF_TRUNCATED', 'damage', `the directory at ${offset} is cut off by the end of the file`);
      return this.count(new TiffIfd(this, offset, 0, entries), bytes.length);
    }
    const view = new DataView(bytes.buffer, tableBytes);
    const next = this.pointerBytes === 8 ? Number(view.getBigUint64(0, le)) : view.getUint32(0, le);
    const upper = this.ndpi && tailBytes === tail ? bytes.slice(tableBytes + 8) : undefined;
    return this.count(new TiffIfd(this, offset, next, entries, upper), bytes.length);
  }

  /** Directories of an honest file do not overlap, so together they cannot be larger than the file. */
  private count(ifd: TiffIfd, bytes: number): TiffIfd {
    this.directories++;
    this.directoryBytes += bytes;
    if (this.directories > this.limits.directories) {
      throw new ImgconvError(
        'limit',
        'TIFF_IFD_COUNT',
        `more than ${this.limits.directories} directories; raise the limit if the file really has so many`,
        this.where(ifd.offset),
      );
    }
    // Four times: sub-directories may honestly be asked for again.
    if (this.directoryBytes > 4 * this.source.size + 2 ** 20) {
      throw formatError(
        'TIFF_IFD_OVERLAP',
        'directories overlap each other: they take more room than the file has',
        this.where(ifd.offset),
      );
    }
    return ifd;
  }

  /**
   * Directories linked from `offset`. A loop is refused; a broken link ends the chain with a damage notice, if at least one directory
   * was good.
   */
  async chain(offset: number, first = Number.POSITIVE_INFINITY, into: TiffIfd[] = []): Promise<TiffIfd[]> {
    const seen = new Set<number>();
    for (let at = offset; at !== 0; ) {
      if (seen.has(at)) {
        throw formatError(
          'TIFF_IFD_LOOP',
          `the chain of directories returns to ${at} after ${into.length} directories`,
          this.where(at),
        );
      }
      if (into.length >= first) {
        this.complete = false;
        return into;
      }
      seen.add(at);
      let ifd: TiffIfd;
      try {
        ifd = await this.ifdAt(at);
      } catch (error) {
        const broken = error instanceof ImgconvError && error.blame === 'format' && error.code !== 'TIFF_IFD_OVERLAP';
        if (!broken || into.length === 0) throw error;
        this.report(
          'TIFF_TRUNCATED',
          'damage',
          `the chain of directories breaks after ${into.length}: ${error.message}`,
        );
        return into;
      }
      into.push(ifd);
      at = ifd.next;
      await this.lookAhead(into, at);
    }
    return into;
  }

  /** Directories at a constant distance (one a plane of raw pixels) are fetched 32 at a time. */
  private async lookAhead(ifds: readonly TiffIfd[], next: number): Promise<void> {
    const n = ifds.length;
    if (n < 4 || next === 0 || this.window.cached(next, 2)) return;
    const stride = next - ifds[n - 1]!.offset;
    if (stride !== ifds[n - 1]!.offset - ifds[n - 2]!.offset || stride !== ifds[n - 2]!.offset - ifds[n - 3]!.offset)
      return;
    await this.window.prefetch(
      Array.from({ length: 32 }, (_, i) => next + i * stride),
      1024,
    );
  }

  /**
   * Sub-directories (tag 330) in listed order, then those that only their next-links reach (some writers list the first alone).
   * Broken ones are left out with a damage notice.
   */
  async subIfds(ifd: TiffIfd): Promise<TiffIfd[]> {
    const offsets = await ifd.numbers(TAG.SubIFDs);
    const found: TiffIfd[] = [];
    const seen = new Set<number>([ifd.offset]);
    const add = async (at: number): Promise<TiffIfd | undefined> => {
      seen.add(at);
      try {
        const sub = await this.ifdAt(at);
        found.push(sub);
        return sub;
      } catch (error) {
        if (!(error instanceof ImgconvError) || error.blame !== 'format' || error.code === 'TIFF_IFD_OVERLAP')
          throw error;
        this.report(
          'TIFF_SUBIFD',
          'damage',
          `a sub-directory of the directory at ${ifd.offset} is broken: ${error.message}`,
        );
        return undefined;
      }
    };
    for (const at of offsets ?? []) if (at !== 0 && !seen.has(at)) await add(at);
    const listed = [...found];
    for (const sub of listed) {
      for (let at = sub.next; at !== 0 && !seen.has(at); ) at = (await add(at))?.next ?? 0;
    }
    return found;
  }
}

/** `II` or `MM` with 42 or 43: what the first bytes say, without reading more. */
export function tiffSignature(head: Uint8Array): { littleEndian: boolean; big: boolean } | undefined {
  const le = head[0] === 0x49 && head[1] === 0x49;
  if (!le && !(head[0] === 0x4d && head[1] === 0x4d)) return undefined;
  const version = le ? head[2]! | (head[3]! << 8) : (head[2]! << 8) | head[3]!;
  return version === 42 || version === 43 ? { littleEndian: le, big: version === 43 } : undefined;
}

/** Header and main chain. Sub-directories and values are read when asked for. */
export async function parseTiff(source: ByteSource, limits: Limits, options: ParseOptions = {}): Promise<TiffFile> {
  const where = { file: source.name, offset: 0 };
  if (source.size < 8) throw formatError('TIFF_HEADER', `a TIFF has at least 8 bytes, found ${source.size}`, where);
  const head = await source.read(0, Math.min(16, source.size));
  const signature = tiffSignature(head);
  if (!signature)
    throw formatError('TIFF_HEADER', 'no TIFF: the file does not start with II or MM and 42 or 43', where);
  const { littleEndian: le, big } = signature;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const ndpi = options.ndpi === true && !big;
  let first: number;
  if (big) {
    if (head.length < 16 || view.getUint16(4, le) !== 8) {
      throw formatError('TIFF_HEADER', 'broken BigTIFF header: offsets of other than 8 bytes', where);
    }
    first = Number(view.getBigUint64(8, le));
  } else {
    first = ndpi && head.length >= 12 ? Number(view.getBigUint64(4, le)) : view.getUint32(4, le);
  }
  if (first === 0)
    throw formatError('TIFF_HEADER', 'the header names no first directory: writing was not finished', where);
  const file = new TiffFile(source, limits, le, big, ndpi);
  await file.chain(first, options.first, file.ifds);
  return file;
}
