// Pixel arrays of Windows and OS/2 bitmaps.
//
// `bmp-rows`: uncompressed rows, padded to whole 32-bit words. Parameters:
//   bits    1, 2, 4, 16 or 32 a pixel
//   flip    true: the first stored row is the lowest
//   masks   numbers: bit masks of red, green, blue and, where there is one, alpha (16 and 32 bits)
//   Output: palette indices, or interleaved samples: masks of up to 8 bits are stretched to 0–255 (v · 255 / max, rounded down), wider
//   ones give their value in 16 bits.
// `bmp-rle`: run-length coding of 4 or 8 bits (`bits`), `flip` as above. Output: palette indices, 0 where the data skips pixels.

import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import type { BlockInfo, Codec } from './contract.js';
import { sampleSize } from './image-block.js';

/** Bytes of a stored row. */
function rowBytes(width: number, bits: number): number {
  return Math.ceil((width * bits) / 32) * 4;
}

function target(y: number, height: number, step: CodecStep): number {
  return step.flip === true ? height - 1 - y : y;
}

export const bmpRows: Codec = {
  id: 'bmp-rows',
  decode(input, step, { block }) {
    const bits = Number(step.bits);
    const { width, height, samples } = block;
    const stride = rowBytes(width, bits);
    // Of a flipped array that is cut short the upper rows are missing, which cannot be told from here.
    const whole = Math.floor(input.length / stride);
    if (whole < height && (step.flip === true || whole === 0)) {
      throw formatError('TRUNCATED', `${input.length} bytes of bitmap rows, ${stride * height} expected`);
    }
    const rows = Math.min(whole, height);
    const size = sampleSize(block);
    const out = new Uint8Array(rows * width * samples * size);
    const row = bits >= 16 ? maskedRow(step, block, bits) : packedRow(width, bits);
    for (let y = 0; y < rows; y++) row(input, y * stride, out, target(y, rows, step) * width * samples * size);
    return out;
  },
};

type Row = (input: Uint8Array, from: number, out: Uint8Array, to: number) => void;

function packedRow(width: number, bits: number): Row {
  const mask = (1 << bits) - 1;
  return (input, from, out, to) => {
    for (let x = 0; x < width; x++) {
      const bit = x * bits;
      out[to + x] = (input[from + (bit >> 3)]! >> (8 - bits - (bit & 7))) & mask;
    }
  };
}

function maskedRow(step: CodecStep, block: BlockInfo, bits: number): Row {
  const masks = (step.masks as readonly number[]).map((mask) => mask >>> 0);
  const { width, samples } = block;
  const wide = sampleSize(block) === 2;
  const shifts = masks.map((mask) => (mask === 0 ? 0 : Math.log2((mask & -mask) >>> 0)));
  const tops = masks.map((mask, i) => mask >>> shifts[i]!);
  return (input, from, out, to) => {
    for (let x = 0; x < width; x++) {
      const at = from + x * (bits >> 3);
      let pixel = input[at]! | (input[at + 1]! << 8);
      if (bits === 32) pixel = (pixel | (input[at + 2]! << 16) | (input[at + 3]! << 24)) >>> 0;
      for (let s = 0; s < samples; s++) {
        const value = ((pixel & masks[s]!) >>> 0) >>> shifts[s]!;
        const index = x * samples + s;
        if (wide) {
          out[to + 2 * index] = value & 255;
          out[to + 2 * index + 1] = value >> 8;
        } else {
          out[to + index] = tops[s] === 255 || tops[s] === 0 ? value : Math.floor((value * 255) / tops[s]!);
        }
      }
    }
  };
}

export const bmpRle: Codec = {
  id: 'bmp-rle',
  decode(input, step, { block: { width, height } }) {
    const half = Number(step.bits) === 4;
    const out = new Uint8Array(width * height);
    let x = 0;
    let y = 0;
    let ended = false;
    const put = (value: number) => {
      if (x < width && y < height) out[target(y, height, step) * width + x] = value;
      x++;
    };
    for (let at = 0; at + 1 < input.length && y < height; ) {
      const count = input[at]!;
      const value = input[at + 1]!;
      at += 2;
      if (count > 0) {
        for (let i = 0; i < count; i++) put(half ? ((i & 1) === 0 ? value >> 4 : value & 15) : value);
      } else if (value === 0) {
        x = 0;
        y++;
      } else if (value === 1) {
        ended = true;
        break;
      } else if (value === 2) {
        x += input[at] ?? 0;
        y += input[at + 1] ?? 0;
        at += 2;
      } else {
        const bytes = half ? (value + 1) >> 1 : value;
        for (let i = 0; i < value; i++) {
          const byte = input[at + (half ? i >> 1 : i)];
          if (byte === undefined) break;
          put(half ? ((i & 1) === 0 ? byte >> 4 : byte & 15) : byte);
        }
        at += (bytes + 1) & ~1;
      }
    }
    // The last row may lack its end mark.
    if (!ended && y + 1 < height && !(y + 1 === height && x >= width)) {
      if (step.flip === true) throw formatError('TRUNCATED', `the bitmap's runs end in row ${y} of ${height}`);
      return out.subarray(0, y * width);
    }
    return out;
  },
};
