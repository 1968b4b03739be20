// A picture of an icon file: a bitmap without file header, whose height counts the mask of the background below it.
//
// Parameters (from the bitmap's header): bits, and offset of its pixels; palette: RGB triplets for up to 8 bits.
// Output: RGBA; transparent where the mask says so, or by the alpha of 32-bit pixels where any is not 0.

import { formatError } from '../core/errors.js';
import type { Codec } from './contract.js';

export const ico: Codec = {
  id: 'ico',
  decode(input, step, { block: { width, height } }) {
    const bits = Number(step.bits);
    const palette = step.palette instanceof Uint8Array ? step.palette : new Uint8Array(0);
    const stride = Math.ceil((width * bits) / 32) * 4;
    const maskStride = Math.ceil(width / 32) * 4;
    const pixels = input.subarray(Number(step.offset));
    if (pixels.length < stride * height) throw formatError('TRUNCATED', 'the icon ends inside its pixels');
    const mask = pixels.subarray(stride * height);
    const out = new Uint8Array(width * height * 4);
    let alpha = false;
    for (let y = 0; y < height; y++) {
      const row = (height - 1 - y) * stride;
      for (let x = 0; x < width; x++) {
        const to = (y * width + x) * 4;
        const hidden = (((mask[(height - 1 - y) * maskStride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 1;
        if (bits <= 8) {
          const bit = x * bits;
          const index = (pixels[row + (bit >> 3)]! >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
          for (let s = 0; s < 3; s++) out[to + s] = palette[index * 3 + s] ?? 0;
        } else {
          const from = row + (x * bits) / 8;
          for (let s = 0; s < 3; s++) out[to + s] = pixels[from + 2 - s]!;
          if (bits === 32 && pixels[from + 3] !== 0) alpha = true;
        }
        out[to + 3] = hidden ? 0 : 255;
      }
    }
    if (alpha) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) out[(y * width + x) * 4 + 3] = pixels[(height - 1 - y) * stride + x * 4 + 3]!;
      }
    }
    return out;
  },
};
