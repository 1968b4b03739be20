// A hierarchy inside a ZIP archive (.zarr.zip, .ozx). Chunks become byte ranges of the archive; deflated ones get a step more.
// OME-NGFF RFC-9: zarr.json at the root of the archive, entries stored. Archives with a single folder around the hierarchy are read too.

import type { Chain, CodecStep } from '../../core/blocks.js';
import { formatError, ImgconvError, unsupported } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import { DEFLATED, methodError, STORED, type ZipArchive } from '../zip/archive.js';
import type { ZipEntry } from '../zip/directory.js';
import { readShardIndex, shardIndexBytes } from './shard-index.js';
import { type ChunkGrid, type ChunkPlaces, joinKey, type ZarrStore } from './store.js';

const METADATA = ['zarr.json', '.zgroup', '.zattrs', '.zarray', 'attributes.json'];
const INFLATE: CodecStep = { id: 'deflate', raw: true };

/** The folder inside the archive that holds the hierarchy: '' or the only folder; undefined where there is no metadata. */
export function hierarchyRoot(archive: ZipArchive): string | undefined {
  const isRoot = (folder: string): boolean => METADATA.some((name) => archive.entries.has(joinKey(folder, name)));
  if (isRoot('')) return '';
  const folders = archive.list('').filter((entry) => entry.folder && entry.name !== '__MACOSX');
  const [only] = folders;
  return folders.length === 1 && only && isRoot(only.name) ? only.name : undefined;
}

/** Grid position in a chunk key below the array's folder; undefined where the key is none. */
function parseKey(rest: string, grid: ChunkGrid, counts: readonly number[]): readonly number[] | undefined {
  const { prefix, separator } = grid.key;
  if (!rest.startsWith(prefix)) return undefined;
  const tail = rest.slice(prefix.length);
  if (counts.length === 0) return tail === '' ? [] : undefined;
  const position = tail.split(separator).map((part) => (/^\d{1,15}$/.test(part) ? Number(part) : Number.NaN));
  return position.length === counts.length && position.every((p, i) => p < counts[i]!) ? position : undefined;
}

interface Found {
  readonly entry: ZipEntry;
  readonly position: readonly number[];
}

/** Block numbers are C-order over t, c, z, y, x, whatever the order of the array's dimensions. */
class Numbering {
  readonly #strides: readonly number[];
  readonly count: number;

  constructor(counts: readonly number[], axes: readonly number[]) {
    const byAxis = [1, 1, 1, 1, 1];
    axes.forEach((axis, i) => {
      if (axis >= 0) byAxis[axis] = counts[i]!;
    });
    const strides = [0, 0, 0, 0, 0];
    let step = 1;
    for (let axis = 4; axis >= 0; axis--) {
      strides[axis] = step;
      step *= byAxis[axis]!;
    }
    this.count = step;
    this.#strides = axes.map((axis) => (axis >= 0 ? strides[axis]! : 0));
  }

  number(position: readonly number[]): number {
    return position.reduce((sum, p, i) => sum + p * this.#strides[i]!, 0);
  }
}

/** Every position in a grid, in C order: that of a shard's index. */
function* positionsIn(counts: readonly number[]): Generator<readonly number[]> {
  const total = counts.reduce((product, n) => product * n, 1);
  for (let i = 0; i < total; i++) {
    let rest = i;
    const position = counts.map(() => 0);
    for (let d = counts.length - 1; d >= 0; d--) {
      position[d] = rest % counts[d]!;
      rest = Math.floor(rest / counts[d]!);
    }
    yield position;
  }
}

export class ZipStore implements ZarrStore {
  readonly name: string;
  readonly files: readonly string[];

  constructor(
    readonly archive: ZipArchive,
    readonly root: string,
    readonly limits: Limits,
  ) {
    this.name = archive.source.name;
    this.files = [archive.source.name];
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.archive.read(joinKey(this.root, key), this.limits.metadataBytes);
  }

  async list(folder: string): ReturnType<ZarrStore['list']> {
    return this.archive.list(joinKey(this.root, folder));
  }

  #chunks(grid: ChunkGrid): Found[] {
    const { entries } = this.archive;
    const base = joinKey(this.root, grid.path);
    const start = base === '' ? '' : `${base}/`;
    const counts = grid.shape.map((n, i) => Math.ceil(n / grid.object[i]!));
    const found: Found[] = [];
    const add = (entry: ZipEntry, position: readonly number[]): void => {
      if (entry.size === 0) return;
      if (entry.method !== STORED && entry.method !== DEFLATED) throw methodError(this.name, entry);
      found.push({ entry, position });
    };
    // Whichever is shorter: names of all chunks that may exist, or all entries.
    if (counts.reduce((product, n) => product * n, 1) <= entries.size) {
      for (const position of positionsIn(counts)) {
        const entry = entries.get(start + grid.key.prefix + position.join(grid.key.separator));
        if (entry) add(entry, position);
      }
      return found;
    }
    for (const entry of entries.values()) {
      const position = entry.name.startsWith(start)
        ? parseKey(entry.name.slice(start.length), grid, counts)
        : undefined;
      if (position) add(entry, position);
    }
    return found;
  }

  async places(grid: ChunkGrid, chain: Chain): Promise<ChunkPlaces> {
    const unit = grid.shard?.chunk ?? grid.object;
    const numbering = new Numbering(
      grid.shape.map((n, i) => Math.ceil(n / unit[i]!)),
      grid.axes,
    );
    if (numbering.count > this.limits.directories) {
      throw new ImgconvError(
        'limit',
        'ZARR_CHUNKS',
        `${this.name}: ${numbering.count} chunks in a ZIP archive, more than the limit of ${this.limits.directories}; unpack it first`,
        {
          file: this.name,
          part: grid.path,
        },
      );
    }
    const chunks = this.#chunks(grid);
    const offsets = await this.archive.locate(chunks.map((chunk) => chunk.entry));
    const offset = new Float64Array(numbering.count).fill(-1);
    const length = new Float64Array(numbering.count);
    const packed = new Uint8Array(numbering.count);
    let anyPacked = false;
    for (const [i, { entry, position }] of chunks.entries()) {
      if (grid.shard) {
        await this.#placeShard(grid, grid.shard, entry, position, offsets[i]!, numbering, offset, length);
        continue;
      }
      const block = numbering.number(position);
      offset[block] = offsets[i]!;
      length[block] = entry.packed;
      packed[block] = entry.method === DEFLATED ? 1 : 0;
      anyPacked ||= entry.method === DEFLATED;
    }
    const address = { kind: 'table', file: 0, offset, length } as const;
    if (!anyPacked) return { address, files: this.files, chains: [chain] };
    const inflated: Chain = { ...chain, codecs: [INFLATE, ...chain.codecs] };
    return { address, files: this.files, chains: [chain, inflated], chain: packed };
  }

  async #placeShard(
    grid: ChunkGrid,
    shard: NonNullable<ChunkGrid['shard']>,
    entry: ZipEntry,
    position: readonly number[],
    start: number,
    numbering: Numbering,
    offset: Float64Array,
    length: Float64Array,
  ): Promise<void> {
    if (entry.method !== STORED) {
      throw unsupported(
        'ZIP_METHOD',
        `${this.name}: the shard ${entry.name} is deflated inside the archive; store it`,
        { file: this.name },
      );
    }
    const inner = grid.object.map((n, i) => n / shard.chunk[i]!);
    const total = inner.reduce((product, n) => product * n, 1);
    const bytes = shardIndexBytes(total, shard.indexChecksum);
    const where = { file: this.name, offset: start, part: entry.name };
    if (bytes > entry.size) {
      throw formatError(
        'SHARD_INDEX',
        `${this.name}: the shard ${entry.name} has ${entry.size} bytes, but its index alone needs ${bytes}`,
        where,
      );
    }
    const at = shard.indexAt === 'start' ? start : start + entry.size - bytes;
    const index = readShardIndex(await this.archive.source.read(at, bytes), total, shard.indexChecksum, entry.name);
    let i = 0;
    for (const local of positionsIn(inner)) {
      const from = index[2 * i]!;
      const size = index[2 * i + 1]!;
      i++;
      const global = local.map((p, d) => position[d]! * inner[d]! + p);
      // Index entries beyond the edge of the array stand for nothing.
      if (from < 0 || global.some((p, d) => p * shard.chunk[d]! >= grid.shape[d]!)) continue;
      if (from + size > entry.size) {
        throw formatError(
          'SHARD_RANGE',
          `${this.name}: a chunk of ${size} bytes at ${from} lies outside the shard ${entry.name} of ${entry.size} bytes`,
          where,
        );
      }
      const block = numbering.number(global);
      offset[block] = start + from;
      length[block] = size;
    }
  }
}
