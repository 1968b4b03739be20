// Filters of numcodecs that map numbers to numbers (Zarr v2 filters, numcodecs.* codecs of v3): little-endian in, little-endian out.
// `from`: type as stored, `to`: type as decoded; pixel types, or 'half' for 16-bit floats.
//
//   delta         stored are the first value and differences; integers wrap, floats add up in their own precision
//   scale-offset  decoded = stored / scale + offset, in single precision where float is stored, else in double; integers cut toward zero
//   cast          decoded = stored, converted
//   unpack-bool   a byte that counts the unused bits at the end, then 8 values a byte, most significant first; gives bytes 0 and 1

import type { CodecStep } from '../core/blocks.js';
import { formatError, ImgconvError } from '../core/errors.js';
import { asPixels, bytesPerSample, type PixelData, type PixelType } from '../core/pixel-type.js';
import type { Codec, CodecContext } from './contract.js';
import { checkSize } from './memory.js';

type Big = BigUint64Array | BigInt64Array;
type Plain = Exclude<PixelData, Big>;

function isBig(pixels: PixelData): pixels is Big {
  return pixels instanceof BigUint64Array || pixels instanceof BigInt64Array;
}

function typeOf(step: CodecStep, key: 'from' | 'to'): PixelType | 'half' {
  return step[key] as PixelType | 'half';
}

/** Stored values; half-precision ones widened. */
function stored(input: Uint8Array, step: CodecStep, context: CodecContext): PixelData {
  const from = typeOf(step, 'from');
  if (from !== 'half') return asPixels(input.slice(), from);
  const count = input.length >> 1;
  checkSize(4 * count, context);
  const halves = new Uint16Array(input.slice(0, 2 * count).buffer);
  return Float32Array.from(halves, widen);
}

function widen(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Infinity;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** Room for `count` decoded values. Half precision is decoded by the step after this one, so that it cannot be a target. */
function target(count: number, step: CodecStep, context: CodecContext): PixelData {
  const to = typeOf(step, 'to');
  if (to === 'half')
    throw new ImgconvError('unsupported', 'ZARR_CODEC', `${step.id} to 16-bit floats is not supported`);
  checkSize(count * bytesPerSample(to), context);
  return asPixels(new Uint8Array(count * bytesPerSample(to)), to);
}

function bytesOf(pixels: PixelData): Uint8Array {
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
}

/** Number → element of `result`; integers wrap, as typed arrays do. */
function put(result: PixelData, i: number, value: number): void {
  if (isBig(result)) result[i] = BigInt.asUintN(64, BigInt(Math.trunc(Number.isFinite(value) ? value : 0)));
  else result[i] = value;
}

function decodeDelta(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const values = stored(input, step, context);
  const result = target(values.length, step, context);
  if (isBig(values) || isBig(result)) {
    let sum = 0n;
    for (let i = 0; i < values.length; i++) {
      sum += BigInt(values[i]!);
      if (isBig(result)) result[i] = sum;
      else result[i] = Number(BigInt.asIntN(53, sum));
    }
    return bytesOf(result);
  }
  return bytesOf(addUp(values, result));
}

function addUp(values: Plain, result: Plain): Plain {
  const floats = result instanceof Float32Array || result instanceof Float64Array;
  // Sums of integers stay exact: what a typed array keeps of a wrapped 32-bit sum is what it keeps of the whole sum.
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum = floats ? sum + values[i]! : (sum + values[i]!) | 0;
    result[i] = sum;
    if (result instanceof Float32Array) sum = result[i]!;
  }
  return result;
}

function decodeScaleOffset(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const values = stored(input, step, context);
  const result = target(values.length, step, context);
  const scale = Number(step.scale);
  const offset = Number(step.offset);
  const single = values instanceof Float32Array;
  const round = single ? Math.fround : (x: number): number => x;
  for (let i = 0; i < values.length; i++)
    put(result, i, round(round(Number(values[i]!) / round(scale)) + round(offset)));
  return bytesOf(result);
}

function decodeCast(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const values = stored(input, step, context);
  const result = target(values.length, step, context);
  for (let i = 0; i < values.length; i++) {
    if (isBig(values) && isBig(result)) result[i] = values[i]!;
    else if (isBig(values) && !isBig(result)) result[i] = Number(values[i]!);
    else put(result, i, Number(values[i]!));
  }
  return bytesOf(result);
}

function decodeBool(input: Uint8Array, _step: CodecStep, context: CodecContext): Uint8Array {
  const unused = input[0] ?? 0;
  const count = 8 * (input.length - 1) - unused;
  if (input.length === 0 || unused > 7 || count < 0) {
    throw formatError('PACKBITS_BOOL', `packed booleans: ${input.length} bytes with ${unused} unused bits`);
  }
  checkSize(count, context);
  return Uint8Array.from({ length: count }, (_, i) => (input[1 + (i >> 3)]! >> (7 - (i & 7))) & 1);
}

export const delta: Codec = { id: 'delta', decode: decodeDelta };
export const scaleOffset: Codec = { id: 'scale-offset', decode: decodeScaleOffset };
export const cast: Codec = { id: 'cast', decode: decodeCast };
export const unpackBool: Codec = { id: 'unpack-bool', decode: decodeBool };
