// One scan of JPEG-LS (ITU-T T.87 Annex A). Parameter block of i32, written by src/codecs/jpegls.ts:
// 0 width, 1 height, 2 components in the scan, 3 interleaving (0 none, 1 line, 2 sample), 4 MAXVAL, 5 NEAR, 6–8 T1 to T3, 9 RESET,
// 10 source, 11 its end, 12 lines (2 rows a component of width + 16 i32 each), 13 output, 14 bytes a sample, 15 samples a pixel,
// 16 first sample of the scan, 17 restart interval in lines, 18 result: lines done, 19 where the data ended.

// Contexts: A, B, C, N as i32 each, 367 of them; the last two are those of run interruptions, whose B counts negative errors.
const CONTEXTS: usize = memory.data(367 * 16, 16);
const RUN_BITS: usize = memory.data<u8>([
  0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15,
]);
/** Run index of each component. */
const RUN_INDEX: usize = memory.data(4 * 256, 16);

let bits: u64 = 0;
let have: i32 = 0;
let at: usize = 0;
let end: usize = 0;
let fed: i32 = 0;
let stuffed: bool = false;

let near: i32 = 0;
let maximum: i32 = 0;
let range: i32 = 0;
let step: i32 = 0;
let limit: i32 = 0;
let errorBits: i32 = 0;
let reset: i32 = 0;
let t1: i32 = 0;
let t2: i32 = 0;
let t3: i32 = 0;

// @ts-ignore: decorator
@inline function field(st: usize, i: i32): i32 {
  return load<i32>(st + (<usize>i << 2));
}

/** At least 48 bits; zeros, counted, behind a marker or the end. After 0xFF a byte has seven bits. */
function refill(): void {
  if (at + 8 <= end && !stuffed && fed == 0) {
    const raw = load<u64>(at);
    // No 0xFF among the eight bytes: take as many as fit at once.
    if (((~raw - 0x0101010101010101) & raw & 0x8080808080808080) == 0) {
      bits |= bswap<u64>(raw) >> <u64>have;
      at += (63 - have) >> 3;
      have |= 56;
      return;
    }
  }
  // Clear what that left behind the counted bits.
  bits = have == 0 ? 0 : bits & (~(<u64>0) << <u64>(64 - have));
  while (have <= 56) {
    if (at < end) {
      const byte = <u64>load<u8>(at);
      if (stuffed) {
        if (byte < 0x80) {
          bits |= byte << <u64>(57 - have);
          have += 7;
          at++;
          stuffed = false;
          continue;
        }
      } else {
        const last = byte == 0xff && (at + 1 >= end || load<u8>(at + 1) >= 0x80);
        if (!last) {
          bits |= byte << <u64>(56 - have);
          have += 8;
          at++;
          stuffed = byte == 0xff;
          continue;
        }
      }
    }
    have += 8;
    fed += 8;
  }
}

function startBits(): void {
  bits = 0;
  have = 0;
  fed = 0;
  stuffed = false;
}

/** `n` (0–32) bits. */
// @ts-ignore: decorator
@inline function take(n: i32): i32 {
  if (n == 0) return 0;
  if (have < n) refill();
  const value = <i32>(bits >> <u64>(64 - n));
  bits <<= <u64>n;
  have -= n;
  return value;
}

/** A limited Golomb code (A.5.3). */
// @ts-ignore: decorator
@inline function golomb(k: i32, most: i32): i32 {
  if (have < 48) refill();
  let zeros = <i32>clz<u64>(bits);
  if (zeros < have && zeros < 48) {
    bits <<= <u64>(zeros + 1);
    have -= zeros + 1;
  } else {
    // Longer than what is at hand.
    zeros = 0;
    while (take(1) == 0) {
      zeros++;
      if (zeros > most || fed > have) break;
    }
  }
  if (zeros < most - errorBits - 1) return (zeros << k) + take(k);
  return take(errorBits) + 1;
}

function prepare(st: usize): void {
  maximum = field(st, 4);
  near = field(st, 5);
  t1 = field(st, 6);
  t2 = field(st, 7);
  t3 = field(st, 8);
  reset = field(st, 9);
  step = 2 * near + 1;
  range = (maximum + 2 * near) / step + 1;
  errorBits = 32 - clz<i32>(range - 1);
  const depth = max(2, 32 - clz<i32>(maximum));
  limit = 2 * (depth + max(8, depth));
}

function clearContexts(): void {
  const a = max(2, (range + 32) / 64);
  for (let q: usize = 0; q < 367; q++) {
    store<i32>(CONTEXTS + (q << 4), a);
    store<i32>(CONTEXTS + (q << 4), 0, 4);
    store<i32>(CONTEXTS + (q << 4), 0, 8);
    store<i32>(CONTEXTS + (q << 4), 1, 12);
  }
  memory.fill(RUN_INDEX, 0, 4 * 256);
}

// @ts-ignore: decorator
@inline function quantise(d: i32): i32 {
  if (d < 0) return d <= -t3 ? -4 : d <= -t2 ? -3 : d <= -t1 ? -2 : d < -near ? -1 : 0;
  return d <= near ? 0 : d < t1 ? 1 : d < t2 ? 2 : d < t3 ? 3 : 4;
}

/** A sample from its prediction and its error, back into range (A.4.5, A.8). */
// @ts-ignore: decorator
@inline function restore(predicted: i32, error: i32): i32 {
  let value = predicted + error * step;
  if (value < -near) value += range * step;
  else if (value > maximum + near) value -= range * step;
  return min(max(value, 0), maximum);
}

/** Regular mode (A.4 to A.6). `q`: context number, negative where signs are turned. */
function regular(q: i32, a: i32, b: i32, c: i32): i32 {
  const sign = q < 0 ? -1 : 1;
  const context = CONTEXTS + (<usize>(q < 0 ? -q : q) << 4);
  let sum = load<i32>(context);
  let bias = load<i32>(context, 4);
  let correction = load<i32>(context, 8);
  let count = load<i32>(context, 12);
  let k = 0;
  while (count << k < sum && k < 24) k++;
  const low = min(a, b);
  const high = max(a, b);
  let predicted = c >= high ? low : c <= low ? high : a + b - c;
  predicted = min(max(predicted + sign * correction, 0), maximum);
  const mapped = golomb(k, limit);
  let error = (mapped & 1) != 0 ? -((mapped + 1) >> 1) : mapped >> 1;
  if (k == 0 && near == 0 && 2 * bias <= -count) error = ~error;
  // Update (A.6).
  bias += error * step;
  sum += abs(error);
  if (count == reset) {
    sum >>= 1;
    bias = bias >= 0 ? bias >> 1 : -((1 - bias) >> 1);
    count >>= 1;
  }
  count++;
  if (bias <= -count) {
    bias = max(bias + count, 1 - count);
    if (correction > -128) correction--;
  } else if (bias > 0) {
    bias = min(bias - count, 0);
    if (correction < 127) correction++;
  }
  store<i32>(context, sum);
  store<i32>(context, bias, 4);
  store<i32>(context, correction, 8);
  store<i32>(context, count, 12);
  return restore(predicted, sign * error);
}

/** The sample that ends a run (A.7.2). `type`: 1 where its neighbours are alike. */
function interruption(a: i32, b: i32, type: i32, index: i32): i32 {
  const context = CONTEXTS + (<usize>(365 + type) << 4);
  let sum = load<i32>(context);
  let negatives = load<i32>(context, 4);
  let count = load<i32>(context, 12);
  const size = type == 1 ? sum + (count >> 1) : sum;
  let k = 0;
  while (count << k < size && k < 24) k++;
  const mapped = golomb(k, limit - <i32>load<u8>(RUN_BITS + <usize>index) - 1);
  const sized = mapped + type;
  const odd = sized & 1;
  let error = (sized + odd) >> 1;
  if ((k != 0 || 2 * negatives >= count ? 1 : 0) == odd) error = -error;
  if (error < 0) negatives++;
  sum += (mapped + 1 - type) >> 1;
  if (count == reset) {
    sum >>= 1;
    count >>= 1;
    negatives >>= 1;
  }
  count++;
  store<i32>(context, sum);
  store<i32>(context, negatives, 4);
  store<i32>(context, count, 12);
  if (type == 1) return restore(a, error);
  return restore(b, a > b ? -error : error);
}

/** Length of a run of at most `left` samples; -1 - length where the line ends it. Moves the run index. */
function runLength(left: i32, index: usize): i32 {
  let run = 0;
  while (take(1) != 0) {
    const i = load<i32>(index);
    const size = 1 << <i32>load<u8>(RUN_BITS + <usize>i);
    const part = min(size, left - run);
    run += part;
    if (part == size) store<i32>(index, min(31, i + 1));
    if (run >= left) return -1 - left;
  }
  run += take(<i32>load<u8>(RUN_BITS + <usize>load<i32>(index)));
  return min(run, left);
}

// @ts-ignore: decorator
@inline function value(row: usize, x: i32): i32 {
  return load<i32>(row + (<usize>x << 2));
}

/** One line of one component: `here` and `above` have an element before the first and one behind the last. */
function line(here: usize, above: usize, width: i32, index: usize): bool {
  store<i32>(here - 4, value(above, 0));
  store<i32>(above + (<usize>width << 2), value(above, width - 1));
  let x = 0;
  while (x < width) {
    const a = load<i32>(here + (<usize>x << 2) - 4);
    const b = value(above, x);
    const c = load<i32>(above + (<usize>x << 2) - 4);
    const q = 81 * quantise(value(above, x + 1) - b) + 9 * quantise(b - c) + quantise(c - a);
    if (q != 0) {
      store<i32>(here + (<usize>x << 2), regular(q, a, b, c));
      x++;
      continue;
    }
    let run = runLength(width - x, index);
    const ended = run < 0;
    if (ended) run = -1 - run;
    for (let i = 0; i < run; i++, x++) store<i32>(here + (<usize>x << 2), a);
    if (ended || x >= width) continue;
    const up = value(above, x);
    const i = load<i32>(index);
    store<i32>(here + (<usize>x << 2), interruption(a, up, abs(a - up) <= near ? 1 : 0, i));
    if (i > 0) store<i32>(index, i - 1);
    x++;
    if (fed > have) return false;
  }
  return fed <= have;
}

/** One line of components that take turns sample by sample: a run needs all of them. Rows lie `pitch` bytes apart, pairs of them. */
function sampleLine(rows: usize, pitch: usize, odd: usize, width: i32, count: i32): bool {
  for (let i = 0; i < count; i++) {
    const here = rows + <usize>(2 * i) * pitch + odd * pitch;
    const above = rows + <usize>(2 * i) * pitch + (1 - odd) * pitch;
    store<i32>(here - 4, value(above, 0));
    store<i32>(above + (<usize>width << 2), value(above, width - 1));
  }
  let x = 0;
  while (x < width) {
    let flat = true;
    const column = <usize>x << 2;
    for (let i = 0; i < count && flat; i++) {
      const here = rows + <usize>(2 * i) * pitch + odd * pitch + column;
      const above = rows + <usize>(2 * i) * pitch + (1 - odd) * pitch + column;
      const b = load<i32>(above);
      const c = load<i32>(above - 4);
      flat = quantise(load<i32>(above + 4) - b) == 0 && quantise(b - c) == 0 && quantise(c - load<i32>(here - 4)) == 0;
    }
    let run = 0;
    let ended = false;
    if (flat) {
      run = runLength(width - x, RUN_INDEX);
      ended = run < 0;
      if (ended) run = -1 - run;
    }
    const stop = x + run;
    const index = load<i32>(RUN_INDEX);
    for (let i = 0; i < count; i++) {
      const here = rows + <usize>(2 * i) * pitch + odd * pitch;
      const above = rows + <usize>(2 * i) * pitch + (1 - odd) * pitch;
      const a = load<i32>(here + column - 4);
      for (let j = x; j < stop; j++) store<i32>(here + (<usize>j << 2), a);
      if (ended || stop >= width) continue;
      const b = value(above, stop);
      if (flat) {
        store<i32>(here + (<usize>stop << 2), interruption(a, b, 0, index));
        continue;
      }
      const c = load<i32>(above + column - 4);
      const q = 81 * quantise(load<i32>(above + column + 4) - b) + 9 * quantise(b - c) + quantise(c - a);
      store<i32>(here + column, regular(q, a, b, c));
    }
    x = stop;
    if (ended) continue;
    if (flat && x < width && index > 0) store<i32>(RUN_INDEX, index - 1);
    x++;
    if (fed > have) return false;
  }
  return fed <= have;
}

function writeLine(st: usize, row: usize, component: i32, y: i32): void {
  const width = field(st, 0);
  const size = field(st, 14);
  const pitch = <usize>(field(st, 15) * size);
  let dst = <usize>field(st, 13) + <usize>y * <usize>width * pitch + <usize>((field(st, 16) + component) * size);
  for (let x = 0; x < width; x++, dst += pitch) {
    const sample = value(row, x);
    if (size == 1) store<u8>(dst, <u8>sample);
    else store<u16>(dst, <u16>sample);
  }
}

/** Step over RSTn. */
function restart(): bool {
  startBits();
  while (at + 1 < end) {
    if (load<u8>(at) == 0xff && (load<u8>(at + 1) & 0xf8) == 0xd0) {
      at += 2;
      return true;
    }
    if (load<u8>(at) == 0xff && load<u8>(at + 1) >= 0x80) return false;
    at++;
  }
  return false;
}

export function jpeglsScan(st: usize): void {
  const width = field(st, 0);
  const height = field(st, 1);
  const count = field(st, 2);
  const interval = field(st, 17);
  const pitch = (<usize>width + 16) << 2;
  const rows = <usize>field(st, 12) + 32;
  prepare(st);
  at = <usize>field(st, 10);
  end = <usize>field(st, 11);
  startBits();
  clearContexts();
  memory.fill(rows - 32, 0, pitch * 2 * <usize>count);
  let y = 0;
  for (; y < height; y++) {
    if (interval != 0 && y != 0 && y % interval == 0) {
      if (!restart()) break;
      clearContexts();
      memory.fill(rows - 32, 0, pitch * 2 * <usize>count);
    }
    const odd = <usize>(y & 1);
    let whole = true;
    if (field(st, 3) == 2) {
      whole = sampleLine(rows, pitch, odd, width, count);
    } else {
      for (let i = 0; i < count && whole; i++) {
        const pair = rows + <usize>(2 * i) * pitch;
        whole = line(pair + odd * pitch, pair + (1 - odd) * pitch, width, RUN_INDEX + (<usize>i << 2));
      }
    }
    if (!whole) break;
    for (let i = 0; i < count; i++) writeLine(st, rows + <usize>(2 * i) * pitch + odd * pitch, i, y);
  }
  store<i32>(st + 72, y);
  store<i32>(st + 76, <i32>at);
}
