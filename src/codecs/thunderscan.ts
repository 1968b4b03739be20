// ThunderScan (TIFF Compression 32809): 4-bit gray, rows coded one by one. Each byte holds a 2-bit code: 0 = run of the last value,
// 1 = three 2-bit differences, 2 = two 3-bit differences, 3 = a value. Known from libtiff's description of the scheme.
// Output: packed 4-bit rows, first pixel in the upper half.

import type { Codec } from './contract.js';

const TWO_BITS = [0, 1, 0, -1];
const TWO_SKIP = 2;
const THREE_BITS = [0, 1, 2, 3, 0, -3, -2, -1];
const THREE_SKIP = 4;

export const thunderscan: Codec = {
  id: 'thunderscan',
  decode(input, _step, { block }) {
    const { width } = block;
    const height = block.height * block.depth;
    const rowBytes = Math.ceil(width / 2);
    const out = new Uint8Array(rowBytes * height);
    let at = 0;
    let rows = 0;
    for (; rows < height && at < input.length; rows++) {
      let x = 0;
      let last = 0;
      const put = (value: number): void => {
        last = value & 15;
        if (x < width) out[rows * rowBytes + (x >> 1)]! |= x & 1 ? last : last << 4;
        x++;
      };
      while (x < width && at < input.length) {
        const code = input[at++]!;
        const bits = code & 0x3f;
        if (code < 0x40) for (let i = 0; i < bits; i++) put(last);
        else if (code < 0x80) {
          for (const shift of [4, 2, 0]) {
            const delta = (bits >> shift) & 3;
            if (delta !== TWO_SKIP) put(last + TWO_BITS[delta]!);
          }
        } else if (code < 0xc0) {
          for (const shift of [3, 0]) {
            const delta = (bits >> shift) & 7;
            if (delta !== THREE_SKIP) put(last + THREE_BITS[delta]!);
          }
        } else put(bits);
      }
      if (x < width) break;
    }
    return out.subarray(0, rows * rowBytes);
  },
};
