// Version 2 B-trees: all records in order. HDF5 File Format Specification 3.0, III.A.2.

import { ImgconvError } from '../../core/errors.js';
import type { Cursor } from './cursor.js';
import type { Hdf5File } from './file.js';

/** Bytes that hold numbers up to `most`. */
function widthOf(most: number): number {
  return Math.floor(Math.log2(Math.max(1, most)) / 8) + 1;
}

const NODE_FRAME = 10;
const DEEPEST = 32;

/** Every record as a cursor over its bytes. Errors: format, limit DIRECTORIES. */
export async function readRecords(file: Hdf5File, address: number): Promise<readonly Cursor[]> {
  const head = await file.read(address, 22 + file.widths.offset + file.widths.length);
  head.expect('BTHD');
  head.skip(2);
  const nodeBytes = head.u32();
  const recordBytes = head.u16();
  const depth = head.u16();
  head.skip(2);
  const root = head.address();
  const rootRecords = head.u16();
  if (recordBytes === 0 || nodeBytes <= NODE_FRAME || depth > DEEPEST) {
    throw head.error('HDF5_BTREE', `B-tree of ${recordBytes} bytes a record, ${nodeBytes} a node, ${depth} levels`);
  }
  // Most records of a node, and of everything below it, by level.
  const leafMost = Math.floor((nodeBytes - NODE_FRAME) / recordBytes);
  const countWidth = widthOf(leafMost);
  const totalWidth = [0];
  let below = leafMost;
  for (let level = 1; level <= depth; level++) {
    const pointer = file.widths.offset + countWidth + totalWidth[level - 1]!;
    const most = Math.floor((nodeBytes - NODE_FRAME - pointer) / (recordBytes + pointer));
    below = (most + 1) * below + most;
    totalWidth.push(widthOf(below));
  }
  const records: Cursor[] = [];
  const seen = new Set<number>();
  const visit = async (at: number, count: number, level: number): Promise<void> => {
    if (count === 0 && level === 0) return;
    if (seen.has(at)) throw head.error('HDF5_LOOP', `a B-tree visits node ${at} twice`);
    seen.add(at);
    const node = await file.read(at, nodeBytes);
    node.expect(level === 0 ? 'BTLF' : 'BTIN');
    node.skip(2);
    const own = Array.from({ length: count }, () => node.part(recordBytes));
    if (records.length + count > file.limits.directories) {
      const text = `${file.name}: more than ${file.limits.directories} records in a B-tree`;
      throw new ImgconvError('limit', 'DIRECTORIES', text, { file: file.name });
    }
    if (level === 0) return void records.push(...own);
    for (let i = 0; i <= count; i++) {
      const child = node.address();
      const childRecords = node.uint(countWidth);
      node.skip(totalWidth[level - 1]!);
      await visit(child, childRecords, level - 1);
      if (i < count) records.push(own[i]!);
    }
  };
  if (root >= 0) await visit(root, rootRecords, depth);
  return records;
}
