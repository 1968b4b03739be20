// TIFF predictors: 2 (differences between neighbours in a row, TIFF 6.0 section 14) and 3 (floating point, TIFF Technical Note 3).

// @ts-ignore: decorator
@inline
function add<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 1) return i8x16.add(a, b);
  if (sizeof<T>() == 2) return i16x8.add(a, b);
  if (sizeof<T>() == 4) return i32x4.add(a, b);
  return i64x2.add(a, b);
}

// @ts-ignore: decorator
@inline
function sub<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 1) return i8x16.sub(a, b);
  if (sizeof<T>() == 2) return i16x8.sub(a, b);
  if (sizeof<T>() == 4) return i32x4.sub(a, b);
  return i64x2.sub(a, b);
}

const MASK = memory.data(16, 16);

/** Swizzle mask that moves bytes up by `n`, zeros below. */
function moveUp(n: i32): v128 {
  for (let i = 0; i < 16; i++) store<u8>(MASK + i, i >= n ? <u8>(i - n) : 0x80);
  return v128.load(MASK);
}

/** Prefix sums of rows; pixels of at most 8 bytes go several to a vector. */
// @ts-ignore: decorator
@inline
function undo<T>(ptr: usize, rows: i32, rowBytes: i32, pixel: i32): void {
  const count = pixel <= 8 ? 16 / pixel : 0;
  const step = count * pixel;
  const by1 = moveUp(pixel);
  const by2 = moveUp(min(2 * pixel, 16));
  const by4 = moveUp(min(4 * pixel, 16));
  const by8 = moveUp(min(8 * pixel, 16));
  // Every pixel of the vector gets the last pixel of the one before.
  for (let i = 0; i < 16; i++) store<u8>(MASK + i, i < step ? <u8>(step - pixel + (i % pixel)) : 0x80);
  const last = v128.load(MASK);
  for (let i = 0; i < 16; i++) store<u8>(MASK + i, i < step ? 0xff : 0);
  const inside = v128.load(MASK);
  for (let y = 0; y < rows; y++, ptr += rowBytes) {
    let p = ptr;
    const end = ptr + rowBytes;
    if (count > 0) {
      let carry = i32x4.splat(0);
      for (; p + 16 <= end; p += step) {
        const raw = v128.load(p);
        let v = add<T>(raw, i8x16.swizzle(raw, by1));
        if (count > 2) v = add<T>(v, i8x16.swizzle(v, by2));
        if (count > 4) v = add<T>(v, i8x16.swizzle(v, by4));
        if (count > 8) v = add<T>(v, i8x16.swizzle(v, by8));
        v = add<T>(v, i8x16.swizzle(carry, last));
        carry = v;
        v128.store(p, step == 16 ? v : v128.bitselect(v, raw, inside));
      }
    } else if (pixel >= 16) {
      p += pixel;
      for (; p + 16 <= end; p += 16) v128.store(p, add<T>(v128.load(p), v128.load(p - pixel)));
    }
    if (p == ptr) p += pixel;
    for (; p < end; p += sizeof<T>()) store<T>(p, load<T>(p) + load<T>(p - pixel));
  }
}

/** Prefix sums of one sample a pixel: constant shuffles, of neighbouring bytes of two vectors. */
function undo8(ptr: usize, rows: i32, width: i32): void {
  const zero = i32x4.splat(0);
  for (let y = 0; y < rows; y++, ptr += width) {
    let p = ptr;
    const end = ptr + width;
    let carry = zero;
    for (; p + 16 <= end; p += 16) {
      let v = v128.load(p);
      v = i8x16.add(v, v128.shuffle<u8>(zero, v, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30));
      v = i8x16.add(v, v128.shuffle<u8>(zero, v, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29));
      v = i8x16.add(v, v128.shuffle<u8>(zero, v, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27));
      v = i8x16.add(v, v128.shuffle<u8>(zero, v, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23));
      v = i8x16.add(v, carry);
      carry = v128.shuffle<u8>(v, v, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15);
      v128.store(p, v);
    }
    if (p == ptr) p++;
    for (; p < end; p++) store<u8>(p, load<u8>(p) + load<u8>(p - 1));
  }
}

/** Prefix sums of three samples a pixel, 16 pixels at a time: sums of 2, 4, 8 and 16 pixels, then what came before. */
function undo8x3(ptr: usize, rows: i32, rowBytes: i32): void {
  const zero = i32x4.splat(0);
  for (let y = 0; y < rows; y++, ptr += rowBytes) {
    let p = ptr;
    const end = ptr + rowBytes;
    let last = zero;
    for (; p + 48 <= end; p += 48) {
      let a = v128.load(p);
      let b = v128.load(p, 16);
      let c = v128.load(p, 32);
      c = i8x16.add(c, v128.shuffle<u8>(b, c, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28));
      b = i8x16.add(b, v128.shuffle<u8>(a, b, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28));
      a = i8x16.add(a, v128.shuffle<u8>(zero, a, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28));
      c = i8x16.add(c, v128.shuffle<u8>(b, c, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25));
      b = i8x16.add(b, v128.shuffle<u8>(a, b, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25));
      a = i8x16.add(a, v128.shuffle<u8>(zero, a, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25));
      c = i8x16.add(c, v128.shuffle<u8>(b, c, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
      b = i8x16.add(b, v128.shuffle<u8>(a, b, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
      a = i8x16.add(a, v128.shuffle<u8>(zero, a, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
      c = i8x16.add(c, v128.shuffle<u8>(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23));
      b = i8x16.add(b, v128.shuffle<u8>(zero, a, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23));
      a = i8x16.add(a, v128.shuffle<u8>(last, last, 13, 14, 15, 13, 14, 15, 13, 14, 15, 13, 14, 15, 13, 14, 15, 13));
      b = i8x16.add(b, v128.shuffle<u8>(last, last, 14, 15, 13, 14, 15, 13, 14, 15, 13, 14, 15, 13, 14, 15, 13, 14));
      c = i8x16.add(c, v128.shuffle<u8>(last, last, 15, 13, 14, 15, 13, 14, 15, 13, 14, 15, 13, 14, 15, 13, 14, 15));
      last = c;
      v128.store(p, a);
      v128.store(p, b, 16);
      v128.store(p, c, 32);
    }
    if (p == ptr) p += 3;
    for (; p < end; p++) store<u8>(p, load<u8>(p) + load<u8>(p - 3));
  }
}

function undo16(ptr: usize, rows: i32, width: i32): void {
  const zero = i32x4.splat(0);
  for (let y = 0; y < rows; y++, ptr += 2 * width) {
    let p = ptr;
    const end = ptr + 2 * width;
    let carry = zero;
    for (; p + 16 <= end; p += 16) {
      let v = v128.load(p);
      v = i16x8.add(v, v128.shuffle<u16>(zero, v, 7, 8, 9, 10, 11, 12, 13, 14));
      v = i16x8.add(v, v128.shuffle<u16>(zero, v, 6, 7, 8, 9, 10, 11, 12, 13));
      v = i16x8.add(v, v128.shuffle<u16>(zero, v, 4, 5, 6, 7, 8, 9, 10, 11));
      v = i16x8.add(v, carry);
      carry = v128.shuffle<u16>(v, v, 7, 7, 7, 7, 7, 7, 7, 7);
      v128.store(p, v);
    }
    if (p == ptr) p += 2;
    for (; p < end; p += 2) store<u16>(p, load<u16>(p) + load<u16>(p - 2));
  }
}

export function undoPredictor(ptr: usize, rows: i32, width: i32, samples: i32, size: i32): void {
  if (width <= 0) return;
  const pixel = samples * size;
  const rowBytes = width * pixel;
  if (pixel == 1) undo8(ptr, rows, width);
  else if (size == 1 && samples == 3) undo8x3(ptr, rows, rowBytes);
  else if (size == 2 && samples == 1) undo16(ptr, rows, width);
  else if (size == 1) undo<u8>(ptr, rows, rowBytes, pixel);
  else if (size == 2) undo<u16>(ptr, rows, rowBytes, pixel);
  else if (size == 4) undo<u32>(ptr, rows, rowBytes, pixel);
  else undo<u64>(ptr, rows, rowBytes, pixel);
}

/** Backwards, so that differences read values not yet replaced. */
// @ts-ignore: decorator
@inline
function apply<T>(ptr: usize, rows: i32, rowBytes: i32, pixel: i32): void {
  for (let y = 0; y < rows; y++, ptr += rowBytes) {
    const first = ptr + pixel;
    let p = ptr + rowBytes;
    while (p >= first + 16) {
      p -= 16;
      v128.store(p, sub<T>(v128.load(p), v128.load(p - pixel)));
    }
    while (p > first) {
      p -= sizeof<T>();
      store<T>(p, load<T>(p) - load<T>(p - pixel));
    }
  }
}

export function applyPredictor(ptr: usize, rows: i32, width: i32, samples: i32, size: i32): void {
  if (width <= 0) return;
  const pixel = samples * size;
  const rowBytes = width * pixel;
  if (size == 1) apply<u8>(ptr, rows, rowBytes, pixel);
  else if (size == 2) apply<u16>(ptr, rows, rowBytes, pixel);
  else if (size == 4) apply<u32>(ptr, rows, rowBytes, pixel);
  else apply<u64>(ptr, rows, rowBytes, pixel);
}

/** A row is stored as byte planes, most significant first, differenced as bytes `samples` apart across the whole row. */
export function undoFloatPredictor(dst: usize, src: usize, rows: i32, width: i32, samples: i32, size: i32): void {
  const values = width * samples;
  for (let y = 0; y < rows; y++, dst += values * size) {
    for (let k = 0; k < size; k++) {
      const plane = dst + (size - 1 - k);
      let out = plane;
      if (samples == 1) {
        // The last byte of the plane before, which lies one byte higher.
        let sum: u32 = k == 0 ? 0 : load<u8>(plane + 1 + (values - 1) * size);
        for (let i = 0; i < values; i++, out += size) {
          sum += load<u8>(src++);
          store<u8>(out, <u8>sum);
        }
      } else {
        for (let i = 0; i < values; i++, out += size) {
          let before: u32 = 0;
          if (i >= samples) before = load<u8>(out - samples * size);
          else if (k > 0) before = load<u8>(plane + 1 + (values - samples + i) * size);
          store<u8>(out, <u8>(before + load<u8>(src++)));
        }
      }
    }
  }
}
