// Two bands of pixels side by side. Plain loops over typed arrays, row by row, so that equal rows cost a comparison of bytes.

import { asPixels, bytesPerSample, type PixelData, type PixelType } from '../../core/pixel-type.js';
import { noDifference, type PlaneDifference } from './contract.js';

type Wide = BigInt64Array | BigUint64Array;
type Narrow = Exclude<PixelData, Wide>;

/** Differences of two bands of rows of `width` pixels that begin at row `y`. NaN equals NaN, as 0 equals -0. */
export function compareBands(a: Uint8Array, b: Uint8Array, type: PixelType, width: number, y: number): PlaneDifference {
  const found = noDifference();
  const isFloat = type === 'float' || type === 'double';
  if (isFloat) addRange(asPixels(a, type) as Narrow, found);
  if (Buffer.compare(a, b) === 0) return found;
  const bytes = width * bytesPerSample(type);
  for (let at = 0, row = y; at < a.length; at += bytes, row++) {
    const [p, q] = [a.subarray(at, at + bytes), b.subarray(at, at + bytes)];
    if (Buffer.compare(p, q) === 0) continue;
    const [v, w] = [asPixels(p, type), asPixels(q, type)];
    if (v instanceof BigInt64Array || v instanceof BigUint64Array) addWide(v, w as Wide, row, found);
    else if (isFloat) addFloats(v, w as Narrow, row, found);
    else addIntegers(v, w as Narrow, row, found);
  }
  return found;
}

function addRange(values: Narrow, found: PlaneDifference): void {
  let { low, high } = found;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v < low && v > Number.NEGATIVE_INFINITY) low = v;
    if (v > high && v < Number.POSITIVE_INFINITY) high = v;
  }
  found.low = low;
  found.high = high;
}

/** What a row gave: `first` < 0 where nothing differs. */
function addRow(found: PlaneDifference, row: number, first: number, last: number, different: number): void {
  if (first < 0) return;
  found.different += different;
  if (found.firstY < 0) {
    found.firstY = row;
    found.firstX = first;
  }
  found.left = Math.min(found.left, first);
  found.right = Math.max(found.right, last);
  found.top = Math.min(found.top, row);
  found.bottom = Math.max(found.bottom, row);
}

function addIntegers(a: Narrow, b: Narrow, row: number, found: PlaneDifference): void {
  let first = -1;
  let last = -1;
  let different = 0;
  let largest = 0;
  let squares = 0;
  for (let i = 0; i < a.length; i++) {
    const d = a[i]! - b[i]!;
    if (d === 0) continue;
    if (first < 0) first = i;
    last = i;
    different++;
    squares += d * d;
    const size = d < 0 ? -d : d;
    if (size > largest) largest = size;
  }
  found.largest = Math.max(found.largest, largest);
  found.squares += squares;
  addRow(found, row, first, last, different);
}

function addFloats(a: Narrow, b: Narrow, row: number, found: PlaneDifference): void {
  let first = -1;
  let last = -1;
  let different = 0;
  for (let i = 0; i < a.length; i++) {
    const v = a[i]!;
    const w = b[i]!;
    if (v === w || (Number.isNaN(v) && Number.isNaN(w))) continue;
    if (first < 0) first = i;
    last = i;
    different++;
    const d = Math.abs(v - w);
    // A number against NaN: no finite difference describes it.
    found.largest = Math.max(found.largest, Number.isNaN(d) ? Number.POSITIVE_INFINITY : d);
    found.squares += Number.isNaN(d) ? Number.POSITIVE_INFINITY : d * d;
  }
  addRow(found, row, first, last, different);
}

function addWide(a: Wide, b: Wide, row: number, found: PlaneDifference): void {
  let first = -1;
  let last = -1;
  let different = 0;
  for (let i = 0; i < a.length; i++) {
    const v = a[i]!;
    const w = b[i]!;
    if (v === w) continue;
    if (first < 0) first = i;
    last = i;
    different++;
    const d = Math.abs(Number(v - w));
    found.largest = Math.max(found.largest, d);
    found.squares += d * d;
  }
  addRow(found, row, first, last, different);
}
