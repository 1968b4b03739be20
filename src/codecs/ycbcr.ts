// YCbCr samples that no JPEG codec has turned into RGB: uncompressed, PackBits, LZW or Deflate blocks of TIFF PhotometricInterpretation 6.
// TIFF 6.0, Section 21: data units of sx · sy luma values, then Cb and Cr; units cover the block from left to right, top to bottom, the
// block padded to whole units. Chroma is repeated over its unit, as libtiff's RGBA interface does.
//
// Parameters:
//   sx, sy        pixels that share a chroma pair, along x and y (1, 2 or 4)
//   coefficients  [red, green, blue] luma weights (YCbCrCoefficients), default those of ITU-R BT.601
//   color         'none': chroma is repeated, nothing is converted
//   reference     [Y black, Y white, Cb black, Cb white, Cr black, Cr white] (ReferenceBlackWhite), default full range
// Output: interleaved 8-bit RGB, or Y, Cb, Cr.

import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';

const BT601 = [0.299, 0.587, 0.114];
const FULL_RANGE = [0, 255, 128, 255, 128, 255];

function numbers(value: unknown, length: number, missing: readonly number[]): readonly number[] {
  const list = value as readonly number[] | undefined;
  return Array.isArray(list) && list.length === length && list.every(Number.isFinite) ? list : missing;
}

/** What each Cb or Cr code adds to red, green and blue; what each Y code is worth. */
interface Tables {
  readonly luma: Float64Array;
  readonly crRed: Float64Array;
  readonly cbBlue: Float64Array;
  readonly crGreen: Float64Array;
  readonly cbGreen: Float64Array;
}

function makeTables(step: CodecStep): Tables {
  const [red, green, blue] = numbers(step.coefficients, 3, BT601) as [number, number, number];
  const found = numbers(step.reference, 6, FULL_RANGE);
  const usable = found[1] !== found[0] && found[3] !== found[2] && found[5] !== found[4] && green !== 0;
  const [y0, y1, b0, b1, r0, r1] = (usable ? found : FULL_RANGE) as [number, number, number, number, number, number];
  const table = (f: (code: number) => number): Float64Array => Float64Array.from({ length: 256 }, (_, code) => f(code));
  const cb = (code: number): number => ((code - b0) * 127) / (b1 - b0);
  const cr = (code: number): number => ((code - r0) * 127) / (r1 - r0);
  return {
    luma: table((code) => ((code - y0) * 255) / (y1 - y0)),
    crRed: table((code) => cr(code) * (2 - 2 * red)),
    cbBlue: table((code) => cb(code) * (2 - 2 * blue)),
    crGreen: table((code) => (-cr(code) * (2 - 2 * red) * red) / green),
    cbGreen: table((code) => (-cb(code) * (2 - 2 * blue) * blue) / green),
  };
}

function decode(input: Uint8Array, step: CodecStep, { block, maxBytes }: CodecContext): Uint8Array {
  const { width } = block;
  const height = block.height * block.depth;
  const sx = Number(step.sx ?? 1);
  const sy = Number(step.sy ?? 1);
  const bytes = width * height * 3;
  if (bytes > maxBytes) throw formatError('BLOCK_SIZE', `a block of ${bytes} bytes, the limit is ${maxBytes}`);
  const keep = step.color === 'none';
  const { luma, crRed, cbBlue, crGreen, cbGreen } = makeTables(step);
  const across = Math.ceil(width / sx);
  const unit = sx * sy + 2;
  // A block that ends early gives the rows that are whole.
  const rowsOfUnits = Math.min(Math.ceil(height / sy), Math.floor(input.length / (across * unit)));
  const rows = Math.min(height, rowsOfUnits * sy);
  const out = new Uint8ClampedArray(rows * width * 3);
  for (let v = 0; v < rowsOfUnits; v++) {
    for (let u = 0; u < across; u++) {
      const at = (v * across + u) * unit;
      const cb = input[at + sx * sy]!;
      const cr = input[at + sx * sy + 1]!;
      const red = crRed[cr]!;
      const green = crGreen[cr]! + cbGreen[cb]!;
      const blue = cbBlue[cb]!;
      for (let j = 0; j < sy && v * sy + j < rows; j++) {
        for (let i = 0; i < sx && u * sx + i < width; i++) {
          const y = luma[input[at + j * sx + i]!]!;
          const to = ((v * sy + j) * width + u * sx + i) * 3;
          if (keep) {
            out[to] = input[at + j * sx + i]!;
            out[to + 1] = cb;
            out[to + 2] = cr;
            continue;
          }
          out[to] = Math.floor(y + red + 0.5);
          out[to + 1] = Math.floor(y + green + 0.5);
          out[to + 2] = Math.floor(y + blue + 0.5);
        }
      }
    }
  }
  return new Uint8Array(out.buffer);
}

export const ycbcr: Codec = { id: 'ycbcr', decode };
