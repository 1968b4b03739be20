// Integrity checks of the .xz format: CRC-32 (IEEE 802.3) and CRC-64 (ECMA-182, reflected), 64 bits as two halves.

import { crc32 } from 'node:zlib';

const LOW = new Uint32Array(256);
const HIGH = new Uint32Array(256);
for (let i = 0; i < 256; i++) {
  let low = i;
  let high = 0;
  for (let k = 0; k < 8; k++) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (odd) {
      low ^= 0xd7870f42;
      high ^= 0xc96c5795;
    }
  }
  LOW[i] = low;
  HIGH[i] = high;
}

/** True if the stored check of the given type (1: CRC-32, 4: CRC-64) belongs to the bytes; other types are not looked at. */
export function checkMatches(type: number, bytes: Uint8Array, stored: DataView): boolean {
  if (type === 1) return crc32(bytes) === stored.getUint32(0, true);
  if (type !== 4) return true;
  let low = 0xffffffff;
  let high = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    const k = (low ^ bytes[i]!) & 255;
    low = ((low >>> 8) | (high << 24)) ^ LOW[k]!;
    high = (high >>> 8) ^ HIGH[k]!;
  }
  return ~low >>> 0 === stored.getUint32(0, true) && ~high >>> 0 === stored.getUint32(4, true);
}
