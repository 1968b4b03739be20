// Radiance pixels: four bytes, three mantissas and an exponent, in scan lines with or without run-length coding.
// Parameter `bottom` true: the first stored line is the lowest. Output: interleaved red, green, blue as f32, mantissa · 2^(exponent − 136).

import { formatError } from '../core/errors.js';
import type { Codec } from './contract.js';

/** One line of four bytes a pixel. Returns the offset behind it, or -1 where the data ends. */
function readLine(input: Uint8Array, from: number, line: Uint8Array, width: number): number {
  let at = from;
  const adaptive =
    width >= 8 && width < 32_768 && input[at] === 2 && input[at + 1] === 2 && (input[at + 2]! & 128) === 0;
  if (adaptive) {
    at += 4;
    for (let channel = 0; channel < 4; channel++) {
      for (let x = 0; x < width; ) {
        if (at >= input.length) return -1;
        const count = input[at++]!;
        const run = count > 128 ? count & 127 : count;
        if (run === 0 || x + run > width) throw formatError('RGBE_RUN', 'broken Radiance data: a run beyond its line');
        for (let i = 0; i < run; i++, x++) line[4 * x + channel] = input[count > 128 ? at : at + i] ?? 0;
        at += count > 128 ? 1 : run;
      }
    }
    return at > input.length ? -1 : at;
  }
  // Flat pixels; 1, 1, 1, n repeats the one before, and such repeats in a row count as further digits.
  let shift = 0;
  for (let x = 0; x < width; at += 4) {
    if (at + 4 > input.length) return -1;
    if (input[at] === 1 && input[at + 1] === 1 && input[at + 2] === 1) {
      const count = input[at + 3]! * 2 ** shift;
      if (x === 0 || x + count > width) throw formatError('RGBE_RUN', 'broken Radiance data: a run beyond its line');
      for (let i = 0; i < count; i++, x++) line.copyWithin(4 * x, 4 * x - 4, 4 * x);
      shift += 8;
    } else {
      line.set(input.subarray(at, at + 4), 4 * x++);
      shift = 0;
    }
  }
  return at;
}

export const rgbe: Codec = {
  id: 'rgbe',
  decode(input, step, { block: { width, height } }) {
    const out = new Float32Array(width * height * 3);
    const line = new Uint8Array(width * 4);
    let at = 0;
    let y = 0;
    for (; y < height; y++) {
      at = readLine(input, at, line, width);
      if (at < 0) break;
      const row = step.bottom === true ? height - 1 - y : y;
      for (let x = 0; x < width; x++) {
        const exponent = line[4 * x + 3]!;
        const scale = exponent === 0 ? 0 : 2 ** (exponent - 136);
        for (let s = 0; s < 3; s++) out[(row * width + x) * 3 + s] = line[4 * x + s]! * scale;
      }
    }
    if (y === 0 || (y < height && step.bottom === true)) throw formatError('TRUNCATED', 'the Radiance data ends early');
    return new Uint8Array(out.buffer, 0, y * width * 12);
  },
};
