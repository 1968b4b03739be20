// Decimal numbers as text, separated by anything that is no digit (plain Netpbm). '#' comments run to the end of their line.
//
// Parameters:
//   bitmap  true: every digit 0 or 1 is a value of its own (plain PBM)
// Output: values of the block's sample size, little-endian.

import { formatError } from '../core/errors.js';
import type { Codec } from './contract.js';
import { sampleSize } from './image-block.js';

const HASH = 0x23;
const NEWLINE = 10;

export const plainNumbers: Codec = {
  id: 'plain-numbers',
  decode(input, step, { block }) {
    const size = sampleSize(block);
    const out = new Uint8Array(block.bytes);
    const count = block.bytes / size;
    const max = 2 ** (8 * size) - 1;
    let to = 0;
    const put = (value: number) => {
      if (value > max) throw formatError('NUMBER_RANGE', `value ${value} does not fit into ${size * 8} bits`);
      for (let b = 0; b < size; b++) out[to * size + b] = Math.floor(value / 2 ** (8 * b)) & 255;
      to++;
    };
    let value = -1;
    for (let at = 0; at < input.length && to < count; at++) {
      const byte = input[at]!;
      const digit = byte - 48;
      if (digit >= 0 && digit <= 9) {
        if (step.bitmap === true) put(digit);
        else value = value < 0 ? digit : value * 10 + digit;
        continue;
      }
      if (value >= 0) put(value);
      value = -1;
      if (byte === HASH) while (at + 1 < input.length && input[at + 1] !== NEWLINE) at++;
    }
    if (value >= 0 && to < count) put(value);
    return out.subarray(0, to * size);
  },
};
