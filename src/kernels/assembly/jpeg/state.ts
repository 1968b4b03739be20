// Layout of the JPEG decoder's parameter block, written by src/codecs/jpeg/engine.ts. All fields are i32; offsets in bytes.

// @ts-ignore: decorator
@inline export const WIDTH = 0;
// @ts-ignore: decorator
@inline export const HEIGHT = 4;
// @ts-ignore: decorator
@inline export const COMPONENTS = 8;
// @ts-ignore: decorator
@inline export const H_MAX = 12;
// @ts-ignore: decorator
@inline export const V_MAX = 16;
// @ts-ignore: decorator
@inline export const MCUS_X = 20;
// @ts-ignore: decorator
@inline export const MCUS_Y = 24;
// @ts-ignore: decorator
@inline export const RESTART = 28;
// @ts-ignore: decorator
@inline export const PRECISION = 32;
/** 0 none, 1 YCbCr to RGB, 2 YCCK to CMYK. */
// @ts-ignore: decorator
@inline export const COLOR = 36;
// @ts-ignore: decorator
@inline export const OUT = 40;
/** Pixels and rows to write: at most WIDTH and HEIGHT. */
// @ts-ignore: decorator
@inline export const OUT_WIDTH = 44;
// @ts-ignore: decorator
@inline export const OUT_ROWS = 48;
// @ts-ignore: decorator
@inline export const SOURCE = 52;
// @ts-ignore: decorator
@inline export const SOURCE_END = 56;
/** Row of 16-bit column sums, with 16 bytes before and 64 after the widest component. */
// @ts-ignore: decorator
@inline export const SUMS = 60;
/** Bytes from one output row to the next. */
// @ts-ignore: decorator
@inline export const OUT_STRIDE = 64;
/** Result: output rows that are complete. */
// @ts-ignore: decorator
@inline export const ROWS_DONE = 68;
/** 64 coefficients for the block at hand. */
// @ts-ignore: decorator
@inline export const BLOCK = 72;
// Progressive and lossless scans.
// @ts-ignore: decorator
@inline export const SPECTRAL_START = 76;
// @ts-ignore: decorator
@inline export const SPECTRAL_END = 80;
// @ts-ignore: decorator
@inline export const APPROX_HIGH = 84;
// @ts-ignore: decorator
@inline export const APPROX_LOW = 88;
// @ts-ignore: decorator
@inline export const SCAN_COMPONENTS = 92;
/** Four component numbers, one a byte. */
// @ts-ignore: decorator
@inline export const SCAN_LIST = 96;
/** 1 for SOF2. */
// @ts-ignore: decorator
@inline export const PROGRESSIVE = 100;

// @ts-ignore: decorator
@inline export const FIRST_COMPONENT = 128;
// @ts-ignore: decorator
@inline export const COMPONENT_SIZE = 64;
// @ts-ignore: decorator
@inline export const C_H = 0;
// @ts-ignore: decorator
@inline export const C_V = 4;
/** 64 u16 in row order. */
// @ts-ignore: decorator
@inline export const C_QUANT = 8;
// @ts-ignore: decorator
@inline export const C_DC = 12;
// @ts-ignore: decorator
@inline export const C_AC = 16;
/** Ring of decoded sample rows. */
// @ts-ignore: decorator
@inline export const C_RING = 20;
// @ts-ignore: decorator
@inline export const C_RING_ROWS = 24;
/** Samples a ring row. */
// @ts-ignore: decorator
@inline export const C_STRIDE = 28;
/** Samples that carry image, without block padding. */
// @ts-ignore: decorator
@inline export const C_WIDTH = 32;
// @ts-ignore: decorator
@inline export const C_HEIGHT = 36;
/** Coefficients of all blocks (i16), for what takes more than one scan. */
// @ts-ignore: decorator
@inline export const C_COEFFICIENTS = 40;
/** Blocks a row in that array, MCU padding included. */
// @ts-ignore: decorator
@inline export const C_BLOCKS_X = 44;
/** One upsampled row. */
// @ts-ignore: decorator
@inline export const C_ROW = 48;
/** DC prediction. */
// @ts-ignore: decorator
@inline export const C_PREDICTION = 52;
/** 0 as is, 1 h2v1 triangle, 2 h2v2 triangle, 3 h1v2 triangle, 4 replicate. */
// @ts-ignore: decorator
@inline export const C_UPSAMPLE = 56;

// @ts-ignore: decorator
@inline export const OK = 0;
/** The entropy-coded data ended before the image did. */
// @ts-ignore: decorator
@inline export const SHORT = 1;
/** A bit pattern that is no code, or a coefficient index beyond 63. */
// @ts-ignore: decorator
@inline export const BROKEN = 2;

// @ts-ignore: decorator
@inline export function get(st: usize, field: usize): i32 {
  return load<i32>(st + field);
}

// @ts-ignore: decorator
@inline export function component(st: usize, index: i32): usize {
  return st + FIRST_COMPONENT + <usize>index * COMPONENT_SIZE;
}
