// Chunks on the disk: which are there, which lie outside of the grid, whether shards and uncompressed chunks have the right form.
// Zarr v2, "Storing chunks" · Zarr core v3, "Chunk key encoding" · sharding_indexed codec 1.0.

import type { ZarrArray } from '../../containers/zarr/array.js';
import { assignAxes } from '../../containers/zarr/axes.js';
import { toLevel } from '../../containers/zarr/level.js';
import { readShardIndex, shardIndexBytes } from '../../containers/zarr/shard-index.js';
import { joinKey, type ZarrStore } from '../../containers/zarr/store.js';
import type { Level } from '../../core/contracts.js';
import { FilePool } from '../../io/files.js';
import type { Report } from '../report.js';

const MAX_KEYS = 5_000_000;
const STRAYS_TOLD = 3;

/** A level of the array with axes by their number alone: enough to find and decode blocks. Undefined (reported) where it cannot be. */
export async function plainLevel(array: ZarrArray, store: ZarrStore, report: Report): Promise<Level | undefined> {
  try {
    const { axes } = assignAxes(array.shape, undefined, array.name);
    return await toLevel(array, axes, store);
  } catch (error) {
    report.fault(error, array.path, 'ZARR_CHUNK_BROKEN');
    return undefined;
  }
}

/** All files below a folder, relative to it; those of metadata and hidden ones are left out. */
async function* filesBelow(store: ZarrStore, folder: string, depth: number, prefix = ''): AsyncGenerator<string> {
  for (const { name, folder: isFolder } of await store.list(folder)) {
    if (name.startsWith('.') || name === 'zarr.json' || name === 'attributes.json') continue;
    const relative = prefix === '' ? name : `${prefix}/${name}`;
    if (!isFolder) yield relative;
    else if (depth > 0) yield* filesBelow(store, joinKey(folder, name), depth - 1, relative);
  }
}

/** Grid position that a key names; undefined where it is no key of this array. */
function positionOf(key: string, array: ZarrArray, counts: readonly number[]): readonly number[] | undefined {
  const { prefix, separator } = array.key;
  if (!key.startsWith(prefix)) return undefined;
  const rest = key.slice(prefix.length);
  if (counts.length === 0) return rest === '' ? [] : undefined;
  const position = rest.split(separator).map((part) => (/^(0|[1-9]\d{0,14})$/.test(part) ? Number(part) : Number.NaN));
  return position.length === counts.length && position.every((p, i) => p < counts[i]!) ? position : undefined;
}

export async function checkChunks(array: ZarrArray, store: ZarrStore, report: Report): Promise<void> {
  const counts = array.shape.map((n, i) => Math.ceil(n / array.object[i]!));
  const total = counts.reduce((product, n) => product * n, 1);
  const strays: string[] = [];
  const found: string[] = [];
  for await (const key of filesBelow(store, array.path, array.shape.length + 1)) {
    if (positionOf(key, array, counts)) found.push(key);
    else strays.push(key);
    if (found.length + strays.length > MAX_KEYS) {
      return report.add('LIMIT', array.path, `more than ${MAX_KEYS} files: chunks were not checked`);
    }
  }
  if (strays.length > 0) {
    const names = strays.slice(0, STRAYS_TOLD).join(', ');
    const more = strays.length > STRAYS_TOLD ? ' …' : '';
    report.add(
      'ZARR_CHUNK_STRAY',
      array.path,
      `${strays.length} files that are no chunk of the array: ${names}${more}`,
    );
  }
  const unit = array.shard ? 'shards' : 'chunks';
  if (found.length === 0) report.add('ZARR_NO_CHUNKS', array.path, `none of its ${total} ${unit} exists`);
  else if (found.length < total)
    report.add('ZARR_CHUNKS_ABSENT', array.path, `${total - found.length} of ${total} ${unit} are absent`);
  const level = await plainLevel(array, store, report);
  const address = level?.blocks.address;
  if (!address || address.kind === 'table' || address.kind === 'pending') return;
  const { folder } = address;
  const pool = new FilePool();
  try {
    for (const key of found) {
      const where = joinKey(array.path, key);
      if (array.shard) checkShard(array, `${folder}/${key}`, where, pool, report);
      else checkFile(array, pool.size(`${folder}/${key}`) ?? 0, where, report);
      pool.release(`${folder}/${key}`);
    }
  } finally {
    pool.close();
  }
}

function chunkBytes(array: ZarrArray): number {
  return array.chunk.reduce((product, n) => product * n, array.type.size * array.type.parts);
}

function isPlain(array: ZarrArray): boolean {
  return array.steps.every((step) => step.id === 'endian');
}

function checkFile(array: ZarrArray, size: number, where: string, report: Report): void {
  const expected = chunkBytes(array);
  if (size === 0) report.add('ZARR_CHUNK_BYTES', where, 'the file is empty');
  else if (isPlain(array) && size !== expected)
    report.add('ZARR_CHUNK_BYTES', where, `${size} bytes, an uncompressed chunk has ${expected}`);
}

function checkShard(array: ZarrArray, file: string, where: string, pool: FilePool, report: Report): void {
  const shard = array.shard!;
  const inner = array.object.map((n, i) => n / array.chunk[i]!);
  const chunks = inner.reduce((product, n) => product * n, 1);
  const bytes = shardIndexBytes(chunks, shard.indexChecksum);
  const size = pool.size(file) ?? 0;
  if (size < bytes) {
    report.add('SHARD_INDEX', where, `${size} bytes, the index alone has ${bytes}`);
    return;
  }
  const index = new Uint8Array(bytes);
  const indexAt = shard.indexAt === 'start' ? 0 : size - bytes;
  pool.read(file, indexAt, index);
  let table: Float64Array;
  try {
    table = readShardIndex(index, chunks, shard.indexChecksum, where);
  } catch (error) {
    report.fault(error, where, 'SHARD_INDEX');
    return;
  }
  const spans: [number, number][] = [[indexAt, indexAt + bytes]];
  for (let i = 0; i < chunks; i++) {
    const offset = table[2 * i]!;
    if (offset < 0) continue;
    const end = offset + table[2 * i + 1]!;
    if (end > size) report.add('SHARD_RANGE', where, `chunk ${i} ends at ${end}, the shard at ${size}`);
    else if (isPlain(array) && end - offset !== chunkBytes(array))
      report.add('ZARR_CHUNK_BYTES', where, `chunk ${i} has ${end - offset} bytes, uncompressed ${chunkBytes(array)}`);
    else spans.push([offset, end]);
  }
  spans.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  // Equal chunks may share their bytes; partial overlaps have no meaning.
  const overlap = spans.findIndex(
    ([from, to], i) => i > 0 && from < spans[i - 1]![1] && (from !== spans[i - 1]![0] || to !== spans[i - 1]![1]),
  );
  if (overlap > 0) report.add('SHARD_RANGE', where, `chunks overlap at ${spans[overlap]![0]}`);
}
