// Code lengths of a block with dynamic Huffman codes (RFC 1951 section 3.2.7), and those of the fixed codes.

import { put } from './deflate-bits';
import { DISTANCES, FREQUENCIES } from './deflate-symbols';
import { codeLengths, makeCodes } from './huffman';

/** Four literals and the rest of a byte fit into 64 bits. */
const LONGEST_CODE = 14;

/** Lengths (u8) of the codes of all symbols: those that dynamicLengths made, and the fixed ones. */
export const DYNAMIC = memory.data(320, 16);
export const FIXED = memory.data(320, 16);
const RUN_FREQUENCIES = memory.data(4 * 20, 16);
const RUN_LENGTHS = memory.data(20, 16);
const RUN_CODES = memory.data(4 * 20, 16);
/** Run-length coded code lengths: symbol | repeat << 8. */
const RUNS = memory.data(2 * 330, 16);
const PERMUTATION = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

let literals = 0;
let distances = 0;
let runs = 0;
let lengths = 0;

/** Both code length lists as one, run-length coded. */
function makeRuns(): void {
  memory.fill(RUN_FREQUENCIES, 0, 4 * 20);
  runs = 0;
  const total = literals + distances;
  for (let i = 0; i < total; ) {
    const value = lengthAt(i);
    let run = 1;
    while (i + run < total && lengthAt(i + run) == value) run++;
    i += run;
    if (value == 0) {
      while (run >= 3) {
        const n = min(run, 138);
        addRun(n < 11 ? 17 : 18, n < 11 ? n - 3 : n - 11);
        run -= n;
      }
    } else {
      addRun(value, 0);
      run--;
      while (run >= 3) {
        const n = min(run, 6);
        addRun(16, n - 3);
        run -= n;
      }
    }
    for (; run > 0; run--) addRun(value, 0);
  }
}

// @ts-ignore: decorator
@inline
function lengthAt(i: i32): i32 {
  return load<u8>(DYNAMIC + (i < literals ? i : <i32>DISTANCES + i - literals));
}

function addRun(symbol: i32, extra: i32): void {
  store<u16>(RUNS + 2 * runs++, <u16>(symbol | (extra << 8)));
  const slot = RUN_FREQUENCIES + 4 * symbol;
  store<u32>(slot, load<u32>(slot) + 1);
}

// @ts-ignore: decorator
@inline
function runExtra(symbol: i32): u32 {
  return symbol == 16 ? 2 : symbol == 17 ? 3 : symbol == 18 ? 7 : 0;
}

/** Lengths of codes that suit the frequencies; bits of the header that tells them. */
export function dynamicLengths(): u64 {
  codeLengths(FREQUENCIES, 288, LONGEST_CODE, DYNAMIC);
  codeLengths(FREQUENCIES + 4 * DISTANCES, 30, 15, DYNAMIC + DISTANCES);
  literals = 286;
  while (literals > 257 && load<u8>(DYNAMIC + literals - 1) == 0) literals--;
  distances = 30;
  while (distances > 1 && load<u8>(DYNAMIC + DISTANCES + distances - 1) == 0) distances--;
  makeRuns();
  codeLengths(RUN_FREQUENCIES, 19, 7, RUN_LENGTHS);
  lengths = 19;
  while (lengths > 4 && load<u8>(RUN_LENGTHS + load<u8>(PERMUTATION + lengths - 1)) == 0) lengths--;
  let bits: u64 = 17 + 3 * lengths;
  for (let i = 0; i < 19; i++) {
    bits += <u64>load<u32>(RUN_FREQUENCIES + 4 * i) * (load<u8>(RUN_LENGTHS + i) + runExtra(i));
  }
  return bits;
}

/** Header of the lengths that dynamicLengths made last. */
export function putDynamicHeader(final: u32): void {
  put(final | (2 << 1), 3);
  put(literals - 257, 5);
  put(distances - 1, 5);
  put(lengths - 4, 4);
  for (let i = 0; i < lengths; i++) put(load<u8>(RUN_LENGTHS + load<u8>(PERMUTATION + i)), 3);
  makeCodes(RUN_LENGTHS, 19, RUN_CODES);
  for (let i = 0; i < runs; i++) {
    const run = <u32>load<u16>(RUNS + 2 * i);
    const code = load<u32>(RUN_CODES + 4 * (run & 255));
    put(code & 0xffff, code >> 16);
    put(run >> 8, runExtra(run & 255));
  }
}

export function fixedLengths(): void {
  memory.fill(FIXED, 8, 288);
  memory.fill(FIXED + 144, 9, 112);
  memory.fill(FIXED + 256, 7, 24);
  memory.fill(FIXED + DISTANCES, 5, 32);
}
