// Symbols of deflate (RFC 1951 section 3.2.5), how often they occur in a block, and their codes. Literals, lengths and the end have
// symbols 0–285; distances follow from DISTANCES on, so that both share one table.

import { makeCodes } from './huffman';

/** Symbol of the shortest distance. */
export const DISTANCES: u32 = 288;
const SYMBOLS: usize = 320;

/** How often each symbol occurs (u32). */
export const FREQUENCIES = memory.data(4 * 320, 16);
/** Codes (u32): bits, length << 16, length with the extra bits of the distance << 24. */
export const CODES = memory.data(4 * 320, 16);
/** Histograms: equal neighbours would wait for each other in one. */
const PARTS = memory.data(4 * 1280, 16);

// Lengths 3–258 are given less 3, distances 1–32768 less 1.

// @ts-ignore: decorator
@inline
export function lengthSymbol(length: u32): u32 {
  if (length < 8) return length;
  if (length == 255) return 28;
  const top = 31 - clz(length);
  return 4 * (top - 1) + ((length >> (top - 2)) & 3);
}

// @ts-ignore: decorator
@inline
export function lengthExtra(length: u32): u32 {
  return length < 8 || length == 255 ? 0 : 29 - clz(length);
}

// @ts-ignore: decorator
@inline
export function distanceSymbol(distance: u32): u32 {
  if (distance < 4) return distance;
  const top = 31 - clz(distance);
  return 2 * top + ((distance >> (top - 1)) & 1);
}

// @ts-ignore: decorator
@inline
export function distanceExtra(distance: u32): u32 {
  return distance < 4 ? 0 : 30 - clz(distance);
}

export function startCount(): void {
  memory.fill(PARTS, 0, 4 * 1280);
}

/** Part `table` (0–3) counts a symbol. */
// @ts-ignore: decorator
@inline
export function countSymbol(table: usize, symbol: u32): void {
  const slot = PARTS + table * 1280 + (<usize>symbol << 2);
  store<u32>(slot, load<u32>(slot) + 1);
}

/** Byte i counts in part i % 4. */
export function countBytes(src: usize, bytes: usize): void {
  const end = src + bytes;
  for (; src + 4 <= end; src += 4) {
    const four = load<u32>(src);
    countSymbol(0, four & 255);
    countSymbol(1, (four >> 8) & 255);
    countSymbol(2, (four >> 16) & 255);
    countSymbol(3, four >> 24);
  }
  for (; src < end; src++) countSymbol(0, load<u8>(src));
}

/** Sum of the parts, and one end of block. */
export function endCount(): void {
  for (let i: usize = 0; i < 4 * SYMBOLS; i += 16) {
    const low = i32x4.add(v128.load(PARTS + i), v128.load(PARTS + i, 1280));
    v128.store(FREQUENCIES + i, i32x4.add(low, i32x4.add(v128.load(PARTS + i, 2560), v128.load(PARTS + i, 3840))));
  }
  store<u32>(FREQUENCIES + 4 * 256, 1);
}

/** Literals counted. */
export function literalCount(): u32 {
  let sum: u32 = 0;
  for (let i: usize = 0; i < 1024; i += 4) sum += load<u32>(FREQUENCIES + i);
  return sum;
}

/** Whether bytes at even and odd places, as counted by countBytes, have little in common: values of 16 bits. */
export function placesDiffer(bytes: usize): bool {
  let apart: u32 = 0;
  for (let i: usize = 0; i < 1024; i += 4) {
    const even = load<u32>(PARTS + i) + load<u32>(PARTS + i, 2560);
    const odd = load<u32>(PARTS + i, 1280) + load<u32>(PARTS + i, 3840);
    apart += even > odd ? even - odd : odd - even;
  }
  return apart > <u32>(bytes >> 2);
}

/** Codes of these lengths (u8, all symbols). */
export function makeAllCodes(lengths: usize): void {
  makeCodes(lengths, 288, CODES);
  makeCodes(lengths + DISTANCES, 30, CODES + 4 * DISTANCES);
  for (let i: u32 = 0; i < DISTANCES + 30; i++) {
    const slot = CODES + 4 * <usize>i;
    const code = load<u32>(slot);
    const extra = i < DISTANCES ? 0 : extraOf(i - DISTANCES);
    store<u32>(slot, code | (((code >> 16) + extra) << 24));
  }
}

// @ts-ignore: decorator
@inline
function extraOf(distance: u32): u32 {
  return distance < 4 ? 0 : (distance - 2) >> 1;
}

/** Bits of all symbols of the block by the lengths of their codes (u8, all symbols), extra bits included. */
export function symbolBits(lengths: usize): u64 {
  let bits: u64 = 0;
  for (let i = 0; i < 286; i++) {
    let each = <u32>load<u8>(lengths + i);
    if (i >= 265 && i < 285) each += (i - 261) >> 2;
    bits += <u64>load<u32>(FREQUENCIES + 4 * i) * each;
  }
  for (let i: u32 = 0; i < 30; i++) {
    const slot = <usize>(DISTANCES + i);
    bits += <u64>load<u32>(FREQUENCIES + 4 * slot) * (load<u8>(lengths + slot) + extraOf(i));
  }
  return bits;
}
