// Pixels of a PCX file (ZSoft): runs in scan lines of one or more planes. Parameters:
//   bits    bits a pixel and plane
//   planes  planes; several planes of one bit make an index, three of eight bits make RGB
//   stride  bytes of a plane's line
//   rle     false: lines are stored as they are
// Output: indices or interleaved RGB.

import { formatError } from '../core/errors.js';
import type { Codec } from './contract.js';

function unpack(input: Uint8Array, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  let to = 0;
  for (let at = 0; at < input.length && to < bytes; ) {
    const byte = input[at++]!;
    if ((byte & 0xc0) !== 0xc0) {
      out[to++] = byte;
      continue;
    }
    const end = Math.min(bytes, to + (byte & 63));
    out.fill(input[at++] ?? 0, to, end);
    to = end;
  }
  return out.subarray(0, to);
}

export const pcx: Codec = {
  id: 'pcx',
  decode(input, step, { block }) {
    const { width, height, samples } = block;
    const [bits, planes, stride] = [Number(step.bits), Number(step.planes), Number(step.stride)];
    const lines = step.rle === false ? input : unpack(input, stride * planes * height);
    const rows = Math.min(height, Math.floor(lines.length / (stride * planes)));
    if (rows === 0) throw formatError('TRUNCATED', 'the PCX data ends in its first line');
    const out = new Uint8Array(rows * width * samples);
    const mask = (1 << bits) - 1;
    for (let y = 0; y < rows; y++) {
      for (let p = 0; p < planes; p++) {
        const from = (y * planes + p) * stride;
        for (let x = 0; x < width; x++) {
          const bit = x * bits;
          const value = (lines[from + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
          const pixel = y * width + x;
          if (samples > 1) out[pixel * samples + p] = value;
          else out[pixel]! |= value << (p * bits);
        }
      }
    }
    return out;
  },
};
