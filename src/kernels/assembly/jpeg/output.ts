// From component rows to interleaved pixels: upsampling and colour, with the rounding of the IJG software (`fancy` upsampling), so that
// pixels equal those of libjpeg and libjpeg-turbo.

import * as S from './state';
import { get, component } from './state';

/** Address of a component's sample row; rows beyond the image repeat the nearest one. */
// @ts-ignore: decorator
@inline function ringRow(c: usize, row: i32, size: usize): usize {
  const y = min(max(row, 0), get(c, S.C_HEIGHT) - 1) % get(c, S.C_RING_ROWS);
  return <usize>get(c, S.C_RING) + <usize>y * <usize>get(c, S.C_STRIDE) * size;
}

/** Triangle filter along x over `n` sums of 16 bits; sums[-1] and sums[n] are set here to repeat the edge. */
function widen8(dst: usize, sums: usize, n: i32, even: i32, odd: i32, shift: i32): void {
  store<i16>(sums - 2, load<i16>(sums));
  store<i16>(sums + (<usize>n << 1), load<i16>(sums + (<usize>(n - 1) << 1)));
  const left = i16x8.splat(<i16>even);
  const right = i16x8.splat(<i16>odd);
  for (let x = 0; x < n; x += 8, sums += 16, dst += 16) {
    const here = v128.load(sums);
    const three = i16x8.add(here, i16x8.shl(here, 1));
    const a = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(sums - 2)), left), shift);
    const b = i16x8.shr_u(i16x8.add(i16x8.add(three, v128.load(sums + 2)), right), shift);
    v128.store(dst, v128.or(a, i16x8.shl(b, 8)));
  }
}

function upsample8(st: usize, c: usize, y: i32): usize {
  const mode = get(c, S.C_UPSAMPLE);
  if (mode == 0) return ringRow(c, y, 1);
  const n = get(c, S.C_WIDTH);
  const row = <usize>get(c, S.C_ROW);
  if (mode == 4) {
    const across = get(st, S.H_MAX) / get(c, S.C_H);
    const source = ringRow(c, (y * get(c, S.C_V)) / get(st, S.V_MAX), 1);
    replicate<u8>(row, source, n, across);
    return row;
  }
  if (mode == 1) {
    const source = ringRow(c, y, 1);
    const sums = <usize>get(st, S.SUMS);
    for (let x = 0; x < n; x += 8) v128.store(sums + (<usize>x << 1), v128.load8x8_u(source + x));
    widen8(row, sums, n, 1, 2, 2);
    return row;
  }
  const near = ringRow(c, y >> 1, 1);
  const far = ringRow(c, (y >> 1) + ((y & 1) == 0 ? -1 : 1), 1);
  if (mode == 3) {
    const bias = i16x8.splat((y & 1) == 0 ? 1 : 2);
    for (let x = 0; x < n; x += 8) {
      const here = v128.load8x8_u(near + x);
      const sum = i16x8.add(i16x8.add(here, i16x8.shl(here, 1)), i16x8.add(v128.load8x8_u(far + x), bias));
      v128.store64_lane(row + x, i8x16.narrow_i16x8_u(i16x8.shr_u(sum, 2), sum), 0);
    }
    return row;
  }
  const sums = <usize>get(st, S.SUMS);
  for (let x = 0; x < n; x += 8) {
    const here = v128.load8x8_u(near + x);
    v128.store(sums + (<usize>x << 1), i16x8.add(i16x8.add(here, i16x8.shl(here, 1)), v128.load8x8_u(far + x)));
  }
  widen8(row, sums, n, 8, 7, 4);
  return row;
}

function replicate<T>(row: usize, source: usize, n: i32, across: i32): void {
  for (let x = 0; x < n; x++) {
    const value = load<T>(source + <usize>x * sizeof<T>());
    for (let i = 0; i < across; i++, row += sizeof<T>()) store<T>(row, value);
  }
}

/** The same for 12-bit samples in 16-bit rows. */
function upsample16(st: usize, c: usize, y: i32): usize {
  const mode = get(c, S.C_UPSAMPLE);
  if (mode == 0) return ringRow(c, y, 2);
  const n = get(c, S.C_WIDTH);
  const row = <usize>get(c, S.C_ROW);
  if (mode == 4) {
    replicate<u16>(row, ringRow(c, (y * get(c, S.C_V)) / get(st, S.V_MAX), 2), n, get(st, S.H_MAX) / get(c, S.C_H));
    return row;
  }
  const near = ringRow(c, mode == 1 ? y : y >> 1, 2);
  const far = mode == 1 ? near : ringRow(c, (y >> 1) + ((y & 1) == 0 ? -1 : 1), 2);
  const bias = (y & 1) == 0 ? 1 : 2;
  let last = 0;
  for (let x = 0; x < n; x++) {
    const here = columnSum(near, far, x, mode);
    if (mode == 3) {
      store<u16>(row + (<usize>x << 1), <u16>((here + bias) >> 2));
      continue;
    }
    const next = x + 1 < n ? columnSum(near, far, x + 1, mode) : here;
    if (x == 0) last = here;
    const shift = mode == 1 ? 2 : 4;
    store<u16>(row + (<usize>x << 2), <u16>((here * 3 + last + (mode == 1 ? 1 : 8)) >> shift));
    store<u16>(row + (<usize>x << 2) + 2, <u16>((here * 3 + next + (mode == 1 ? 2 : 7)) >> shift));
    last = here;
  }
  return row;
}

// @ts-ignore: decorator
@inline function columnSum(near: usize, far: usize, x: i32, mode: i32): i32 {
  const at = <usize>x << 1;
  return mode == 1 ? <i32>load<u16>(near + at) : <i32>load<u16>(near + at) * 3 + <i32>load<u16>(far + at);
}

let red = i64x2.splat(0);
let green = i64x2.splat(0);
let blue = i64x2.splat(0);

// @ts-ignore: decorator
@inline function scaled(low: v128, high: v128, factor: v128): v128 {
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.dot_i16x8_s(low, factor), 16),
    i32x4.shr_s(i32x4.dot_i16x8_s(high, factor), 16),
  );
}

/**
 * JFIF colour of 16 pixels into red, green, blue. Factors are round(65536 f) of 1.402, 0.34414, 0.71414 and 1.772, less what was taken
 * out to fit 16 bits: 1.402 = 1 + 0.402, 0.71414 = 1 − 0.28586, 1.772 = 2 − 0.228. Halves round up.
 */
// @ts-ignore: decorator
@inline function toRgb(y: usize, cb: usize, cr: usize): void {
  const centre = i16x8.splat(128);
  const two = i16x8.splat(2);
  // x · f + 2 · 16384: the second product adds one half.
  const forRed = i32x4.splat((16384 << 16) | 26345);
  const forBlue = i32x4.splat((16384 << 16) | (-14942 & 0xffff));
  const forGreen = i32x4.splat((18734 << 16) | (-22554 & 0xffff));
  const half = i32x4.splat(32768);
  let r0 = two;
  let g0 = two;
  let b0 = two;
  for (let i = 0; i < 2; i++) {
    const luma = v128.load8x8_u(y + (<usize>i << 3));
    const u = i16x8.sub(v128.load8x8_u(cb + (<usize>i << 3)), centre);
    const v = i16x8.sub(v128.load8x8_u(cr + (<usize>i << 3)), centre);
    const vl = v128.shuffle<i16>(v, two, 0, 8, 1, 9, 2, 10, 3, 11);
    const vh = v128.shuffle<i16>(v, two, 4, 12, 5, 13, 6, 14, 7, 15);
    const ul = v128.shuffle<i16>(u, two, 0, 8, 1, 9, 2, 10, 3, 11);
    const uh = v128.shuffle<i16>(u, two, 4, 12, 5, 13, 6, 14, 7, 15);
    const uvl = v128.shuffle<i16>(u, v, 0, 8, 1, 9, 2, 10, 3, 11);
    const uvh = v128.shuffle<i16>(u, v, 4, 12, 5, 13, 6, 14, 7, 15);
    const r = i16x8.add(i16x8.add(luma, v), scaled(vl, vh, forRed));
    const b = i16x8.add(i16x8.add(luma, i16x8.shl(u, 1)), scaled(ul, uh, forBlue));
    const g = i16x8.add(
      i16x8.sub(luma, v),
      i16x8.narrow_i32x4_s(
        i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(uvl, forGreen), half), 16),
        i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(uvh, forGreen), half), 16),
      ),
    );
    if (i == 0) {
      r0 = r;
      g0 = g;
      b0 = b;
    } else {
      red = i8x16.narrow_i16x8_u(r0, r);
      green = i8x16.narrow_i16x8_u(g0, g);
      blue = i8x16.narrow_i16x8_u(b0, b);
    }
  }
}

/** 48 bytes from 16 pixels. */
// @ts-ignore: decorator
@inline function store3(dst: usize, a: v128, b: v128, c: v128): void {
  // Pairs a, b first; then c falls into the gaps.
  const low = v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const high = v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  v128.store(dst, v128.shuffle<i8>(low, c, 0, 1, 16, 2, 3, 17, 4, 5, 18, 6, 7, 19, 8, 9, 20, 10));
  const middle = v128.shuffle<i8>(low, high, 11, 12, 13, 14, 15, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25);
  v128.store(dst, v128.shuffle<i8>(middle, c, 0, 21, 1, 2, 22, 3, 4, 23, 6, 7, 24, 8, 9, 25, 10, 11), 16);
  v128.store(dst, v128.shuffle<i8>(high, c, 26, 6, 7, 27, 8, 9, 28, 10, 11, 29, 12, 13, 30, 14, 15, 31), 32);
}

/** 64 bytes from 16 pixels. */
// @ts-ignore: decorator
@inline function store4(dst: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const cd = v128.shuffle<i8>(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const ef = v128.shuffle<i8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const gh = v128.shuffle<i8>(c, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  v128.store(dst, v128.shuffle<i16>(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(dst, v128.shuffle<i16>(ab, cd, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  v128.store(dst, v128.shuffle<i16>(ef, gh, 0, 8, 1, 9, 2, 10, 3, 11), 32);
  v128.store(dst, v128.shuffle<i16>(ef, gh, 4, 12, 5, 13, 6, 14, 7, 15), 48);
}

function row8(st: usize, dst: usize, y: i32): void {
  const n = get(st, S.COMPONENTS);
  const width = get(st, S.OUT_WIDTH);
  const color = get(st, S.COLOR);
  const a = upsample8(st, component(st, 0), y);
  if (n == 1) {
    memory.copy(dst, a, width);
    return;
  }
  const b = upsample8(st, component(st, 1), y);
  if (n == 2) {
    for (let x = 0; x < width; x++, dst += 2) {
      store<u8>(dst, load<u8>(a + x));
      store<u8>(dst, load<u8>(b + x), 1);
    }
    return;
  }
  const c = upsample8(st, component(st, 2), y);
  if (n == 3) {
    for (let x = 0; x < width; x += 16, dst += 48) {
      if (color == 1) {
        toRgb(a + x, b + x, c + x);
        store3(dst, red, green, blue);
      } else {
        store3(dst, v128.load(a + x), v128.load(b + x), v128.load(c + x));
      }
    }
    return;
  }
  const d = upsample8(st, component(st, 3), y);
  for (let x = 0; x < width; x += 16, dst += 64) {
    if (color == 2) {
      toRgb(a + x, b + x, c + x);
      // CMY are the complements of RGB.
      store4(dst, v128.not(red), v128.not(green), v128.not(blue), v128.load(d + x));
    } else {
      store4(dst, v128.load(a + x), v128.load(b + x), v128.load(c + x), v128.load(d + x));
    }
  }
}

// @ts-ignore: decorator
@inline function clamp12(value: i32): u16 {
  return <u16>min(max(value, 0), 4095);
}

function row16(st: usize, dst: usize, y: i32): void {
  const n = get(st, S.COMPONENTS);
  const width = get(st, S.OUT_WIDTH);
  const color = get(st, S.COLOR);
  for (let i = 0; i < n; i++) {
    const source = upsample16(st, component(st, i), y);
    for (let x = 0; x < width; x++) {
      store<u16>(dst + (<usize>(x * n + i) << 1), load<u16>(source + (<usize>x << 1)));
    }
  }
  if (color == 0) return;
  for (let x = 0; x < width; x++, dst += <usize>n << 1) {
    const luma = <i32>load<u16>(dst);
    const u = <i32>load<u16>(dst, 2) - 2048;
    const v = <i32>load<u16>(dst, 4) - 2048;
    const r = clamp12(luma + ((91881 * v + 32768) >> 16));
    const g = clamp12(luma + ((-22554 * u - 46802 * v + 32768) >> 16));
    const b = clamp12(luma + ((116130 * u + 32768) >> 16));
    store<u16>(dst, color == 2 ? 4095 - r : r);
    store<u16>(dst, color == 2 ? 4095 - g : g, 2);
    store<u16>(dst, color == 2 ? 4095 - b : b, 4);
  }
}

/** Write output rows from ROWS_DONE up to `end`. */
export function writeRows(st: usize, end: i32): void {
  const stride = <usize>get(st, S.OUT_STRIDE);
  const deep = get(st, S.PRECISION) > 8;
  end = min(end, get(st, S.OUT_ROWS));
  let y = get(st, S.ROWS_DONE);
  let dst = <usize>get(st, S.OUT) + <usize>y * stride;
  for (; y < end; y++, dst += stride) {
    if (deep) row16(st, dst, y);
    else row8(st, dst, y);
  }
  store<i32>(st + S.ROWS_DONE, y);
}
