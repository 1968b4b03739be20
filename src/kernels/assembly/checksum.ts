// CRC-32C (Castagnoli, reflected, RFC 3720), eight bytes a step through eight tables; Fletcher-32 as HDF5 computes it.

const TABLES = memory.data(8 * 1024, 16);
let ready = false;

function makeTables(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let c = i;
    for (let k = 0; k < 8; k++) c = (c >> 1) ^ (c & 1 ? 0x82f63b78 : 0);
    store<u32>(TABLES + i * 4, c);
  }
  for (let i: usize = 0; i < 256; i++) {
    let c = load<u32>(TABLES + i * 4);
    for (let t: usize = 1; t < 8; t++) {
      c = load<u32>(TABLES + (c & 255) * 4) ^ (c >> 8);
      store<u32>(TABLES + t * 1024 + i * 4, c);
    }
  }
  ready = true;
}

// @ts-ignore: decorator
@inline
function entry(table: usize, index: u64): u32 {
  return load<u32>(TABLES + table * 1024 + (<usize>index & 255) * 4);
}

export function crc32c(ptr: usize, bytes: i32): u32 {
  if (!ready) makeTables();
  let crc: u32 = 0xffffffff;
  const end = ptr + bytes;
  for (; ptr + 8 <= end; ptr += 8) {
    const v = load<u64>(ptr) ^ <u64>crc;
    crc =
      entry(7, v) ^ entry(6, v >> 8) ^ entry(5, v >> 16) ^ entry(4, v >> 24) ^
      entry(3, v >> 32) ^ entry(2, v >> 40) ^ entry(1, v >> 48) ^ entry(0, v >> 56);
  }
  for (; ptr < end; ptr++) crc = entry(0, <u64>(crc ^ load<u8>(ptr))) ^ (crc >> 8);
  return ~crc;
}

/** 16-bit big-endian words; an odd last byte counts as the high byte of a word. */
export function fletcher32(ptr: usize, bytes: i32): u32 {
  let a: u32 = 0;
  let b: u32 = 0;
  let words = bytes >> 1;
  while (words > 0) {
    // 360 words are the most that cannot overflow 32 bits.
    const run = min(words, 360);
    words -= run;
    for (let i = 0; i < run; i++, ptr += 2) {
      a += <u32>bswap<u16>(load<u16>(ptr));
      b += a;
    }
    a = (a & 0xffff) + (a >> 16);
    b = (b & 0xffff) + (b >> 16);
  }
  if (bytes & 1) {
    a += <u32>load<u8>(ptr) << 8;
    b += a;
    a = (a & 0xffff) + (a >> 16);
    b = (b & 0xffff) + (b >> 16);
  }
  a = (a & 0xffff) + (a >> 16);
  b = (b & 0xffff) + (b >> 16);
  return (b << 16) | a;
}

const COLUMNS = memory.data<i16>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
const ADLER: u32 = 65521;
/** Vectors a run: the sums of column sums stay below 2^16 (255 · 21 · 22 / 2), their weighted ones below 2^15. */
const RUN: usize = 21;

/** Adler-32 (RFC 1950 section 8.2). Of each run of vectors: sums of the 16 columns, and sums of those sums after each vector. */
export function adler32(ptr: usize, bytes: i32): u32 {
  let a: u32 = 1;
  let b: u32 = 0;
  const end = ptr + bytes;
  const zero = i32x4.splat(0);
  const low = v128.load(COLUMNS);
  const high = v128.load(COLUMNS, 16);
  while (ptr + 16 <= end) {
    // 5552 bytes are the most that cannot overflow 32 bits.
    const stop = ptr + ((min<usize>(end - ptr, 5552) >> 4) << 4);
    const n = <u32>(stop - ptr);
    let sums = zero;
    // Sums before each run, times its vectors; sums of sums within runs; columns, which weigh less by their number.
    let before = zero;
    let within = zero;
    let less = zero;
    while (ptr < stop) {
      const vectors = min<usize>(RUN, (stop - ptr) >> 4);
      const runEnd = ptr + (vectors << 4);
      let lowSums = zero;
      let highSums = zero;
      let lowWithin = zero;
      let highWithin = zero;
      for (; ptr < runEnd; ptr += 16) {
        const v = v128.load(ptr);
        lowSums = i16x8.add(lowSums, i16x8.extend_low_i8x16_u(v));
        highSums = i16x8.add(highSums, i16x8.extend_high_i8x16_u(v));
        lowWithin = i16x8.add(lowWithin, lowSums);
        highWithin = i16x8.add(highWithin, highSums);
      }
      before = i32x4.add(before, i32x4.mul(sums, i32x4.splat(<i32>vectors)));
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.add(lowSums, highSums)));
      within = i32x4.add(within, i32x4.extadd_pairwise_i16x8_u(lowWithin));
      within = i32x4.add(within, i32x4.extadd_pairwise_i16x8_u(highWithin));
      less = i32x4.add(less, i32x4.add(i32x4.dot_i16x8_s(lowSums, low), i32x4.dot_i16x8_s(highSums, high)));
    }
    b = (b + n * a + 16 * (total(before) + total(within)) - total(less)) % ADLER;
    a = (a + total(sums)) % ADLER;
  }
  for (; ptr < end; ptr++) {
    a += load<u8>(ptr);
    b += a;
  }
  return ((b % ADLER) << 16) | (a % ADLER);
}

// @ts-ignore: decorator
@inline
function total(v: v128): u32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}

const P1: u64 = 11400714785074694791;
const P2: u64 = 14029467366897019727;
const P3: u64 = 1609587929392839161;
const P4: u64 = 9650029242287828579;
const P5: u64 = 2870177450012600261;

// @ts-ignore: decorator
@inline
function round(acc: u64, value: u64): u64 {
  return rotl(acc + value * P2, 31) * P1;
}

/** Low half of XXH64 with seed 0 (xxHash fast digest algorithm), the checksum of Zstandard frames. */
export function xxh64(ptr: usize, bytes: i32): u32 {
  const end = ptr + bytes;
  let h: u64 = P5;
  if (bytes >= 32) {
    let a: u64 = P1 + P2;
    let b: u64 = P2;
    let c: u64 = 0;
    let d: u64 = 0 - P1;
    for (; ptr + 32 <= end; ptr += 32) {
      a = round(a, load<u64>(ptr));
      b = round(b, load<u64>(ptr, 8));
      c = round(c, load<u64>(ptr, 16));
      d = round(d, load<u64>(ptr, 24));
    }
    h = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
    h = (h ^ round(0, a)) * P1 + P4;
    h = (h ^ round(0, b)) * P1 + P4;
    h = (h ^ round(0, c)) * P1 + P4;
    h = (h ^ round(0, d)) * P1 + P4;
  }
  h += bytes;
  for (; ptr + 8 <= end; ptr += 8) h = rotl(h ^ round(0, load<u64>(ptr)), 27) * P1 + P4;
  if (ptr + 4 <= end) {
    h = rotl(h ^ (<u64>load<u32>(ptr) * P1), 23) * P2 + P3;
    ptr += 4;
  }
  for (; ptr < end; ptr++) h = rotl(h ^ (<u64>load<u8>(ptr) * P5), 11) * P1;
  h ^= h >> 33;
  h *= P2;
  h ^= h >> 29;
  h *= P3;
  return <u32>(h ^ (h >> 32));
}
