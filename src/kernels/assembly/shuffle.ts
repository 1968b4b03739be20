// Byte shuffle: bytes of equal significance together (Blosc, HDF5 filter 2, numcodecs). Interleaving two vectors whose numbers differ in
// the top bit rotates the address bits of a byte by one; a few rounds turn "element, byte" into "byte, element" and back.

// @ts-ignore: decorator
@inline
export function low(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
export function high(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// @ts-ignore: decorator
@inline
function even(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

// @ts-ignore: decorator
@inline
function odd(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

/** Elements done, a multiple of 16. */
function shuffle2(dst: usize, src: usize, n: i32): i32 {
  let i = 0;
  for (; i + 16 <= n; i += 16, src += 32) {
    const a = v128.load(src);
    const b = v128.load(src, 16);
    v128.store(dst + i, even(a, b));
    v128.store(dst + n + i, odd(a, b));
  }
  return i;
}

function shuffle4(dst: usize, src: usize, n: i32): i32 {
  let i = 0;
  for (; i + 16 <= n; i += 16, src += 64) {
    const a = v128.load(src);
    const b = v128.load(src, 16);
    const c = v128.load(src, 32);
    const d = v128.load(src, 48);
    const e0 = even(a, b);
    const e1 = even(c, d);
    const o0 = odd(a, b);
    const o1 = odd(c, d);
    const out = dst + i;
    v128.store(out, even(e0, e1));
    v128.store(out + n, even(o0, o1));
    v128.store(out + 2 * n, odd(e0, e1));
    v128.store(out + 3 * n, odd(o0, o1));
  }
  return i;
}

function shuffle8(dst: usize, src: usize, n: i32): i32 {
  let i = 0;
  for (; i + 16 <= n; i += 16, src += 128) {
    let a = v128.load(src);
    let b = v128.load(src, 16);
    let c = v128.load(src, 32);
    let d = v128.load(src, 48);
    let e = v128.load(src, 64);
    let f = v128.load(src, 80);
    let g = v128.load(src, 96);
    let h = v128.load(src, 112);
    for (let round = 0; round < 4; round++) {
      const p = low(a, e);
      const q = high(a, e);
      const r = low(b, f);
      const s = high(b, f);
      const t = low(c, g);
      const u = high(c, g);
      const v = low(d, h);
      const w = high(d, h);
      a = p;
      b = q;
      c = r;
      d = s;
      e = t;
      f = u;
      g = v;
      h = w;
    }
    const out = dst + i;
    v128.store(out, a);
    v128.store(out + n, b);
    v128.store(out + 2 * n, c);
    v128.store(out + 3 * n, d);
    v128.store(out + 4 * n, e);
    v128.store(out + 5 * n, f);
    v128.store(out + 6 * n, g);
    v128.store(out + 7 * n, h);
  }
  return i;
}

export function shuffle(dst: usize, src: usize, bytes: i32, size: i32): void {
  const n = size > 1 ? bytes / size : 0;
  const whole = n * size;
  let done = 0;
  if (size == 2) done = shuffle2(dst, src, n);
  else if (size == 4) done = shuffle4(dst, src, n);
  else if (size == 8) done = shuffle8(dst, src, n);
  if (done < n) {
    for (let k = 0; k < size; k++) {
      let s = src + <usize>(done * size + k);
      const row = dst + <usize>(k * n);
      for (let i = done; i < n; i++, s += size) store<u8>(row + i, load<u8>(s));
    }
  }
  if (whole < bytes) memory.copy(dst + whole, src + whole, bytes - whole);
}

function unshuffle2(dst: usize, src: usize, n: i32): i32 {
  let i = 0;
  for (; i + 16 <= n; i += 16, dst += 32) {
    const a = v128.load(src + i);
    const b = v128.load(src + n + i);
    v128.store(dst, low(a, b));
    v128.store(dst, high(a, b), 16);
  }
  return i;
}

function unshuffle4(dst: usize, src: usize, n: i32): i32 {
  let i = 0;
  for (; i + 16 <= n; i += 16, dst += 64) {
    const from = src + i;
    const a = v128.load(from);
    const b = v128.load(from + n);
    const c = v128.load(from + 2 * n);
    const d = v128.load(from + 3 * n);
    const p = low(a, c);
    const q = high(a, c);
    const r = low(b, d);
    const s = high(b, d);
    v128.store(dst, low(p, r));
    v128.store(dst, high(p, r), 16);
    v128.store(dst, low(q, s), 32);
    v128.store(dst, high(q, s), 48);
  }
  return i;
}

function unshuffle8(dst: usize, src: usize, n: i32): i32 {
  let i = 0;
  for (; i + 16 <= n; i += 16, dst += 128) {
    const from = src + i;
    let a = v128.load(from);
    let b = v128.load(from + n);
    let c = v128.load(from + 2 * n);
    let d = v128.load(from + 3 * n);
    let e = v128.load(from + 4 * n);
    let f = v128.load(from + 5 * n);
    let g = v128.load(from + 6 * n);
    let h = v128.load(from + 7 * n);
    for (let round = 0; round < 3; round++) {
      const p = low(a, e);
      const q = high(a, e);
      const r = low(b, f);
      const s = high(b, f);
      const t = low(c, g);
      const u = high(c, g);
      const v = low(d, h);
      const w = high(d, h);
      a = p;
      b = q;
      c = r;
      d = s;
      e = t;
      f = u;
      g = v;
      h = w;
    }
    v128.store(dst, a);
    v128.store(dst, b, 16);
    v128.store(dst, c, 32);
    v128.store(dst, d, 48);
    v128.store(dst, e, 64);
    v128.store(dst, f, 80);
    v128.store(dst, g, 96);
    v128.store(dst, h, 112);
  }
  return i;
}

export function unshuffle(dst: usize, src: usize, bytes: i32, size: i32): void {
  const n = size > 1 ? bytes / size : 0;
  const whole = n * size;
  let done = 0;
  if (size == 2) done = unshuffle2(dst, src, n);
  else if (size == 4) done = unshuffle4(dst, src, n);
  else if (size == 8) done = unshuffle8(dst, src, n);
  if (done < n) {
    for (let k = 0; k < size; k++) {
      let d = dst + <usize>(done * size + k);
      const row = src + <usize>(k * n);
      for (let i = done; i < n; i++, d += size) store<u8>(d, load<u8>(row + i));
    }
  }
  if (whole < bytes) memory.copy(dst + whole, src + whole, bytes - whole);
}
