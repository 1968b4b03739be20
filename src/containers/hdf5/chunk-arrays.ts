// Fixed and extensible arrays as chunk indexes. HDF5 File Format Specification 3.0, Appendix C, "Chunk Indexing".

import { formatError, ImgconvError } from '../../core/errors.js';
import type { Cursor } from './cursor.js';
import type { Hdf5File } from './file.js';

/** Given the bytes of an element: what to do with each element, in order of its index. */
export type Elements = (entryBytes: number) => (element: Cursor, index: number) => void;

const CHECKSUM = 4;

function checkCount(file: Hdf5File, count: number): void {
  if (count <= file.limits.directories) return;
  const text = `${file.name}: a chunk index for ${count} chunks, more than the limit of ${file.limits.directories}`;
  throw new ImgconvError('limit', 'DIRECTORIES', text, { file: file.name });
}

/** First bit of a byte is its highest. */
function bit(bytes: Uint8Array, i: number): boolean {
  return ((bytes[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0;
}

export async function fixedArray(file: Hdf5File, address: number, elements: Elements): Promise<void> {
  const { offset, length } = file.widths;
  const head = await file.read(address, 8 + length + offset + CHECKSUM);
  head.expect('FAHD');
  head.skip(2);
  const entryBytes = head.u8();
  const pageBits = head.u8();
  const count = head.length();
  const dataAt = head.address();
  checkCount(file, count);
  if (dataAt < 0) return;
  if (entryBytes < offset || pageBits > 32) throw head.error('HDF5_INDEX', `array elements of ${entryBytes} bytes`);
  const element = elements(entryBytes);
  const perPage = 2 ** pageBits;
  const prefix = 6 + offset;
  if (count <= perPage) {
    const block = await file.read(dataAt, prefix + count * entryBytes);
    block.expect('FADB');
    block.skip(2 + offset);
    for (let i = 0; i < count; i++) element(block.part(entryBytes), i);
    return;
  }
  const pages = Math.ceil(count / perPage);
  const bitmapBytes = Math.ceil(pages / 8);
  const block = await file.read(dataAt, prefix + bitmapBytes);
  block.expect('FADB');
  block.skip(2 + offset);
  const bitmap = block.take(bitmapBytes).slice();
  const start = dataAt + prefix + bitmapBytes + CHECKSUM;
  for (let p = 0; p < pages; p++) {
    if (!bit(bitmap, p)) continue;
    const here = Math.min(perPage, count - p * perPage);
    const page = await file.read(start + p * (perPage * entryBytes + CHECKSUM), here * entryBytes);
    for (let i = 0; i < here; i++) element(page.part(entryBytes), p * perPage + i);
  }
}

interface Extensible {
  readonly file: Hdf5File;
  readonly entryBytes: number;
  readonly perPage: number;
  /** Bytes of the offset field in blocks. */
  readonly fieldBytes: number;
  readonly element: (element: Cursor, index: number) => void;
}

async function dataBlock(array: Extensible, address: number, first: number, count: number, initialised?: Uint8Array) {
  const { file, entryBytes, perPage, fieldBytes, element } = array;
  const prefix = 6 + file.widths.offset + fieldBytes;
  if (count <= perPage) {
    const block = await file.read(address, prefix + count * entryBytes);
    block.expect('EADB');
    block.skip(prefix - 4);
    for (let i = 0; i < count; i++) element(block.part(entryBytes), first + i);
    return;
  }
  for (let p = 0; p * perPage < count; p++) {
    if (initialised && !bit(initialised, p)) continue;
    const at = address + prefix + CHECKSUM + p * (perPage * entryBytes + CHECKSUM);
    const page = await file.read(at, perPage * entryBytes);
    for (let i = 0; i < perPage; i++) element(page.part(entryBytes), first + p * perPage + i);
  }
}

export async function extensibleArray(file: Hdf5File, address: number, elements: Elements): Promise<void> {
  const { offset, length } = file.widths;
  const head = await file.read(address, 12 + 6 * length + offset + CHECKSUM);
  head.expect('EAHD');
  head.skip(2);
  const entryBytes = head.u8();
  const bits = head.u8();
  const inIndex = head.u8();
  const smallest = head.u8();
  const pointers = head.u8();
  const pageBits = head.u8();
  head.skip(4 * length);
  const used = head.length();
  head.skip(length);
  const indexAt = head.address();
  checkCount(file, used);
  const power = (n: number): boolean => n >= 1 && Number.isInteger(Math.log2(n));
  if (!power(smallest) || !power(pointers) || bits > 64 || pageBits > 32 || entryBytes < offset) {
    throw head.error('HDF5_INDEX', `extensible array of 2^${bits} elements in blocks of ${smallest}`);
  }
  if (indexAt < 0) return;
  const array: Extensible = {
    file,
    entryBytes,
    perPage: 2 ** pageBits,
    fieldBytes: Math.ceil(bits / 8),
    element: elements(entryBytes),
  };
  const superBlocks = 1 + bits - Math.log2(smallest);
  const direct = 2 * Math.log2(pointers);
  const blocks = 2 * (pointers - 1);
  const index = await file.read(
    indexAt,
    6 + offset + inIndex * entryBytes + (blocks + Math.max(0, superBlocks - direct)) * offset,
  );
  index.expect('EAIB');
  index.skip(2 + offset);
  for (let i = 0; i < inIndex; i++) array.element(index.part(entryBytes), i);
  let first = inIndex;
  for (let s = 0; s < superBlocks && first < used; s++) {
    const count = 2 ** Math.floor(s / 2);
    const size = 2 ** Math.floor((s + 1) / 2) * smallest;
    if (s < direct) {
      for (let k = 0; k < count; k++, first += size) {
        const at = index.address();
        if (at >= 0 && first < used) await dataBlock(array, at, first, size);
      }
      continue;
    }
    const at = index.address();
    if (at >= 0) await superBlock(array, at, first, count, size, used);
    first += count * size;
  }
}

async function superBlock(
  array: Extensible,
  address: number,
  first: number,
  count: number,
  size: number,
  used: number,
) {
  const { file, perPage, fieldBytes } = array;
  const { offset } = file.widths;
  const bitmapBytes = size > perPage ? Math.ceil(size / perPage / 8) : 0;
  if (count * size > 2 ** 40)
    throw formatError('HDF5_INDEX', `${file.name}: a chunk index is too large`, { file: file.name });
  const block = await file.read(address, 6 + offset + fieldBytes + count * (bitmapBytes + offset));
  block.expect('EASB');
  block.skip(2 + offset + fieldBytes);
  const bitmaps = Array.from({ length: bitmapBytes > 0 ? count : 0 }, () => block.take(bitmapBytes).slice());
  for (let k = 0; k < count; k++) {
    const at = block.address();
    const start = first + k * size;
    if (at >= 0 && start < used) await dataBlock(array, at, start, size, bitmaps[k]);
  }
}
