// Encoded chunks on their way out: files of their own, shards filled in order, or a stream.

import { gridCounts, gridIndex, map2, type Tczyx } from '../core/geometry.js';
import { OutputFiles } from '../io/output-files.js';
import type { Kernels } from '../kernels/kernels.js';
import type { OutputLevel } from './contract.js';
import { chunkName, innerCount } from './locate.js';

/** Takes the chunks of one output level from one worker. `bytes` is undefined for a chunk of fill value that is left out. */
export interface ChunkWriter {
  put(position: Tczyx, bytes: Uint8Array | undefined): void;
  /** Bytes written so far. */
  readonly written: number;
  readonly chunks: number;
  /** Give up: close what is open. */
  abort(): void;
}

class ChunkFiles implements ChunkWriter {
  written = 0;
  chunks = 0;
  readonly #files = new OutputFiles();
  constructor(
    readonly folder: string,
    readonly name: (position: Tczyx) => string,
  ) {}

  put(position: Tczyx, bytes: Uint8Array | undefined): void {
    if (!bytes) return;
    this.#files.write(`${this.folder}/${this.name(position)}`, bytes);
    this.written += bytes.length;
    this.chunks++;
  }

  abort(): void {}
}

interface OpenShard {
  readonly file: string;
  /** Opened with the first chunk that is not left out. */
  fd: number | undefined;
  offset: number;
  readonly index: BigUint64Array;
  left: number;
}

const EMPTY = 0xffffffffffffffffn;

/** Zarr v3 sharding_indexed, index at the end with CRC-32C. */
class Shards implements ChunkWriter {
  written = 0;
  chunks = 0;
  readonly #files = new OutputFiles();
  readonly #open = new Map<string, OpenShard>();
  readonly #counts: Tczyx;

  constructor(
    readonly folder: string,
    readonly name: (position: Tczyx) => string,
    readonly inner: Tczyx,
    level: OutputLevel,
    readonly kernels: Kernels,
  ) {
    this.#counts = gridCounts(level.shape, level.chunk);
  }

  put(position: Tczyx, bytes: Uint8Array | undefined): void {
    const at = map2(position, this.inner, (p, n) => Math.floor(p / n));
    const file = `${this.folder}/${this.name(at)}`;
    let shard = this.#open.get(file);
    if (!shard) {
      const n = innerCount(this.inner);
      // Chunks of this shard that lie in the level; the others stay empty.
      const inside = at.map((a, i) => Math.min(this.inner[i]!, this.#counts[i]! - a * this.inner[i]!));
      shard = {
        file,
        fd: undefined,
        offset: 0,
        index: new BigUint64Array(2 * n).fill(EMPTY),
        left: inside.reduce((a, b) => a * b, 1),
      };
      this.#open.set(file, shard);
    }
    if (bytes) {
      shard.fd ??= this.#files.create(file);
      this.#append(shard, bytes);
      const i =
        2 *
        gridIndex(
          map2(position, this.inner, (p, n) => p % n),
          this.inner,
        );
      shard.index[i] = BigInt(shard.offset - bytes.length);
      shard.index[i + 1] = BigInt(bytes.length);
      this.chunks++;
    }
    if (--shard.left === 0) this.#finish(shard);
  }

  #append(shard: OpenShard, bytes: Uint8Array): void {
    this.#files.append(shard.fd as number, bytes, shard.file);
    shard.offset += bytes.length;
    this.written += bytes.length;
  }

  #finish(shard: OpenShard): void {
    this.#open.delete(shard.file);
    if (shard.fd === undefined) return;
    const index = new Uint8Array(shard.index.buffer);
    const tail = new Uint8Array(index.length + 4);
    tail.set(index);
    const crc = this.kernels.x.crc32c(this.kernels.place(index, 'shard-index'), index.length) >>> 0;
    new DataView(tail.buffer).setUint32(index.length, crc, true);
    this.#append(shard, tail);
    this.#files.close(shard.fd);
  }

  abort(): void {
    for (const shard of this.#open.values()) if (shard.fd !== undefined) this.#files.close(shard.fd);
    this.#open.clear();
  }
}

class Stream implements ChunkWriter {
  written = 0;
  chunks = 0;
  constructor(readonly post: (position: Tczyx, bytes: Uint8Array) => void) {}

  put(position: Tczyx, bytes: Uint8Array | undefined): void {
    if (!bytes) return;
    this.written += bytes.length;
    this.chunks++;
    this.post(position, bytes);
  }

  abort(): void {}
}

/** A writer for one output level; `post` takes the chunks of stream outputs (bytes are only valid during the call). */
export function openChunkWriter(
  level: OutputLevel,
  kernels: Kernels,
  post: (position: Tczyx, bytes: Uint8Array) => void,
): ChunkWriter {
  const { address } = level;
  if (address.kind === 'files') return new ChunkFiles(address.folder, (position) => chunkName(address.key, position));
  if (address.kind === 'shards') {
    return new Shards(address.folder, (position) => chunkName(address.key, position), address.inner, level, kernels);
  }
  return new Stream(post);
}
