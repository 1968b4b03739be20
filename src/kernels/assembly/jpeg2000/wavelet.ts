// Inverse wavelet transforms (ITU-T T.800 Annex F): reversible 5/3 in i32, irreversible 9/7 in f32.
//
// A signal of low and high coefficients is lifted in two arrays, apart from each other; each has room for one more element at both ends,
// where the edge is repeated (which is what symmetric extension comes to). Columns go in strips of LANES, rows one by one: the same code
// with elements of LANES numbers, or of one.

// @ts-ignore: decorator
@inline export const LANES = 16;

/** Repeat the first and last of `n` elements of `bytes` bytes. */
// @ts-ignore: decorator
@inline export function extend(array: usize, n: i32, bytes: usize): void {
  if (n == 0) return;
  memory.copy(array - bytes, array, bytes);
  memory.copy(array + <usize>n * bytes, array + <usize>(n - 1) * bytes, bytes);
}

/**
 * dst -= (a + b + 2) >> 2 for low coefficients, dst += (a + b) >> 1 for high ones; signs turned in `forward` direction. May write up to
 * three numbers too many.
 */
export function liftInteger(dst: usize, a: usize, b: usize, count: i32, low: bool, forward: bool = false): void {
  const end = dst + (<usize>count << 2);
  const bias = i32x4.splat(low ? 2 : 0);
  const shift = low ? 2 : 1;
  if (low != forward) {
    for (; dst < end; dst += 16, a += 16, b += 16) {
      const sum = i32x4.add(i32x4.add(v128.load(a), v128.load(b)), bias);
      v128.store(dst, i32x4.sub(v128.load(dst), i32x4.shr_s(sum, shift)));
    }
  } else {
    for (; dst < end; dst += 16, a += 16, b += 16) {
      const sum = i32x4.add(i32x4.add(v128.load(a), v128.load(b)), bias);
      v128.store(dst, i32x4.add(v128.load(dst), i32x4.shr_s(sum, shift)));
    }
  }
}

export function liftFloat(dst: usize, a: usize, b: usize, count: i32, factor: f32): void {
  const end = dst + (<usize>count << 2);
  const c = f32x4.splat(factor);
  for (; dst < end; dst += 16, a += 16, b += 16) {
    v128.store(dst, f32x4.add(v128.load(dst), f32x4.mul(f32x4.add(v128.load(a), v128.load(b)), c)));
  }
}

export function scale(dst: usize, count: i32, factor: f32): void {
  const end = dst + (<usize>count << 2);
  const c = f32x4.splat(factor);
  for (; dst < end; dst += 16) v128.store(dst, f32x4.mul(v128.load(dst), c));
}

/** Synthesise in place. `odd`: the signal starts with a high coefficient. `lanes` numbers an element. */
function synthesise(low: usize, lows: i32, high: usize, highs: i32, odd: bool, lanes: i32, float: bool): void {
  const bytes = <usize>lanes << 2;
  if (lows + highs == 1) {
    // A single coefficient stands for itself; a high one counts twice in the reversible transform.
    if (odd && !float) for (let i = 0; i < lanes; i++) store<i32>(high + (<usize>i << 2), load<i32>(high + (<usize>i << 2)) >> 1);
    return;
  }
  const lowFrom = odd ? high : high - bytes;
  const highFrom = odd ? low - bytes : low;
  if (!float) {
    extend(high, highs, bytes);
    liftInteger(low, lowFrom, lowFrom + bytes, lows * lanes, true);
    extend(low, lows, bytes);
    liftInteger(high, highFrom, highFrom + bytes, highs * lanes, false);
    return;
  }
  scale(low, lows * lanes, 1.230174105);
  // 2 / K: step sizes leave out the gain of high bands.
  scale(high, highs * lanes, 1.625732422);
  extend(high, highs, bytes);
  liftFloat(low, lowFrom, lowFrom + bytes, lows * lanes, -0.443506852);
  extend(low, lows, bytes);
  liftFloat(high, highFrom, highFrom + bytes, highs * lanes, -0.882911075);
  extend(high, highs, bytes);
  liftFloat(low, lowFrom, lowFrom + bytes, lows * lanes, 0.052980118);
  extend(low, lows, bytes);
  liftFloat(high, highFrom, highFrom + bytes, highs * lanes, 1.586134342);
}

/** `bytes` is 64, or less at the right edge. */
// @ts-ignore: decorator
@inline export function copyStrip(dst: usize, src: usize, bytes: usize): void {
  if (bytes == LANES * 4) {
    v128.store(dst, v128.load(src));
    v128.store(dst, v128.load(src, 16), 16);
    v128.store(dst, v128.load(src, 32), 32);
    v128.store(dst, v128.load(src, 48), 48);
  } else {
    for (let i: usize = 0; i < bytes; i += 4) store<i32>(dst + i, load<i32>(src + i));
  }
}

/** Bytes that `j2kSynthesise` needs at `scratch` for an area of this size. */
export function j2kSynthesisMemory(w: i32, h: i32): i32 {
  return max(w + 32, (h + 8) * LANES) * 4 + 1024;
}

/**
 * One level: w × h numbers at `plane` (rows `stride` numbers apart) hold four bands, low ones first, and become the image of twice the
 * resolution. `x0`, `y0`: its position, whose parity says which kind of coefficient comes first.
 */
export function j2kSynthesise(plane: usize, stride: i32, w: i32, h: i32, x0: i32, y0: i32, float: i32, scratch: usize): void {
  const pitch = <usize>stride << 2;
  const oddX = (x0 & 1) != 0;
  const lowX = oddX ? w >> 1 : (w + 1) >> 1;
  const highX = w - lowX;
  let low = scratch + 64;
  let high = low + ((<usize>lowX + 12) << 2);
  for (let y = 0, row = plane; y < h; y++, row += pitch) {
    memory.copy(low, row, <usize>lowX << 2);
    memory.copy(high, row + (<usize>lowX << 2), <usize>highX << 2);
    synthesise(low, lowX, high, highX, oddX, 1, float != 0);
    interleave(row, oddX ? high : low, oddX ? low : high, w);
  }
  const oddY = (y0 & 1) != 0;
  const lowY = oddY ? h >> 1 : (h + 1) >> 1;
  const highY = h - lowY;
  high = low + <usize>(lowY + 3) * LANES * 4;
  for (let x = 0; x < w; x += LANES) {
    const bytes = <usize>min(LANES, w - x) << 2;
    const column = plane + (<usize>x << 2);
    for (let y = 0; y < lowY; y++) copyStrip(low + <usize>y * LANES * 4, column + <usize>y * pitch, bytes);
    for (let y = 0; y < highY; y++) copyStrip(high + <usize>y * LANES * 4, column + <usize>(lowY + y) * pitch, bytes);
    synthesise(low, lowY, high, highY, oddY, LANES, float != 0);
    let evenRow = oddY ? high : low;
    let oddRow = oddY ? low : high;
    for (let y = 0; y < h; y++) {
      if ((y & 1) == 0) {
        copyStrip(column + <usize>y * pitch, evenRow, bytes);
        evenRow += LANES * 4;
      } else {
        copyStrip(column + <usize>y * pitch, oddRow, bytes);
        oddRow += LANES * 4;
      }
    }
  }
}

/** `n` numbers, in turn from `a` and `b`. */
function interleave(dst: usize, a: usize, b: usize, n: i32): void {
  let x = 0;
  for (; x + 8 <= n; x += 8, a += 16, b += 16, dst += 32) {
    const va = v128.load(a);
    const vb = v128.load(b);
    v128.store(dst, v128.shuffle<i32>(va, vb, 0, 4, 1, 5));
    v128.store(dst, v128.shuffle<i32>(va, vb, 2, 6, 3, 7), 16);
  }
  for (; x < n; x++, dst += 4) {
    if ((x & 1) == 0) {
      store<i32>(dst, load<i32>(a));
      a += 4;
    } else {
      store<i32>(dst, load<i32>(b));
      b += 4;
    }
  }
}
