// Index of a Zarr v3 shard (sharding_indexed 1.0): uint64 little-endian pairs (offset, length) in C order, then a CRC-32C where one is used.

import { formatError } from '../../core/errors.js';

const EMPTY = 0xffffffffffffffffn;

/** CRC-32C, reflected polynomial 0x82F63B78. */
const TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let c = i;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
  return c;
});

/** CRC-32C of a short byte string; the engine has a faster one for pixels. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

export function shardIndexBytes(chunks: number, checksum: boolean): number {
  return 16 * chunks + (checksum ? 4 : 0);
}

/** Pairs (offset, length) for each chunk; offset -1 where it is empty. Error: format SHARD_CHECKSUM. */
export function readShardIndex(bytes: Uint8Array, chunks: number, checksum: boolean, name: string): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (checksum && crc32c(bytes.subarray(0, 16 * chunks)) !== view.getUint32(16 * chunks, true)) {
    throw formatError('SHARD_CHECKSUM', `${name}: the checksum of the shard index does not match`, { part: name });
  }
  const table = new Float64Array(2 * chunks);
  for (let i = 0; i < chunks; i++) {
    const offset = view.getBigUint64(16 * i, true);
    const length = view.getBigUint64(16 * i + 8, true);
    const empty = offset === EMPTY && length === EMPTY;
    table[2 * i] = empty ? -1 : Number(offset);
    table[2 * i + 1] = empty ? 0 : Number(length);
  }
  return table;
}
