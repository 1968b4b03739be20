// Inverse DCT at half size: each of the 4 × 4 results is the mean of 2 × 2 pixels of the block, before they are rounded to bytes.
// The mean of neighbours of a cosine of frequency k is a cosine of half the length times cos(kπ/16); frequency 8 - k then falls on k with
// the opposite sign and 4 vanishes, which leaves four frequencies a dimension.

/** √2·cos(π/8)·cos(kπ/16)·8192 for k = 1, 7, and √2·cos(3π/8) of the same for 3, 5; crosswise for the second output. */
const A1 = 10498;
const A7 = -2088;
const A3 = 3686;
const A5 = -2463;
const B1 = 4348;
const B7 = -865;
const B3 = -8900;
const B5 = 5946;
/** cos(kπ/16)·8192 for k = 2, 6. */
const E2 = 7568;
const E6 = -3135;

// @ts-ignore: decorator
@inline function pair(a: i32, b: i32): v128 {
  return i32x4.splat((b << 16) | (a & 0xffff));
}
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
// @ts-ignore: decorator
@inline function narrow(a: v128, b: v128, shift: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(a, shift), i32x4.shr_s(b, shift));
}

/** Dequantise and transform a block to 4 × 4 bytes, `stride` bytes a row. `last`: zigzag index behind which all is zero. */
export function inverseHalf(dst: usize, stride: usize, block: usize, quant: usize, last: i32): void {
  if (last == 0) {
    const value = ((<i32>load<i16>(block) * <i32>load<i16>(quant) + 4) >> 3) + 128;
    const bytes = <u32>min(max(value, 0), 255) * 0x01010101;
    for (let y = 0; y < 4; y++, dst += stride) store<u32>(dst, bytes);
    return;
  }
  const a0 = i16x8.mul(v128.load(block), v128.load(quant));
  const a1 = i16x8.mul(v128.load(block, 16), v128.load(quant, 16));
  const a2 = i16x8.mul(v128.load(block, 32), v128.load(quant, 32));
  const a3 = i16x8.mul(v128.load(block, 48), v128.load(quant, 48));
  const a5 = i16x8.mul(v128.load(block, 80), v128.load(quant, 80));
  const a6 = i16x8.mul(v128.load(block, 96), v128.load(quant, 96));
  const a7 = i16x8.mul(v128.load(block, 112), v128.load(quant, 112));
  const e = pair(E2, E6);
  const f17 = pair(A1, A7);
  const f35 = pair(A3, A5);
  const g17 = pair(B1, B7);
  const g35 = pair(B3, B5);

  // Columns: four rows of eight, two more bits kept.
  const round = i32x4.splat(1 << 10);
  const l0 = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(a0), 13), round);
  const h0 = i32x4.add(i32x4.shl(i32x4.extend_high_i16x8_s(a0), 13), round);
  const le = dot(low(a2, a6), e);
  const he = dot(high(a2, a6), e);
  const l17 = low(a1, a7);
  const h17 = high(a1, a7);
  const l35 = low(a3, a5);
  const h35 = high(a3, a5);
  const ls = i32x4.add(dot(l17, f17), dot(l35, f35));
  const hs = i32x4.add(dot(h17, f17), dot(h35, f35));
  const lt = i32x4.add(dot(l17, g17), dot(l35, g35));
  const ht = i32x4.add(dot(h17, g17), dot(h35, g35));
  const lp = i32x4.add(l0, le);
  const hp = i32x4.add(h0, he);
  const lq = i32x4.sub(l0, le);
  const hq = i32x4.sub(h0, he);
  const r0 = narrow(i32x4.add(lp, ls), i32x4.add(hp, hs), 11);
  const r3 = narrow(i32x4.sub(lp, ls), i32x4.sub(hp, hs), 11);
  const r1 = narrow(i32x4.add(lq, lt), i32x4.add(hq, ht), 11);
  const r2 = narrow(i32x4.sub(lq, lt), i32x4.sub(hq, ht), 11);

  // Two columns a vector, then rows: four vectors of one column each.
  const i02 = low(r0, r2);
  const i13 = low(r1, r3);
  const c01 = low(i02, i13);
  const c23 = high(i02, i13);
  const j02 = high(r0, r2);
  const j13 = high(r1, r3);
  const c45 = low(j02, j13);
  const c67 = high(j02, j13);
  const d0 = i32x4.add(i32x4.shl(i32x4.extend_low_i16x8_s(c01), 13), i32x4.splat((1 << 17) + (128 << 18)));
  const de = dot(low(c23, c67), e);
  const d17 = high(c01, c67);
  const d35 = high(c23, c45);
  const ds = i32x4.add(dot(d17, f17), dot(d35, f35));
  const dt = i32x4.add(dot(d17, g17), dot(d35, g35));
  const p = i32x4.add(d0, de);
  const q = i32x4.sub(d0, de);
  const ab = narrow(i32x4.add(p, ds), i32x4.add(q, dt), 18);
  const cd = narrow(i32x4.sub(q, dt), i32x4.sub(p, ds), 18);
  const bytes = i8x16.narrow_i16x8_u(ab, cd);
  const rows = v128.shuffle<u8>(bytes, bytes, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  v128.store32_lane(dst, rows, 0);
  v128.store32_lane(dst + stride, rows, 1);
  dst += stride << 1;
  v128.store32_lane(dst, rows, 2);
  v128.store32_lane(dst + stride, rows, 3);
}
