// The JPEG encoder, judged by the decoder (which agrees with libjpeg-turbo bit for bit).

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { jpegTables } from '../../src/codecs/jpeg/tables.js';
import type { CodecStep } from '../../src/core/blocks.js';
import { loadKernels } from '../../src/kernels/load.js';
import { random, randomBytes } from '../kernels/model.js';
import { contextOf, decode, encode } from './model.js';

/** Smooth colours with some texture. */
function picture(width: number, height: number, samples: number): Uint8Array {
  const data = new Uint8Array(width * height * samples);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < samples; c++)
        data[(y * width + x) * samples + c] =
          128 + 90 * Math.sin((x + 13 * c) / 19) * Math.cos((y - 7 * c) / 23) + ((x * 7 + y * 3) % 5);
  return data;
}

function psnr(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.length));
}

const sizes = [
  [64, 64],
  [512, 16],
  [1, 1],
  [8, 8],
  [17, 9],
  [100, 37],
  [33, 64],
] as const;

describe('JPEG encoder', () => {
  for (const [width, height] of sizes) {
    for (const [samples, color, subsampling] of [
      [1, 'none', '444'],
      [3, 'ycbcr', '420'],
      [3, 'ycbcr', '444'],
      [3, 'rgb', '444'],
    ] as const) {
      it(`${width} × ${height} × ${samples}, ${color} ${subsampling}`, async () => {
        const pixels = picture(width, height, samples);
        const context = contextOf({ width, height, samples, type: 'uint8' });
        const step: CodecStep = { id: 'jpeg', quality: 95, color, subsampling };
        const whole = await encode(step, pixels, context);
        const back = (await decode({ id: 'jpeg', color: 'auto' }, whole, context)).slice();
        expect(back.length).toBe(pixels.length);
        expect(psnr(pixels, back)).toBeGreaterThan(subsampling === '420' ? 30 : 40);
        // The same without tables, which stand apart.
        const tables = jpegTables(95, color === 'ycbcr');
        const short = await encode({ ...step, tables }, pixels, context);
        expect(short.length).toBeLessThan(whole.length - 150);
        expect(await decode({ id: 'jpeg', color, tables }, short, context)).toEqual(back);
        // The same from planes, and back to them.
        const planes = Uint8Array.from(pixels, (_, i) => {
          const at = i % (width * height);
          return pixels[at * samples + (i - at) / (width * height)]!;
        });
        const planar = await encode({ ...step, planar: true }, planes, context);
        expect(planar).toEqual(whole);
        const again = (await decode({ id: 'jpeg', color: 'auto', planar: true }, planar, context)).slice();
        expect(again[width * height * (samples - 1)]).toBe(back[samples - 1]);
        expect(again.at(-1)).toBe(back.at(-1));
      });
    }
  }

  it('higher quality is nearer and larger; 100 is off by little', async () => {
    const context = contextOf({ width: 128, height: 128, samples: 1, type: 'uint8' });
    const pixels = picture(128, 128, 1);
    let [last, bytes] = [0, 0];
    for (const quality of [1, 10, 30, 50, 75, 90, 97, 100]) {
      const stream = await encode({ id: 'jpeg', quality }, pixels, context);
      const near = psnr(pixels, await decode({ id: 'jpeg' }, stream, context));
      expect(near).toBeGreaterThan(last);
      expect(stream.length).toBeGreaterThan(bytes);
      [last, bytes] = [near, stream.length];
    }
    expect(last).toBeGreaterThan(55);
  });

  it('holds extremes: black, white, checks, noise that outgrows its pixels', async () => {
    const context = contextOf({ width: 64, height: 64, samples: 3, type: 'uint8' });
    const size = 64 * 64 * 3;
    const checks = Uint8Array.from({ length: size }, (_, i) => (((i / 3) ^ (i / 192)) & 1 ? 255 : 0));
    for (const pixels of [new Uint8Array(size), new Uint8Array(size).fill(255), checks, randomBytes(random(1), size)]) {
      const stream = await encode({ id: 'jpeg', quality: 100, subsampling: '444' }, pixels, context);
      expect(psnr(pixels, await decode({ id: 'jpeg' }, stream, context))).toBeGreaterThan(40);
    }
  });

  it('takes input that lies in kernel memory', async () => {
    const kernels = await loadKernels();
    const pixels = picture(48, 48, 3);
    const context = { ...contextOf({ width: 48, height: 48, samples: 3, type: 'uint8' }), kernels };
    const outside = await encode({ id: 'jpeg' }, pixels, context);
    const ptr = kernels.alloc(pixels.length);
    kernels.view(ptr, pixels.length).set(pixels);
    expect(await encode({ id: 'jpeg' }, kernels.view(ptr, pixels.length), context)).toEqual(outside);
  });

  it('gives the bytes that it always gave', async () => {
    const context = contextOf({ width: 80, height: 48, samples: 3, type: 'uint8' });
    const stream = await encode({ id: 'jpeg', quality: 90 }, picture(80, 48, 3), context);
    expect(createHash('sha256').update(stream).digest('hex')).toMatchInlineSnapshot(
      `"cd44a0161f6ca0a34e72647baf1619588ec8824fb32e3d96ffd3e56d06d2a7bb"`,
    );
  });

  it('refuses what baseline JPEG cannot hold', async () => {
    const context = contextOf({ width: 8, height: 8, samples: 2, type: 'uint8' });
    await expect(encode({ id: 'jpeg' }, new Uint8Array(128), context)).rejects.toMatchObject({ blame: 'internal' });
  });
});
