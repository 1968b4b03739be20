// The block map: which bytes of which file, through which codecs, land where in t, c, z, y, x.
// Plain data, structured-cloneable, so that workers get it once and need no reader code.
// A reader makes block maps; src/pipeline alone executes them.

import type { Tczyx } from './geometry.js';

/** One step of a codec chain. `id` names a module of src/codecs; parameters are plain data. */
export interface CodecStep {
  readonly id: string;
  readonly [parameter: string]: CodecParameter;
}
export type CodecParameter =
  | string
  | number
  | boolean
  | undefined
  | Uint8Array
  | Uint16Array
  | readonly number[]
  | readonly CodecStep[];

/**
 * Order of the axes in decoded bytes, slowest first: 'tczyx' is planar, 'tzyxc' has interleaved samples.
 * Any permutation of the five letters.
 */
export type AxisOrder = string;

/** How stored bytes become pixels. */
export interface Chain {
  /** Applied first to last; an empty list means that the stored bytes are the pixels, little-endian. */
  readonly codecs: readonly CodecStep[];
  /** Axis order of the decoded block. */
  readonly order: AxisOrder;
  /**
   * Explicit layout for what an axis order cannot say (row padding, planes interleaved line by line, bottom-up rows): elements between
   * neighbours along t, c, z, y, x, negative allowed, and the element that holds the block's first pixel. Overrides `order`.
   */
  readonly strides?: Tczyx;
  readonly origin?: number;
}

/** Bytes of blocks in files that are listed. Index = block number. */
export interface TableAddress {
  readonly kind: 'table';
  /** Index into `BlockMap.files`: one for all blocks, or one a block. */
  readonly file: number | Uint32Array;
  /** Bytes from the start of the file; -1 = no such block. */
  readonly offset: Float64Array;
  /** Bytes; 0 = no such block. */
  readonly length: Float64Array;
  /** Fragmented storage: block i is the concatenation of the pieces first[i] … first[i+1]-1. Then offset/length are those of the pieces. */
  readonly first?: Uint32Array;
}

/**
 * Which pixels of placed blocks there are: one bit a pixel, the highest of a byte first, 0 leaves what earlier blocks have painted. Index = block
 * number; the bits lie in the block's own file. For blocks of a table in one piece.
 */
export interface BlockMasks {
  /** Bytes from the start of the file; -1 = every pixel is there. */
  readonly offset: Float64Array;
  /** Bytes of a row. */
  readonly stride: Uint32Array;
}

/** How the grid position of a chunk becomes a relative file name (Zarr v2/v3, N5). */
export interface ChunkKey {
  /** Written before the first number, with its separator: 'c/' in Zarr v3, '' in v2. */
  readonly prefix: string;
  readonly separator: '/' | '.';
  /** Indices into t,c,z,y,x of the stored array's dimensions, in stored order; axes that it lacks are left out. */
  readonly axes: readonly number[];
}

/** Each block is a file of its own, named by its grid position; grid layout only. */
export interface ChunkFileAddress {
  readonly kind: 'files';
  /** Absolute folder path or URL, no trailing slash. */
  readonly folder: string;
  readonly key: ChunkKey;
}

/** Each file is a Zarr v3 shard that holds `inner` blocks per axis and an index of (offset, length); grid layout only. */
export interface ShardAddress {
  readonly kind: 'shards';
  readonly folder: string;
  readonly key: ChunkKey;
  readonly inner: Tczyx;
  readonly indexAt: 'start' | 'end';
  /** Checksum of the index: CRC-32C little-endian appended, or none. */
  readonly indexChecksum: boolean;
}

/**
 * Where blocks lie has not been looked up: sets of so many files that naming them must not cost opening them. `Level.settle` looks it up.
 */
export interface PendingAddress {
  readonly kind: 'pending';
  /** Blocks that are known to be absent. */
  readonly absent: number;
}

export type Address = TableAddress | ChunkFileAddress | ShardAddress | PendingAddress;

/** Regular blocks. Block number = C-order index in the grid of ceil(level shape / block). */
export interface GridLayout {
  readonly kind: 'grid';
  /** Shape of a full block, pixels. */
  readonly block: Tczyx;
  /** Blocks at the far edge are stored at full size (Zarr chunks, TIFF tiles) or cut to the level's shape (TIFF strips). */
  readonly edge: 'padded' | 'clipped';
}

/** Irregular blocks (mosaics, mixed strips), painted in the order of their numbers: later ones cover earlier ones. */
export interface PlacedLayout {
  readonly kind: 'placed';
  /** 5 numbers a block: position of its first pixel. */
  readonly start: Int32Array;
  /** 5 numbers a block: its shape. */
  readonly shape: Int32Array;
}

export interface BlockMap {
  readonly layout: GridLayout | PlacedLayout;
  readonly address: Address;
  /** Absolute paths or URLs that a table address points into. */
  readonly files: readonly string[];
  /** Usually one. */
  readonly chains: readonly [Chain, ...Chain[]];
  /** Index into `chains` for each block; absent: chain 0 for all. */
  readonly chain?: Uint8Array | Uint16Array;
  readonly masks?: BlockMasks;
  /** Value of pixels that no block holds. */
  readonly fill: number;
  /** The same where a double cannot hold it: 64-bit integers beyond 2^53. */
  readonly exactFill?: bigint;
  /** An absent block is legal and stands for the fill value ('sparse'), or belongs into the ledger ('missing'). */
  readonly absent: 'sparse' | 'missing';
  /**
   * The files of a table address are compressed as a whole, from byte `start` on, and its offsets count decompressed bytes. The engine
   * unpacks what the table needs to a temporary file before it reads.
   */
  readonly packed?: { readonly codec: 'gzip' | 'zlib'; readonly start: number };
}
