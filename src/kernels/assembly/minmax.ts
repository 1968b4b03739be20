// Smallest and largest value. pmin/pmax keep the accumulator where the new value is not a number.

/** Room for two vectors, to read their lanes one by one. */
const LANES = memory.data(32, 16);

// @ts-ignore: decorator
@inline
export function lower<T>(acc: v128, v: v128): v128 {
  if (isFloat<T>()) return sizeof<T>() == 4 ? f32x4.pmin(acc, v) : f64x2.pmin(acc, v);
  if (sizeof<T>() == 1) return isSigned<T>() ? i8x16.min_s(acc, v) : i8x16.min_u(acc, v);
  if (sizeof<T>() == 2) return isSigned<T>() ? i16x8.min_s(acc, v) : i16x8.min_u(acc, v);
  return isSigned<T>() ? i32x4.min_s(acc, v) : i32x4.min_u(acc, v);
}

// @ts-ignore: decorator
@inline
export function upper<T>(acc: v128, v: v128): v128 {
  if (isFloat<T>()) return sizeof<T>() == 4 ? f32x4.pmax(acc, v) : f64x2.pmax(acc, v);
  if (sizeof<T>() == 1) return isSigned<T>() ? i8x16.max_s(acc, v) : i8x16.max_u(acc, v);
  if (sizeof<T>() == 2) return isSigned<T>() ? i16x8.max_s(acc, v) : i16x8.max_u(acc, v);
  return isSigned<T>() ? i32x4.max_s(acc, v) : i32x4.max_u(acc, v);
}

// @ts-ignore: decorator
@inline
function range<T>(src: usize, srcStride: i32, n: i32, rows: i32, out: usize): void {
  if (n <= 0 || rows <= 0) return;
  const lanes: i32 = 16 / <i32>sizeof<T>();
  let low: T;
  let high: T;
  if (isFloat<T>()) {
    low = <T>Infinity;
    high = <T>-Infinity;
  } else {
    low = high = load<T>(src);
  }
  for (let y = 0; y < rows; y++, src += <usize>srcStride) {
    let s = src;
    let i = 0;
    if ((isFloat<T>() || sizeof<T>() < 8) && n >= lanes) {
      let a = isFloat<T>() ? (sizeof<T>() == 4 ? f32x4.splat(<f32>Infinity) : f64x2.splat(Infinity)) : v128.load(s);
      let b = isFloat<T>() ? (sizeof<T>() == 4 ? f32x4.splat(<f32>-Infinity) : f64x2.splat(-Infinity)) : a;
      let c = a;
      let d = b;
      for (; i + 2 * lanes <= n; i += 2 * lanes, s += 32) {
        const v = v128.load(s);
        const w = v128.load(s, 16);
        a = lower<T>(a, v);
        b = upper<T>(b, v);
        c = lower<T>(c, w);
        d = upper<T>(d, w);
      }
      // The last vectors overlap what has been seen: harmless here.
      if (i < n) {
        const v = v128.load(src + <usize>((n - lanes) * <i32>sizeof<T>()));
        const w = v128.load(src + <usize>(max(n - 2 * lanes, 0) * <i32>sizeof<T>()));
        a = lower<T>(lower<T>(a, v), w);
        b = upper<T>(upper<T>(b, v), w);
      }
      a = lower<T>(a, c);
      b = upper<T>(b, d);
      v128.store(LANES, a);
      v128.store(LANES + 16, b);
      for (let k = 0; k < lanes; k++) {
        const p = load<T>(LANES + k * sizeof<T>());
        const q = load<T>(LANES + 16 + k * sizeof<T>());
        if (p < low) low = p;
        if (q > high) high = q;
      }
      continue;
    }
    for (; i < n; i++, s += sizeof<T>()) {
      const v = load<T>(s);
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  if (<f64>low < load<f64>(out)) store<f64>(out, <f64>low);
  if (<f64>high > load<f64>(out, 8)) store<f64>(out, <f64>high, 8);
}

export function minMax(type: i32, src: usize, srcStride: i32, n: i32, rows: i32, out: usize): void {
  switch (type) {
    case 0: range<u8>(src, srcStride, n, rows, out); break;
    case 1: range<i8>(src, srcStride, n, rows, out); break;
    case 2: range<u16>(src, srcStride, n, rows, out); break;
    case 3: range<i16>(src, srcStride, n, rows, out); break;
    case 4: range<u32>(src, srcStride, n, rows, out); break;
    case 5: range<i32>(src, srcStride, n, rows, out); break;
    case 6: range<u64>(src, srcStride, n, rows, out); break;
    case 7: range<i64>(src, srcStride, n, rows, out); break;
    case 8: range<f32>(src, srcStride, n, rows, out); break;
    default: range<f64>(src, srcStride, n, rows, out); break;
  }
}
