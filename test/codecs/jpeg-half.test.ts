// JPEG decoded at half size against the means of the pixels that full decoding gives.

import { describe, expect, it } from 'vitest';
import { contextOf, decode, encode } from './model.js';

const SIZE = 64;

function picture(samples: number): Uint8Array {
  const data = new Uint8Array(SIZE * SIZE * samples);
  for (let i = 0; i < data.length; i++) {
    const [x, y, c] = [Math.floor(i / samples) % SIZE, Math.floor(i / samples / SIZE), i % samples];
    data[i] = 128 + 70 * Math.sin((x * x) / 90 + c) * Math.cos(y / 9 - c) + ((x * 5 + y * 11) % 7);
  }
  return data;
}

function means(pixels: Uint8Array, samples: number): number[] {
  const half = SIZE / 2;
  return Array.from({ length: half * half * samples }, (_, i) => {
    const [x, y, c] = [Math.floor(i / samples) % half, Math.floor(i / samples / half), i % samples];
    const at = (dx: number, dy: number): number => pixels[((2 * y + dy) * SIZE + 2 * x + dx) * samples + c]!;
    return (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
  });
}

describe('JPEG at half size', () => {
  for (const [samples, color, subsampling, most, mean] of [
    // Rounding to bytes, before and after.
    [1, 'none', '444', 1.1, 0.4],
    [3, 'rgb', '444', 1.1, 0.4],
    [3, 'ycbcr', '444', 2.5, 0.6],
    // Chroma is not smoothed by upsampling: luma is what can be compared.
    [3, 'ycbcr', '420', 4, 0.8],
  ] as const) {
    it(`${samples} samples, ${color}, ${subsampling}: means of 2 × 2 pixels`, async () => {
      const full = contextOf({ width: SIZE, height: SIZE, samples, type: 'uint8' });
      const half = contextOf({ width: SIZE / 2, height: SIZE / 2, samples, type: 'uint8' });
      const stream = await encode({ id: 'jpeg', quality: 92, color, subsampling }, picture(samples), full);
      const want = means((await decode({ id: 'jpeg', color }, stream, full)).slice(), samples);
      const found = (await decode({ id: 'jpeg', color, half: true }, stream, half)).slice();
      expect(found).toHaveLength(want.length);
      const luma = (list: ArrayLike<number>, i: number): number =>
        0.299 * list[i]! + 0.587 * list[i + 1]! + 0.114 * list[i + 2]!;
      const off = want.flatMap((value, i) => {
        if (subsampling === '444') return [Math.abs(value - found[i]!)];
        return i % 3 === 0 ? [Math.abs(luma(want, i) - luma(found, i))] : [];
      });
      expect(Math.max(...off)).toBeLessThan(most);
      expect(off.reduce((a, b) => a + b) / off.length).toBeLessThan(mean);
    });
  }

  it('a frame of odd size is decoded first and then averaged', async () => {
    const full = contextOf({ width: 63, height: 41, samples: 1, type: 'uint8' });
    const half = contextOf({ width: 32, height: 21, samples: 1, type: 'uint8' });
    const stream = await encode({ id: 'jpeg', quality: 92 }, picture(1).subarray(0, 63 * 41), full);
    const whole = (await decode({ id: 'jpeg' }, stream, full)).slice();
    const found = await decode({ id: 'jpeg', half: true }, stream, half);
    expect(found).toHaveLength(32 * 21);
    expect(found[0]).toBe(Math.floor((whole[0]! + whole[1]! + whole[63]! + whole[64]! + 2) / 4));
    expect(found.at(-1)).toBe(whole.at(-1));
  });
});
