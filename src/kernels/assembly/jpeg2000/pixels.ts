// Component transforms (ITU-T T.800 Annex G), level shift, and interleaved output.

/** Undo the reversible (i32) or irreversible (f32) colour transform of `n` samples in three planes. */
export function j2kColor(p0: usize, p1: usize, p2: usize, n: i32, float: i32): void {
  const end = p0 + (<usize>n << 2);
  if (float == 0) {
    for (; p0 < end; p0 += 16, p1 += 16, p2 += 16) {
      const y = v128.load(p0);
      const u = v128.load(p1);
      const v = v128.load(p2);
      const g = i32x4.sub(y, i32x4.shr_s(i32x4.add(u, v), 2));
      v128.store(p0, i32x4.add(v, g));
      v128.store(p1, g);
      v128.store(p2, i32x4.add(u, g));
    }
    return;
  }
  const rv = f32x4.splat(1.402);
  const gu = f32x4.splat(0.34413);
  const gv = f32x4.splat(0.71414);
  const bu = f32x4.splat(1.772);
  for (; p0 < end; p0 += 16, p1 += 16, p2 += 16) {
    const y = v128.load(p0);
    const u = v128.load(p1);
    const v = v128.load(p2);
    v128.store(p0, f32x4.add(y, f32x4.mul(v, rv)));
    v128.store(p1, f32x4.sub(f32x4.sub(y, f32x4.mul(u, gu)), f32x4.mul(v, gv)));
    v128.store(p2, f32x4.add(y, f32x4.mul(u, bu)));
  }
}

/**
 * `n` samples of a row, `repeat` output pixels each, to every `step`-th element of `size` bytes at `dst`, beginning in the middle of the
 * first where `skip` is not 0; `limit` output pixels at most. Floats are rounded, halves to even; then `shift` is added and the value
 * held between `low` and `high`.
 */
export function j2kStore(
  dst: usize, step: i32, size: i32, src: usize, limit: i32, repeat: i32, skip: i32, float: i32, shift: i32, low: i32, high: i32,
): void {
  const stride = <usize>(step * size);
  if (repeat == 1 && size < 4) {
    for (let i = 0; i < limit; i++, dst += stride, src += 4) {
      const value = float != 0 ? <i32>nearest<f32>(load<f32>(src)) : load<i32>(src);
      const held = min(max(value + shift, low), high);
      if (size == 1) store<u8>(dst, <u8>held);
      else store<u16>(dst, <u16>held);
    }
    return;
  }
  let left = repeat - skip;
  let value = sample(src, float, shift, low, high);
  for (let i = 0; i < limit; i++, dst += stride) {
    if (left == 0) {
      src += 4;
      left = repeat;
      value = sample(src, float, shift, low, high);
    }
    left--;
    if (size == 1) store<u8>(dst, <u8>value);
    else if (size == 2) store<u16>(dst, <u16>value);
    else store<u32>(dst, <u32>value);
  }
}

// @ts-ignore: decorator
@inline function sample(src: usize, float: i32, shift: i32, low: i32, high: i32): i64 {
  const value = float != 0 ? <i64>nearest<f32>(load<f32>(src)) : <i64>load<i32>(src);
  return min(max(value + shift, <i64>low), <i64><u32>high);
}
