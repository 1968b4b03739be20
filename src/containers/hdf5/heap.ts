// Heaps: local (names of old groups), global (text of variable length), fractal (links and attributes of new groups).
// HDF5 File Format Specification 3.0, III.D, III.E, III.G.

import { formatError, unsupported } from '../../core/errors.js';
import { readRecords } from './btree2.js';
import { Cursor } from './cursor.js';
import type { Hdf5File } from './file.js';

/** Data segment of a local heap. */
export async function readLocalHeap(file: Hdf5File, address: number): Promise<Uint8Array> {
  const head = await file.read(address, 8 + 2 * file.widths.length + file.widths.offset);
  head.expect('HEAP');
  head.skip(4);
  const size = head.length();
  head.skip(file.widths.length);
  return (await file.read(head.address(), size)).bytes.slice();
}

/** One object of a global heap collection. */
export async function readGlobal(file: Hdf5File, address: number, index: number): Promise<Uint8Array> {
  const head = await file.read(address, 8 + file.widths.length);
  head.expect('GCOL');
  head.skip(4);
  const collection = await file.read(address, head.length());
  collection.skip(8 + file.widths.length);
  while (collection.left >= 8 + file.widths.length) {
    const number = collection.u16();
    collection.skip(6);
    const size = collection.length();
    if (number === index) return collection.take(size).slice();
    if (number === 0) break;
    collection.skip(Math.min(collection.left, Math.ceil(size / 8) * 8));
  }
  throw formatError('HDF5_HEAP', `${file.name}: no object ${index} in the heap at ${address}`, { file: file.name });
}

const log2 = (n: number): number => Math.floor(Math.log2(n));

/** Objects of a fractal heap by their identifiers. */
export class FractalHeap {
  readonly #blocks: { readonly at: number; readonly size: number; readonly address: number }[] = [];

  private constructor(
    readonly file: Hdf5File,
    readonly offsetWidth: number,
    readonly lengthWidth: number,
    readonly width: number,
    readonly startBytes: number,
    readonly directRows: number,
    readonly huge: number,
  ) {}

  static async open(file: Hdf5File, address: number): Promise<FractalHeap> {
    const { offset, length } = file.widths;
    const head = await file.read(address, 26 + 3 * offset + 12 * length);
    head.expect('FRHP');
    head.skip(1 + 2);
    if (head.u16() !== 0) {
      throw unsupported('HDF5_HEAP', `${file.name}: filtered fractal heaps are not supported`, { file: file.name });
    }
    head.skip(1);
    const mostManaged = head.u32();
    head.skip(length);
    const huge = head.address();
    head.skip(length + offset + 8 * length);
    const width = head.u16();
    const startBytes = head.length();
    const mostDirect = head.length();
    const heapBits = head.u16();
    head.skip(2);
    const root = head.address();
    const rows = head.u16();
    const power = (n: number): boolean => n >= 1 && n <= 2 ** 32 && 2 ** log2(n) === n;
    if (!power(startBytes) || !power(mostDirect) || width === 0 || width > 4096 || heapBits > 64) {
      throw head.error('HDF5_HEAP', `fractal heap of ${width} blocks of ${startBytes} to ${mostDirect} bytes`);
    }
    const heap = new FractalHeap(
      file,
      Math.ceil(heapBits / 8),
      Math.min(Math.floor((log2(mostDirect) + 7) / 8), Math.floor((log2(Math.max(1, mostManaged)) + 7) / 8)),
      width,
      startBytes,
      log2(mostDirect) - log2(startBytes) + 2,
      huge,
    );
    if (root >= 0 && rows === 0) heap.#blocks.push({ at: 0, size: startBytes, address: root });
    else if (root >= 0) await heap.#indirect(root, rows, 0, new Set());
    return heap;
  }

  /** Bytes of a block in a row. */
  #rowBytes(row: number): number {
    return this.startBytes * 2 ** Math.max(0, row - 1);
  }

  async #indirect(address: number, rows: number, start: number, seen: Set<number>): Promise<void> {
    const { file, width, directRows } = this;
    if (seen.has(address) || rows > 64) {
      throw formatError('HDF5_LOOP', `${file.name}: a fractal heap visits block ${address} twice`, { file: file.name });
    }
    seen.add(address);
    const block = await file.read(address, 5 + file.widths.offset * (1 + rows * width) + this.offsetWidth);
    block.expect('FHIB');
    block.skip(1 + file.widths.offset + this.offsetWidth);
    let at = start;
    for (let row = 0; row < rows; row++) {
      const size = this.#rowBytes(row);
      for (let i = 0; i < width; i++, at += size) {
        const child = block.address();
        if (child < 0) continue;
        if (row < directRows) this.#blocks.push({ at, size, address: child });
        else await this.#indirect(child, log2(size) - log2(this.startBytes * width) + 1, at, seen);
      }
    }
  }

  /** Bytes of an object. */
  async object(id: Cursor): Promise<Cursor> {
    const { file } = this;
    const kind = id.u8();
    if (((kind >> 4) & 3) === 2) return id.part((kind & 15) + 1);
    if (((kind >> 4) & 3) === 1) return this.#huge(id);
    const offset = id.uint(this.offsetWidth);
    const length = id.uint(this.lengthWidth);
    const block = this.#blocks.find(({ at, size }) => offset >= at && offset < at + size);
    if (!block || offset + length > block.at + block.size) {
      throw formatError('HDF5_HEAP', `${file.name}: no object of ${length} bytes at ${offset} in a fractal heap`, {
        file: file.name,
      });
    }
    const found = await file.read(block.address + offset - block.at, length);
    return new Cursor(found.bytes.slice(), file.widths, file.name, found.start);
  }

  async #huge(id: Cursor): Promise<Cursor> {
    const { file } = this;
    const { offset, length } = file.widths;
    if (id.left >= offset + length) return file.read(id.address(), id.length());
    const wanted = id.uint(Math.min(id.left, 8));
    for (const record of await readRecords(file, this.huge)) {
      const address = record.address();
      const size = record.length();
      if (record.left >= length && record.length() === wanted) return file.read(address, size);
    }
    throw formatError('HDF5_HEAP', `${file.name}: no large object ${wanted} in a fractal heap`, { file: file.name });
  }
}
