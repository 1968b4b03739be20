import { beforeEach, describe, expect, it } from 'vitest';
import { asPixels, bytesPerSample, type PixelType } from '../../src/core/pixel-type.js';
import { KERNEL_TYPES } from '../../src/kernels/kernels.js';
import { Guarded, kernels, random, randomBytes } from './model.js';

const { x } = kernels;
beforeEach(() => kernels.reset());

const isFloat = (type: PixelType) => type === 'float' || type === 'double';

/** Random bit patterns; finite numbers for floats. */
function randomPixels(next: () => number, type: PixelType, count: number): Uint8Array {
  if (!isFloat(type)) return randomBytes(next, count * bytesPerSample(type));
  const values = Array.from({ length: count }, () => (next() - 0.5) * 1e6);
  const array = type === 'float' ? Float32Array.from(values) : Float64Array.from(values);
  return new Uint8Array(array.buffer);
}

function meanModel(values: readonly (number | bigint)[], type: PixelType): number | bigint {
  const n = values.length;
  if (!isFloat(type)) {
    const sum = values.reduce<bigint>((a, v) => a + BigInt(v), 0n) + BigInt(n >> 1);
    const shifted = sum >> BigInt(Math.log2(n));
    return type === 'uint64' || type === 'int64' ? shifted : Number(shifted);
  }
  const round = type === 'float' ? Math.fround : (v: number) => v;
  return values.reduce<number>((a, v) => round(a + round(Number(v) / n)), 0);
}

describe('halveMean', () => {
  const next = random(11);
  for (const [index, type] of KERNEL_TYPES.entries()) {
    it(type, () => {
      const size = bytesPerSample(type);
      for (const [w, h] of [
        [1, 1],
        [1, 5],
        [5, 1],
        [2, 2],
        [3, 3],
        [16, 2],
        [33, 3],
        [64, 4],
        [71, 6],
        [130, 2],
      ] as const) {
        for (const planes of [1, 2]) {
          const stride = w * size + 3;
          const deep = stride * h + 5;
          const bytes = deep * (planes - 1) + stride * (h - 1) + w * size;
          const data = new Uint8Array(bytes);
          const rows = Array.from({ length: planes * h }, () => randomPixels(next, type, w));
          for (const [i, row] of rows.entries()) data.set(row, Math.floor(i / h) * deep + (i % h) * stride);
          const src = Guarded.of(data, 1);
          const ow = (w + 1) >> 1;
          const oh = (h + 1) >> 1;
          const dst = new Guarded((oh - 1) * (ow * size + 2) + ow * size, 3);
          x.halveMean(index, dst.ptr, ow * size + 2, src.ptr, stride, w, h, planes, deep);
          dst.check();
          const out = dst.read();
          const at = (plane: number, y: number, i: number) => asPixels(rows[plane * h + y]!, type)[i]!;
          for (let y = 0; y < oh; y++) {
            const got = asPixels(out.slice(y * (ow * size + 2), y * (ow * size + 2) + ow * size), type);
            for (let i = 0; i < ow; i++) {
              const values: (number | bigint)[] = [];
              for (let dx = 0; dx < 2; dx++)
                for (let plane = 0; plane < planes; plane++)
                  for (let dy = 0; dy < 2; dy++)
                    if (2 * y + dy < h && 2 * i + dx < w) values.push(at(plane, 2 * y + dy, 2 * i + dx));
              const want = meanModel(values, type);
              if (isFloat(type))
                expect(Math.abs(Number(got[i]) - Number(want))).toBeLessThan(type === 'float' ? 0.2 : 1e-9);
              else expect(got[i]).toBe(want);
            }
          }
        }
      }
    });
  }

  it('sums floats columns first, in single precision, and keeps the largest finite value finite', () => {
    const n = 10;
    const next2 = random(5);
    const rows = Float32Array.from({ length: 2 * n }, () => next2() * 1000);
    rows.fill(-3.4028234663852886e38, 8, 10);
    rows.fill(-3.4028234663852886e38, 18, 20);
    const src = Guarded.of(new Uint8Array(rows.buffer));
    const dst = new Guarded(4 * 5);
    x.halveMean(8, dst.ptr, 20, src.ptr, 4 * n, n, 2, 1, 0);
    const out = new Float32Array(dst.read().buffer);
    const f = Math.fround;
    for (let i = 0; i < 5; i++) {
      const column = (k: number) => f(f(rows[k]! * 0.25) + f(rows[n + k]! * 0.25));
      expect(out[i]).toBe(f(column(2 * i) + column(2 * i + 1)));
    }
    expect(out[4]).toBe(-3.4028234663852886e38);
  });
});

it('halveMean gives one NaN, whatever NaNs it gets', () => {
  for (const [type, size] of [
    [8, 4],
    [9, 8],
  ] as const) {
    for (const n of [1, 2, 3, 8, 20]) {
      const src = Guarded.of(new Uint8Array(n * size).fill(255));
      const out = (n + 1) >> 1;
      const dst = new Guarded(out * size);
      x.halveMean(type, dst.ptr, out * size, src.ptr, n * size, n, 1, 1, 0);
      const one = new Uint8Array(size === 4 ? Float32Array.of(Number.NaN).buffer : Float64Array.of(Number.NaN).buffer);
      expect(dst.read()).toEqual(Uint8Array.from({ length: out * size }, (_, i) => one[i % size]!));
    }
  }
});

describe('halveNearest and halveMode', () => {
  const next = random(12);
  for (const size of [1, 2, 4, 8]) {
    it(`size ${size}`, () => {
      for (const [w, h] of [
        [1, 1],
        [1, 4],
        [7, 1],
        [2, 2],
        [31, 5],
        [32, 4],
        [33, 3],
        [70, 7],
      ] as const) {
        const stride = w * size + 1;
        const data = new Uint8Array(stride * (h - 1) + w * size);
        const value = Array.from({ length: h * w }, () => Math.floor(next() * 3));
        for (let y = 0; y < h; y++)
          for (let i = 0; i < w; i++) data.fill(value[y * w + i]!, y * stride + i * size, y * stride + (i + 1) * size);
        const src = Guarded.of(data, 1);
        const ow = (w + 1) >> 1;
        const oh = (h + 1) >> 1;
        for (const mode of [false, true]) {
          const dst = new Guarded(ow * oh * size, 5);
          if (mode) x.halveMode(size, dst.ptr, ow * size, src.ptr, stride, w, h);
          else x.halveNearest(size, dst.ptr, ow * size, src.ptr, stride, w, h);
          dst.check();
          const expected = new Uint8Array(ow * oh * size);
          for (let y = 0; y < oh; y++)
            for (let i = 0; i < ow; i++) {
              const block: number[] = [];
              for (let dy = 0; dy < 2; dy++)
                for (let dx = 0; dx < 2; dx++)
                  if (2 * y + dy < h && 2 * i + dx < w) block.push(value[(2 * y + dy) * w + 2 * i + dx]!);
              const times = (v: number) => block.filter((b) => b === v).length;
              const best = mode ? block.reduce((a, v) => (times(v) > times(a) ? v : a)) : block[0]!;
              expected.fill(best, (y * ow + i) * size, (y * ow + i + 1) * size);
            }
          expect(dst.read()).toEqual(expected);
        }
      }
    });
  }
});

describe('minMax', () => {
  const next = random(13);
  const run = (index: number, data: Uint8Array, stride: number, n: number, rows: number) => {
    const src = Guarded.of(data, 1);
    const out = new Guarded(16);
    const start = new Float64Array([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    kernels.view(out.ptr, 16).set(new Uint8Array(start.buffer));
    x.minMax(index, src.ptr, stride, n, rows, out.ptr);
    out.check();
    return [...new Float64Array(out.read().buffer)];
  };

  for (const [index, type] of KERNEL_TYPES.entries()) {
    it(type, () => {
      const size = bytesPerSample(type);
      for (const n of [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 100]) {
        const rows = 1 + Math.floor(next() * 3);
        const stride = n * size + 2;
        const data = new Uint8Array(stride * rows).fill(0xff);
        const all: number[] = [];
        for (let y = 0; y < rows; y++) {
          const row = randomPixels(next, type, n);
          data.set(row, y * stride);
          for (const v of asPixels(row, type)) all.push(Number(v));
        }
        expect(run(index, data.subarray(0, stride * rows - 2), stride, n, rows)).toEqual([
          Math.min(...all),
          Math.max(...all),
        ]);
      }
    });
  }

  it('skips NaN and merges with what is there', () => {
    for (const n of [1, 3, 4, 5, 9, 20]) {
      const nans = new Float32Array(n).fill(Number.NaN);
      expect(run(8, new Uint8Array(nans.buffer), 0, n, 1)).toEqual([
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      ]);
      for (let at = 0; at < n; at++) {
        nans.fill(Number.NaN)[at] = -2.5;
        expect(run(8, new Uint8Array(nans.buffer.slice(0)), 0, n, 1)).toEqual([-2.5, -2.5]);
        const doubles = Float64Array.from(nans);
        expect(run(9, new Uint8Array(doubles.buffer), 0, n, 1)).toEqual([-2.5, -2.5]);
      }
    }
    const out = Guarded.of(new Uint8Array(new Float64Array([-7, 3]).buffer));
    const src = Guarded.of(Uint8Array.of(1, 2, 250));
    x.minMax(0, src.ptr, 3, 3, 1, out.ptr);
    expect([...new Float64Array(out.read().buffer)]).toEqual([-7, 250]);
  });
});
