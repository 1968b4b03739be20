// Bit shuffle (Blosc, bitshuffle): bit b of byte k of all elements together, element i at bit i % 8 of byte i / 8 of its row.

import { shuffle } from './shuffle';

/** Elements byte-shuffled at a time, and the largest element that has room. */
const GROUP: i32 = 128;
const WIDEST: i32 = 32;
const ROOM = memory.data(4096, 16);

export function bitShuffle(dst: usize, src: usize, bytes: i32, size: i32): void {
  const n = (bytes / size) & ~7;
  const whole = n * size;
  const row = n >> 3;
  if (whole < bytes) memory.copy(dst + whole, src + whole, bytes - whole);
  if (size > WIDEST) {
    for (let k = 0; k < size; k++) {
      for (let i = 0; i < n; i += 8) {
        for (let b = 0; b < 8; b++) {
          let value = 0;
          for (let j = 0; j < 8; j++) value |= ((<i32>load<u8>(src + (i + j) * size + k) >> b) & 1) << j;
          store<u8>(dst + (k * 8 + b) * row + (i >> 3), <u8>value);
        }
      }
    }
    return;
  }
  for (let i = 0; i < n; i += GROUP) {
    const count = min(GROUP, n - i);
    let planes = src + i;
    if (size > 1) {
      shuffle(ROOM, src + i * size, count * size, size);
      planes = ROOM;
    }
    for (let k = 0; k < size; k++) {
      const from = planes + k * count;
      const to = dst + k * 8 * row + (i >> 3);
      let j = 0;
      for (; j + 16 <= count; j += 16) {
        let v = v128.load(from + j);
        let out = to + 7 * row + (j >> 3);
        for (let b = 0; b < 8; b++, out -= row) {
          store<u16>(out, <u16>i8x16.bitmask(v));
          v = i8x16.shl(v, 1);
        }
      }
      if (j < count) {
        let v = v128.load64_zero(from + j);
        let out = to + 7 * row + (j >> 3);
        for (let b = 0; b < 8; b++, out -= row) {
          store<u8>(out, <u8>i8x16.bitmask(v));
          v = i8x16.shl(v, 1);
        }
      }
    }
  }
}

/** 8 bytes, one of each bit row, to 8 elements' bytes: transposition of an 8×8 bit matrix. */
// @ts-ignore: decorator
@inline
function transpose(x: u64): u64 {
  let t = (x ^ (x >> 7)) & 0x00aa00aa00aa00aa;
  x ^= t ^ (t << 7);
  t = (x ^ (x >> 14)) & 0x0000cccc0000cccc;
  x ^= t ^ (t << 14);
  t = (x ^ (x >> 28)) & 0x00000000f0f0f0f0;
  return x ^ t ^ (t << 28);
}

export function bitUnshuffle(dst: usize, src: usize, bytes: i32, size: i32): void {
  const n = (bytes / size) & ~7;
  const whole = n * size;
  const row = n >> 3;
  if (whole < bytes) memory.copy(dst + whole, src + whole, bytes - whole);
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < row; i++) {
      let from = src + k * 8 * row + i;
      let x: u64 = 0;
      for (let b: u64 = 0; b < 64; b += 8, from += row) x |= <u64>load<u8>(from) << b;
      x = transpose(x);
      let out = dst + i * 8 * size + k;
      if (size == 1) {
        store<u64>(out, x);
      } else {
        for (let j = 0; j < 8; j++, out += size, x >>= 8) store<u8>(out, <u8>x);
      }
    }
  }
}
