// The JPEG 2000 encoder against the decoder, which fixtures of other encoders hold to account. What it writes was also read by OpenJPEG.

import { describe, expect, it } from 'vitest';
import type { PixelType } from '../../src/core/pixel-type.js';
import { random } from '../kernels/model.js';
import { contextOf, decode, encode } from './model.js';

/** Waves and noise over the whole range of a type. */
function picture(width: number, height: number, samples: number, type: PixelType): Uint8Array {
  const next = random(width * 31 + height + samples);
  const size = type.endsWith('16') ? 2 : 1;
  const top = 2 ** (8 * size) - 1;
  const out = new Uint8Array(width * height * samples * size);
  const view = new DataView(out.buffer);
  for (let i = 0; i < width * height * samples; i++) {
    const pixel = Math.floor(i / samples);
    const x = pixel % width;
    const y = (pixel - x) / width;
    const wave = 0.5 + 0.4 * Math.sin(x / 9 + (i % samples)) * Math.cos(y / 7) + 0.02 * next();
    const value = Math.floor(Math.min(1, Math.max(0, wave)) * top) - (type.startsWith('int') ? (top + 1) / 2 : 0);
    if (size === 1) view.setUint8(i, value & 255);
    else view.setUint16(2 * i, value & 65535, true);
  }
  return out;
}

describe('lossless', () => {
  for (const [width, height] of [
    [1, 1],
    [5, 1],
    [1, 64],
    [37, 51],
    [100, 70],
    [130, 129],
  ] as const) {
    for (const samples of [1, 2, 3, 4]) {
      for (const type of ['uint8', 'int8', 'uint16', 'int16'] as const) {
        it(`${width}×${height}×${samples} ${type}`, async () => {
          const pixels = picture(width, height, samples, type);
          const context = contextOf({ width, height, samples, type });
          const stream = await encode({ id: 'jpeg2000' }, pixels, context);
          expect(Buffer.compare(await decode({ id: 'jpeg2000' }, stream, context), pixels)).toBe(0);
        });
      }
    }
  }
});

describe('lossy', () => {
  for (const samples of [1, 3]) {
    for (const type of ['uint8', 'uint16'] as const) {
      it(`${samples} ${type}: bytes as asked for, error falls with them`, async () => {
        const [width, height] = [192, 160];
        const pixels = picture(width, height, samples, type);
        const context = contextOf({ width, height, samples, type });
        let last = Number.POSITIVE_INFINITY;
        for (const bitsPerPixel of [0.25, 1, 4]) {
          const stream = await encode({ id: 'jpeg2000', bitsPerPixel }, pixels, context);
          const budget = (bitsPerPixel * width * height) / 8;
          expect(stream.length).toBeLessThan(budget * 1.05 + 64);
          const back = await decode({ id: 'jpeg2000' }, stream, context);
          const size = type === 'uint8' ? 1 : 2;
          const value = (bytes: Uint8Array, i: number) =>
            size === 1 ? bytes[i]! : bytes[2 * i]! + 256 * bytes[2 * i + 1]!;
          let error = 0;
          for (let i = 0; i < pixels.length / size; i++) error += (value(pixels, i) - value(back, i)) ** 2;
          expect(error).toBeLessThan(last);
          last = error;
        }
      });
    }
  }
});

it('gives equal bytes for equal input', async () => {
  const pixels = picture(90, 80, 3, 'uint8');
  const context = contextOf({ width: 90, height: 80, samples: 3, type: 'uint8' });
  const step = { id: 'jpeg2000', bitsPerPixel: 1.5 };
  const first = await encode(step, pixels, context);
  await encode({ id: 'jpeg2000' }, picture(64, 64, 1, 'uint16'), contextOf({ width: 64, height: 64, type: 'uint16' }));
  expect(Buffer.compare(await encode(step, pixels, context), first)).toBe(0);
});
