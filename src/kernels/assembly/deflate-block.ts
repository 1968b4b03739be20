// Deflate blocks (RFC 1951 section 3.2): from sequences of literals and matches to bits.

import { codeLengths, makeCodes } from './huffman';

/** Sequence: literals before the match (u32), then length << 16 | distance (0: no match). */
export const SEQUENCE: usize = 8;

const FREQ_LITERAL = memory.data(4 * 288, 16);
const FREQ_DISTANCE = memory.data(4 * 32, 16);
const FREQ_LENGTH = memory.data(4 * 20, 16);
const LENGTHS_LITERAL = memory.data(288, 16);
const LENGTHS_DISTANCE = memory.data(32, 16);
const LENGTHS_LENGTH = memory.data(20, 16);
const CODES_LITERAL = memory.data(4 * 288, 16);
const CODES_DISTANCE = memory.data(4 * 32, 16);
const CODES_LENGTH = memory.data(4 * 20, 16);
/** Four histograms: equal neighbours would wait for each other. */
const HISTOGRAM = memory.data(4 * 1024, 16);
/** Run-length coded code lengths: symbol | repeat << 8. */
const RUNS = memory.data(2 * 330, 16);
const PERMUTATION = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

let out: usize = 0;
let bitBuffer: u64 = 0;
let bitCount: u64 = 0;

export function startBits(dst: usize): void {
  out = dst;
  bitBuffer = 0;
  bitCount = 0;
}

/** Where the next whole byte goes. */
export function bitsEnd(): usize {
  return out;
}

/** Fill the last byte. */
export function finishBits(): usize {
  while (bitCount > 0) {
    store<u8>(out++, <u8>bitBuffer);
    bitBuffer >>= 8;
    bitCount = bitCount > 8 ? bitCount - 8 : 0;
  }
  return out;
}

function put(value: u32, bits: u32): void {
  bitBuffer |= <u64>value << bitCount;
  bitCount += bits;
  while (bitCount >= 8) {
    store<u8>(out++, <u8>bitBuffer);
    bitBuffer >>= 8;
    bitCount -= 8;
  }
}

// Lengths 3–258 are given less 3, distances 1–32768 less 1.

// @ts-ignore: decorator
@inline
function lengthSymbol(length: u32): u32 {
  if (length < 8) return length;
  if (length == 255) return 28;
  const top = 31 - clz(length);
  return 4 * (top - 1) + ((length >> (top - 2)) & 3);
}

// @ts-ignore: decorator
@inline
function lengthExtra(length: u32): u32 {
  return length < 8 || length == 255 ? 0 : 29 - clz(length);
}

// @ts-ignore: decorator
@inline
function distanceSymbol(distance: u32): u32 {
  if (distance < 4) return distance;
  const top = 31 - clz(distance);
  return 2 * top + ((distance >> (top - 1)) & 1);
}

// @ts-ignore: decorator
@inline
function distanceExtra(distance: u32): u32 {
  return distance < 4 ? 0 : 30 - clz(distance);
}

// @ts-ignore: decorator
@inline
function bump(table: usize, byte: u32): void {
  const slot = HISTOGRAM + table * 1024 + ((<usize>byte & 255) << 2);
  store<u32>(slot, load<u32>(slot) + 1);
}

function addBytes(src: usize, bytes: usize): void {
  const end = src + bytes;
  for (; src + 4 <= end; src += 4) {
    const four = load<u32>(src);
    bump(0, four);
    bump(1, four >> 8);
    bump(2, four >> 16);
    bump(3, four >> 24);
  }
  for (; src < end; src++) bump(0, load<u8>(src));
}

function countSymbols(src: usize, sequences: usize, end: usize): void {
  memory.fill(HISTOGRAM, 0, 4096);
  memory.fill(FREQ_LITERAL, 0, 4 * 288);
  memory.fill(FREQ_DISTANCE, 0, 4 * 32);
  for (let s = sequences; s < end; s += SEQUENCE) {
    const literals = <usize>load<u32>(s);
    const match = load<u32>(s, 4);
    addBytes(src, literals);
    src += literals;
    if (!match) continue;
    const length = match >> 16;
    src += length;
    const a = FREQ_LITERAL + 4 * (257 + lengthSymbol(length - 3));
    store<u32>(a, load<u32>(a) + 1);
    const b = FREQ_DISTANCE + 4 * distanceSymbol((match & 0xffff) - 1);
    store<u32>(b, load<u32>(b) + 1);
  }
  for (let i: usize = 0; i < 1024; i += 4) {
    store<u32>(
      FREQ_LITERAL + i,
      load<u32>(HISTOGRAM + i) + load<u32>(HISTOGRAM + i, 1024) + load<u32>(HISTOGRAM + i, 2048) + load<u32>(HISTOGRAM + i, 3072),
    );
  }
  store<u32>(FREQ_LITERAL + 4 * 256, 1);
}

/** Both code length lists as one, run-length coded; the number of runs. */
function makeRuns(literals: i32, distances: i32): i32 {
  memory.fill(FREQ_LENGTH, 0, 4 * 20);
  let runs = 0;
  const total = literals + distances;
  for (let i = 0; i < total; ) {
    const value = lengthAt(i, literals);
    let run = 1;
    while (i + run < total && lengthAt(i + run, literals) == value) run++;
    i += run;
    if (value == 0) {
      while (run >= 3) {
        const n = min(run, 138);
        runs = addRun(runs, n < 11 ? 17 : 18, n < 11 ? n - 3 : n - 11);
        run -= n;
      }
    } else {
      runs = addRun(runs, value, 0);
      run--;
      while (run >= 3) {
        const n = min(run, 6);
        runs = addRun(runs, 16, n - 3);
        run -= n;
      }
    }
    for (; run > 0; run--) runs = addRun(runs, value, 0);
  }
  return runs;
}

// @ts-ignore: decorator
@inline
function lengthAt(i: i32, literals: i32): i32 {
  return i < literals ? load<u8>(LENGTHS_LITERAL + i) : load<u8>(LENGTHS_DISTANCE + i - literals);
}

function addRun(runs: i32, symbol: i32, extra: i32): i32 {
  store<u16>(RUNS + 2 * runs, <u16>(symbol | (extra << 8)));
  const slot = FREQ_LENGTH + 4 * symbol;
  store<u32>(slot, load<u32>(slot) + 1);
  return runs + 1;
}

/** Bits of all symbols by the lengths given, extra bits included. */
function symbolBits(literal: usize, distance: usize): u64 {
  let bits: u64 = 0;
  for (let i = 0; i < 286; i++) {
    let each = <u32>load<u8>(literal + i);
    if (i >= 265 && i < 285) each += (i - 261) >> 2;
    bits += <u64>load<u32>(FREQ_LITERAL + 4 * i) * each;
  }
  for (let i = 0; i < 30; i++) {
    let each = <u32>load<u8>(distance + i);
    if (i >= 4) each += (i - 2) >> 1;
    bits += <u64>load<u32>(FREQ_DISTANCE + 4 * i) * each;
  }
  return bits;
}

function fixedLengths(): void {
  memory.fill(LENGTHS_LITERAL, 8, 288);
  memory.fill(LENGTHS_LITERAL + 144, 9, 112);
  memory.fill(LENGTHS_LITERAL + 256, 7, 24);
  memory.fill(LENGTHS_DISTANCE, 5, 32);
}

function fixedBits(): u64 {
  let bits: u64 = 0;
  for (let i = 0; i < 286; i++) {
    let each: u32 = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    if (i >= 265 && i < 285) each += (i - 261) >> 2;
    bits += <u64>load<u32>(FREQ_LITERAL + 4 * i) * each;
  }
  for (let i = 0; i < 30; i++) {
    const each: u32 = 5 + (i >= 4 ? (i - 2) >> 1 : 0);
    bits += <u64>load<u32>(FREQ_DISTANCE + 4 * i) * each;
  }
  return bits;
}

function putPieces(src: usize, bytes: usize, final: u32): void {
  do {
    const n = min<usize>(bytes, 65535);
    put(n == bytes ? final : 0, 3);
    finishBits();
    store<u16>(out, <u16>n);
    store<u16>(out, <u16>~n, 2);
    memory.copy(out + 4, src, n);
    out += 4 + n;
    src += n;
    bytes -= n;
  } while (bytes > 0);
}

/** The whole stream uncompressed. False: no room. */
export function putStored(src: usize, bytes: usize, limit: usize): bool {
  if (limit - out < bytes + 5 * (bytes / 65535 + 1)) return false;
  putPieces(src, bytes, 1);
  return true;
}

/** Literals three at a time: with the rest of a byte they fit into 64 bits, as a whole match does. */
function putSequences(src: usize, sequences: usize, end: usize): void {
  let buffer = bitBuffer;
  let count = bitCount;
  let op = out;
  for (let s = sequences; s < end; s += SEQUENCE) {
    const match = load<u32>(s, 4);
    const stop = src + <usize>load<u32>(s);
    while (src + 3 <= stop) {
      const a = <u64>load<u32>(CODES_LITERAL + 4 * <usize>load<u8>(src));
      const b = <u64>load<u32>(CODES_LITERAL + 4 * <usize>load<u8>(src, 1));
      const c = <u64>load<u32>(CODES_LITERAL + 4 * <usize>load<u8>(src, 2));
      src += 3;
      const ab = (a & 0xffff) | ((b & 0xffff) << (a >> 16));
      const n = (a >> 16) + (b >> 16);
      buffer |= (ab | ((c & 0xffff) << n)) << count;
      count += n + (c >> 16);
      store<u64>(op, buffer);
      op += <usize>(count >> 3);
      buffer >>= count & ~7;
      count &= 7;
    }
    while (src < stop) {
      const a = <u64>load<u32>(CODES_LITERAL + 4 * <usize>load<u8>(src++));
      buffer |= (a & 0xffff) << count;
      count += a >> 16;
      store<u64>(op, buffer);
      op += <usize>(count >> 3);
      buffer >>= count & ~7;
      count &= 7;
    }
    if (!match) continue;
    src += match >> 16;
    const length = (match >> 16) - 3;
    const distance = (match & 0xffff) - 1;
    const a = load<u32>(CODES_LITERAL + 4 * (257 + lengthSymbol(length)));
    buffer |= <u64>(a & 0xffff) << count;
    count += a >> 16;
    const lengthBits = lengthExtra(length);
    buffer |= <u64>(length & ((1 << lengthBits) - 1)) << count;
    // The last length has no extra bits, though it is not the first of its group.
    count += lengthBits;
    const b = load<u32>(CODES_DISTANCE + 4 * distanceSymbol(distance));
    buffer |= <u64>(b & 0xffff) << count;
    count += b >> 16;
    const distanceBits = distanceExtra(distance);
    buffer |= <u64>(distance & ((1 << distanceBits) - 1)) << count;
    count += distanceBits;
    store<u64>(op, buffer);
    op += <usize>(count >> 3);
    buffer >>= count & ~7;
    count &= 7;
  }
  bitBuffer = buffer;
  bitCount = count;
  out = op;
}

/** One block, in the form that takes the fewest bits. `limit`: end of the output, which keeps 16 bytes free behind blocks. False: no room. */
export function putBlock(src: usize, bytes: usize, sequences: usize, end: usize, final: u32, limit: usize): bool {
  countSymbols(src, sequences, end);
  codeLengths(FREQ_LITERAL, 286, 15, LENGTHS_LITERAL);
  codeLengths(FREQ_DISTANCE, 30, 15, LENGTHS_DISTANCE);
  let literals = 286;
  while (literals > 257 && load<u8>(LENGTHS_LITERAL + literals - 1) == 0) literals--;
  let distances = 30;
  while (distances > 1 && load<u8>(LENGTHS_DISTANCE + distances - 1) == 0) distances--;
  const runs = makeRuns(literals, distances);
  codeLengths(FREQ_LENGTH, 19, 7, LENGTHS_LENGTH);
  let lengths = 19;
  while (lengths > 4 && load<u8>(LENGTHS_LENGTH + load<u8>(PERMUTATION + lengths - 1)) == 0) lengths--;
  let dynamic: u64 = 17 + 3 * lengths + symbolBits(LENGTHS_LITERAL, LENGTHS_DISTANCE);
  for (let i = 0; i < 19; i++) {
    const extra = i == 16 ? 2 : i == 17 ? 3 : i == 18 ? 7 : 0;
    dynamic += <u64>load<u32>(FREQ_LENGTH + 4 * i) * (load<u8>(LENGTHS_LENGTH + i) + extra);
  }
  const fixed = 3 + fixedBits();
  const pieces = <u64>max<usize>(1, (bytes + 65534) / 65535);
  const stored = 8 * <u64>bytes + pieces * 42;
  const best = min(min(dynamic, fixed), stored);
  if (<u64>(limit - out) < (best >> 3) + 16) return false;
  if (stored == best) {
    putPieces(src, bytes, final);
    return true;
  }
  if (fixed == best) {
    put(final | (1 << 1), 3);
    fixedLengths();
    makeCodes(LENGTHS_LITERAL, 288, CODES_LITERAL);
  } else {
    put(final | (2 << 1), 3);
    put(literals - 257, 5);
    put(distances - 1, 5);
    put(lengths - 4, 4);
    for (let i = 0; i < lengths; i++) put(load<u8>(LENGTHS_LENGTH + load<u8>(PERMUTATION + i)), 3);
    makeCodes(LENGTHS_LENGTH, 19, CODES_LENGTH);
    for (let i = 0; i < runs; i++) {
      const run = <u32>load<u16>(RUNS + 2 * i);
      const symbol = run & 255;
      const code = load<u32>(CODES_LENGTH + 4 * symbol);
      put(code & 0xffff, code >> 16);
      if (symbol == 16) put(run >> 8, 2);
      else if (symbol == 17) put(run >> 8, 3);
      else if (symbol == 18) put(run >> 8, 7);
    }
    makeCodes(LENGTHS_LITERAL, 286, CODES_LITERAL);
  }
  makeCodes(LENGTHS_DISTANCE, 30, CODES_DISTANCE);
  putSequences(src, sequences, end);
  const last = load<u32>(CODES_LITERAL + 4 * 256);
  put(last & 0xffff, last >> 16);
  return true;
}
