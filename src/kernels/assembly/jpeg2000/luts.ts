// Context tables of the bit-plane coder (ITU-T T.800 tables D.1 to D.3), filled on first use.

// Flags of a coefficient: which neighbours are significant, the signs of the four next ones, and its own state.
// @ts-ignore: decorator
@inline export const NE: u32 = 1;
// @ts-ignore: decorator
@inline export const SE: u32 = 2;
// @ts-ignore: decorator
@inline export const SW: u32 = 4;
// @ts-ignore: decorator
@inline export const NW: u32 = 8;
// @ts-ignore: decorator
@inline export const N: u32 = 16;
// @ts-ignore: decorator
@inline export const E: u32 = 32;
// @ts-ignore: decorator
@inline export const S: u32 = 64;
// @ts-ignore: decorator
@inline export const W: u32 = 128;
// @ts-ignore: decorator
@inline export const N_NEGATIVE: u32 = 0x100;
// @ts-ignore: decorator
@inline export const E_NEGATIVE: u32 = 0x200;
// @ts-ignore: decorator
@inline export const S_NEGATIVE: u32 = 0x400;
// @ts-ignore: decorator
@inline export const W_NEGATIVE: u32 = 0x800;
// @ts-ignore: decorator
@inline export const SIGNIFICANT: u32 = 0x1000;
// @ts-ignore: decorator
@inline export const REFINED: u32 = 0x2000;
// @ts-ignore: decorator
@inline export const VISITED: u32 = 0x4000;
// @ts-ignore: decorator
@inline export const NEGATIVE: u32 = 0x8000;
// @ts-ignore: decorator
@inline export const NEIGHBOURS: u32 = 0xff;

/** Three tables of 256: LL and LH, HL, HH. */
export const ZERO_CODING: usize = memory.data(3 * 256, 8);
/** Index: flags >> 4 & 255. Context, and 128 where the sign bit is inverted. */
export const SIGN_CODING: usize = memory.data(256, 8);
let ready: bool = false;

function zeroContext(f: u32, orientation: i32): i32 {
  let h = (f & E ? 1 : 0) + (f & W ? 1 : 0);
  let v = (f & N ? 1 : 0) + (f & S ? 1 : 0);
  const d = (f & NE ? 1 : 0) + (f & SE ? 1 : 0) + (f & SW ? 1 : 0) + (f & NW ? 1 : 0);
  if (orientation == 2) {
    const hv = h + v;
    if (d >= 3) return 8;
    if (d == 2) return hv >= 1 ? 7 : 6;
    if (d == 1) return hv >= 2 ? 5 : 3 + hv;
    return min(hv, 2);
  }
  if (orientation == 1) {
    const swap = h;
    h = v;
    v = swap;
  }
  if (h == 2) return 8;
  if (h == 1) return v >= 1 ? 7 : d >= 1 ? 6 : 5;
  return v > 0 ? 2 + v : min(d, 2);
}

/** -1, 0 or 1 of two neighbours. */
function contribution(one: bool, oneNegative: bool, two: bool, twoNegative: bool): i32 {
  const sum = (one ? (oneNegative ? -1 : 1) : 0) + (two ? (twoNegative ? -1 : 1) : 0);
  return min(max(sum, -1), 1);
}

export function prepareTables(): void {
  if (ready) return;
  ready = true;
  for (let orientation = 0; orientation < 3; orientation++) {
    for (let f: u32 = 0; f < 256; f++) {
      store<u8>(ZERO_CODING + <usize>(orientation * 256) + f, <u8>zeroContext(f, orientation));
    }
  }
  for (let i: u32 = 0; i < 256; i++) {
    const f = i << 4;
    const h = contribution((f & E) != 0, (f & E_NEGATIVE) != 0, (f & W) != 0, (f & W_NEGATIVE) != 0);
    const v = contribution((f & N) != 0, (f & N_NEGATIVE) != 0, (f & S) != 0, (f & S_NEGATIVE) != 0);
    const flip = h < 0 || (h == 0 && v < 0);
    const context = 9 + (h == 0 ? abs(v) : 3 + (flip ? -v : v));
    store<u8>(SIGN_CODING + i, <u8>(context | (flip ? 128 : 0)));
  }
}
