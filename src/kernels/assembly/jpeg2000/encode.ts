// Embedded block coding (ITU-T T.800 Annex D): the mirror of block.ts, with the same layout of flags and values.

import { prepareTables, E, E_NEGATIVE, N, N_NEGATIVE, NE, NEGATIVE, NEIGHBOURS, NW, REFINED, S, S_NEGATIVE, SE, SIGN_CODING, SIGNIFICANT, SW, VISITED, W, W_NEGATIVE, ZERO_CODING } from './luts';
import { resetContexts, RUN, UNIFORM } from './mq';
import { bytesSoFar, encode, flushMq, startMq } from './mq-encode';

// @ts-ignore: decorator
@inline const FOUR: u64 = 0x0001000100010001;

let flags: usize = 0;
let values: usize = 0;
let width: i32 = 0;
let height: i32 = 0;
let stripe: usize = 0;
let zeroCoding: usize = 0;
let plane: u32 = 0;
/** Squared error that the pass takes away, in units of the quantisation step. */
let gain: f64 = 0;

// @ts-ignore: decorator
@inline function first(s: i32): usize {
  return (<usize>(s + 1) * (stripe >> 2) + 1) << 2;
}

// @ts-ignore: decorator
@inline function mark(i: usize, bits: u32): void {
  const at = flags + (i << 1);
  store<u16>(at, load<u16>(at) | <u16>bits);
}

/** Middle of what a decoder knows of `value` once planes from `p` on are coded. */
// @ts-ignore: decorator
@inline function known(value: u32, p: u32): f64 {
  return (<f64>(value >> p) + 0.5) * <f64>((<u32>1) << p);
}

/** The sign, and what it means to neighbours. */
function become(i: usize, r: i32): void {
  const f = <u32>load<u16>(flags + (i << 1));
  const negative = (f & NEGATIVE) != 0;
  const entry = <u32>load<u8>(SIGN_CODING + <usize>((f >> 4) & 255));
  encode(<usize>(entry & 127), (negative ? 1 : 0) ^ <i32>(entry >> 7));
  const value = load<u32>(values + (i << 2));
  const exact = <f64>value + 0.5;
  const rest = exact - known(value, plane);
  gain += exact * exact - rest * rest;
  mark(i, SIGNIFICANT);
  mark(i - 4, E | (negative ? E_NEGATIVE : 0));
  mark(i + 4, W | (negative ? W_NEGATIVE : 0));
  const south = r < 3 ? i + 1 : i + stripe - 3;
  mark(south, N | (negative ? N_NEGATIVE : 0));
  mark(south - 4, NE);
  mark(south + 4, NW);
  const north = r > 0 ? i - 1 : i - stripe + 3;
  mark(north, S | (negative ? S_NEGATIVE : 0));
  mark(north - 4, SE);
  mark(north + 4, SW);
}

// @ts-ignore: decorator
@inline function bitOf(i: usize): i32 {
  return <i32>((load<u32>(values + (i << 2)) >> plane) & 1);
}

function significancePass(): void {
  for (let s = 0; s << 2 < height; s++) {
    const rows = min(4, height - (s << 2));
    let i = first(s);
    for (let x = 0; x < width; x++, i += 4) {
      if ((load<u64>(flags + (i << 1)) & (FOUR * NEIGHBOURS)) == 0) continue;
      for (let r = 0; r < rows; r++) {
        const f = <u32>load<u16>(flags + ((i + r) << 1));
        if ((f & NEIGHBOURS) == 0 || (f & (SIGNIFICANT | VISITED)) != 0) continue;
        const bit = bitOf(i + r);
        encode(<usize>load<u8>(zeroCoding + <usize>(f & 255)), bit);
        if (bit != 0) become(i + r, r);
        mark(i + r, VISITED);
      }
    }
  }
}

function refinementPass(): void {
  for (let s = 0; s << 2 < height; s++) {
    const rows = min(4, height - (s << 2));
    let i = first(s);
    for (let x = 0; x < width; x++, i += 4) {
      if ((load<u64>(flags + (i << 1)) & (FOUR * SIGNIFICANT)) == 0) continue;
      for (let r = 0; r < rows; r++) {
        const f = <u32>load<u16>(flags + ((i + r) << 1));
        if ((f & (SIGNIFICANT | VISITED)) != SIGNIFICANT) continue;
        encode(f & REFINED ? 16 : f & NEIGHBOURS ? 15 : 14, bitOf(i + r));
        const value = load<u32>(values + ((i + r) << 2));
        const before = <f64>value + 0.5 - known(value, plane + 1);
        const after = <f64>value + 0.5 - known(value, plane);
        gain += before * before - after * after;
        mark(i + r, REFINED);
      }
    }
  }
}

function cleanupPass(): void {
  for (let s = 0; s << 2 < height; s++) {
    const rows = min(4, height - (s << 2));
    let i = first(s);
    for (let x = 0; x < width; x++, i += 4) {
      const column = flags + (i << 1);
      let r = 0;
      if (rows == 4 && (load<u64>(column) & (FOUR * (SIGNIFICANT | VISITED | NEIGHBOURS))) == 0) {
        while (r < 4 && bitOf(i + r) == 0) r++;
        encode(RUN, r < 4 ? 1 : 0);
        if (r == 4) continue;
        encode(UNIFORM, r >> 1);
        encode(UNIFORM, r & 1);
        become(i + r, r);
        r++;
      }
      for (; r < rows; r++) {
        const f = <u32>load<u16>(column + (<usize>r << 1));
        if ((f & (SIGNIFICANT | VISITED)) != 0) continue;
        const bit = bitOf(i + r);
        encode(<usize>load<u8>(zeroCoding + <usize>(f & 255)), bit);
        if (bit != 0) become(i + r, r);
      }
      store<u64>(column, load<u64>(column) & ~(FOUR * VISITED));
    }
  }
}

/**
 * Code w × h signed coefficients (i32 at `src`, rows `stride` elements apart) to one codeword segment at `dst`, whose byte before is
 * overwritten. `passes`: for each pass its bytes so far (f64) and the squared error that it takes away (f64). `result`: bit-planes, passes
 * and bytes as i32. `memoryAt`: as for `j2kBlock`.
 */
export function j2kEncodeBlock(
  memoryAt: usize, src: usize, stride: i32, w: i32, h: i32, orientation: i32, dst: usize, passes: usize, result: usize,
): void {
  prepareTables();
  width = w;
  height = h;
  stripe = <usize>(w + 2) << 2;
  zeroCoding = ZERO_CODING + <usize>(orientation << 8);
  const cells = stripe * <usize>(((h + 3) >> 2) + 2);
  values = memoryAt;
  flags = memoryAt + (cells << 2);
  memory.fill(memoryAt, 0, cells * 6);
  let all: u32 = 0;
  for (let y = 0; y < h; y++) {
    let i = first(y >> 2) + <usize>(y & 3);
    let from = src + (<usize>(y * stride) << 2);
    for (let x = 0; x < w; x++, i += 4, from += 4) {
      const value = load<i32>(from);
      const size = <u32>abs(value);
      all |= size;
      store<u32>(values + (i << 2), size);
      if (value < 0) store<u16>(flags + (i << 1), <u16>NEGATIVE);
    }
  }
  const planes = 32 - <i32>clz<u32>(all);
  store<i32>(result, planes);
  if (planes == 0) {
    store<i32>(result, 0, 4);
    store<i32>(result, 0, 8);
    return;
  }
  resetContexts();
  startMq(dst);
  let count = 0;
  for (let p = planes - 1; p >= 0; p--) {
    plane = <u32>p;
    // The first plane has a cleanup pass alone.
    for (let kind = p == planes - 1 ? 2 : 0; kind < 3; kind++, count++) {
      gain = 0;
      if (kind == 0) significancePass();
      else if (kind == 1) refinementPass();
      else cleanupPass();
      store<f64>(passes + (<usize>count << 4), <f64>bytesSoFar());
      store<f64>(passes + (<usize>count << 4), gain, 8);
    }
  }
  store<i32>(result, count, 4);
  store<i32>(result, flushMq(), 8);
}
