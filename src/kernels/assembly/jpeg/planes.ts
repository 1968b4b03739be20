// RGB to the planes of a JPEG: luma, and chroma at full or half size (JFIF 1.02; half size is the mean of 2 × 2 pixels).

/** Pairs of 16-bit factors for products with interleaved colours, times 65536. */
const Y_RG: v128 = i32x4.splat((22086 << 16) | 19595);
const Y_GB: v128 = i32x4.splat((7471 << 16) | 16384);
const CB_RG: v128 = i32x4.splat((-21709 << 16) | (-11059 & 0xffff));
const CR_GB: v128 = i32x4.splat((-5329 << 16) | (-27439 & 0xffff));

// @ts-ignore: decorator
@inline
function red(a: v128, b: v128, c: v128): v128 {
  const ab = v128.shuffle<u8>(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
  return v128.shuffle<u8>(ab, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29);
}

// @ts-ignore: decorator
@inline
function green(a: v128, b: v128, c: v128): v128 {
  const ab = v128.shuffle<u8>(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0);
  return v128.shuffle<u8>(ab, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30);
}

// @ts-ignore: decorator
@inline
function blue(a: v128, b: v128, c: v128): v128 {
  const ab = v128.shuffle<u8>(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0);
  return v128.shuffle<u8>(ab, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31);
}

// @ts-ignore: decorator
@inline
function pairsLow(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function pairsHigh(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

let r: v128 = i8x16.splat(0);
let g: v128 = i8x16.splat(0);
let b: v128 = i8x16.splat(0);

/** Colours of 16 pixels; `plane`: bytes from one colour to the next, 0 where they are interleaved. */
// @ts-ignore: decorator
@inline
function loadColors(at: usize, plane: usize): void {
  if (plane != 0) {
    r = v128.load(at);
    g = v128.load(at + plane);
    b = v128.load(at + 2 * plane);
    return;
  }
  const x = v128.load(at);
  const y = v128.load(at, 16);
  const z = v128.load(at, 32);
  r = red(x, y, z);
  g = green(x, y, z);
  b = blue(x, y, z);
}

/** Luma of 8 pixels as 16-bit numbers. */
// @ts-ignore: decorator
@inline
function luma(r: v128, g: v128, b: v128): v128 {
  const half = i32x4.splat(1 << 15);
  const low = i32x4.add(
    i32x4.add(i32x4.dot_i16x8_s(pairsLow(r, g), Y_RG), i32x4.dot_i16x8_s(pairsLow(g, b), Y_GB)),
    half,
  );
  const high = i32x4.add(
    i32x4.add(i32x4.dot_i16x8_s(pairsHigh(r, g), Y_RG), i32x4.dot_i16x8_s(pairsHigh(g, b), Y_GB)),
    half,
  );
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, 16), i32x4.shr_s(high, 16));
}

/** Half of `major` minus the weighted others, around 128: chroma of 8 sums of 2^(shift - 16) pixels each. */
// @ts-ignore: decorator
@inline
function chroma(x: v128, y: v128, major: v128, factors: v128, shift: i32): v128 {
  const middle = i32x4.splat((128 << shift) + (1 << (shift - 1)) - 1);
  const low = i32x4.add(
    i32x4.dot_i16x8_s(pairsLow(x, y), factors),
    i32x4.shl(i32x4.extend_low_i16x8_s(major), 15),
  );
  const high = i32x4.add(
    i32x4.dot_i16x8_s(pairsHigh(x, y), factors),
    i32x4.shl(i32x4.extend_high_i16x8_s(major), 15),
  );
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(low, middle), shift),
    i32x4.shr_s(i32x4.add(high, middle), shift),
  );
}

/**
 * `width` is a multiple of 16; with `half` chroma, `rows` is even. Planes have `stride` bytes a row, chroma planes half of that with `half`.
 * `plane`: bytes from one colour of the source to the next, 0 where they are interleaved.
 */
export function jpegPlanes(
  luminance: usize,
  cb: usize,
  cr: usize,
  stride: i32,
  src: usize,
  srcStride: i32,
  plane: usize,
  width: i32,
  rows: i32,
  half: i32,
): void {
  const step: i32 = plane == 0 ? 3 : 1;
  if (half != 0) {
    for (let y = 0; y < rows; y += 2) {
      for (let x = 0; x < width; x += 16) {
        const at = src + <usize>y * srcStride + x * step;
        const to = luminance + <usize>y * stride + x;
        loadColors(at, plane);
        let sumR = i16x8.extadd_pairwise_i8x16_u(r);
        let sumG = i16x8.extadd_pairwise_i8x16_u(g);
        let sumB = i16x8.extadd_pairwise_i8x16_u(b);
        storeLuma(to, r, g, b);
        loadColors(at + srcStride, plane);
        sumR = i16x8.add(sumR, i16x8.extadd_pairwise_i8x16_u(r));
        sumG = i16x8.add(sumG, i16x8.extadd_pairwise_i8x16_u(g));
        sumB = i16x8.add(sumB, i16x8.extadd_pairwise_i8x16_u(b));
        storeLuma(to + stride, r, g, b);
        const small = <usize>(y >> 1) * (stride >> 1) + (x >> 1);
        const u = chroma(sumR, sumG, sumB, CB_RG, 18);
        const v = chroma(sumG, sumB, sumR, CR_GB, 18);
        v128.store64_lane(cb + small, i8x16.narrow_i16x8_u(u, u), 0);
        v128.store64_lane(cr + small, i8x16.narrow_i16x8_u(v, v), 0);
      }
    }
    return;
  }
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x += 16) {
      loadColors(src + <usize>y * srcStride + x * step, plane);
      const to = <usize>y * stride + x;
      storeLuma(luminance + to, r, g, b);
      const rl = i16x8.extend_low_i8x16_u(r);
      const gl = i16x8.extend_low_i8x16_u(g);
      const bl = i16x8.extend_low_i8x16_u(b);
      const rh = i16x8.extend_high_i8x16_u(r);
      const gh = i16x8.extend_high_i8x16_u(g);
      const bh = i16x8.extend_high_i8x16_u(b);
      v128.store(cb + to, i8x16.narrow_i16x8_u(chroma(rl, gl, bl, CB_RG, 16), chroma(rh, gh, bh, CB_RG, 16)));
      v128.store(cr + to, i8x16.narrow_i16x8_u(chroma(gl, bl, rl, CR_GB, 16), chroma(gh, bh, rh, CR_GB, 16)));
    }
  }
}

// @ts-ignore: decorator
@inline
function storeLuma(at: usize, r: v128, g: v128, b: v128): void {
  const low = luma(i16x8.extend_low_i8x16_u(r), i16x8.extend_low_i8x16_u(g), i16x8.extend_low_i8x16_u(b));
  const high = luma(i16x8.extend_high_i8x16_u(r), i16x8.extend_high_i8x16_u(g), i16x8.extend_high_i8x16_u(b));
  v128.store(at, i8x16.narrow_i16x8_u(low, high));
}
