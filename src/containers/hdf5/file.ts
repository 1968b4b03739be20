// An HDF5 file: superblock and metadata reads. HDF5 File Format Specification 3.0, II.A (superblock versions 0 to 3).

import type { ByteSource } from '../../core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import { ReadWindow } from '../tiff/window.js';
import { Cursor, type Widths } from './cursor.js';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

export function isHdf5(head: Uint8Array, at = 0): boolean {
  return SIGNATURE.every((byte, i) => head[at + i] === byte);
}

export class Hdf5File {
  readonly #window: ReadWindow;

  constructor(
    readonly source: ByteSource,
    readonly limits: Limits,
    readonly widths: Widths,
    /** Added to every address. */
    readonly base: number,
    /** Address of the root group's object header. */
    readonly root: number,
  ) {
    this.#window = new ReadWindow(source);
  }

  get name(): string {
    return this.source.name;
  }

  /** Bytes of a structure. Errors: format HDF5_ADDRESS outside the file, limit METADATA_SIZE. */
  async read(address: number, length: number): Promise<Cursor> {
    const at = address + this.base;
    if (address < 0 || !Number.isSafeInteger(at) || at + length > this.source.size) {
      const text = `${this.name}: a structure of ${length} bytes at ${at} lies outside the file of ${this.source.size} bytes; it may be cut short`;
      throw formatError('HDF5_ADDRESS', text, { file: this.name, offset: at });
    }
    if (length > this.limits.metadataBytes) {
      const text = `${this.name}: a structure takes ${length} bytes, more than the limit of ${this.limits.metadataBytes}`;
      throw new ImgconvError('limit', 'METADATA_SIZE', text, { file: this.name, offset: at });
    }
    return new Cursor(await this.#window.read(at, length), this.widths, this.name, at);
  }

  /** Up to `most` bytes, fewer at the end of the file. */
  async readSome(address: number, most: number): Promise<Cursor> {
    return this.read(address, Math.max(0, Math.min(most, this.source.size - this.base - address)));
  }
}

/** The superblock lies at 0, 512, 1024, 2048 … */
async function findSuperblock(source: ByteSource): Promise<number> {
  for (let at = 0; at + 16 <= source.size && at <= 2 ** 24; at = at === 0 ? 512 : at * 2) {
    if (isHdf5(await source.read(at, 8))) return at;
  }
  throw formatError('HDF5_SIGNATURE', `${source.name}: no HDF5 signature`, { file: source.name, offset: 0 });
}

export async function openHdf5(source: ByteSource, limits: Limits): Promise<Hdf5File> {
  const at = await findSuperblock(source);
  const bytes = await source.read(at, Math.min(256, source.size - at));
  const version = bytes[8] ?? 0;
  if (version > 3) {
    throw unsupported('HDF5_VERSION', `${source.name}: superblock version ${version} is not known`, {
      file: source.name,
      offset: at + 8,
    });
  }
  const old = version < 2;
  const widths = { offset: bytes[old ? 13 : 9] ?? 0, length: bytes[old ? 14 : 10] ?? 0 };
  if (![2, 4, 8].includes(widths.offset) || ![2, 4, 8].includes(widths.length)) {
    const text = `${source.name}: addresses of ${widths.offset} and lengths of ${widths.length} bytes`;
    throw formatError('HDF5_SUPERBLOCK', text, { file: source.name, offset: at });
  }
  const cursor = new Cursor(bytes, widths, source.name, at);
  cursor.skip(old ? (version === 1 ? 28 : 24) : 12);
  // Base address: what counts is where the superblock was found, behind a user block or not.
  cursor.address();
  // Free space and end of file; extension and end of file.
  cursor.skip(widths.offset * 2);
  // Driver block and the name offset of the root entry.
  if (old) cursor.skip(widths.offset * 2);
  const root = cursor.address();
  return new Hdf5File(source, limits, widths, at, root);
}
