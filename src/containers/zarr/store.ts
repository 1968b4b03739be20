// Where a Zarr hierarchy lives: a folder (or bucket), or a ZIP archive. Keys are relative to the hierarchy's root, '/'-separated, no leading '/'.

import type { Address, Chain, ChunkKey } from '../../core/blocks.js';
import type { InputTree, TreeEntry } from '../../core/contracts.js';
import { formatError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';

/** A grid of chunks whose bytes are wanted. Lists are in the order of the array's dimensions. */
export interface ChunkGrid {
  /** Key of the array's folder. */
  readonly path: string;
  readonly key: { readonly prefix: string; readonly separator: '/' | '.' };
  readonly shape: readonly number[];
  /** Extents of a stored object: chunk, or shard. */
  readonly object: readonly number[];
  /** Axis (index into t, c, z, y, x) of each dimension; -1 for leading dimensions of extent 1 that no axis stands for. */
  readonly axes: readonly number[];
  readonly shard?: {
    /** Extents of an inner chunk. */
    readonly chunk: readonly number[];
    readonly indexAt: 'start' | 'end';
    readonly indexChecksum: boolean;
  };
}

/** How the engine gets at the chunks, and the chains that it needs for that. */
export interface ChunkPlaces {
  readonly address: Address;
  readonly files: readonly string[];
  readonly chains: readonly [Chain, ...Chain[]];
  readonly chain?: Uint8Array;
}

export interface ZarrStore {
  /** For messages. */
  readonly name: string;
  /** Whole small object; undefined where it does not exist. */
  get(key: string): Promise<Uint8Array | undefined>;
  list(folder: string): Promise<readonly TreeEntry[]>;
  places(grid: ChunkGrid, chain: Chain): Promise<ChunkPlaces>;
  /** Absolute paths of the files that hold the hierarchy, as far as they can be named without listing chunks. */
  readonly files: readonly string[];
}

/** Key of `relative` below `base`. Error: format PATH_ESCAPES where it would climb out of the hierarchy. */
export function joinKey(base: string, relative: string): string {
  const parts = relative.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || relative.includes('\\') || relative.includes('\0')) {
    throw formatError(
      'PATH_ESCAPES',
      `the metadata names ${JSON.stringify(relative)}, which lies outside the hierarchy`,
      {
        part: base,
      },
    );
  }
  return [base, ...parts].filter((part) => part !== '').join('/');
}

/** Chunk key with the positions of dimensions that no axis stands for moved into the prefix: they are always 0. */
function chunkKey(grid: ChunkGrid): ChunkKey {
  const constant = grid.axes.filter((axis) => axis < 0).length;
  const { prefix, separator } = grid.key;
  return { prefix: prefix + `0${separator}`.repeat(constant), separator, axes: grid.axes.slice(constant) };
}

/** The hierarchy in the folder that the user named (or that holds the file that the user named). */
export function folderStore(tree: InputTree, limits: Limits): ZarrStore {
  return {
    name: tree.path,
    files: [tree.root],
    get: (key) => tree.readSmall(key, limits.metadataBytes),
    list: (folder) => tree.list(folder),
    async places(grid, chain) {
      const folder = grid.path === '' ? tree.root : `${tree.root}/${grid.path}`;
      const key = chunkKey(grid);
      if (!grid.shard) return { address: { kind: 'files', folder, key }, files: [], chains: [chain] };
      const { chunk, indexAt, indexChecksum } = grid.shard;
      const inner = [1, 1, 1, 1, 1];
      grid.axes.forEach((axis, dimension) => {
        if (axis >= 0) inner[axis] = grid.object[dimension]! / chunk[dimension]!;
      });
      const counts = inner as unknown as readonly [number, number, number, number, number];
      return {
        address: { kind: 'shards', folder, key, inner: counts, indexAt, indexChecksum },
        files: [],
        chains: [chain],
      };
    },
  };
}
