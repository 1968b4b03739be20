// Bit shuffle (Blosc, bitshuffle): bit b of byte k of all elements together, element i at bit i % 8 of byte i / 8 of its row.

import { high, low, shuffle, unshuffle } from './shuffle';

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

/** The same for two matrices. */
// @ts-ignore: decorator
@inline
function transpose2(x: v128): v128 {
  let t = v128.and(v128.xor(x, i64x2.shr_u(x, 7)), i64x2.splat(0x00aa00aa00aa00aa));
  x = v128.xor(x, v128.xor(t, i64x2.shl(t, 7)));
  t = v128.and(v128.xor(x, i64x2.shr_u(x, 14)), i64x2.splat(0x0000cccc0000cccc));
  x = v128.xor(x, v128.xor(t, i64x2.shl(t, 14)));
  t = v128.and(v128.xor(x, i64x2.shr_u(x, 28)), i64x2.splat(0x00000000f0f0f0f0));
  return v128.xor(x, v128.xor(t, i64x2.shl(t, 28)));
}

/** 16 bytes of each of 8 bit rows, `row` apart, to 128 bytes. */
function unpack128(dst: usize, src: usize, row: i32): void {
  // Bit rows interleaved by the byte (as a byte unshuffle does), then bit by bit.
  let a = v128.load(src);
  let b = v128.load(src + row);
  let c = v128.load(src + 2 * row);
  let d = v128.load(src + 3 * row);
  let e = v128.load(src + 4 * row);
  let f = v128.load(src + 5 * row);
  let g = v128.load(src + 6 * row);
  let h = v128.load(src + 7 * row);
  for (let round = 0; round < 3; round++) {
    const p = low(a, e);
    const q = high(a, e);
    const r = low(b, f);
    const s = high(b, f);
    const t = low(c, g);
    const u = high(c, g);
    const v = low(d, h);
    const w = high(d, h);
    a = p;
    b = q;
    c = r;
    d = s;
    e = t;
    f = u;
    g = v;
    h = w;
  }
  v128.store(dst, transpose2(a));
  v128.store(dst, transpose2(b), 16);
  v128.store(dst, transpose2(c), 32);
  v128.store(dst, transpose2(d), 48);
  v128.store(dst, transpose2(e), 64);
  v128.store(dst, transpose2(f), 80);
  v128.store(dst, transpose2(g), 96);
  v128.store(dst, transpose2(h), 112);
}

export function bitUnshuffle(dst: usize, src: usize, bytes: i32, size: i32): void {
  const n = (bytes / size) & ~7;
  const whole = n * size;
  const row = n >> 3;
  if (whole < bytes) memory.copy(dst + whole, src + whole, bytes - whole);
  let first = 0;
  if (size <= WIDEST) {
    for (; first + GROUP <= n; first += GROUP) {
      const out = dst + first * size;
      const planes = size == 1 ? out : ROOM;
      for (let k = 0; k < size; k++) unpack128(planes + k * GROUP, src + k * 8 * row + (first >> 3), row);
      if (size > 1) unshuffle(out, ROOM, GROUP * size, size);
    }
  }
  for (let k = 0; k < size; k++) {
    for (let i = first >> 3; i < row; i++) {
      let from = src + k * 8 * row + i;
      let x: u64 = 0;
      for (let b: u64 = 0; b < 64; b += 8, from += row) x |= <u64>load<u8>(from) << b;
      x = transpose(x);
      let out = dst + i * 8 * size + k;
      for (let j = 0; j < 8; j++, out += size, x >>= 8) store<u8>(out, <u8>x);
    }
  }
}
