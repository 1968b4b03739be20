// Mean of 2×2 (or 2×2×2) pixels. A missing row, column or plane is replaced by its neighbour, which gives the same result as dividing by
// the number of pixels that exist: floor((2s + 2) / 4) = floor((s + 1) / 2).

/** floor((a + b + c + d + 2) / 4), or over 8 pixels of two planes `deep` bytes apart. */
// @ts-ignore: decorator
@inline
function mean<T>(top: usize, bottom: usize, right: usize, planes: i32, deep: usize): T {
  if (isFloat<T>()) {
    const q = planes == 2 ? <T>0.125 : <T>0.25;
    // Scaled before it is summed: the largest finite values (used for "no data") must not become infinite. Exact but for denormals.
    let left = q * load<T>(top) + q * load<T>(bottom);
    let other = q * load<T>(top + right) + q * load<T>(bottom + right);
    if (planes == 2) {
      left += q * load<T>(top + deep) + q * load<T>(bottom + deep);
      other += q * load<T>(top + deep + right) + q * load<T>(bottom + deep + right);
    }
    // Which NaN a sum of NaNs gives depends on the processor: always the same one here.
    const sum = left + other;
    return sum == sum ? sum : <T>NaN;
  }
  const a = load<T>(top);
  const b = load<T>(top + right);
  const c = load<T>(bottom);
  const d = load<T>(bottom + right);
  if (sizeof<T>() < 8) {
    let sum: i64 = <i64>a + <i64>b + <i64>c + <i64>d;
    if (planes == 1) return <T>((sum + 2) >> 2);
    top += deep;
    bottom += deep;
    sum += <i64>load<T>(top) + <i64>load<T>(top + right) + <i64>load<T>(bottom) + <i64>load<T>(bottom + right);
    return <T>((sum + 4) >> 3);
  }
  // 64-bit sums would overflow: quotients and remainders apart.
  if (planes == 1) return (a >> 2) + (b >> 2) + (c >> 2) + (d >> 2) + (((a & 3) + (b & 3) + (c & 3) + (d & 3) + 2) >> 2);
  top += deep;
  bottom += deep;
  const e = load<T>(top);
  const f = load<T>(top + right);
  const g = load<T>(bottom);
  const h = load<T>(bottom + right);
  const rest = (a & 7) + (b & 7) + (c & 7) + (d & 7) + (e & 7) + (f & 7) + (g & 7) + (h & 7) + 4;
  return (a >> 3) + (b >> 3) + (c >> 3) + (d >> 3) + (e >> 3) + (f >> 3) + (g >> 3) + (h >> 3) + (rest >> 3);
}

/** Horizontal pair sums of one vector, widened: 8 × 16 bit of bytes, 4 × 32 bit of 16-bit values. */
// @ts-ignore: decorator
@inline
function pairs<T>(ptr: usize): v128 {
  const v = v128.load(ptr);
  if (sizeof<T>() == 1) return isSigned<T>() ? i16x8.extadd_pairwise_i8x16_s(v) : i16x8.extadd_pairwise_i8x16_u(v);
  return isSigned<T>() ? i32x4.extadd_pairwise_i16x8_s(v) : i32x4.extadd_pairwise_i16x8_u(v);
}

/** 16 bytes of input across: rounded means, still widened. */
// @ts-ignore: decorator
@inline
function meanPairs<T>(top: usize, bottom: usize, planes: i32, deep: usize): v128 {
  if (sizeof<T>() == 1) {
    let sum = i16x8.add(pairs<T>(top), pairs<T>(bottom));
    if (planes == 2) {
      sum = i16x8.add(sum, i16x8.add(pairs<T>(top + deep), pairs<T>(bottom + deep)));
      return i16x8.shr_s(i16x8.add(sum, i16x8.splat(4)), 3);
    }
    return i16x8.shr_s(i16x8.add(sum, i16x8.splat(2)), 2);
  }
  let sum = i32x4.add(pairs<T>(top), pairs<T>(bottom));
  if (planes == 2) {
    sum = i32x4.add(sum, i32x4.add(pairs<T>(top + deep), pairs<T>(bottom + deep)));
    return i32x4.shr_s(i32x4.add(sum, i32x4.splat(4)), 3);
  }
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(2)), 2);
}

/** Shift and remainder of one vector of 32-bit integers, summed over even and odd columns: quotients do not overflow. */
// @ts-ignore: decorator
@inline
function quotients<T>(v: v128, shift: i32): v128 {
  return isSigned<T>() ? i32x4.shr_s(v, shift) : i32x4.shr_u(v, shift);
}

// @ts-ignore: decorator
@inline
function mean32<T>(top: usize, bottom: usize, planes: i32, deep: usize): v128 {
  const shift = planes == 2 ? 3 : 2;
  const mask = i32x4.splat((1 << shift) - 1);
  let q0 = i32x4.splat(0);
  let q1 = q0;
  let r0 = q0;
  let r1 = q0;
  for (let plane = 0; plane < planes; plane++) {
    const a = v128.load(top);
    const b = v128.load(top, 16);
    const c = v128.load(bottom);
    const d = v128.load(bottom, 16);
    q0 = i32x4.add(q0, i32x4.add(quotients<T>(a, shift), quotients<T>(c, shift)));
    q1 = i32x4.add(q1, i32x4.add(quotients<T>(b, shift), quotients<T>(d, shift)));
    r0 = i32x4.add(r0, i32x4.add(v128.and(a, mask), v128.and(c, mask)));
    r1 = i32x4.add(r1, i32x4.add(v128.and(b, mask), v128.and(d, mask)));
    top += deep;
    bottom += deep;
  }
  const q = i32x4.add(v128.shuffle<u32>(q0, q1, 0, 2, 4, 6), v128.shuffle<u32>(q0, q1, 1, 3, 5, 7));
  const r = i32x4.add(v128.shuffle<u32>(r0, r1, 0, 2, 4, 6), v128.shuffle<u32>(r0, r1, 1, 3, 5, 7));
  return i32x4.add(q, i32x4.shr_u(i32x4.add(r, i32x4.splat(1 << (shift - 1))), shift));
}

// @ts-ignore: decorator
@inline
function meanFloat(top: usize, bottom: usize, planes: i32, deep: usize): v128 {
  const q = f32x4.splat(planes == 2 ? 0.125 : 0.25);
  let a = f32x4.add(f32x4.mul(q, v128.load(top)), f32x4.mul(q, v128.load(bottom)));
  let b = f32x4.add(f32x4.mul(q, v128.load(top, 16)), f32x4.mul(q, v128.load(bottom, 16)));
  if (planes == 2) {
    top += deep;
    bottom += deep;
    a = f32x4.add(a, f32x4.add(f32x4.mul(q, v128.load(top)), f32x4.mul(q, v128.load(bottom))));
    b = f32x4.add(b, f32x4.add(f32x4.mul(q, v128.load(top, 16)), f32x4.mul(q, v128.load(bottom, 16))));
  }
  const sum = f32x4.add(v128.shuffle<u32>(a, b, 0, 2, 4, 6), v128.shuffle<u32>(a, b, 1, 3, 5, 7));
  return v128.bitselect(sum, i32x4.splat(0x7fc00000), f32x4.eq(sum, sum));
}

// @ts-ignore: decorator
@inline
function halvePlane<T>(dst: usize, dstStride: i32, src: usize, srcStride: i32, w: i32, h: i32, planes: i32, deep: usize): void {
  const size = <i32>sizeof<T>();
  const pairsOfColumns = w >> 1;
  for (let y = 0; y < h; y += 2) {
    let top = src + <usize>(y * srcStride);
    let bottom = y + 1 < h ? top + <usize>srcStride : top;
    let d = dst + <usize>((y >> 1) * dstStride);
    let i = 0;
    if (sizeof<T>() == 1) {
      for (; i + 16 <= pairsOfColumns; i += 16, d += 16, top += 32, bottom += 32) {
        const a = meanPairs<T>(top, bottom, planes, deep);
        const b = meanPairs<T>(top + 16, bottom + 16, planes, deep);
        v128.store(d, isSigned<T>() ? i8x16.narrow_i16x8_s(a, b) : i8x16.narrow_i16x8_u(a, b));
      }
    } else if (sizeof<T>() == 2) {
      for (; i + 8 <= pairsOfColumns; i += 8, d += 16, top += 32, bottom += 32) {
        const a = meanPairs<T>(top, bottom, planes, deep);
        const b = meanPairs<T>(top + 16, bottom + 16, planes, deep);
        v128.store(d, isSigned<T>() ? i16x8.narrow_i32x4_s(a, b) : i16x8.narrow_i32x4_u(a, b));
      }
    } else if (sizeof<T>() == 4) {
      for (; i + 4 <= pairsOfColumns; i += 4, d += 16, top += 32, bottom += 32) {
        v128.store(d, isFloat<T>() ? meanFloat(top, bottom, planes, deep) : mean32<T>(top, bottom, planes, deep));
      }
    }
    for (; i < pairsOfColumns; i++) {
      store<T>(d, mean<T>(top, bottom, size, planes, deep));
      d += size;
      top += 2 * size;
      bottom += 2 * size;
    }
    if (w & 1) store<T>(d, mean<T>(top, bottom, 0, planes, deep));
  }
}

export function halveMean(
  type: i32, dst: usize, dstStride: i32, src: usize, srcStride: i32, w: i32, h: i32, planes: i32, planeStride: i32,
): void {
  const deep = <usize>planeStride;
  switch (type) {
    case 0: halvePlane<u8>(dst, dstStride, src, srcStride, w, h, planes, deep); break;
    case 1: halvePlane<i8>(dst, dstStride, src, srcStride, w, h, planes, deep); break;
    case 2: halvePlane<u16>(dst, dstStride, src, srcStride, w, h, planes, deep); break;
    case 3: halvePlane<i16>(dst, dstStride, src, srcStride, w, h, planes, deep); break;
    case 4: halvePlane<u32>(dst, dstStride, src, srcStride, w, h, planes, deep); break;
    case 5: halvePlane<i32>(dst, dstStride, src, srcStride, w, h, planes, deep); break;
    case 6: halvePlane<u64>(dst, dstStride, src, srcStride, w, h, planes, deep); break;
    case 7: halvePlane<i64>(dst, dstStride, src, srcStride, w, h, planes, deep); break;
    case 8: halvePlane<f32>(dst, dstStride, src, srcStride, w, h, planes, deep); break;
    default: halvePlane<f64>(dst, dstStride, src, srcStride, w, h, planes, deep); break;
  }
}
