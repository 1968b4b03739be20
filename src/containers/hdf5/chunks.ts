// Where the chunks of a data set are, for every kind of index. HDF5 File Format Specification 3.0, III.A.1 (B-tree 1), III.A.2 (B-tree 2),
// and Appendix C (implicit, fixed array, extensible array).

import { formatError, ImgconvError } from '../../core/errors.js';
import { readRecords } from './btree2.js';
import { type Elements, extensibleArray, fixedArray } from './chunk-arrays.js';
import type { Cursor } from './cursor.js';
import type { Chunked, Dataset5 } from './dataset.js';
import type { Hdf5File } from './file.js';

export interface StoredChunk {
  /** Position in the grid of chunks. */
  readonly at: readonly number[];
  /** As in the file's structures: without the base address. */
  readonly address: number;
  readonly bytes: number;
  /** Bit i set: filter i was not applied. */
  readonly mask: number;
}

type Visit = (chunk: StoredChunk) => void;

interface Job {
  readonly file: Hdf5File;
  readonly dataset: Dataset5;
  readonly layout: Chunked;
  /** Bytes of a chunk without filters. */
  readonly chunkBytes: number;
  readonly visit: Visit;
}

async function visitBtree1(job: Job): Promise<void> {
  const { file, layout } = job;
  const { offset } = file.widths;
  const rank = layout.chunk.length;
  const keyBytes = 8 + 8 * (rank + 1);
  const seen = new Set<number>();
  const node = async (address: number): Promise<void> => {
    if (seen.has(address))
      throw formatError('HDF5_LOOP', `${file.name}: a chunk index visits ${address} twice`, { file: file.name });
    seen.add(address);
    if (seen.size > file.limits.directories) throw tooMany(file);
    const head = await file.read(address, 8);
    head.expect('TREE');
    head.skip(1);
    const level = head.u8();
    const count = head.u16();
    const body = await file.read(address + 8 + 2 * offset, count * (keyBytes + offset));
    for (let i = 0; i < count; i++) {
      const bytes = body.u32();
      const mask = body.u32();
      const at = layout.chunk.map((size) => body.uint(8) / size);
      body.skip(8);
      const child = body.address();
      if (level > 0) await node(child);
      else job.visit({ at, address: child, bytes, mask });
    }
  };
  await node(layout.address);
}

function tooMany(file: Hdf5File): ImgconvError {
  const text = `${file.name}: more than ${file.limits.directories} chunks in a data set`;
  return new ImgconvError('limit', 'DIRECTORIES', text, { file: file.name });
}

async function visitBtree2(job: Job): Promise<void> {
  const { file, layout, dataset, chunkBytes } = job;
  const rank = layout.chunk.length;
  for (const record of await readRecords(file, layout.address)) {
    const address = record.address();
    const filtered = dataset.filters.length > 0;
    const bytes = filtered ? record.uint(Math.max(1, record.left - 4 - 8 * rank)) : chunkBytes;
    const mask = filtered ? record.u32() : 0;
    job.visit({ at: layout.chunk.map(() => record.uint(8)), address, bytes, mask });
  }
}

/** Positions in the order of an array index: C order in the grid of the largest shape, the unlimited dimension of an extensible array first. */
function positions(job: Job): (index: number) => readonly number[] | undefined {
  const { layout, dataset } = job;
  const { shape, most } = dataset.space;
  const counts = layout.chunk.map((size, i) => Math.ceil((most[i] ?? shape[i]!) / size));
  const now = layout.chunk.map((size, i) => Math.ceil(shape[i]! / size));
  const order = counts.map((_, i) => i);
  const unlimited = layout.index === 'extensible' ? counts.indexOf(Number.POSITIVE_INFINITY) : -1;
  if (unlimited > 0) order.unshift(...order.splice(unlimited, 1));
  return (index) => {
    const at = counts.map(() => 0);
    let rest = index;
    for (let k = order.length - 1; k >= 0; k--) {
      const dimension = order[k]!;
      const count = counts[dimension]!;
      at[dimension] = count === Number.POSITIVE_INFINITY ? rest : rest % count;
      rest = count === Number.POSITIVE_INFINITY ? 0 : Math.floor(rest / count);
    }
    return at.every((n, i) => n < now[i]!) ? at : undefined;
  };
}

function arrayElement(job: Job, entryBytes: number): (element: Cursor, index: number) => void {
  const { file, dataset, chunkBytes } = job;
  const place = positions(job);
  const filtered = dataset.filters.length > 0;
  return (element, index) => {
    const address = element.address();
    const at = address < 0 ? undefined : place(index);
    if (!at) return;
    const bytes = filtered ? element.uint(Math.max(1, entryBytes - file.widths.offset - 4)) : chunkBytes;
    job.visit({ at, address, bytes, mask: filtered ? element.u32() : 0 });
  };
}

/** Every chunk that is stored. Errors: format, limit. */
export async function visitChunks(file: Hdf5File, dataset: Dataset5, visit: Visit): Promise<void> {
  const { layout } = dataset;
  if (layout.kind !== 'chunked' || layout.address < 0) return;
  const chunkBytes = layout.chunk.reduce((product, n) => product * n, dataset.type.size);
  const job: Job = { file, dataset, layout, chunkBytes, visit };
  if (layout.index === 'btree1') return visitBtree1(job);
  if (layout.index === 'btree2') return visitBtree2(job);
  const { shape } = dataset.space;
  const chunks = layout.chunk.reduce((product, size, i) => product * Math.ceil(shape[i]! / size), 1);
  if (chunks > file.limits.directories) throw tooMany(file);
  if (layout.index === 'single') {
    const at = layout.chunk.map(() => 0);
    const { bytes, mask } = layout.single ?? { bytes: chunkBytes, mask: 0 };
    return visit({ at, address: layout.address, bytes, mask });
  }
  if (layout.index === 'implicit') {
    const place = positions(job);
    const { most } = dataset.space;
    const all = layout.chunk.reduce((product, size, i) => product * Math.ceil(most[i]! / size), 1);
    for (let i = 0; i < Math.min(all, file.limits.directories); i++) {
      const at = place(i);
      if (at) visit({ at, address: layout.address + i * chunkBytes, bytes: chunkBytes, mask: 0 });
    }
    return;
  }
  const elements: Elements = (entryBytes) => arrayElement(job, entryBytes);
  await (layout.index === 'fixed' ? fixedArray : extensibleArray)(file, layout.address, elements);
}
