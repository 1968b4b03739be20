// A row of a level against the finer one: first columns of the finer rows are taken together, then the columns that each pixel stands for.
// pmin/pmax keep the accumulator where the new value is not a number; the sum of such a column is no number either.

import { lower, upper } from './minmax';

// @ts-ignore: decorator
@inline
function fold<T>(low: usize, high: usize, src: usize, n: i32, first: bool): void {
  let i = 0;
  if (first) {
    if (isFloat<T>()) {
      for (; i < n; i++) {
        store<T>(low + (<usize>i) * sizeof<T>(), <T>Infinity);
        store<T>(high + (<usize>i) * sizeof<T>(), <T>-Infinity);
      }
      i = 0;
    } else {
      memory.copy(low, src, (<usize>n) * sizeof<T>());
      memory.copy(high, src, (<usize>n) * sizeof<T>());
      return;
    }
  }
  if (isFloat<T>() || sizeof<T>() < 8) {
    const lanes: i32 = 16 / <i32>sizeof<T>();
    for (; i + lanes <= n; i += lanes) {
      const at = (<usize>i) * sizeof<T>();
      const v = v128.load(src + at);
      v128.store(low + at, lower<T>(v128.load(low + at), v));
      v128.store(high + at, upper<T>(v128.load(high + at), v));
    }
  }
  for (; i < n; i++) {
    const at = (<usize>i) * sizeof<T>();
    const v = load<T>(src + at);
    if (v < load<T>(low + at)) store<T>(low + at, v);
    if (v > load<T>(high + at)) store<T>(high + at, v);
  }
}

// @ts-ignore: decorator
@inline
function total<T>(sum: usize, src: usize, n: i32): void {
  for (let i = 0; i < n; i++, sum += 8, src += sizeof<T>()) store<f64>(sum, load<f64>(sum) + <f64>load<T>(src));
}

// @ts-ignore: decorator
@inline
function columns<T>(low: usize, high: usize, sum: usize, src: usize, n: i32, first: bool, inside: bool): void {
  fold<T>(low, high, src, n, first);
  if (inside) total<T>(sum, src, n);
}

export function agreeColumns(
  type: i32, low: usize, high: usize, sum: usize, src: usize, n: i32, first: bool, inside: bool,
): void {
  switch (type) {
    case 0: columns<u8>(low, high, sum, src, n, first, inside); break;
    case 1: columns<i8>(low, high, sum, src, n, first, inside); break;
    case 2: columns<u16>(low, high, sum, src, n, first, inside); break;
    case 3: columns<i16>(low, high, sum, src, n, first, inside); break;
    case 4: columns<u32>(low, high, sum, src, n, first, inside); break;
    case 5: columns<i32>(low, high, sum, src, n, first, inside); break;
    case 6: columns<u64>(low, high, sum, src, n, first, inside); break;
    case 7: columns<i64>(low, high, sum, src, n, first, inside); break;
    case 8: columns<f32>(low, high, sum, src, n, first, inside); break;
    default: columns<f64>(low, high, sum, src, n, first, inside); break;
  }
}

// @ts-ignore: decorator
@inline
function row<T>(
  small: usize, nx: i32, spans: usize, low: usize, high: usize, sum: usize, width: i32, lines: i32, rounding: f64, out: usize,
): void {
  let n: f64 = 0;
  let within: f64 = 0;
  let a: f64 = 0;
  let b: f64 = 0;
  let aa: f64 = 0;
  let bb: f64 = 0;
  let ab: f64 = 0;
  for (let i = 0; i < nx; i++, small += sizeof<T>(), spans += 8) {
    const from = load<i32>(spans);
    const to = load<i32>(spans, 4);
    let x = max(from - 1, 0);
    const end = min(to + 1, width);
    let least = load<T>(low + (<usize>x) * sizeof<T>());
    let most = load<T>(high + (<usize>x) * sizeof<T>());
    for (x++; x < end; x++) {
      const p = load<T>(low + (<usize>x) * sizeof<T>());
      const q = load<T>(high + (<usize>x) * sizeof<T>());
      least = p < least ? p : least;
      most = q > most ? q : most;
    }
    let mean: f64 = 0;
    for (x = from; x < to; x++) mean += load<f64>(sum + ((<usize>x) << 3));
    mean /= <f64>(lines * (to - from));
    const value = <f64>load<T>(small);
    // NaN and infinity belong to no mean: their difference from themselves is not 0.
    if (mean - mean != 0 || value - value != 0) continue;
    const slack = rounding + 0.05 * (<f64>most - <f64>least);
    n += 1;
    if (value >= <f64>least - slack && value <= <f64>most + slack) within += 1;
    a += value;
    b += mean;
    aa += value * value;
    bb += mean * mean;
    ab += value * mean;
  }
  store<f64>(out, load<f64>(out) + n);
  store<f64>(out, load<f64>(out, 8) + within, 8);
  store<f64>(out, load<f64>(out, 16) + a, 16);
  store<f64>(out, load<f64>(out, 24) + b, 24);
  store<f64>(out, load<f64>(out, 32) + aa, 32);
  store<f64>(out, load<f64>(out, 40) + bb, 40);
  store<f64>(out, load<f64>(out, 48) + ab, 48);
}

export function agreeRow(
  type: i32, small: usize, nx: i32, spans: usize, low: usize, high: usize, sum: usize, width: i32, lines: i32, rounding: f64, out: usize,
): void {
  switch (type) {
    case 0: row<u8>(small, nx, spans, low, high, sum, width, lines, rounding, out); break;
    case 1: row<i8>(small, nx, spans, low, high, sum, width, lines, rounding, out); break;
    case 2: row<u16>(small, nx, spans, low, high, sum, width, lines, rounding, out); break;
    case 3: row<i16>(small, nx, spans, low, high, sum, width, lines, rounding, out); break;
    case 4: row<u32>(small, nx, spans, low, high, sum, width, lines, rounding, out); break;
    case 5: row<i32>(small, nx, spans, low, high, sum, width, lines, rounding, out); break;
    case 6: row<u64>(small, nx, spans, low, high, sum, width, lines, rounding, out); break;
    case 7: row<i64>(small, nx, spans, low, high, sum, width, lines, rounding, out); break;
    case 8: row<f32>(small, nx, spans, low, high, sum, width, lines, rounding, out); break;
    default: row<f64>(small, nx, spans, low, high, sum, width, lines, rounding, out); break;
  }
}
