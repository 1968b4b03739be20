// TIFF predictors (TIFF 6.0 section 14; Technical Note 3 for floating point). Samples are little-endian.
//
// Parameters: size: bytes a sample · samples: interleaved samples a pixel · width: pixels a row (default: the block's)
// `predictor` sizes 1, 2, 4, 8, both ways. `float-predictor` sizes 2, 3, 4, 8, decode only: its rows are byte planes, most significant
// first; the result is little-endian.

import type { CodecStep } from '../core/blocks.js';
import { ImgconvError } from '../core/errors.js';
import { bytesPerSample } from '../core/pixel-type.js';
import type { Codec, CodecContext } from './contract.js';
import { checkSize, editable, inputPointer, outputPointer, result } from './memory.js';
import { whole } from './parameters.js';

function rowsOf(step: CodecStep, { block }: CodecContext, sizes: readonly number[]) {
  const size = whole(step, 'size', bytesPerSample(block.type), 1, 8);
  if (!sizes.includes(size)) {
    throw new ImgconvError('internal', 'CODEC_PARAMETER', `codec ${step.id}: no samples of ${size} bytes`);
  }
  const samples = whole(step, 'samples', block.samples, 1, 2 ** 16);
  const width = whole(step, 'width', block.width, 1, 2 ** 31 - 1);
  return { size, samples, width, rowBytes: width * samples * size };
}

type Change = (ptr: number, rows: number, width: number, samples: number, size: number) => void;

function inPlace(input: Uint8Array, step: CodecStep, context: CodecContext, change: Change): Uint8Array {
  const { size, samples, width, rowBytes } = rowsOf(step, context, [1, 2, 4, 8]);
  const length = input.length;
  const ptr = editable(input, context);
  const rows = Math.floor(length / rowBytes);
  change(ptr, rows, width, samples, size);
  // A row that was cut short still holds pixels.
  const rest = Math.floor((length - rows * rowBytes) / (samples * size));
  if (rest > 0) change(ptr + rows * rowBytes, 1, rest, samples, size);
  return result(context, ptr, length);
}

export const predictor: Codec = {
  id: 'predictor',
  decode: (input, step, context) => inPlace(input, step, context, context.kernels.x.undoPredictor),
  encode: (input, step, context) => inPlace(input, step, context, context.kernels.x.applyPredictor),
};

export const floatPredictor: Codec = {
  id: 'float-predictor',
  decode(input, step, context) {
    const { size, samples, width, rowBytes } = rowsOf(step, context, [2, 3, 4, 8]);
    // A cut row lacks the low bytes of all its pixels.
    const rows = Math.floor(input.length / rowBytes);
    const bytes = rows * rowBytes;
    checkSize(bytes, context);
    const length = input.length;
    const src = inputPointer(input, context);
    const dst = outputPointer(context, src, length, bytes);
    context.kernels.x.undoFloatPredictor(dst, src, rows, width, samples, size);
    return result(context, dst, bytes);
  },
};
