// Strided rows to contiguous ones and back. Vector loops stop one element short of the row, so that reading whole vectors never passes
// the last element.

import { copyRows } from './copy';

// 16 bytes of 16-bit elements out of 32 interleaved bytes, and so on: every 2nd, 3rd, 4th element of size T.

// @ts-ignore: decorator
@inline
function pick2<T>(src: usize): v128 {
  const a = v128.load(src);
  const b = v128.load(src, 16);
  if (sizeof<T>() == 1) return v128.shuffle<u8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  if (sizeof<T>() == 2) return v128.shuffle<u16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
  return v128.shuffle<u32>(a, b, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function pick3<T>(src: usize): v128 {
  const a = v128.load(src);
  const b = v128.load(src, 16);
  const c = v128.load(src, 32);
  if (sizeof<T>() == 1) {
    const ab = v128.shuffle<u8>(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
    return v128.shuffle<u8>(ab, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29);
  }
  if (sizeof<T>() == 2) {
    const ab = v128.shuffle<u16>(a, b, 0, 3, 6, 9, 12, 15, 0, 0);
    return v128.shuffle<u16>(ab, c, 0, 1, 2, 3, 4, 5, 10, 13);
  }
  const ab = v128.shuffle<u32>(a, b, 0, 3, 6, 0);
  return v128.shuffle<u32>(ab, c, 0, 1, 2, 5);
}

// @ts-ignore: decorator
@inline
function pick4<T>(src: usize): v128 {
  const a = v128.load(src);
  const b = v128.load(src, 16);
  const c = v128.load(src, 32);
  const d = v128.load(src, 48);
  if (sizeof<T>() == 1) {
    const ab = v128.shuffle<u8>(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 0, 0, 0, 0, 0, 0, 0, 0);
    const cd = v128.shuffle<u8>(c, d, 0, 4, 8, 12, 16, 20, 24, 28, 0, 0, 0, 0, 0, 0, 0, 0);
    return v128.shuffle<u64>(ab, cd, 0, 2);
  }
  if (sizeof<T>() == 2) {
    const ab = v128.shuffle<u16>(a, b, 0, 4, 8, 12, 0, 0, 0, 0);
    const cd = v128.shuffle<u16>(c, d, 0, 4, 8, 12, 0, 0, 0, 0);
    return v128.shuffle<u64>(ab, cd, 0, 2);
  }
  const ab = v128.shuffle<u32>(a, b, 0, 4, 0, 0);
  const cd = v128.shuffle<u32>(c, d, 0, 4, 0, 0);
  return v128.shuffle<u64>(ab, cd, 0, 2);
}

/** Rows whose elements lie `step` bytes apart, one element of T at a time after the vector part. */
// @ts-ignore: decorator
@inline
function gatherRows<T>(dst: usize, dstStride: i32, src: usize, srcRow: i32, step: i32, nx: i32, ny: i32): void {
  const lanes: i32 = 16 / <i32>sizeof<T>();
  const samples = sizeof<T>() <= 4 && step > 0 && step % <i32>sizeof<T>() == 0 ? step / <i32>sizeof<T>() : 0;
  for (let y = 0; y < ny; y++) {
    let d = dst;
    let s = src;
    let i = 0;
    if (sizeof<T>() <= 4) {
      if (samples == 3) {
        for (; i + lanes < nx; i += lanes, d += 16, s += 48) v128.store(d, pick3<T>(s));
      } else if (samples == 4) {
        for (; i + lanes < nx; i += lanes, d += 16, s += 64) v128.store(d, pick4<T>(s));
      } else if (samples == 2) {
        for (; i + lanes < nx; i += lanes, d += 16, s += 32) v128.store(d, pick2<T>(s));
      }
    }
    for (; i < nx; i++) {
      store<T>(d, load<T>(s));
      d += sizeof<T>();
      s += <usize>step;
    }
    dst += <usize>dstStride;
    src += <usize>srcRow;
  }
}

const TILE: i32 = 32;

/** A transposition in all but name (neighbours in y lie closer than those in x): square tiles keep cache lines in use. */
// @ts-ignore: decorator
@inline
function moveTiles<T>(dst: usize, dstRow: i32, dstStep: i32, src: usize, srcRow: i32, srcStep: i32, nx: i32, ny: i32): void {
  for (let y0 = 0; y0 < ny; y0 += TILE) {
    const y1 = min(ny, y0 + TILE);
    for (let x0 = 0; x0 < nx; x0 += TILE) {
      const x1 = min(nx, x0 + TILE);
      for (let y = y0; y < y1; y++) {
        let d = dst + <usize>(y * dstRow + x0 * dstStep);
        let s = src + <usize>(y * srcRow + x0 * srcStep);
        for (let x = x0; x < x1; x++) {
          store<T>(d, load<T>(s));
          d += <usize>dstStep;
          s += <usize>srcStep;
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function gatherTyped<T>(dst: usize, dstStride: i32, src: usize, srcRow: i32, srcStep: i32, nx: i32, ny: i32): void {
  if (ny > 1 && abs(srcRow) < abs(srcStep)) moveTiles<T>(dst, dstStride, sizeof<T>(), src, srcRow, srcStep, nx, ny);
  else gatherRows<T>(dst, dstStride, src, srcRow, srcStep, nx, ny);
}

export function gather(dst: usize, dstStride: i32, src: usize, srcRow: i32, srcStep: i32, nx: i32, ny: i32, size: i32): void {
  if (srcStep == size) copyRows(dst, dstStride, src, srcRow, nx * size, ny);
  else if (size == 1) gatherTyped<u8>(dst, dstStride, src, srcRow, srcStep, nx, ny);
  else if (size == 2) gatherTyped<u16>(dst, dstStride, src, srcRow, srcStep, nx, ny);
  else if (size == 4) gatherTyped<u32>(dst, dstStride, src, srcRow, srcStep, nx, ny);
  else gatherTyped<u64>(dst, dstStride, src, srcRow, srcStep, nx, ny);
}

export function scatter(dst: usize, dstRow: i32, dstStep: i32, src: usize, srcStride: i32, nx: i32, ny: i32, size: i32): void {
  if (dstStep == size) copyRows(dst, dstRow, src, srcStride, nx * size, ny);
  else if (size == 1) moveTiles<u8>(dst, dstRow, dstStep, src, srcStride, 1, nx, ny);
  else if (size == 2) moveTiles<u16>(dst, dstRow, dstStep, src, srcStride, 2, nx, ny);
  else if (size == 4) moveTiles<u32>(dst, dstRow, dstStep, src, srcStride, 4, nx, ny);
  else moveTiles<u64>(dst, dstRow, dstStep, src, srcStride, 8, nx, ny);
}

/** Three interleaved bytes a pixel to three planes in one pass. */
export function split3(dst0: usize, dst1: usize, dst2: usize, dstStride: i32, src: usize, srcRow: i32, nx: i32, ny: i32): void {
  for (let y = 0; y < ny; y++) {
    let s = src;
    let i = 0;
    for (; i + 16 < nx; i += 16, s += 48) {
      v128.store(dst0 + i, pick3<u8>(s));
      // The vectors start one and two bytes later: there is at least one pixel more in the row.
      v128.store(dst1 + i, pick3<u8>(s + 1));
      v128.store(dst2 + i, pick3<u8>(s + 2));
    }
    for (; i < nx; i++, s += 3) {
      store<u8>(dst0 + i, load<u8>(s));
      store<u8>(dst1 + i, load<u8>(s, 1));
      store<u8>(dst2 + i, load<u8>(s, 2));
    }
    dst0 += <usize>dstStride;
    dst1 += <usize>dstStride;
    dst2 += <usize>dstStride;
    src += <usize>srcRow;
  }
}
