// Entries of a ZIP archive: small ones as bytes, large ones as byte ranges of the file. Nothing is ever unpacked to disk.

import { inflateRawSync } from 'node:zlib';
import type { ByteSource, TreeEntry } from '../../core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import { readDirectory, type ZipEntry } from './directory.js';

const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
/** Local headers that lie this close together are read in one go. */
const WINDOW = 64 * 1024;

export const STORED = 0;
export const DEFLATED = 8;

export class ZipArchive {
  readonly #folders = new Map<string, Map<string, boolean>>();

  private constructor(
    readonly source: ByteSource,
    readonly entries: ReadonlyMap<string, ZipEntry>,
    readonly limits: Limits,
  ) {
    for (const name of entries.keys()) this.#addToFolders(name);
  }

  static async open(source: ByteSource, limits: Limits): Promise<ZipArchive> {
    return new ZipArchive(source, await readDirectory(source, limits), limits);
  }

  #addToFolders(name: string): void {
    const parts = name.split('/').filter((part) => part !== '' && part !== '.');
    let folder = '';
    for (const [i, part] of parts.entries()) {
      const isFolder = i < parts.length - 1 || name.endsWith('/');
      const entries = this.#folders.get(folder) ?? new Map<string, boolean>();
      this.#folders.set(folder, entries);
      entries.set(part, isFolder || entries.get(part) === true);
      folder = folder === '' ? part : `${folder}/${part}`;
    }
  }

  /** Entries of a folder ('' = root), sorted by name. */
  list(folder: string): readonly TreeEntry[] {
    const entries = [...(this.#folders.get(folder) ?? new Map<string, boolean>())];
    return entries.map(([name, isFolder]) => ({ name, folder: isFolder })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Offsets of the entries' bytes, in the order asked for. Local headers are read, as their extra fields may differ from the directory's. */
  async locate(entries: readonly ZipEntry[]): Promise<readonly number[]> {
    const order = entries.map((_, i) => i).sort((a, b) => entries[a]!.header - entries[b]!.header);
    const offsets = new Array<number>(entries.length).fill(0);
    for (let from = 0; from < order.length; ) {
      const start = entries[order[from]!]!.header;
      let to = from + 1;
      while (to < order.length && entries[order[to]!]!.header + LOCAL_BYTES - start <= WINDOW) to++;
      const end = entries[order[to - 1]!]!.header + LOCAL_BYTES;
      const bytes = await this.source.read(start, end - start);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let i = from; i < to; i++) {
        const entry = entries[order[i]!]!;
        offsets[order[i]!] = this.#dataOffset(entry, view, entry.header - start);
      }
      from = to;
    }
    return offsets;
  }

  #dataOffset(entry: ZipEntry, view: DataView, at: number): number {
    const { name: file, size } = this.source;
    const where = { file, offset: entry.header };
    if (view.getUint32(at, true) !== LOCAL) {
      throw formatError(
        'ZIP_ENTRY',
        `${file}: no local header of ${JSON.stringify(entry.name)} at ${entry.header}`,
        where,
      );
    }
    if (entry.encrypted)
      throw unsupported('ZIP_ENCRYPTED', `${file}: ${JSON.stringify(entry.name)} is encrypted`, where);
    const offset = entry.header + LOCAL_BYTES + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
    if (offset + entry.packed > size) {
      throw formatError(
        'ZIP_ENTRY',
        `${file}: ${JSON.stringify(entry.name)} needs ${entry.packed} bytes at ${offset}, but the file has ${size}`,
        where,
      );
    }
    return offset;
  }

  /** Content of a small entry; undefined where there is none. Errors: limit METADATA_SIZE, format, unsupported. */
  async read(name: string, limit: number): Promise<Uint8Array | undefined> {
    const entry = this.entries.get(name);
    if (!entry) return undefined;
    const { name: file } = this.source;
    if (entry.size > limit || entry.packed > limit) {
      throw new ImgconvError(
        'limit',
        'METADATA_SIZE',
        `${file}: ${name} has ${entry.size} bytes, more than the limit of ${limit}`,
        { file },
      );
    }
    const [offset] = await this.locate([entry]);
    const packed = await this.source.read(offset!, entry.packed);
    if (entry.method === STORED) return packed;
    if (entry.method !== DEFLATED) throw methodError(file, entry);
    try {
      const bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) });
      if (bytes.length === entry.size) return bytes;
      throw new Error(`${bytes.length} bytes instead of ${entry.size}`);
    } catch (error) {
      throw formatError(
        'ZIP_ENTRY',
        `${file}: ${JSON.stringify(name)} does not unpack: ${(error as Error).message}`,
        { file },
        error,
      );
    }
  }
}

/** An entry packed in a way that is not read. */
export function methodError(file: string, entry: ZipEntry): ImgconvError {
  return unsupported(
    'ZIP_METHOD',
    `${file}: ${JSON.stringify(entry.name)} is packed with ZIP method ${entry.method}; store or deflate it`,
    {
      file,
    },
  );
}
