// Run-length coded rows of SGI images, one channel: bytes or big-endian 16-bit values (`size`). Rows follow each other without gaps where
// `offsets` (numbers, pairs of start and length within the block) says so; the first row is the lowest.
// Output: rows from the top, values of `size` bytes, little-endian.

import { formatError } from '../core/errors.js';
import type { Codec } from './contract.js';

export const sgiRle: Codec = {
  id: 'sgi-rle',
  decode(input, step, { block: { width, height } }) {
    const size = Number(step.size);
    const offsets = step.offsets as readonly number[];
    const out = new Uint8Array(width * height * size);
    const get = (at: number) => (size === 1 ? input[at]! : (input[at]! << 8) | input[at + 1]!);
    for (let row = 0; row < height; row++) {
      const end = Math.min(input.length, offsets[2 * row]! + offsets[2 * row + 1]!);
      let to = (height - 1 - row) * width * size;
      const stop = to + width * size;
      for (let at = offsets[2 * row]!; at + size <= end; ) {
        const control = get(at);
        at += size;
        const count = control & 127;
        if (count === 0) break;
        for (let i = 0; i < count && to < stop && at + size <= end; i++, to += size) {
          const value = get(at);
          out[to] = value & 255;
          if (size === 2) out[to + 1] = value >> 8;
          if ((control & 128) !== 0) at += size;
        }
        if ((control & 128) === 0) at += size;
      }
      if (to < stop) throw formatError('TRUNCATED', `row ${row} of the SGI image ends early`);
    }
    return out;
  },
};
