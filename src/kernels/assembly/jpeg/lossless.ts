// Lossless JPEG (ITU-T T.81 Annex H). Parameter block of i32, written by src/codecs/jpeg/lossless.ts:
// 0 width, 1 height, 2 samples a pixel, 3 bytes a sample, 4 precision, 5 predictor, 6 point transform, 7 restart interval in rows,
// 8 output, 9 columns and 10 rows wanted, 11 source, 12 its end, 13 row buffers, 15 result: rows done,
// 16 components in this scan, 17–20 their numbers, 21–24 their tables.

import * as bit from './bits';

// @ts-ignore: decorator
@inline function field(st: usize, i: i32): i32 {
  return load<i32>(st + (<usize>i << 2));
}

/** Next difference; 0x10000 when broken. */
// @ts-ignore: decorator
@inline function difference(table: usize): i32 {
  if (bit.have < 32) bit.refill();
  const size = bit.symbol(table);
  if (size == 0) return 0;
  if (size == 16) return 32768;
  if (size < 0 || size > 16) return 0x10000;
  const value = bit.extend(bit.bits, size);
  bit.take(size);
  return value;
}

/** One scan; row buffers hold the samples of this and the previous row, a component after the other, before the point transform. */
export function jpegLossless(st: usize): void {
  const width = field(st, 0);
  const height = field(st, 1);
  const predictor = field(st, 5);
  const interval = field(st, 7);
  const count = field(st, 16);
  const initial = 1 << (field(st, 4) - field(st, 6) - 1);
  const rowBytes = (<usize>width << 1) + 16;
  let here = <usize>field(st, 13);
  let above = here + rowBytes * <usize>count;
  bit.start(<usize>field(st, 11), <usize>field(st, 12));
  let y = 0;
  let first = true;
  for (; y < height; y++) {
    if (interval != 0 && y != 0 && y % interval == 0) {
      if (!bit.restart()) break;
      first = true;
    }
    let broken = false;
    for (let x = 0; x < width && !broken; x++) {
      const at = <usize>x << 1;
      for (let i = 0; i < count; i++) {
        const step = difference(<usize>field(st, 21 + i));
        if (step == 0x10000) {
          broken = true;
          break;
        }
        const row = here + rowBytes * <usize>i + at;
        const up = above + rowBytes * <usize>i + at;
        let guess = initial;
        if (x == 0) {
          if (!first) guess = <i32>load<u16>(up);
        } else {
          const a = <i32>load<u16>(row - 2);
          if (first || predictor == 1) {
            guess = a;
          } else {
            const b = <i32>load<u16>(up);
            const c = <i32>load<u16>(up - 2);
            if (predictor == 2) guess = b;
            else if (predictor == 3) guess = c;
            else if (predictor == 4) guess = a + b - c;
            else if (predictor == 5) guess = a + ((b - c) >> 1);
            else if (predictor == 6) guess = b + ((a - c) >> 1);
            else guess = (a + b) >> 1;
          }
        }
        store<u16>(row, <u16>(guess + step));
      }
    }
    if (broken || bit.overrun()) break;
    first = false;
    if (y < field(st, 10)) writeRow(st, here, rowBytes, y);
    const swap = here;
    here = above;
    above = swap;
  }
  store<i32>(st + 60, min(y, field(st, 10)));
  store<i32>(st + 44, <i32>bit.at);
}

function writeRow(st: usize, row: usize, rowBytes: usize, y: i32): void {
  const samples = field(st, 2);
  const size = field(st, 3);
  const shift = field(st, 6);
  const width = field(st, 9);
  const step = <usize>(samples * size);
  for (let i = 0; i < field(st, 16); i++) {
    let dst = <usize>field(st, 8) + <usize>y * <usize>width * step + <usize>(field(st, 17 + i) * size);
    let src = row + rowBytes * <usize>i;
    for (let x = 0; x < width; x++, src += 2, dst += step) {
      const value = <i32>load<u16>(src) << shift;
      if (size == 2) store<u16>(dst, <u16>value);
      else store<u8>(dst, <u8>value);
    }
  }
}
