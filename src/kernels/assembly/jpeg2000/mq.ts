// The MQ arithmetic decoder (ITU-T T.800 Annex C).
//
// While a decision is the more probable one and the interval stays large, interval A and code register C shrink by the same amount. So
// only D = min(A - 0x8000, C >> 16) is kept up to date by callers, in a local variable; A and C follow when D falls below zero.

/** States of table C.2: Qe, next after MPS, next after LPS, switch; 8 bytes each. */
// prettier-ignore
const STATES: usize = memory.data<u16>([
  0x5601, 1, 1, 1, 0x3401, 2, 6, 0, 0x1801, 3, 9, 0, 0x0ac1, 4, 12, 0, 0x0521, 5, 29, 0, 0x0221, 38, 33, 0, 0x5601, 7, 6, 1,
  0x5401, 8, 14, 0, 0x4801, 9, 14, 0, 0x3801, 10, 14, 0, 0x3001, 11, 17, 0, 0x2401, 12, 18, 0, 0x1c01, 13, 20, 0,
  0x1601, 29, 21, 0, 0x5601, 15, 14, 1, 0x5401, 16, 14, 0, 0x5101, 17, 15, 0, 0x4801, 18, 16, 0, 0x3801, 19, 17, 0,
  0x3401, 20, 18, 0, 0x3001, 21, 19, 0, 0x2801, 22, 19, 0, 0x2401, 23, 20, 0, 0x2201, 24, 21, 0, 0x1c01, 25, 22, 0,
  0x1801, 26, 23, 0, 0x1601, 27, 24, 0, 0x1401, 28, 25, 0, 0x1201, 29, 26, 0, 0x1101, 30, 27, 0, 0x0ac1, 31, 28, 0,
  0x09c1, 32, 29, 0, 0x08a1, 33, 30, 0, 0x0521, 34, 31, 0, 0x0441, 35, 32, 0, 0x02a1, 36, 33, 0, 0x0221, 37, 34, 0,
  0x0141, 38, 35, 0, 0x0111, 39, 36, 0, 0x0085, 40, 37, 0, 0x0049, 41, 38, 0, 0x0025, 42, 39, 0, 0x0015, 43, 40, 0,
  0x0009, 44, 41, 0, 0x0005, 45, 42, 0, 0x0001, 45, 43, 0, 0x5601, 46, 46, 0,
]);

/** 19 contexts: Qe << 16 | state << 1 | more probable symbol. */
export const CONTEXTS: usize = memory.data(19 * 4, 8);
// @ts-ignore: decorator
@inline export const RUN: usize = 17;
// @ts-ignore: decorator
@inline export const UNIFORM: usize = 18;

let a: u32 = 0;
let c: u32 = 0;
let ct: i32 = 0;
let bp: usize = 0;
/** D as it was when A and C were last up to date. */
let start: i32 = 0;

/** For each state << 1 | symbol the context after the more and after the less probable symbol. */
export const AFTER: usize = memory.data(47 * 2 * 8, 8);

function contextAt(state: i32, symbol: u32): u32 {
  return (<u32>load<u16>(STATES + (<usize>state << 3)) << 16) | (<u32>state << 1) | symbol;
}

function prepare(): void {
  for (let i = 0; i < 94; i++) {
    const state = STATES + (<usize>(i >> 1) << 3);
    const symbol = <u32>(i & 1);
    const flip = <u32>load<u16>(state, 6);
    store<u32>(AFTER + (<usize>i << 3), contextAt(load<u16>(state, 2), symbol));
    store<u32>(AFTER + (<usize>i << 3), contextAt(load<u16>(state, 4), symbol ^ flip), 4);
  }
}

export function resetContexts(): void {
  if (load<u32>(AFTER) == 0) prepare();
  for (let i: usize = 0; i < 19; i++) {
    store<u32>(CONTEXTS + (i << 2), contextAt(i == 0 ? 4 : i == RUN ? 3 : i == UNIFORM ? 46 : 0, 0));
  }
}

function byteIn(): void {
  if (load<u8>(bp) == 0xff) {
    const next = <u32>load<u8>(bp + 1);
    if (next > 0x8f) {
      c += 0xff00;
      ct = 8;
    } else {
      bp++;
      c += next << 9;
      ct = 7;
    }
  } else {
    bp++;
    c += <u32>load<u8>(bp) << 8;
    ct = 8;
  }
}

/** Begin a codeword segment, which 0xFF 0xFF must follow. Returns D. */
export function openMq(data: usize): i32 {
  bp = data;
  c = <u32>load<u8>(bp) << 16;
  byteIn();
  c <<= 7;
  ct -= 7;
  a = 0x8000;
  start = 0;
  return 0;
}

/** The decision at `context` where D (after Qe was taken off) is below zero. The new D is in `fresh`. */
export let fresh: i32 = 0;
export function decide(context: usize, d: i32): i32 {
  const entry = load<u32>(context);
  const qe = entry >> 16;
  const taken = <u32>(start - d);
  let interval = a - taken;
  // Compare before the last Qe is taken off: the register cannot go below zero.
  let code = c - ((taken - qe) << 16);
  let lps: u32;
  if (code >> 16 < qe) {
    lps = interval >= qe ? 1 : 0;
    interval = qe;
  } else {
    code -= qe << 16;
    lps = interval < qe ? 1 : 0;
  }
  store<u32>(context, load<u32>(AFTER + (<usize>(entry & 127) << 3) + (<usize>lps << 2)));
  let shift = <i32>clz<u32>(interval) - 16;
  interval <<= <u32>shift;
  if (shift <= ct) {
    code <<= <u32>shift;
    ct -= shift;
  } else {
    // Bytes are wanted in between.
    do {
      const part = min(ct, shift);
      code <<= <u32>part;
      ct -= part;
      shift -= part;
      if (ct == 0 && shift > 0) {
        c = code;
        byteIn();
        code = c;
      }
    } while (shift > 0);
  }
  a = interval;
  c = code;
  start = min(<i32>interval - 0x8000, <i32>(code >> 16));
  fresh = start;
  return <i32>((entry & 1) ^ lps);
}

// Raw bits of the lazy mode: a byte after 0xFF has seven.
let raw: u32 = 0;
let rawCount: i32 = 0;
let rawEnd: usize = 0;

export function openRaw(data: usize, end: usize): void {
  bp = data;
  rawEnd = end;
  raw = 0;
  rawCount = 0;
}

export function rawBit(): i32 {
  if (rawCount == 0) {
    rawCount = raw == 0xff ? 7 : 8;
    raw = bp < rawEnd ? <u32>load<u8>(bp) : 0xff;
    if (bp < rawEnd) bp++;
  }
  rawCount--;
  return <i32>((raw >> <u32>rawCount) & 1);
}
