// Layout of the JPEG decoder's parameter block, written by src/codecs/jpeg/engine.ts. All fields are i32; offsets in bytes.

export const WIDTH: usize = 0;
export const HEIGHT: usize = 4;
export const COMPONENTS: usize = 8;
export const H_MAX: usize = 12;
export const V_MAX: usize = 16;
export const MCUS_X: usize = 20;
export const MCUS_Y: usize = 24;
export const RESTART: usize = 28;
export const PRECISION: usize = 32;
/** 0 none, 1 YCbCr to RGB, 2 YCCK to CMYK. */
export const COLOR: usize = 36;
export const OUT: usize = 40;
/** Pixels and rows to write: at most WIDTH and HEIGHT. */
export const OUT_WIDTH: usize = 44;
export const OUT_ROWS: usize = 48;
export const SOURCE: usize = 52;
export const SOURCE_END: usize = 56;
/** Row of 16-bit column sums, with 16 bytes before and 64 after the widest component. */
export const SUMS: usize = 60;
/** Bytes from one output row to the next. */
export const OUT_STRIDE: usize = 64;
/** Result: output rows that are complete. */
export const ROWS_DONE: usize = 68;
/** 64 coefficients for the block at hand. */
export const BLOCK: usize = 72;
// Progressive and lossless scans.
export const SPECTRAL_START: usize = 76;
export const SPECTRAL_END: usize = 80;
export const APPROX_HIGH: usize = 84;
export const APPROX_LOW: usize = 88;
export const SCAN_COMPONENTS: usize = 92;
/** Four component numbers, one a byte. */
export const SCAN_LIST: usize = 96;
/** 1 for SOF2. */
export const PROGRESSIVE: usize = 100;
/** 1: samples are means of 2 × 2; all other sizes here are halved. */
export const HALF: usize = 104;

export const FIRST_COMPONENT: usize = 128;
export const COMPONENT_SIZE: usize = 64;
export const C_H: usize = 0;
export const C_V: usize = 4;
/** 64 u16 in row order. */
export const C_QUANT: usize = 8;
export const C_DC: usize = 12;
export const C_AC: usize = 16;
/** Ring of decoded sample rows. */
export const C_RING: usize = 20;
export const C_RING_ROWS: usize = 24;
/** Samples a ring row. */
export const C_STRIDE: usize = 28;
/** Samples that carry image, without block padding. */
export const C_WIDTH: usize = 32;
export const C_HEIGHT: usize = 36;
/** Coefficients of all blocks (i16), for what takes more than one scan. */
export const C_COEFFICIENTS: usize = 40;
/** Blocks a row in that array, MCU padding included. */
export const C_BLOCKS_X: usize = 44;
/** One upsampled row. */
export const C_ROW: usize = 48;
/** DC prediction. */
export const C_PREDICTION: usize = 52;
/** 0 as is, 1 h2v1 triangle, 2 h2v2 triangle, 3 h1v2 triangle, 4 replicate. */
export const C_UPSAMPLE: usize = 56;
/** 3: blocks become 8 × 8 samples · 2: 4 × 4. */
export const C_SHIFT: usize = 60;

export const OK: i32 = 0;
/** The entropy-coded data ended before the image did. */
export const SHORT: i32 = 1;
/** A bit pattern that is no code, or a coefficient index beyond 63. */
export const BROKEN: i32 = 2;

// @ts-ignore: decorator
@inline export function get(st: usize, field: usize): i32 {
  return load<i32>(st + field);
}

// @ts-ignore: decorator
@inline export function component(st: usize, index: i32): usize {
  return st + FIRST_COMPONENT + <usize>index * COMPONENT_SIZE;
}
