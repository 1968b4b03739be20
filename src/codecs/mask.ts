// Keep the lowest bits of each value: what wrapped around in wider arithmetic comes back to its own depth (TIFF predictor on odd depths).
//
// Parameters: bits 1–31 · size 1, 2, 4: bytes a value · signed: extend the highest kept bit · shift: bits below the lowest kept one

import type { Codec } from './contract.js';
import { editable, result } from './memory.js';
import { flag, whole } from './parameters.js';

export const mask: Codec = {
  id: 'mask',
  decode(input, step, context) {
    const bits = whole(step, 'bits', 1, 1, 31);
    const size = whole(step, 'size', bits <= 8 ? 1 : bits <= 16 ? 2 : 4, 1, 4);
    const up = flag(step, 'signed') ? 32 - bits : 0;
    const keep = 2 ** bits - 1;
    const shift = whole(step, 'shift', 0, 0, 31);
    const { length } = input;
    const ptr = editable(input, context);
    const { buffer } = context.kernels.x.memory;
    const count = Math.floor(length / size);
    const words = new (size === 1 ? Uint8Array : size === 2 ? Uint16Array : Uint32Array)(buffer, ptr, count);
    for (let i = 0; i < count; i++) words[i] = (((words[i]! >>> shift) & keep) << up) >> up;
    return result(context, ptr, length);
  },
};
