// Pixels of a Truevision TGA file (TGA 2.0), raw or run-length coded.
//
// Parameters:
//   bits   stored bits a pixel: 8, 15, 16, 24 or 32
//   rle    true: run-length packets
//   kind   'index', 'gray' or 'color'
//   right  true: the first stored column is the rightmost
//   top    true: the first stored row is the uppermost
// Output: interleaved samples. 15 and 16 bits: 5-5-5 stretched to 0–255 (v · 255 / 31, rounded down), with alpha where the block has
// four samples (attribute bit 0 = opaque, as files in the wild have it); gray of 16 bits: gray and alpha.

import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import type { BlockInfo, Codec } from './contract.js';

/** Whole pixels in file order. */
function unpack(input: Uint8Array, size: number, count: number, rle: boolean): Uint8Array {
  if (!rle) return input.subarray(0, Math.floor(Math.min(input.length, size * count) / size) * size);
  const out = new Uint8Array(size * count);
  let to = 0;
  for (let at = 0; at < input.length && to < out.length; ) {
    const packet = input[at++]!;
    const bytes = ((packet & 127) + 1) * size;
    if ((packet & 128) !== 0) {
      if (at + size > input.length) break;
      for (let i = 0; i < bytes && to < out.length; i++) out[to++] = input[at + (i % size)]!;
      at += size;
    } else {
      const part = input.subarray(at, Math.min(at + bytes, at + out.length - to));
      out.set(part, to);
      to += part.length;
      at += bytes;
    }
  }
  return out.subarray(0, Math.floor(to / size) * size);
}

export const tga: Codec = {
  id: 'tga',
  decode(input, step, { block }) {
    const { width, height, samples } = block;
    const size = Math.ceil(Number(step.bits) / 8);
    const stored = unpack(input, size, width * height, step.rle === true);
    const rows = Math.floor(stored.length / (size * width));
    if (rows === 0 || (rows < height && step.top !== true)) {
      throw formatError('TRUNCATED', `the TGA data holds ${rows} of ${height} rows`);
    }
    const out = new Uint8Array(rows * width * samples);
    const put = writer(step, block, stored, out);
    for (let y = 0; y < rows; y++) {
      const row = step.top === true ? y : height - 1 - y;
      for (let x = 0; x < width; x++) {
        const column = step.right === true ? width - 1 - x : x;
        put((y * width + x) * size, (row * width + column) * samples);
      }
    }
    return out;
  },
};

/** One pixel from its stored bytes. */
function writer(
  step: CodecStep,
  { samples }: BlockInfo,
  data: Uint8Array,
  out: Uint8Array,
): (from: number, to: number) => void {
  const bits = Number(step.bits);
  if (step.kind !== 'color') {
    return (from, to) => {
      for (let s = 0; s < samples; s++) out[to + s] = data[from + s]!;
    };
  }
  if (bits <= 16) {
    const five = (value: number) => Math.floor(((value & 31) * 255) / 31);
    return (from, to) => {
      const word = data[from]! | (data[from + 1]! << 8);
      out[to] = five(word >> 10);
      out[to + 1] = five(word >> 5);
      out[to + 2] = five(word);
      if (samples === 4) out[to + 3] = (word & 0x8000) !== 0 ? 0 : 255;
    };
  }
  return (from, to) => {
    out[to] = data[from + 2]!;
    out[to + 1] = data[from + 1]!;
    out[to + 2] = data[from]!;
    if (samples === 4) out[to + 3] = data[from + 3]!;
  };
}
