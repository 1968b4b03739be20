// Forward DCT and quantisation of one 8 × 8 block of bytes (T.81 A.3.3, A.3.4). The transform is that of 13-bit cosines and 32-bit sums, two
// bits kept between its passes; its result is 8 times the standard's, which the reciprocals of the quantisation take back.

/** Place in the zigzag (T.81 figure A.6) of each coefficient in column order: what the second pass leaves. */
// prettier-ignore
const PLACES: usize = memory.data<u8>([
  0, 2, 3, 9, 10, 20, 21, 35, 1, 4, 8, 11, 19, 22, 34, 36, 5, 7, 12, 18, 23, 33, 37, 48, 6, 13, 17, 24, 32, 38, 47, 49,
  14, 16, 25, 31, 39, 46, 50, 57, 15, 26, 30, 40, 45, 51, 56, 58, 27, 29, 41, 44, 52, 55, 59, 62, 28, 42, 43, 53, 54, 60, 61, 63,
]);

/** √2·cos(kπ/16)·8192, in pairs for products with interleaved rows. */
const C2 = 10703;
const C6 = 4433;
const C1 = 11363;
const C3 = 9633;
const C5 = 6437;
const C7 = 2260;

// @ts-ignore: decorator
@inline
function both(low: i32, high: i32): v128 {
  return i32x4.splat((high << 16) | (low & 0xffff));
}

// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// @ts-ignore: decorator
@inline
function two(p: v128, q: v128, factors: v128, shift: i32): v128 {
  const half = i32x4.splat(1 << (shift - 1));
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(p, factors), half), shift),
    i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(q, factors), half), shift),
  );
}

// @ts-ignore: decorator
@inline
function four(p: v128, q: v128, r: v128, s: v128, first: v128, second: v128, shift: i32): v128 {
  const half = i32x4.splat(1 << (shift - 1));
  const a = i32x4.add(i32x4.add(i32x4.dot_i16x8_s(p, first), i32x4.dot_i16x8_s(r, second)), half);
  const b = i32x4.add(i32x4.add(i32x4.dot_i16x8_s(q, first), i32x4.dot_i16x8_s(s, second)), half);
  return i16x8.narrow_i32x4_s(i32x4.shr_s(a, shift), i32x4.shr_s(b, shift));
}

/** Rows at `block` (8 × 8 i16), transformed along the columns in place. Sums grow by 2^up, then shrink by 2^down. */
// @ts-ignore: decorator
@inline
function columns(block: usize, first: bool): void {
  const shift = first ? 11 : 15;
  const r0 = v128.load(block);
  const r1 = v128.load(block, 16);
  const r2 = v128.load(block, 32);
  const r3 = v128.load(block, 48);
  const r4 = v128.load(block, 64);
  const r5 = v128.load(block, 80);
  const r6 = v128.load(block, 96);
  const r7 = v128.load(block, 112);
  const s0 = i16x8.add(r0, r7);
  const d0 = i16x8.sub(r0, r7);
  const s1 = i16x8.add(r1, r6);
  const d1 = i16x8.sub(r1, r6);
  const s2 = i16x8.add(r2, r5);
  const d2 = i16x8.sub(r2, r5);
  const s3 = i16x8.add(r3, r4);
  const d3 = i16x8.sub(r3, r4);
  const e0 = i16x8.add(s0, s3);
  const e1 = i16x8.add(s1, s2);
  const f0 = i16x8.sub(s0, s3);
  const f1 = i16x8.sub(s1, s2);
  if (first) {
    v128.store(block, i16x8.shl(i16x8.add(e0, e1), 2));
    v128.store(block, i16x8.shl(i16x8.sub(e0, e1), 2), 64);
  } else {
    const half = i16x8.splat(2);
    v128.store(block, i16x8.shr_s(i16x8.add_sat_s(i16x8.add_sat_s(e0, e1), half), 2));
    v128.store(block, i16x8.shr_s(i16x8.add_sat_s(i16x8.sub_sat_s(e0, e1), half), 2), 64);
  }
  const fl = low(f0, f1);
  const fh = high(f0, f1);
  v128.store(block, two(fl, fh, both(C2, C6), shift), 32);
  v128.store(block, two(fl, fh, both(C6, -C2), shift), 96);
  const al = low(d0, d1);
  const ah = high(d0, d1);
  const bl = low(d2, d3);
  const bh = high(d2, d3);
  v128.store(block, four(al, ah, bl, bh, both(C1, C3), both(C5, C7), shift), 16);
  v128.store(block, four(al, ah, bl, bh, both(C3, -C7), both(-C1, -C5), shift), 48);
  v128.store(block, four(al, ah, bl, bh, both(C5, -C1), both(C7, C3), shift), 80);
  v128.store(block, four(al, ah, bl, bh, both(C7, -C5), both(C3, -C1), shift), 112);
}

// @ts-ignore: decorator
@inline
function transpose(block: usize): void {
  const r0 = v128.load(block);
  const r1 = v128.load(block, 16);
  const r2 = v128.load(block, 32);
  const r3 = v128.load(block, 48);
  const r4 = v128.load(block, 64);
  const r5 = v128.load(block, 80);
  const r6 = v128.load(block, 96);
  const r7 = v128.load(block, 112);
  const a0 = low(r0, r4);
  const a1 = high(r0, r4);
  const a2 = low(r1, r5);
  const a3 = high(r1, r5);
  const a4 = low(r2, r6);
  const a5 = high(r2, r6);
  const a6 = low(r3, r7);
  const a7 = high(r3, r7);
  const b0 = low(a0, a4);
  const b1 = high(a0, a4);
  const b2 = low(a2, a6);
  const b3 = high(a2, a6);
  const b4 = low(a1, a5);
  const b5 = high(a1, a5);
  const b6 = low(a3, a7);
  const b7 = high(a3, a7);
  v128.store(block, low(b0, b2));
  v128.store(block, high(b0, b2), 16);
  v128.store(block, low(b1, b3), 32);
  v128.store(block, high(b1, b3), 48);
  v128.store(block, low(b4, b6), 64);
  v128.store(block, high(b4, b6), 80);
  v128.store(block, low(b5, b7), 96);
  v128.store(block, high(b5, b7), 112);
}

/** Quantise 8 coefficients: `reciprocals` are 8 numbers of 15 bits. Three bits more than the result are kept until the end. */
// @ts-ignore: decorator
@inline
function quantise(row: v128, reciprocals: usize): v128 {
  const eighths = i16x8.q15mulr_sat_s(row, v128.load(reciprocals));
  // Halves go towards 0, which costs fewer bits.
  const whole = i16x8.shr_s(i16x8.sub(i16x8.add_sat_s(eighths, i16x8.splat(3)), i16x8.shr_s(eighths, 15)), 3);
  // Baseline codes end at 10 bits (T.81 table F.2).
  return i16x8.max_s(i16x8.min_s(whole, i16x8.splat(1023)), i16x8.splat(-1023));
}

/**
 * The block whose first byte is at `src`, quantised, at `zigzag` (64 i16 in zigzag order, of which those that are 0 are left alone). `work`: 128 bytes; `reciprocals`: 32768 / step as
 * 64 i16, transposed. Returns a bit for each coefficient that is not 0.
 */
export function forwardBlock(src: usize, stride: usize, reciprocals: usize, work: usize, zigzag: usize): u64 {
  const middle = i16x8.splat(128);
  const top = v128.load_ext<u8>(src);
  v128.store(work, i16x8.sub(top, middle));
  const first = i16x8.splat(i16x8.extract_lane_s(top, 0));
  let differs = v128.xor(top, first);
  for (let row: usize = 1; row < 8; row++) {
    const pixels = v128.load_ext<u8>(src + row * stride);
    differs = v128.or(differs, v128.xor(pixels, first));
    v128.store(work + row * 16, i16x8.sub(pixels, middle));
  }
  if (!v128.any_true(differs)) {
    // Empty slide: 64 times the pixel, as both passes would have it.
    const sum = i16x8.splat((<i16>i16x8.extract_lane_s(first, 0) - 128) << 6);
    const dc = i16x8.extract_lane_s(quantise(sum, reciprocals), 0);
    store<i16>(zigzag, dc);
    return dc != 0 ? 1 : 0;
  }
  columns(work, true);
  transpose(work);
  columns(work, false);
  for (let row: usize = 0; row < 8; row++) {
    v128.store(work + row * 16, quantise(v128.load(work + row * 16), reciprocals + row * 16));
  }
  const zero = i16x8.splat(0);
  let found: u64 = 0;
  for (let part: usize = 0; part < 4; part++) {
    const a = i16x8.ne(v128.load(work + part * 32), zero);
    const b = i16x8.ne(v128.load(work + part * 32, 16), zero);
    found |= (<u64>i8x16.bitmask(i8x16.narrow_i16x8_s(a, b))) << (part * 16);
  }
  store<i16>(zigzag, load<i16>(work));
  let mask: u64 = 0;
  while (found != 0) {
    const at = ctz<u64>(found);
    found &= found - 1;
    const k = load<u8>(PLACES + <usize>at);
    store<i16>(zigzag + (<usize>k << 1), load<i16>(work + (<usize>at << 1)));
    mask |= (<u64>1) << k;
  }
  return mask;
}
