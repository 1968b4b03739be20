// One 8×8 block of coefficients from the bit stream (T.81 F.2.2), and the inverse DCT of 8-bit samples.

import * as bit from './bits';

/** Index of the k-th coefficient of a zigzag scan in row order, T.81 figure A.6; 16 more keep broken runs inside the block. */
// prettier-ignore
export const ZIGZAG: usize = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
  63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
]);

// @ts-ignore: decorator
@inline
export function clearBlock(block: usize): void {
  const zero = i64x2.splat(0);
  v128.store(block, zero);
  v128.store(block, zero, 16);
  v128.store(block, zero, 32);
  v128.store(block, zero, 48);
  v128.store(block, zero, 64);
  v128.store(block, zero, 80);
  v128.store(block, zero, 96);
  v128.store(block, zero, 112);
}

/** DC prediction that `decodeBlock` reads and updates. */
export let prediction: i32 = 0;
export function predict(value: i32): void {
  prediction = value;
}

/** Fill a cleared block in row order. Returns the zigzag index of the last coefficient, or -1 when the stream is broken. */
export function decodeBlock(block: usize, dc: usize, ac: usize): i32 {
  if (bit.have < 32) bit.refill();
  let buffer = bit.bits;
  let have = bit.have;
  let entry = bit.lookup(dc, buffer);
  if (entry == 0) return -1;
  buffer <<= <u64>(entry >> 8);
  have -= entry >> 8;
  const size = entry & 255;
  if (size != 0) {
    if (size > 15) return -1;
    prediction += bit.extend(buffer, size);
    buffer <<= <u64>size;
    have -= size;
  }
  store<i16>(block, <i16>prediction);
  let last = 0;
  let k = 1;
  while (k < 64) {
    if (have < 32) {
      bit.keep(buffer, have);
      bit.refill();
      buffer = bit.bits;
      have = bit.have;
    }
    const fast = bit.lookupFast(ac, buffer);
    if (fast != 0) {
      k += (fast >> 8) & 15;
      store<i16>(block + (<usize>load<u8>(ZIGZAG + <usize>k) << 1), <i16>(fast >> 16));
      last = k++;
      buffer <<= <u64>(fast & 31);
      have -= fast & 31;
      continue;
    }
    entry = bit.lookup(ac, buffer);
    if (entry == 0) return -1;
    buffer <<= <u64>(entry >> 8);
    have -= entry >> 8;
    const bits = entry & 15;
    const run = (entry >> 4) & 15;
    if (bits == 0) {
      if (run != 15) break;
      k += 16;
      continue;
    }
    k += run;
    store<i16>(block + (<usize>load<u8>(ZIGZAG + <usize>k) << 1), <i16>bit.extend(buffer, bits));
    last = k++;
    buffer <<= <u64>bits;
    have -= bits;
  }
  bit.keep(buffer, have);
  return last > 63 ? -1 : last;
}

// The accurate integer DCT of Loeffler, Ligtenberg and Moschytz with 13-bit constants, as the IJG software defines its `islow` method:
// the same sums, only multiplied out so that each output is two pairwise products.
// @ts-ignore: decorator
@inline function pair(a: i16, b: i16): v128 {
  return i32x4.splat((<i32>b << 16) | (<i32>a & 0xffff));
}

let r0 = i64x2.splat(0);
let r1 = i64x2.splat(0);
let r2 = i64x2.splat(0);
let r3 = i64x2.splat(0);
let r4 = i64x2.splat(0);
let r5 = i64x2.splat(0);
let r6 = i64x2.splat(0);
let r7 = i64x2.splat(0);

// @ts-ignore: decorator
@inline function low(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
// @ts-ignore: decorator
@inline function high(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
// @ts-ignore: decorator
@inline function dot(a: v128, b: v128): v128 {
  return i32x4.dot_i16x8_s(a, b);
}

/** One dimension over eight vectors of 16-bit values: `shift` is 11 in the first pass, 18 in the second. */
// @ts-ignore: decorator
@inline function pass(a0: v128, a1: v128, a2: v128, a3: v128, a4: v128, a5: v128, a6: v128, a7: v128, shift: i32): void {
  const round = i32x4.splat(1 << (shift - 1));
  const l26 = low(a2, a6);
  const h26 = high(a2, a6);
  const l04 = low(a0, a4);
  const h04 = high(a0, a4);
  const l73 = low(a7, a1);
  const h73 = high(a7, a1);
  const l51 = low(a5, a3);
  const h51 = high(a5, a3);

  // Even half: rows 0, 4 and 2, 6.
  const sum = pair(8192, 8192);
  const difference = pair(8192, -8192);
  const e3 = pair(10703, 4433);
  const e2 = pair(4433, -10704);
  const l0 = i32x4.add(dot(l04, sum), round);
  const h0 = i32x4.add(dot(h04, sum), round);
  const l1 = i32x4.add(dot(l04, difference), round);
  const h1 = i32x4.add(dot(h04, difference), round);
  const l3 = dot(l26, e3);
  const h3 = dot(h26, e3);
  const l2 = dot(l26, e2);
  const h2 = dot(h26, e2);
  const l10 = i32x4.add(l0, l3);
  const h10 = i32x4.add(h0, h3);
  const l13 = i32x4.sub(l0, l3);
  const h13 = i32x4.sub(h0, h3);
  const l11 = i32x4.add(l1, l2);
  const h11 = i32x4.add(h1, h2);
  const l12 = i32x4.sub(l1, l2);
  const h12 = i32x4.sub(h1, h2);

  // Odd half: rows 7, 1 and 5, 3.
  let c = pair(2260, 11363);
  let d = pair(6437, 9633);
  let l = i32x4.add(dot(l73, c), dot(l51, d));
  let h = i32x4.add(dot(h73, c), dot(h51, d));
  r0 = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(l10, l), shift), i32x4.shr_s(i32x4.add(h10, h), shift));
  r7 = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.sub(l10, l), shift), i32x4.shr_s(i32x4.sub(h10, h), shift));
  c = pair(-6436, 9633);
  d = pair(-11362, -2259);
  l = i32x4.add(dot(l73, c), dot(l51, d));
  h = i32x4.add(dot(h73, c), dot(h51, d));
  r1 = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(l11, l), shift), i32x4.shr_s(i32x4.add(h11, h), shift));
  r6 = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.sub(l11, l), shift), i32x4.shr_s(i32x4.sub(h11, h), shift));
  c = pair(9633, 6437);
  d = pair(2261, -11362);
  l = i32x4.add(dot(l73, c), dot(l51, d));
  h = i32x4.add(dot(h73, c), dot(h51, d));
  r2 = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(l12, l), shift), i32x4.shr_s(i32x4.add(h12, h), shift));
  r5 = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.sub(l12, l), shift), i32x4.shr_s(i32x4.sub(h12, h), shift));
  c = pair(-11363, 2260);
  d = pair(9633, -6436);
  l = i32x4.add(dot(l73, c), dot(l51, d));
  h = i32x4.add(dot(h73, c), dot(h51, d));
  r3 = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(l13, l), shift), i32x4.shr_s(i32x4.add(h13, h), shift));
  r4 = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.sub(l13, l), shift), i32x4.shr_s(i32x4.sub(h13, h), shift));
}

/** Transpose r0…r7 in place. */
// @ts-ignore: decorator
@inline function transpose(): void {
  const a0 = low(r0, r1);
  const a1 = high(r0, r1);
  const a2 = low(r2, r3);
  const a3 = high(r2, r3);
  const a4 = low(r4, r5);
  const a5 = high(r4, r5);
  const a6 = low(r6, r7);
  const a7 = high(r6, r7);
  const b0 = v128.shuffle<i32>(a0, a2, 0, 4, 1, 5);
  const b1 = v128.shuffle<i32>(a0, a2, 2, 6, 3, 7);
  const b2 = v128.shuffle<i32>(a1, a3, 0, 4, 1, 5);
  const b3 = v128.shuffle<i32>(a1, a3, 2, 6, 3, 7);
  const b4 = v128.shuffle<i32>(a4, a6, 0, 4, 1, 5);
  const b5 = v128.shuffle<i32>(a4, a6, 2, 6, 3, 7);
  const b6 = v128.shuffle<i32>(a5, a7, 0, 4, 1, 5);
  const b7 = v128.shuffle<i32>(a5, a7, 2, 6, 3, 7);
  r0 = v128.shuffle<i64>(b0, b4, 0, 2);
  r1 = v128.shuffle<i64>(b0, b4, 1, 3);
  r2 = v128.shuffle<i64>(b1, b5, 0, 2);
  r3 = v128.shuffle<i64>(b1, b5, 1, 3);
  r4 = v128.shuffle<i64>(b2, b6, 0, 2);
  r5 = v128.shuffle<i64>(b2, b6, 1, 3);
  r6 = v128.shuffle<i64>(b3, b7, 0, 2);
  r7 = v128.shuffle<i64>(b3, b7, 1, 3);
}

/** Dequantise and transform a block to 8×8 bytes, `stride` bytes a row. `last`: zigzag index behind which all is zero. */
export function inverse8(dst: usize, stride: usize, block: usize, quant: usize, last: i32): void {
  if (last == 0) {
    // Both passes shrink to this; the 16-bit wrap and saturation are those of the full transform.
    let value = <i32><i16>(<i32>load<i16>(block) * <i32>load<i16>(quant)) << 2;
    value = min(max(value, -32768), 32767);
    value = min(max(((value + 16) >> 5) + 128, 0), 255);
    const bytes = <u64>value * 0x0101010101010101;
    for (let y = 0; y < 8; y++, dst += stride) store<u64>(dst, bytes);
    return;
  }
  const a0 = i16x8.mul(v128.load(block), v128.load(quant));
  const a1 = i16x8.mul(v128.load(block, 16), v128.load(quant, 16));
  const a2 = i16x8.mul(v128.load(block, 32), v128.load(quant, 32));
  const a3 = i16x8.mul(v128.load(block, 48), v128.load(quant, 48));
  const a4 = i16x8.mul(v128.load(block, 64), v128.load(quant, 64));
  const a5 = i16x8.mul(v128.load(block, 80), v128.load(quant, 80));
  const a6 = i16x8.mul(v128.load(block, 96), v128.load(quant, 96));
  const a7 = i16x8.mul(v128.load(block, 112), v128.load(quant, 112));
  pass(a0, a1, a2, a3, a4, a5, a6, a7, 11);
  transpose();
  pass(r0, r1, r2, r3, r4, r5, r6, r7, 18);
  transpose();
  const centre = i8x16.splat(-128);
  const s0 = v128.xor(i8x16.narrow_i16x8_s(r0, r1), centre);
  const s2 = v128.xor(i8x16.narrow_i16x8_s(r2, r3), centre);
  const s4 = v128.xor(i8x16.narrow_i16x8_s(r4, r5), centre);
  const s6 = v128.xor(i8x16.narrow_i16x8_s(r6, r7), centre);
  v128.store64_lane(dst, s0, 0);
  v128.store64_lane(dst + stride, s0, 1);
  dst += stride << 1;
  v128.store64_lane(dst, s2, 0);
  v128.store64_lane(dst + stride, s2, 1);
  dst += stride << 1;
  v128.store64_lane(dst, s4, 0);
  v128.store64_lane(dst + stride, s4, 1);
  dst += stride << 1;
  v128.store64_lane(dst, s6, 0);
  v128.store64_lane(dst + stride, s6, 1);
}
