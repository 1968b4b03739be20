// Forward transforms for encoding: samples to planes, colour, wavelets, quantisation. Inverses of pixels.ts and wavelet.ts.

import { copyStrip, extend, LANES, liftFloat, liftInteger, scale } from './wavelet';

/** `n` samples, `step` elements of `size` bytes apart, less `shift`, to i32 or f32. `signed`: two's complement. */
export function j2kLoad(dst: usize, src: usize, n: i32, step: i32, size: i32, signed: i32, shift: i32, float: i32): void {
  const stride = <usize>(step * size);
  for (let i = 0; i < n; i++, src += stride, dst += 4) {
    let value: i32;
    if (size == 1) value = signed != 0 ? <i32>load<i8>(src) : <i32>load<u8>(src);
    else value = signed != 0 ? <i32>load<i16>(src) : <i32>load<u16>(src);
    value -= shift;
    if (float != 0) store<f32>(dst, <f32>value);
    else store<i32>(dst, value);
  }
}

/** The reversible (i32) or irreversible (f32) colour transform of `n` samples in three planes. */
export function j2kForwardColor(p0: usize, p1: usize, p2: usize, n: i32, float: i32): void {
  const end = p0 + (<usize>n << 2);
  for (; p0 < end; p0 += 4, p1 += 4, p2 += 4) {
    if (float != 0) {
      const r = load<f32>(p0);
      const g = load<f32>(p1);
      const b = load<f32>(p2);
      store<f32>(p0, <f32>0.299 * r + <f32>0.587 * g + <f32>0.114 * b);
      store<f32>(p1, <f32>-0.168736 * r - <f32>0.331264 * g + <f32>0.5 * b);
      store<f32>(p2, <f32>0.5 * r - <f32>0.418688 * g - <f32>0.081312 * b);
    } else {
      const r = load<i32>(p0);
      const g = load<i32>(p1);
      const b = load<i32>(p2);
      store<i32>(p0, (r + 2 * g + b) >> 2);
      store<i32>(p1, b - g);
      store<i32>(p2, r - g);
    }
  }
}

/** Low and high coefficients of a signal that starts with an even sample, in place. */
function analyse(low: usize, lows: i32, high: usize, highs: i32, lanes: i32, float: bool): void {
  if (highs == 0) return;
  const bytes = <usize>lanes << 2;
  if (!float) {
    extend(low, lows, bytes);
    // high -= (a + b) >> 1, low += (a + b + 2) >> 2: the signs of the inverse turned.
    liftInteger(high, low, low + bytes, highs * lanes, false, true);
    extend(high, highs, bytes);
    liftInteger(low, high - bytes, high, lows * lanes, true, true);
    return;
  }
  extend(low, lows, bytes);
  liftFloat(high, low, low + bytes, highs * lanes, -1.586134342);
  extend(high, highs, bytes);
  liftFloat(low, high - bytes, high, lows * lanes, -0.052980118);
  extend(low, lows, bytes);
  liftFloat(high, low, low + bytes, highs * lanes, 0.882911075);
  extend(high, highs, bytes);
  liftFloat(low, high - bytes, high, lows * lanes, 0.443506852);
  scale(low, lows * lanes, 1 / 1.230174105);
  scale(high, highs * lanes, 1 / 1.625732422);
}

/** One level of the w × h numbers at `plane`, whose first row and column are even: four bands, low ones first. `scratch`: as for `j2kSynthesise`. */
export function j2kAnalyse(plane: usize, stride: i32, w: i32, h: i32, float: i32, scratch: usize): void {
  const pitch = <usize>stride << 2;
  const lowY = (h + 1) >> 1;
  let low = scratch + 64;
  let high = low + <usize>(lowY + 3) * LANES * 4;
  for (let x = 0; x < w; x += LANES) {
    const bytes = <usize>min(LANES, w - x) << 2;
    const column = plane + (<usize>x << 2);
    for (let y = 0; y < h; y++) {
      copyStrip(((y & 1) != 0 ? high : low) + <usize>(y >> 1) * LANES * 4, column + <usize>y * pitch, bytes);
    }
    analyse(low, lowY, high, h - lowY, LANES, float != 0);
    for (let y = 0; y < lowY; y++) copyStrip(column + <usize>y * pitch, low + <usize>y * LANES * 4, bytes);
    for (let y = lowY; y < h; y++) copyStrip(column + <usize>y * pitch, high + <usize>(y - lowY) * LANES * 4, bytes);
  }
  const lowX = (w + 1) >> 1;
  high = low + ((<usize>lowX + 12) << 2);
  for (let y = 0, row = plane; y < h; y++, row += pitch) {
    for (let x = 0; x < w; x++) store<i32>(((x & 1) != 0 ? high : low) + (<usize>(x >> 1) << 2), load<i32>(row + (<usize>x << 2)));
    analyse(low, lowX, high, w - lowX, 1, float != 0);
    memory.copy(row, low, <usize>lowX << 2);
    memory.copy(row + (<usize>lowX << 2), high, <usize>(w - lowX) << 2);
  }
}

/** f32 to i32 in place: divided by the step and cut towards zero. */
export function j2kQuantise(plane: usize, stride: i32, w: i32, h: i32, inverseStep: f32): void {
  for (let y = 0; y < h; y++) {
    let at = plane + (<usize>(y * stride) << 2);
    for (let x = 0; x < w; x++, at += 4) store<i32>(at, <i32>(load<f32>(at) * inverseStep));
  }
}
