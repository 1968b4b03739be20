// One image file directory. Only its entries are kept (12 or 20 bytes each, as stored); values are decoded when asked for.
// TIFF 6.0, Section 2 · BigTIFF (64-bit counts and offsets) · NDPI (classic entries, whose upper 32 bits follow the directory).

import { ImgconvError } from '../../core/errors.js';
import type { TiffFile } from './file.js';
import { TYPE_BYTES, tagName } from './tags.js';

export interface TiffEntry {
  readonly tag: number;
  /** Field type code. */
  readonly type: number;
  /** Number of values. */
  readonly count: number;
  /** Bytes of all values; NaN for an unknown type. */
  readonly bytes: number;
  /** File position of the values (inside the directory when they fit into the entry). */
  readonly at: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** UTF-8 where it is that, else Latin-1. Ends at the last byte that is not NUL. */
export function decodeText(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const text = bytes.subarray(0, end);
  try {
    return utf8.decode(text);
  } catch {
    return latin1.decode(text);
  }
}

export class TiffIfd {
  private readonly view: DataView;

  constructor(
    readonly file: TiffFile,
    /** Bytes from the start of the file to the entry count. */
    readonly offset: number,
    /** Position of the next directory, 0 at the end of the chain. */
    readonly next: number,
    /** Entries as stored. */
    private readonly entries: Uint8Array,
    /** NDPI: upper halves of the entries' values, 4 bytes each. */
    private readonly upper?: Uint8Array,
  ) {
    this.view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
  }

  get count(): number {
    return this.entries.length / this.file.entryBytes;
  }

  private entryAt(index: number): TiffEntry {
    const { file, view } = this;
    const le = file.littleEndian;
    const p = index * file.entryBytes;
    const type = view.getUint16(p + 2, le);
    const count = file.big ? Number(view.getBigUint64(p + 4, le)) : view.getUint32(p + 4, le);
    const bytes = count * (TYPE_BYTES[type] ?? Number.NaN);
    const value = p + (file.big ? 12 : 8);
    const inside = bytes <= file.inlineBytes;
    let at = this.offset + file.countBytes + value;
    if (!inside) {
      at = file.big ? Number(view.getBigUint64(value, le)) : view.getUint32(value, le);
      if (this.upper) at += new DataView(this.upper.buffer, this.upper.byteOffset).getUint32(index * 4, le) * 2 ** 32;
    }
    return { tag: view.getUint16(p, le), type, count, bytes, at };
  }

  private indexOf(tag: number): number {
    const { entryBytes, littleEndian } = this.file;
    for (let p = 0; p < this.entries.length; p += entryBytes) {
      if (this.view.getUint16(p, littleEndian) === tag) return p / entryBytes;
    }
    return -1;
  }

  has(tag: number): boolean {
    return this.indexOf(tag) >= 0;
  }

  /**
   * True if this directory has the same tags, types and counts as another of the same file, in the same order, and the same stored words
   * (values, or pointers to them) in the tags that `matters` names.
   */
  resembles(other: TiffIfd, matters: ReadonlySet<number>): boolean {
    const { entryBytes, littleEndian } = this.file;
    const [a, b] = [this.entries, other.entries];
    if (a.length !== b.length || other.file !== this.file) return false;
    for (let p = 0; p < a.length; p += entryBytes) {
      const compared = matters.has(this.view.getUint16(p, littleEndian))
        ? entryBytes
        : entryBytes - this.file.inlineBytes;
      for (let i = p; i < p + compared; i++) if (a[i] !== b[i]) return false;
    }
    return true;
  }

  /** Entries that are stored in other words than in another directory of the same file. */
  differing(other: TiffIfd): TiffEntry[] {
    const { entryBytes } = this.file;
    return this.list().filter((entry, i) => {
      const k = other.indexOf(entry.tag) * entryBytes;
      if (k < 0) return true;
      for (let p = 0; p < entryBytes; p++) if (this.entries[i * entryBytes + p] !== other.entries[k + p]) return true;
      return false;
    });
  }

  /** All entries in stored order. */
  list(): TiffEntry[] {
    return Array.from({ length: this.count }, (_, i) => this.entryAt(i));
  }

  entry(tag: number): TiffEntry | undefined {
    const index = this.indexOf(tag);
    return index < 0 ? undefined : this.entryAt(index);
  }

  private inlineBytes(index: number, bytes: number): Uint8Array {
    const start = index * this.file.entryBytes + (this.file.big ? 12 : 8);
    return this.entries.subarray(start, start + bytes);
  }

  /** First value of a number that is stored in the entry itself (or is in memory already); undefined where it is absent or elsewhere. */
  inline(tag: number): number | undefined {
    const index = this.indexOf(tag);
    if (index < 0) return undefined;
    const { type, count, bytes } = this.entryAt(index);
    if (count < 1 || !(bytes <= this.file.inlineBytes)) return undefined;
    const low = decodeNumbers(this.inlineBytes(index, bytes), type, 1, this.file.littleEndian)[0]!;
    if (!this.upper || type !== 4) return low;
    return (
      low +
      new DataView(this.upper.buffer, this.upper.byteOffset).getUint32(index * 4, this.file.littleEndian) * 2 ** 32
    );
  }

  /**
   * Stored bytes of a tag's values, in file byte order. Undefined where the tag is absent, or (with a notice) where its type is unknown
   * or its values lie outside the file. ImgconvError (limit, METADATA_SIZE) above `limits.metadataBytes`.
   */
  async bytes(tag: number): Promise<Uint8Array | undefined> {
    const index = this.indexOf(tag);
    if (index < 0) return undefined;
    const { bytes, type, at } = this.entryAt(index);
    if (!(bytes >= 0)) {
      this.file.report('TIFF_TAG', 'info', `${tagName(tag)} at ${this.offset} has unknown field type ${type}`);
      return undefined;
    }
    if (bytes <= this.file.inlineBytes) return this.inlineBytes(index, bytes);
    const { size, name } = this.file.source;
    if (at + bytes > size) {
      this.file.report(
        'TIFF_TAG',
        'info',
        `${tagName(tag)} of the directory at ${this.offset} points to ${bytes} bytes at ${at}, beyond the end of the file (${size})`,
      );
      return undefined;
    }
    if (bytes > this.file.limits.metadataBytes) {
      throw new ImgconvError(
        'limit',
        'METADATA_SIZE',
        `${tagName(tag)} takes ${bytes} bytes, the limit is ${this.file.limits.metadataBytes}`,
        { file: name, offset: at },
      );
    }
    return this.file.window.read(at, bytes);
  }

  /** All values as numbers (rationals as quotients, 64-bit integers rounded to doubles); undefined where absent or not numeric. */
  async numbers(tag: number): Promise<Float64Array | undefined> {
    const entry = this.entry(tag);
    if (!entry || entry.count < 1) return undefined;
    if (this.upper && entry.count === 1 && entry.type === 4) return Float64Array.of(this.inline(tag)!);
    const bytes = await this.bytes(tag);
    return bytes && decodeNumbers(bytes, entry.type, entry.count, this.file.littleEndian);
  }

  /** First value. */
  async number(tag: number): Promise<number | undefined> {
    const quick = this.inline(tag);
    if (quick !== undefined || !this.has(tag)) return quick;
    return (await this.numbers(tag))?.[0];
  }

  /** Text without its NUL terminators; undefined where absent or empty. */
  async text(tag: number): Promise<string | undefined> {
    const bytes = await this.bytes(tag);
    const text = bytes && decodeText(bytes);
    return text === '' ? undefined : text;
  }
}

/** Values of any numeric field type. `count` may be smaller than what the bytes hold. */
function decodeNumbers(bytes: Uint8Array, type: number, count: number, le: boolean): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float64Array(count);
  switch (type) {
    case 1:
    case 2:
    case 7:
      for (let i = 0; i < count; i++) out[i] = bytes[i]!;
      break;
    case 3:
      for (let i = 0; i < count; i++) out[i] = view.getUint16(i * 2, le);
      break;
    case 4:
    case 13:
      for (let i = 0; i < count; i++) out[i] = view.getUint32(i * 4, le);
      break;
    case 5:
      for (let i = 0; i < count; i++) out[i] = view.getUint32(i * 8, le) / view.getUint32(i * 8 + 4, le);
      break;
    case 6:
      for (let i = 0; i < count; i++) out[i] = view.getInt8(i);
      break;
    case 8:
      for (let i = 0; i < count; i++) out[i] = view.getInt16(i * 2, le);
      break;
    case 9:
      for (let i = 0; i < count; i++) out[i] = view.getInt32(i * 4, le);
      break;
    case 10:
      for (let i = 0; i < count; i++) out[i] = view.getInt32(i * 8, le) / view.getInt32(i * 8 + 4, le);
      break;
    case 11:
      for (let i = 0; i < count; i++) out[i] = view.getFloat32(i * 4, le);
      break;
    case 12:
      for (let i = 0; i < count; i++) out[i] = view.getFloat64(i * 8, le);
      break;
    case 16:
    case 18: {
      const [high, low] = le ? [4, 0] : [0, 4];
      for (let i = 0; i < count; i++)
        out[i] = view.getUint32(i * 8 + high, le) * 2 ** 32 + view.getUint32(i * 8 + low, le);
      break;
    }
    case 17:
      for (let i = 0; i < count; i++) out[i] = Number(view.getBigInt64(i * 8, le));
      break;
    default:
      out.fill(Number.NaN);
  }
  return out;
}
