// Chunks on the disk: which are there, which lie outside of the grid, whether shards and uncompressed chunks have the right form.
// Zarr v2, "Storing chunks" · Zarr core v3, "Chunk key encoding" · sharding_indexed codec 1.0.

import type { ZarrArray } from '../../containers/zarr/array.js';
import { assignAxes } from '../../containers/zarr/axes.js';
import { toLevel } from '../../containers/zarr/level.js';
import { readShardIndex, shardIndexBytes } from '../../containers/zarr/shard-index.js';
import { joinKey, type ZarrStore } from '../../containers/zarr/store.js';
import type { Level } from '../../core/contracts.js';
import { FilePool, isRemote, type Need } from '../../io/files.js';
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

/** Check the chunks of an array where they are stored. */
export async function checkChunks(array: ZarrArray, store: ZarrStore, report: Report): Promise<void> {
  const level = await plainLevel(array, store, report);
  const folder = level && folderOf(level);
  if (folder !== undefined && isRemote(folder)) return checkRemoteChunks(array, folder, report);
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
  tellAbsent(array, found.length, total, report);
  if (folder === undefined) return;
  const pool = new FilePool();
  try {
    for (const key of found) {
      checkObject(array, `${folder}/${key}`, joinKey(array.path, key), pool, report);
      pool.release(`${folder}/${key}`);
    }
  } finally {
    pool.close();
  }
}

function folderOf({ blocks: { address } }: Level): string | undefined {
  return address.kind === 'files' || address.kind === 'shards' ? address.folder : undefined;
}

function tellAbsent(array: ZarrArray, found: number, total: number, report: Report): void {
  const unit = array.shard ? 'shards' : 'chunks';
  if (found === 0) report.add('ZARR_NO_CHUNKS', array.path, `none of its ${total} ${unit} exists`);
  else if (found < total)
    report.add('ZARR_CHUNKS_ABSENT', array.path, `${total - found} of ${total} ${unit} are absent`);
}

/** Chunks or shards of one array that a server is asked for. */
const MOST_ASKED = 100_000;
const ASKED_AT_ONCE = 256;

/** A server cannot be asked for a list: every chunk is asked for, of huge arrays some all over it. */
async function checkRemoteChunks(array: ZarrArray, folder: string, report: Report): Promise<void> {
  const counts = array.shape.map((n, i) => Math.ceil(n / array.object[i]!));
  const total = counts.reduce((product, n) => product * n, 1);
  const asked = Math.min(total, MOST_ASKED);
  if (asked < total)
    report.add(
      'REMOTE_SAMPLED',
      array.path,
      `${asked} of ${total} ${array.shard ? 'shards' : 'chunks'} were asked for`,
    );
  const pool = new FilePool();
  let found = 0;
  try {
    for (let first = 0; first < asked; first += ASKED_AT_ONCE) {
      const keys = Array.from({ length: Math.min(ASKED_AT_ONCE, asked - first) }, (_, i) =>
        keyOf(array, counts, Math.floor(((first + i) * total) / asked)),
      );
      await pool.prepare(keys.map((key) => needOf(array, `${folder}/${key}`)));
      for (const key of keys) {
        if (pool.size(`${folder}/${key}`) === undefined) continue;
        found++;
        checkObject(array, `${folder}/${key}`, joinKey(array.path, key), pool, report);
      }
    }
  } finally {
    pool.close();
  }
  tellAbsent(array, found, asked, report);
}

function keyOf({ key }: ZarrArray, counts: readonly number[], index: number): string {
  let rest = index;
  const position = counts.map(() => 0);
  for (let d = counts.length - 1; d >= 0; d--) {
    position[d] = rest % counts[d]!;
    rest = Math.floor(rest / counts[d]!);
  }
  return key.prefix + position.join(key.separator);
}

/** Of a shard its index, of a chunk its size. */
function needOf(array: ZarrArray, file: string): Need {
  if (!array.shard) return { file, size: true };
  const length = shardIndexBytes(innerChunks(array), array.shard.indexChecksum);
  return array.shard.indexAt === 'start' ? { file, offset: 0, length } : { file, last: length };
}

function innerChunks({ object, chunk }: ZarrArray): number {
  return object.reduce((product, n, i) => product * (n / chunk[i]!), 1);
}

function checkObject(array: ZarrArray, file: string, where: string, pool: FilePool, report: Report): void {
  if (array.shard) checkShard(array, file, where, pool, report);
  else checkFile(array, pool.size(file) ?? 0, where, report);
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
  const chunks = innerChunks(array);
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
