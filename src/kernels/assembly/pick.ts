// Halving for labels and indices: values are chosen, never mixed.

/** Even (first = 0) or odd (first = 1) elements of 32 bytes. */
// @ts-ignore: decorator
@inline
function columns<T>(ptr: usize, first: i32): v128 {
  const a = v128.load(ptr);
  const b = v128.load(ptr, 16);
  if (first == 0) {
    if (sizeof<T>() == 1) return v128.shuffle<u8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    if (sizeof<T>() == 2) return v128.shuffle<u16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
    if (sizeof<T>() == 4) return v128.shuffle<u32>(a, b, 0, 2, 4, 6);
    return v128.shuffle<u64>(a, b, 0, 2);
  }
  if (sizeof<T>() == 1) return v128.shuffle<u8>(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  if (sizeof<T>() == 2) return v128.shuffle<u16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
  if (sizeof<T>() == 4) return v128.shuffle<u32>(a, b, 1, 3, 5, 7);
  return v128.shuffle<u64>(a, b, 1, 3);
}

// @ts-ignore: decorator
@inline
function equal<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 1) return i8x16.eq(a, b);
  if (sizeof<T>() == 2) return i16x8.eq(a, b);
  if (sizeof<T>() == 4) return i32x4.eq(a, b);
  return i64x2.eq(a, b);
}

// @ts-ignore: decorator
@inline
function nearestPlane<T>(dst: usize, dstStride: i32, src: usize, srcStride: i32, w: i32, h: i32): void {
  const lanes: i32 = 16 / <i32>sizeof<T>();
  const out = (w + 1) >> 1;
  for (let y = 0; y < h; y += 2) {
    let s = src + <usize>(y * srcStride);
    let d = dst + <usize>((y >> 1) * dstStride);
    let i = 0;
    for (; (i + lanes) * 2 <= w; i += lanes, s += 32, d += 16) v128.store(d, columns<T>(s, 0));
    for (; i < out; i++, s += 2 * sizeof<T>(), d += sizeof<T>()) store<T>(d, load<T>(s));
  }
}

export function halveNearest(size: i32, dst: usize, dstStride: i32, src: usize, srcStride: i32, w: i32, h: i32): void {
  if (size == 1) nearestPlane<u8>(dst, dstStride, src, srcStride, w, h);
  else if (size == 2) nearestPlane<u16>(dst, dstStride, src, srcStride, w, h);
  else if (size == 4) nearestPlane<u32>(dst, dstStride, src, srcStride, w, h);
  else nearestPlane<u64>(dst, dstStride, src, srcStride, w, h);
}

/** Of four in row order: `a` unless it stands alone and a later one does not. */
// @ts-ignore: decorator
@inline
function most<T>(a: T, b: T, c: T, d: T): T {
  if (a == b || a == c || a == d) return a;
  if (b == c || b == d) return b;
  return c == d ? c : a;
}

// @ts-ignore: decorator
@inline
function modePlane<T>(dst: usize, dstStride: i32, src: usize, srcStride: i32, w: i32, h: i32): void {
  const lanes: i32 = 16 / <i32>sizeof<T>();
  const out = w >> 1;
  for (let y = 0; y < h; y += 2) {
    let top = src + <usize>(y * srcStride);
    let bottom = y + 1 < h ? top + <usize>srcStride : top;
    let target = dst + <usize>((y >> 1) * dstStride);
    let i = 0;
    for (; i + lanes <= out; i += lanes, top += 32, bottom += 32, target += 16) {
      const a = columns<T>(top, 0);
      const b = columns<T>(top, 1);
      const c = columns<T>(bottom, 0);
      const d = columns<T>(bottom, 1);
      const takeA = v128.or(v128.or(equal<T>(a, b), equal<T>(a, c)), equal<T>(a, d));
      const takeB = v128.or(equal<T>(b, c), equal<T>(b, d));
      const rest = v128.bitselect(c, a, equal<T>(c, d));
      v128.store(target, v128.bitselect(a, v128.bitselect(b, rest, takeB), takeA));
    }
    for (; i < out; i++, top += 2 * sizeof<T>(), bottom += 2 * sizeof<T>(), target += sizeof<T>()) {
      store<T>(target, most<T>(load<T>(top), load<T>(top + sizeof<T>()), load<T>(bottom), load<T>(bottom + sizeof<T>())));
    }
    if (w & 1) store<T>(target, load<T>(top));
  }
}

export function halveMode(size: i32, dst: usize, dstStride: i32, src: usize, srcStride: i32, w: i32, h: i32): void {
  if (size == 1) modePlane<u8>(dst, dstStride, src, srcStride, w, h);
  else if (size == 2) modePlane<u16>(dst, dstStride, src, srcStride, w, h);
  else if (size == 4) modePlane<u32>(dst, dstStride, src, srcStride, w, h);
  else modePlane<u64>(dst, dstStride, src, srcStride, w, h);
}
