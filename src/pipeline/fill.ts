// A pixel value as the 64-bit pattern that the fill kernels take.

import type { PixelType } from '../core/pixel-type.js';

const scratch = new DataView(new ArrayBuffer(8));

/** Little-endian bit pattern of `exact` in the low bytes of (lo, hi). */
export function pattern(exact: number | bigint, type: PixelType): readonly [lo: number, hi: number] {
  const value = Number(exact);
  scratch.setFloat64(0, 0);
  switch (type) {
    case 'uint8':
    case 'int8':
      scratch.setInt8(0, value);
      break;
    case 'uint16':
    case 'int16':
      scratch.setInt16(0, value, true);
      break;
    case 'uint32':
    case 'int32':
      scratch.setUint32(0, value < 0 ? value + 2 ** 32 : value, true);
      break;
    case 'uint64':
    case 'int64':
      scratch.setBigUint64(0, BigInt.asUintN(64, typeof exact === 'bigint' ? exact : BigInt(Math.round(exact))), true);
      break;
    case 'float':
      scratch.setFloat32(0, value, true);
      break;
    case 'double':
      scratch.setFloat64(0, value, true);
      break;
  }
  return [scratch.getUint32(0, true), scratch.getUint32(4, true)];
}
