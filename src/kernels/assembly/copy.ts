// Copies and constant patterns.

/** Copy `bytes`; short runs without the cost of a memory.copy call. */
// @ts-ignore: decorator
@inline
export function copyBytes(dst: usize, src: usize, bytes: usize): void {
  if (bytes >= 16 && bytes <= 64) {
    // Overlapping vectors: first and last 16 always, the middle in between.
    const last = v128.load(src + bytes - 16);
    const a = v128.load(src);
    if (bytes > 32) {
      const b = v128.load(src, 16);
      const c = v128.load(src + bytes - 32);
      v128.store(dst, b, 16);
      v128.store(dst + bytes - 32, c);
    }
    v128.store(dst, a);
    v128.store(dst + bytes - 16, last);
  } else {
    memory.copy(dst, src, bytes);
  }
}

export function copyRows(dst: usize, dstStride: i32, src: usize, srcStride: i32, rowBytes: i32, rows: i32): void {
  if (rowBytes <= 0) return;
  if (dstStride == rowBytes && srcStride == rowBytes) {
    if (rows > 0) memory.copy(dst, src, <usize>rowBytes * <usize>rows);
    return;
  }
  for (let y = 0; y < rows; y++) {
    copyBytes(dst, src, rowBytes);
    dst += <usize>dstStride;
    src += <usize>srcStride;
  }
}

/** The 64-bit pattern of one element repeated over a vector. */
function splat(size: i32, lo: u32, hi: u32): v128 {
  if (size == 1) return i8x16.splat(<i8>lo);
  if (size == 2) return i16x8.splat(<i16>lo);
  if (size == 4) return i32x4.splat(lo);
  return i64x2.splat((<u64>hi << 32) | lo);
}

export function fillPattern(dst: usize, count: i32, size: i32, lo: u32, hi: u32): void {
  const bytes = <usize>count * <usize>size;
  const end = dst + bytes;
  const pattern = splat(size, lo, hi);
  while (dst + 16 <= end) {
    v128.store(dst, pattern);
    dst += 16;
  }
  if (dst == end) return;
  if (bytes >= 16) {
    // Elements divide 16, so the pattern keeps its phase at end - 16.
    v128.store(end - 16, pattern);
    return;
  }
  const value = (<u64>hi << 32) | lo;
  for (; dst < end; dst += size) {
    if (size == 1) store<u8>(dst, <u8>value);
    else if (size == 2) store<u16>(dst, <u16>value);
    else if (size == 4) store<u32>(dst, <u32>value);
    else store<u64>(dst, value);
  }
}

export function allEqual(src: usize, count: i32, size: i32, lo: u32, hi: u32): i32 {
  const bytes = <usize>count * <usize>size;
  const end = src + bytes;
  const pattern = splat(size, lo, hi);
  while (src + 64 <= end) {
    const a = v128.xor(v128.load(src), pattern);
    const b = v128.xor(v128.load(src, 16), pattern);
    const c = v128.xor(v128.load(src, 32), pattern);
    const d = v128.xor(v128.load(src, 48), pattern);
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return 0;
    src += 64;
  }
  for (; src + 16 <= end; src += 16) {
    if (v128.any_true(v128.xor(v128.load(src), pattern))) return 0;
  }
  const value = (<u64>hi << 32) | lo;
  for (; src < end; src += size) {
    if (size == 1) {
      if (load<u8>(src) != <u8>value) return 0;
    } else if (size == 2) {
      if (load<u16>(src) != <u16>value) return 0;
    } else if (size == 4) {
      if (load<u32>(src) != <u32>value) return 0;
    } else if (load<u64>(src) != value) return 0;
  }
  return 1;
}
