// Embedded block decoding (ITU-T T.800 Annex D): one code-block to a rectangle of coefficients.
//
// Coefficients lie in stripes of four rows, column by column, the four of a column next to each other, with one column of border on both
// sides and a stripe of border above and below: one 64-bit load sees the flags of a column.

import { CONTEXTS, decide, fresh, openMq, openRaw, rawBit, resetContexts, RUN, UNIFORM } from './mq';
import {
  E, E_NEGATIVE, N, N_NEGATIVE, NE, NEGATIVE, NEIGHBOURS, NW, prepareTables, REFINED, S, S_NEGATIVE, SE, SIGN_CODING, SIGNIFICANT,
  SW, VISITED, W, W_NEGATIVE, ZERO_CODING,
} from './luts';

// @ts-ignore: decorator
@inline const FOUR: u64 = 0x0001000100010001;

// Code-block styles (table A.19).
const LAZY = 1;
const RESET = 2;
const TERMINATE = 4;
const CAUSAL = 8;
const SYMBOLS = 32;

let flags: usize = 0;
let values: usize = 0;
let width: i32 = 0;
let height: i32 = 0;
/** Flags (not bytes) from a stripe to the next. */
let stripe: usize = 0;
let zeroCoding: usize = 0;
let causal: bool = false;
/** Bit that the pass is at, with one fraction bit below, and the value of a coefficient that becomes significant there. */
let one: u32 = 0;

// @ts-ignore: decorator
@inline function first(s: i32): usize {
  return (<usize>(s + 1) * (stripe >> 2) + 1) << 2;
}

// @ts-ignore: decorator
@inline function mark(i: usize, bits: u32): void {
  const at = flags + (i << 1);
  store<u16>(at, load<u16>(at) | <u16>bits);
}

/** Coefficient `i` in row `r` of its stripe becomes significant: tell it to its neighbours. */
function become(i: usize, r: i32, negative: u32): void {
  store<u32>(values + (i << 2), one | (one >> 1));
  mark(i, SIGNIFICANT | (negative != 0 ? NEGATIVE : 0));
  mark(i - 4, E | (negative != 0 ? E_NEGATIVE : 0));
  mark(i + 4, W | (negative != 0 ? W_NEGATIVE : 0));
  const south = r < 3 ? i + 1 : i + stripe - 3;
  mark(south, N | (negative != 0 ? N_NEGATIVE : 0));
  mark(south - 4, NE);
  mark(south + 4, NW);
  // In causal mode the stripe above must not know.
  if (r == 0 && causal) return;
  const north = r > 0 ? i - 1 : i - stripe + 3;
  mark(north, S | (negative != 0 ? S_NEGATIVE : 0));
  mark(north - 4, SE);
  mark(north + 4, SW);
}

/** One decision: the new D << 1 | bit. Callers hold D in a local variable. */
// @ts-ignore: decorator
@inline function next(d: i32, context: usize): i32 {
  const at = CONTEXTS + (context << 2);
  const entry = load<u32>(at);
  const left = d - <i32>(entry >> 16);
  if (left >= 0) return (left << 1) | <i32>(entry & 1);
  const bit = decide(at, left);
  return (fresh << 1) | bit;
}

/** The same for the sign of a coefficient with flags `f`. */
// @ts-ignore: decorator
@inline function nextSign(d: i32, f: u32): i32 {
  const entry = <u32>load<u8>(SIGN_CODING + <usize>((f >> 4) & 255));
  return next(d, <usize>(entry & 127)) ^ <i32>(entry >> 7);
}

// @ts-ignore: decorator
@inline function rowsOf(s: i32): i32 {
  return min(4, height - (s << 2));
}

function significancePass(from: i32): i32 {
  let d = from;
  const contexts = zeroCoding;
  for (let s = 0; s << 2 < height; s++) {
    const rows = rowsOf(s);
    let i = first(s);
    let column = flags + (i << 1);
    for (const end = column + (<usize>width << 3); column < end; column += 8, i += 4) {
      const all = load<u64>(column);
      if ((all & (FOUR * NEIGHBOURS)) == 0) continue;
      for (let r = 0; r < rows; r++) {
        const at = column + (<usize>r << 1);
        const f = <u32>load<u16>(at);
        if ((f & NEIGHBOURS) == 0 || (f & (SIGNIFICANT | VISITED)) != 0) continue;
        d = next(d, <usize>load<u8>(contexts + <usize>(f & 255)));
        const bit = d & 1;
        d >>= 1;
        if (bit != 0) {
          d = nextSign(d, f);
          become(i + r, r, <u32>(d & 1));
          d >>= 1;
          store<u16>(at, load<u16>(at) | <u16>VISITED);
        } else {
          store<u16>(at, <u16>(f | VISITED));
        }
      }
    }
  }
  return d;
}

function rawSignificancePass(): void {
  for (let s = 0; s << 2 < height; s++) {
    const rows = rowsOf(s);
    let i = first(s);
    for (let x = 0; x < width; x++, i += 4) {
      for (let r = 0; r < rows; r++) {
        const at = flags + ((i + r) << 1);
        const f = <u32>load<u16>(at);
        if ((f & NEIGHBOURS) == 0 || (f & (SIGNIFICANT | VISITED)) != 0) continue;
        if (rawBit() != 0) become(i + r, r, <u32>rawBit());
        store<u16>(at, load<u16>(at) | <u16>VISITED);
      }
    }
  }
}

function refinementPass(from: i32, raw: bool): i32 {
  let d = from;
  const half = one >> 1;
  for (let s = 0; s << 2 < height; s++) {
    const rows = rowsOf(s);
    const i = first(s);
    let column = flags + (i << 1);
    let value = values + (i << 2);
    for (const end = column + (<usize>width << 3); column < end; column += 8, value += 16) {
      if ((load<u64>(column) & (FOUR * SIGNIFICANT)) == 0) continue;
      for (let r = 0; r < rows; r++) {
        const at = column + (<usize>r << 1);
        const f = <u32>load<u16>(at);
        if ((f & (SIGNIFICANT | VISITED)) != SIGNIFICANT) continue;
        let bit: i32;
        if (raw) {
          bit = rawBit();
        } else {
          d = next(d, f & REFINED ? 16 : f & NEIGHBOURS ? 15 : 14);
          bit = d & 1;
          d >>= 1;
        }
        const to = value + (<usize>r << 2);
        store<u32>(to, load<u32>(to) + (bit != 0 ? half : 0 - half));
        store<u16>(at, <u16>(f | REFINED));
      }
    }
  }
  return d;
}

function cleanupPass(from: i32): i32 {
  let d = from;
  const contexts = zeroCoding;
  for (let s = 0; s << 2 < height; s++) {
    const rows = rowsOf(s);
    let i = first(s);
    let column = flags + (i << 1);
    for (const end = column + (<usize>width << 3); column < end; column += 8, i += 4) {
      const all = load<u64>(column);
      let r = 0;
      if (rows == 4) {
        // Each of the four is either significant or was visited.
        if (((all | (all << 2)) & (FOUR * VISITED)) == FOUR * VISITED) {
          store<u64>(column, all & ~(FOUR * VISITED));
          continue;
        }
        if ((all & (FOUR * (SIGNIFICANT | VISITED | NEIGHBOURS))) == 0) {
          d = next(d, RUN);
          const some = d & 1;
          d >>= 1;
          if (some == 0) continue;
          d = next(d, UNIFORM);
          r = (d & 1) << 1;
          d = next(d >> 1, UNIFORM);
          r |= d & 1;
          d = nextSign(d >> 1, <u32>load<u16>(column + (<usize>r << 1)));
          become(i + r, r, <u32>(d & 1));
          d >>= 1;
          r++;
        }
      }
      for (; r < rows; r++) {
        const f = <u32>load<u16>(column + (<usize>r << 1));
        if ((f & (SIGNIFICANT | VISITED)) != 0) continue;
        d = next(d, <usize>load<u8>(contexts + <usize>(f & 255)));
        const bit = d & 1;
        d >>= 1;
        if (bit == 0) continue;
        d = nextSign(d, f);
        become(i + r, r, <u32>(d & 1));
        d >>= 1;
      }
      store<u64>(column, load<u64>(column) & ~(FOUR * VISITED));
    }
  }
  return d;
}

/** Bytes that `j2kBlock` needs at `memory` for a block of this size. */
export function j2kBlockMemory(w: i32, h: i32): i32 {
  return (w + 2) * (((h + 3) >> 2) + 2) * 4 * 6 + 64;
}

/**
 * Decode a code-block of w × h coefficients. `segments`: pairs of i32 (bytes, passes) for `count` codeword segments, whose bytes follow
 * each other at `data`, each followed by 0xFF 0xFF. `orientation`: 0 LL and LH, 1 HL, 2 HH. `planes`: bit-planes, region of interest
 * included. Result at `dst`, rows `stride` elements apart: i32, or f32 times `step` where `step` is not 0. Values carry the middle of
 * their uncertainty: half a unit is kept in floating point and cut off in integers.
 */
export function j2kBlock(
  memoryAt: usize, data: usize, segments: usize, count: i32, w: i32, h: i32, orientation: i32, planes: i32, style: i32, region: i32,
  dst: usize, stride: i32, step: f32,
): void {
  prepareTables();
  width = w;
  height = h;
  stripe = <usize>(w + 2) << 2;
  causal = (style & CAUSAL) != 0;
  zeroCoding = ZERO_CODING + <usize>(orientation << 8);
  const cells = stripe * <usize>(((h + 3) >> 2) + 2);
  values = memoryAt;
  flags = memoryAt + (cells << 2);
  memory.fill(memoryAt, 0, cells * 6);
  resetContexts();
  let plane = planes;
  // The first plane has a cleanup pass alone.
  let kind = 2;
  for (let k = 0; k < count && plane > 0; k++, segments += 8) {
    const bytes = load<i32>(segments);
    const passes = load<i32>(segments, 4);
    const raw = (style & LAZY) != 0 && kind < 2 && planes - plane >= 4;
    let d = 0;
    if (raw) openRaw(data, data + bytes);
    else d = openMq(data);
    for (let p = 0; p < passes && plane > 0; p++) {
      one = (<u32>1) << plane;
      if (kind == 0) {
        if (raw) rawSignificancePass();
        else d = significancePass(d);
      } else if (kind == 1) {
        d = refinementPass(d, raw);
      } else {
        d = cleanupPass(d);
        if ((style & SYMBOLS) != 0) for (let b = 0; b < 4; b++) d = next(d, UNIFORM) >> 1;
      }
      if ((style & RESET) != 0) resetContexts();
      if (++kind == 3) {
        kind = 0;
        plane--;
      }
    }
    data += bytes + 2;
  }
  deliver(region, dst, stride, step);
}

function deliver(region: i32, dst: usize, stride: i32, step: f32): void {
  for (let y = 0; y < height; y++) {
    let i = first(y >> 2) + <usize>(y & 3);
    let to = dst + (<usize>(y * stride) << 2);
    for (let x = 0; x < width; x++, i += 4, to += 4) {
      let value = load<u32>(values + (i << 2));
      if (region != 0 && value >= (<u32>1) << region) value >>= <u32>region;
      const negative = (load<u16>(flags + (i << 1)) & <u16>NEGATIVE) != 0;
      if (step != 0) {
        const scaled = <f32>(<i32>value) * step;
        store<f32>(to, negative ? -scaled : scaled);
      } else {
        const whole = <i32>(value >> 1);
        store<i32>(to, negative ? -whole : whole);
      }
    }
  }
}
