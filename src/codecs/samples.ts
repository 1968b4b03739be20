// Steps from stored samples of unusual depth to the block's type, decode only. Little-endian unless told otherwise.
//
// bits: `bits` 1–31 a value, rows on whole bytes; order 'msb' (default) | 'lsb'; signed: sign-extended; samples: values a pixel (default:
//   the block's); width: pixels a row; size: bytes of the result (default: 1, 2 or 4, the least that hold `bits`)
// half, float24: bigEndian · int24: signed, bigEndian · invert: size, and bits or mask (dst = mask - value)
// lut: table: Uint8Array of `width`-byte entries (default 3: RGB) for indices of `size` 1 or 2 bytes

import type { CodecStep } from '../core/blocks.js';
import { ImgconvError } from '../core/errors.js';
import { bytesPerSample } from '../core/pixel-type.js';
import type { Codec, CodecContext } from './contract.js';
import { checkSize, editable, inputPointer, outputPointer, result } from './memory.js';
import { flag, whole, word } from './parameters.js';

function naturalSize(bits: number): 1 | 2 | 4 {
  return bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
}

export const bits: Codec = {
  id: 'bits',
  decode(input, step, context) {
    const { block, kernels } = context;
    const { x } = kernels;
    const depth = whole(step, 'bits', 1, 1, 31);
    const perRow =
      whole(step, 'width', block.width, 1, 2 ** 31 - 1) * whole(step, 'samples', block.samples, 1, 2 ** 16);
    const rowBytes = Math.ceil((perRow * depth) / 8);
    const rows = Math.floor(input.length / rowBytes);
    const rest = Math.floor(((input.length - rows * rowBytes) * 8) / depth);
    const natural = naturalSize(depth);
    const size = whole(step, 'size', natural, natural, 4);
    const count = rows * perRow + rest;
    checkSize(count * size, context);
    const length = input.length;
    const src = inputPointer(input, context);
    const dst = outputPointer(context, src, length, count * size);
    const unpack = word(step, 'order', ['msb', 'lsb'], 'msb') === 'lsb' ? x.unpackBitsLow : x.unpackBits;
    unpack(dst, src, rows, perRow, depth);
    if (rest > 0) unpack(dst + rows * perRow * natural, src + rows * rowBytes, 1, rest, depth);
    const bytes = kernels.view(dst, count * size);
    if (size > natural) widenInPlace(bytes, count, natural, size);
    if (flag(step, 'signed')) extendSign(bytes, size, depth);
    return result(context, dst, count * size);
  },
};

function wordsOf(bytes: Uint8Array, size: number, count: number): Uint8Array | Uint16Array | Uint32Array {
  if (size === 1) return bytes.subarray(0, count);
  const { buffer, byteOffset } = bytes;
  return size === 2 ? new Uint16Array(buffer, byteOffset, count) : new Uint32Array(buffer, byteOffset, count);
}

/** Last value first: the wider copy grows over the narrow one. */
function widenInPlace(bytes: Uint8Array, count: number, from: number, to: number): void {
  const narrow = wordsOf(bytes, from, count);
  const wide = wordsOf(bytes, to, count);
  for (let i = count - 1; i >= 0; i--) wide[i] = narrow[i]!;
}

function extendSign(bytes: Uint8Array, size: number, depth: number): void {
  const words = wordsOf(bytes, size, bytes.length / size);
  const up = 32 - depth;
  for (let i = 0; i < words.length; i++) words[i] = (words[i]! << up) >> up;
}

type Convert = (dst: number, src: number, count: number) => void;

/** `from` bytes a value to 4. */
function toFourBytes(
  input: Uint8Array,
  step: CodecStep,
  context: CodecContext,
  from: 2 | 3,
  convert: Convert,
): Uint8Array {
  const { kernels } = context;
  const count = Math.floor(input.length / from);
  checkSize(count * 4, context);
  const swap = flag(step, 'bigEndian');
  const length = input.length;
  const src = swap ? editable(input, context) : inputPointer(input, context);
  if (swap && from === 2) kernels.x.swap16(src, length);
  if (swap && from === 3) swapTriples(kernels.view(src, length));
  const dst = outputPointer(context, src, length, count * 4);
  convert(dst, src, count);
  return result(context, dst, count * 4);
}

function swapTriples(bytes: Uint8Array): void {
  for (let i = 0; i + 2 < bytes.length; i += 3) {
    const first = bytes[i]!;
    bytes[i] = bytes[i + 2]!;
    bytes[i + 2] = first;
  }
}

export const half: Codec = {
  id: 'half',
  decode: (input, step, context) => toFourBytes(input, step, context, 2, context.kernels.x.halfToFloat),
};

export const float24: Codec = {
  id: 'float24',
  decode: (input, step, context) => toFourBytes(input, step, context, 3, context.kernels.x.float24ToFloat),
};

export const int24: Codec = {
  id: 'int24',
  decode(input, step, context) {
    const signed = flag(step, 'signed') ? 1 : 0;
    return toFourBytes(input, step, context, 3, (d, s, n) => context.kernels.x.widen24(d, s, n, signed));
  },
};

function inverted(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const size = whole(step, 'size', bytesPerSample(context.block.type), 1, 8);
  const mask = whole(step, 'mask', 2 ** whole(step, 'bits', size * 8, 1, 64) - 1, 0, 2 ** 64);
  const length = input.length;
  const ptr = editable(input, context);
  context.kernels.x.invert(ptr, Math.floor(length / size), size, mask);
  return result(context, ptr, length);
}

export const invert: Codec = { id: 'invert', decode: inverted, encode: inverted };

export const lut: Codec = {
  id: 'lut',
  decode(input, step, context) {
    const { kernels } = context;
    const { table } = step;
    const width = whole(step, 'width', 3, 1, 64);
    const size = whole(step, 'size', 1, 1, 2);
    if (!(table instanceof Uint8Array) || table.length < width) {
      throw new ImgconvError('internal', 'CODEC_PARAMETER', 'codec lut: no table');
    }
    const count = Math.floor(input.length / size);
    checkSize(count * width, context);
    const length = input.length;
    const src = inputPointer(input, context);
    const placed = kernels.scratch('lut.table', table.length);
    kernels.view(placed, table.length).set(table);
    const dst = outputPointer(context, src, length, count * width);
    kernels.x.lookUp(dst, src, count, size, placed, Math.floor(table.length / width), width);
    return result(context, dst, count * width);
  },
};
