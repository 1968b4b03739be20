// Pixels that are computed, not stored: test images whose every value can be predicted (readers/fake). Pixel (t, c, z, y, x) of image i,
// level l, counted in that level, is
//
//   v = x + 3·y + 11·z + 53·c + 31·t + 17·i + 1009·l
//
// as an integer of the type's size (low bits, two's complement); floating-point types hold v mod 65536.

import type { CodecStep } from '../core/blocks.js';
import type { Tczyx } from '../core/geometry.js';
import { asPixels, bytesPerSample, type PixelData, type PixelType } from '../core/pixel-type.js';
import type { Codec, CodecContext } from './contract.js';

const ROW = 3;
const FLOAT_RANGE = 65536;

/** v above, before it is cut to a type. */
export function fakeValue(image: number, level: number, position: Tczyx): number {
  const [t, c, z, y, x] = position;
  return x + ROW * y + 11 * z + 53 * c + 31 * t + 17 * image + 1009 * level;
}

function isFloat(type: PixelType): boolean {
  return type === 'float' || type === 'double';
}

/** Values from `first` on, each one more than the last. */
function ramp(first: number, count: number, type: PixelType): PixelData {
  const pixels = asPixels(new Uint8Array(count * bytesPerSample(type)), type);
  if (pixels instanceof BigUint64Array || pixels instanceof BigInt64Array) {
    for (let i = 0; i < count; i++) pixels[i] = BigInt(first + i);
  } else if (isFloat(type)) {
    for (let i = 0; i < count; i++) pixels[i] = (first + i) % FLOAT_RANGE;
  } else {
    for (let i = 0; i < count; i++) pixels[i] = first + i;
  }
  return pixels;
}

/** Step parameters: `image`, `level`. Blocks hold one plane in C order. */
function decode(_input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const { width, height, type, bytes } = context.block;
  const size = bytesPerSample(type);
  const first = fakeValue(Number(step.image), Number(step.level), context.position);
  // Row y is the same ramp, 3·y further on.
  const source = ramp(first, width + ROW * Math.max(0, height - 1), type);
  const values = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  const plane = new Uint8Array(bytes);
  for (let y = 0; y < height; y++)
    plane.set(values.subarray(ROW * y * size, (ROW * y + width) * size), y * width * size);
  return plane;
}

export const fake: Codec = { id: 'fake', decode };
