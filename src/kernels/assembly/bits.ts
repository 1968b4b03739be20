// Packed and unusual number formats to ordinary ones.

const ONES = memory.data<u8>([128, 64, 32, 16, 8, 4, 2, 1, 128, 64, 32, 16, 8, 4, 2, 1]);

/** 1-bit rows: 16 pixels a step. */
function unpack1(dst: usize, src: usize, count: i32): void {
  const ones = v128.load(ONES);
  const one = i8x16.splat(1);
  let i = 0;
  for (; i + 16 <= count; i += 16, src += 2) {
    const two = v128.load16_splat(src);
    const spread = v128.shuffle<u8>(two, two, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
    v128.store(dst + i, v128.and(i8x16.eq(v128.and(spread, ones), ones), one));
  }
  for (; i < count; i++) store<u8>(dst + i, (load<u8>(src + ((i & 15) >> 3)) >> <u8>(7 - (i & 7))) & 1);
}

/** 12-bit rows: 8 pixels from 12 bytes a step; reads 16, so it stops while 16 are left. */
function unpack12(dst: usize, src: usize, count: i32): i32 {
  const even = i32x4.splat(0xffff);
  const mask = i16x8.splat(0x0fff);
  let i = 0;
  for (; i + 11 <= count; i += 8, src += 12, dst += 16) {
    const v = v128.load(src);
    const w = v128.shuffle<u8>(v, v, 1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    v128.store(dst, v128.bitselect(i16x8.shr_u(w, 4), v128.and(w, mask), even));
  }
  return i;
}

// @ts-ignore: decorator
@inline
function unpackRow<T>(dst: usize, src: usize, count: i32, bits: i32): void {
  const mask: u64 = (<u64>1 << bits) - 1;
  let buffer: u64 = 0;
  let have: u64 = 0;
  for (let i = 0; i < count; i++, dst += sizeof<T>()) {
    while (have < <u64>bits) {
      buffer = (buffer << 8) | load<u8>(src++);
      have += 8;
    }
    have -= bits;
    store<T>(dst, <T>((buffer >> have) & mask));
  }
}

export function unpackBits(dst: usize, src: usize, rows: i32, count: i32, bits: i32): void {
  const rowBytes = <usize>((<i64>count * bits + 7) >> 3);
  const size = bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
  for (let y = 0; y < rows; y++, src += rowBytes, dst += <usize>count * size) {
    if (bits == 1) unpack1(dst, src, count);
    else if (bits <= 8) unpackRow<u8>(dst, src, count, bits);
    else if (bits == 12) {
      const done = unpack12(dst, src, count);
      unpackRow<u16>(dst + 2 * done, src + (done >> 3) * 12, count - done, 12);
    } else if (bits <= 16) unpackRow<u16>(dst, src, count, bits);
    else unpackRow<u32>(dst, src, count, bits);
  }
}

// @ts-ignore: decorator
@inline
function unpackRowLow<T>(dst: usize, src: usize, count: i32, bits: i32): void {
  const mask: u64 = (<u64>1 << bits) - 1;
  let buffer: u64 = 0;
  let have: u64 = 0;
  for (let i = 0; i < count; i++, dst += sizeof<T>()) {
    while (have < <u64>bits) {
      buffer |= <u64>load<u8>(src++) << have;
      have += 8;
    }
    store<T>(dst, <T>(buffer & mask));
    buffer >>= bits;
    have -= bits;
  }
}

/** As unpackBits, but the first value takes the lowest bits of the first byte. */
export function unpackBitsLow(dst: usize, src: usize, rows: i32, count: i32, bits: i32): void {
  const rowBytes = <usize>((<i64>count * bits + 7) >> 3);
  const size = bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
  for (let y = 0; y < rows; y++, src += rowBytes, dst += <usize>count * size) {
    if (bits <= 8) unpackRowLow<u8>(dst, src, count, bits);
    else if (bits <= 16) unpackRowLow<u16>(dst, src, count, bits);
    else unpackRowLow<u32>(dst, src, count, bits);
  }
}

const REVERSED = memory.data<u8>([0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15]);

export function reverseBits(ptr: usize, bytes: i32): void {
  const table = v128.load(REVERSED);
  const end = ptr + bytes;
  for (; ptr + 16 <= end; ptr += 16) {
    const v = v128.load(ptr);
    const high = i8x16.swizzle(table, v128.and(v, i8x16.splat(15)));
    const low = i8x16.swizzle(table, i8x16.shr_u(v, 4));
    v128.store(ptr, v128.or(i8x16.shl(high, 4), low));
  }
  for (; ptr < end; ptr++) {
    const v = <usize>load<u8>(ptr);
    store<u8>(ptr, (load<u8>(REVERSED + (v & 15)) << 4) | load<u8>(REVERSED + (v >> 4)));
  }
}

/** IEEE 754 number of `exponent` and `mantissa` bits (sign above them) to the bits of a single. Exact; NaN payloads are kept. */
// @ts-ignore: decorator
@inline
function widen(value: u32, exponentBits: u32, mantissaBits: u32): u32 {
  const bias = (1 << (exponentBits - 1)) - 1;
  const sign = (value >> (exponentBits + mantissaBits)) << 31;
  const exponent = (value >> mantissaBits) & ((1 << exponentBits) - 1);
  const mantissa = value & ((1 << mantissaBits) - 1);
  const shift = 23 - mantissaBits;
  if (exponent == <u32>((1 << exponentBits) - 1)) return sign | 0x7f800000 | (mantissa << shift);
  if (exponent != 0) return sign | ((exponent + 127 - bias) << 23) | (mantissa << shift);
  if (mantissa == 0) return sign;
  // Denormal: the leading one becomes implicit.
  const up = clz(mantissa) - (31 - mantissaBits);
  return sign | ((128 - bias - up) << 23) | (((mantissa << up) & ((1 << mantissaBits) - 1)) << shift);
}

export function halfToFloat(dst: usize, src: usize, count: i32): void {
  for (let i = 0; i < count; i++, src += 2, dst += 4) store<u32>(dst, widen(load<u16>(src), 5, 10));
}

export function float24ToFloat(dst: usize, src: usize, count: i32): void {
  for (let i = 0; i < count; i++, src += 3, dst += 4) {
    store<u32>(dst, widen(<u32>load<u16>(src) | (<u32>load<u8>(src, 2) << 16), 7, 16));
  }
}

/** 3-byte little-endian integers to 4 bytes, with the sign if `signed`. */
export function widen24(dst: usize, src: usize, count: i32, signed: i32): void {
  for (let i = 0; i < count; i++, src += 3, dst += 4) {
    const value = <u32>load<u16>(src) | (<u32>load<u8>(src, 2) << 16);
    store<u32>(dst, signed ? <u32>((<i32>(value << 8)) >> 8) : value);
  }
}

// @ts-ignore: decorator
@inline
function subtractFrom<T>(ptr: usize, count: i32, mask: T): void {
  const end = ptr + <usize>count * sizeof<T>();
  const top = v128.splat<T>(mask);
  for (; ptr + 16 <= end; ptr += 16) v128.store(ptr, v128.sub<T>(top, v128.load(ptr)));
  for (; ptr < end; ptr += sizeof<T>()) store<T>(ptr, mask - load<T>(ptr));
}

export function invert(ptr: usize, count: i32, size: i32, mask: f64): void {
  if (size == 1) subtractFrom<u8>(ptr, count, <u8>mask);
  else if (size == 2) subtractFrom<u16>(ptr, count, <u16>mask);
  else if (size == 4) subtractFrom<u32>(ptr, count, <u32>mask);
  else subtractFrom<u64>(ptr, count, <u64>mask);
}

/** Entry `src[i]` (1 or 2 bytes an index; beyond the table: the last entry) of a table of `entries` × `width` bytes, for each i. */
export function lookUp(dst: usize, src: usize, count: i32, size: i32, table: usize, entries: i32, width: i32): void {
  for (let i = 0; i < count; i++, dst += width) {
    const index = min(size == 1 ? <i32>load<u8>(src + i) : <i32>load<u16>(src + 2 * i), entries - 1);
    const from = table + index * width;
    for (let k = 0; k < width; k++) store<u8>(dst + k, load<u8>(from + k));
  }
}
