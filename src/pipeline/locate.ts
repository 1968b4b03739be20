// From a block number to byte ranges in files. Shard indexes are read once and kept, the last few at a time.
// Zarr v3 sharding_indexed: uint64 (offset, nbytes) pairs in C order, both 2^64-1 for an empty chunk, CRC-32C after them.

import type { BlockMap, ChunkKey, ShardAddress } from '../core/blocks.js';
import { formatError, ImgconvError } from '../core/errors.js';
import { map2, type Tczyx } from '../core/geometry.js';
import { type FilePool, isRemote, type Need } from '../io/files.js';
import type { Kernels } from '../kernels/kernels.js';
import type { BlockIndex } from './block-index.js';

export interface Piece {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** Relative name of the chunk at a grid position. */
export function chunkName(key: ChunkKey, position: Tczyx): string {
  return key.prefix + key.axes.map((axis) => position[axis]).join(key.separator);
}

/** Inner chunks a shard. */
export function innerCount(inner: Tczyx): number {
  return inner.reduce((a, b) => a * b, 1);
}

/** Files whose content is computed from their name. */
export const PROCEDURAL_FILE = 'fake:';

export class Locator {
  readonly #shards = new Map<string, Float64Array | undefined>();

  constructor(
    readonly map: BlockMap,
    readonly index: BlockIndex,
    readonly files: FilePool,
    readonly kernels: Kernels,
  ) {}

  /** True where blocks lie on a server: what is read must be fetched first. */
  get remote(): boolean {
    const { address, files } = this.map;
    return address.kind === 'files' || address.kind === 'shards' ? isRemote(address.folder) : files.some(isRemote);
  }

  /** What must be at hand before `find` can say where a remote block is. */
  needs(block: number): readonly Need[] {
    const { address } = this.map;
    if (address.kind !== 'files' && address.kind !== 'shards') return [];
    const position = this.index.position(block) as Tczyx;
    if (address.kind === 'files') return [{ file: `${address.folder}/${chunkName(address.key, position)}`, all: true }];
    const shard = map2(position, address.inner, (p, n) => Math.floor(p / n));
    const file = `${address.folder}/${chunkName(address.key, shard)}`;
    if (this.#shards.has(file)) return [];
    const length = 16 * innerCount(address.inner) + (address.indexChecksum ? 4 : 0);
    return [address.indexAt === 'end' ? { file, last: length } : { file, offset: 0, length }];
  }

  /** Bits that say which pixels of a block there are; undefined where all of them are. */
  mask(block: number, rows: number): Piece | undefined {
    const { address, masks, files } = this.map;
    const offset = masks?.offset[block] ?? -1;
    if (!masks || offset < 0 || address.kind !== 'table') return undefined;
    const file = files[typeof address.file === 'number' ? address.file : address.file[block]!]!;
    return { file, offset, length: masks.stride[block]! * rows };
  }

  /** Where the block's bytes are; undefined where it has none. Throws ImgconvError (format) for a broken shard index. */
  find(block: number): readonly Piece[] | undefined {
    const { address } = this.map;
    if (address.kind === 'table') {
      if (address.first) {
        const pieces: Piece[] = [];
        for (let i = address.first[block]!; i < address.first[block + 1]!; i++) pieces.push(this.#entry(address, i));
        return pieces.length > 0 && pieces.every((p) => p.offset >= 0 && p.length > 0) ? pieces : undefined;
      }
      const piece = this.#entry(address, block);
      if (piece.file.startsWith(PROCEDURAL_FILE)) return [piece];
      return piece.offset >= 0 && piece.length > 0 ? [piece] : undefined;
    }
    if (address.kind === 'pending')
      throw new ImgconvError('internal', 'PENDING', 'blocks were not looked up before reading');
    const position = this.index.position(block) as Tczyx;
    if (address.kind === 'files') {
      const file = `${address.folder}/${chunkName(address.key, position)}`;
      const size = this.files.size(file);
      return size === undefined ? undefined : [{ file, offset: 0, length: size }];
    }
    const shard = map2(position, address.inner, (p, n) => Math.floor(p / n));
    const file = `${address.folder}/${chunkName(address.key, shard)}`;
    const table = this.#shard(file, address);
    if (!table) return undefined;
    // The index is in the order of the array's dimensions, which need not be that of t, c, z, y, x.
    const slot = address.key.axes.reduce(
      (n, axis) => n * address.inner[axis]! + (position[axis]! % address.inner[axis]!),
      0,
    );
    const i = 2 * slot;
    const offset = table[i]!;
    const length = table[i + 1]!;
    if (offset < 0) return undefined;
    const size = this.files.size(file) ?? 0;
    if (offset + length > size) {
      throw formatError(
        'SHARD_RANGE',
        `${file}: chunk at ${offset} of ${length} bytes lies outside the shard of ${size} bytes`,
        { file, offset },
      );
    }
    return [{ file, offset, length }];
  }

  #entry(address: { file: number | Uint32Array; offset: Float64Array; length: Float64Array }, i: number): Piece {
    const number = typeof address.file === 'number' ? address.file : address.file[i]!;
    return { file: this.map.files[number] ?? '', offset: address.offset[i]!, length: address.length[i]! };
  }

  #shard(file: string, address: ShardAddress): Float64Array | undefined {
    if (this.#shards.has(file)) return this.#shards.get(file);
    const table = this.#readShard(file, address);
    this.#shards.set(file, table);
    if (this.#shards.size > 64) this.#shards.delete(this.#shards.keys().next().value as string);
    return table;
  }

  #readShard(file: string, address: ShardAddress): Float64Array | undefined {
    const size = this.files.size(file);
    if (size === undefined) return undefined;
    const n = innerCount(address.inner);
    const length = 16 * n + (address.indexChecksum ? 4 : 0);
    if (size < length) {
      throw formatError(
        'SHARD_INDEX',
        `${file}: has ${size} bytes, but its index alone needs ${length}; the shard may be cut short`,
        { file },
      );
    }
    const bytes = new Uint8Array(length);
    this.files.read(file, address.indexAt === 'end' ? size - length : 0, bytes);
    const view = new DataView(bytes.buffer);
    if (address.indexChecksum) {
      const found = this.kernels.x.crc32c(this.kernels.place(bytes.subarray(0, 16 * n), 'shard-index'), 16 * n) >>> 0;
      if (found !== view.getUint32(16 * n, true)) {
        throw formatError('SHARD_CHECKSUM', `${file}: the checksum of the shard index does not match`, { file });
      }
    }
    const table = new Float64Array(2 * n);
    for (let i = 0; i < 2 * n; i += 2) {
      const offset = view.getBigUint64(i * 8, true);
      const empty = offset === 0xffffffffffffffffn && view.getBigUint64(i * 8 + 8, true) === 0xffffffffffffffffn;
      table[i] = empty ? -1 : Number(offset);
      table[i + 1] = empty ? 0 : Number(view.getBigUint64(i * 8 + 8, true));
    }
    return table;
  }
}
