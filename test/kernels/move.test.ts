import { beforeEach, describe, expect, it } from 'vitest';
import { Guarded, kernels, random, randomBytes } from './model.js';

const { x } = kernels;
beforeEach(() => kernels.reset());

const int = (next: () => number, low: number, high: number) => low + Math.floor(next() * (high - low + 1));

describe('copies and patterns', () => {
  it('copies rows of any length and stride', () => {
    const next = random(1);
    for (const rowBytes of [0, 1, 7, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 200]) {
      const rows = int(next, 1, 5);
      const from = rowBytes + int(next, 0, 9);
      const to = rowBytes + int(next, 0, 9);
      const data = randomBytes(next, from * rows);
      const src = Guarded.of(data, 3);
      const dst = new Guarded(to * rows, 5);
      const expected = dst.read();
      for (let y = 0; y < rows; y++) expected.set(data.subarray(y * from, y * from + rowBytes), y * to);
      x.copyRows(dst.ptr, to, src.ptr, from, rowBytes, rows);
      expect(dst.read()).toEqual(expected);
      dst.check();
      // Bottom-up.
      x.copyRows(dst.ptr + (rows - 1) * to, -to, src.ptr, from, rowBytes, rows);
      for (let y = 0; y < rows; y++)
        expect(
          dst
            .read()
            .subarray((rows - 1 - y) * to)
            .subarray(0, rowBytes),
        ).toEqual(data.subarray(y * from, y * from + rowBytes));
      dst.check();
    }
  });

  it('fills and recognises patterns', () => {
    const bytes = new Uint8Array(8);
    for (const size of [1, 2, 4, 8]) {
      for (const count of [0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 33, 100]) {
        for (let i = 0; i < 8; i++) bytes[i] = 17 * i + 3;
        const words = new Uint32Array(bytes.buffer);
        const it = new Guarded(size * count, 1);
        x.fillPattern(it.ptr, count, size, words[0]!, words[1]!);
        const expected = Uint8Array.from({ length: size * count }, (_, i) => bytes[i % size]!);
        expect(it.read()).toEqual(expected);
        it.check();
        expect(x.allEqual(it.ptr, count, size, words[0]!, words[1]!)).toBe(1);
        for (const at of new Set([0, size * count - 1, (size * count) >> 1])) {
          if (at < 0 || at >= size * count) continue;
          const view = kernels.view(it.ptr, it.bytes);
          view[at]! ^= 0x80;
          expect(x.allEqual(it.ptr, count, size, words[0]!, words[1]!)).toBe(0);
          view[at]! ^= 0x80;
        }
      }
    }
  });

  it('swaps bytes', () => {
    const next = random(2);
    for (const size of [2, 4, 8]) {
      for (const count of [0, 1, 2, 3, 4, 7, 8, 9, 31]) {
        const data = randomBytes(next, size * count);
        const it = Guarded.of(data, 1);
        (size === 2 ? x.swap16 : size === 4 ? x.swap32 : x.swap64)(it.ptr, size * count);
        expect(it.read()).toEqual(data.map((_, i) => data[i - (i % size) + size - 1 - (i % size)]!));
        it.check();
      }
    }
  });
});

describe('three interleaved bytes', () => {
  it('come apart into planes', () => {
    const next = random(7);
    for (const nx of [1, 2, 15, 16, 17, 18, 32, 33, 50, 100]) {
      const ny = int(next, 1, 4);
      const row = 3 * nx + int(next, 0, 5);
      const stride = nx + int(next, 0, 5);
      const data = randomBytes(next, row * (ny - 1) + 3 * nx);
      const src = Guarded.of(data, 1);
      const planes = [2, 3, 4].map((offset) => new Guarded(stride * (ny - 1) + nx, offset));
      const expected = planes.map((plane, c) => {
        const bytes = plane.read();
        for (let y = 0; y < ny; y++) for (let i = 0; i < nx; i++) bytes[y * stride + i] = data[y * row + 3 * i + c]!;
        return bytes;
      });
      const [r, g, b] = planes.map(({ ptr }) => ptr) as [number, number, number];
      x.split3(r, g, b, stride, src.ptr, row, nx, ny);
      for (const [c, plane] of planes.entries()) {
        expect(plane.read()).toEqual(expected[c]);
        plane.check();
      }
    }
  });
});

describe('gather and scatter', () => {
  const next = random(3);
  for (const size of [1, 2, 4, 8]) {
    for (const samples of [1, 2, 3, 4, 5, -1, -3]) {
      it(`size ${size}, step ${samples} elements`, () => {
        for (const nx of [1, 2, 3, 5, 8, 15, 16, 17, 18, 33, 50]) {
          const ny = int(next, 1, 4);
          const step = samples * size;
          const row = nx * Math.abs(step) + int(next, 0, 3);
          const srcRow = next() < 0.5 ? row : -row;
          // Exactly the bytes touched: reads past the end would meet the canary only, writes are checked.
          const span = (ny - 1) * row + (nx - 1) * Math.abs(step) + size;
          const data = randomBytes(next, span);
          const src = Guarded.of(data, 1);
          const origin = (srcRow < 0 ? (ny - 1) * row : 0) + (step < 0 ? (nx - 1) * -step : 0);
          const dstStride = nx * size + int(next, 0, 2);
          const dst = new Guarded(dstStride * (ny - 1) + nx * size, 7);
          const expected = dst.read();
          for (let y = 0; y < ny; y++)
            for (let i = 0; i < nx; i++)
              for (let b = 0; b < size; b++)
                expected[y * dstStride + i * size + b] = data[origin + y * srcRow + i * step + b]!;
          x.gather(dst.ptr, dstStride, src.ptr + origin, srcRow, step, nx, ny, size);
          expect(dst.read()).toEqual(expected);
          dst.check();
          const back = new Guarded(span, 3);
          const model = back.read();
          for (let y = 0; y < ny; y++)
            for (let i = 0; i < nx; i++)
              for (let b = 0; b < size; b++)
                model[origin + y * srcRow + i * step + b] = expected[y * dstStride + i * size + b]!;
          x.scatter(back.ptr + origin, srcRow, step, dst.ptr, dstStride, nx, ny, size);
          expect(back.read()).toEqual(model);
          back.check();
        }
      });
    }
    it(`transposes ${size}-byte elements`, () => {
      const nx = 45;
      const ny = 70;
      const data = randomBytes(next, nx * ny * size);
      const src = Guarded.of(data);
      const dst = new Guarded(nx * ny * size);
      x.gather(dst.ptr, nx * size, src.ptr, size, ny * size, nx, ny, size);
      const expected = new Uint8Array(nx * ny * size);
      for (let y = 0; y < ny; y++)
        for (let i = 0; i < nx; i++)
          for (let b = 0; b < size; b++) expected[(y * nx + i) * size + b] = data[(i * ny + y) * size + b]!;
      expect(dst.read()).toEqual(expected);
      dst.check();
    });
  }
});

describe('memory', () => {
  it('keeps arena buffers and grows named scratch', () => {
    const a = kernels.alloc(10);
    expect(a % 64).toBe(0);
    const s = kernels.scratch('s', 100);
    expect(s).toBeGreaterThanOrEqual(a + 10);
    expect(kernels.scratch('s', 50)).toBe(s);
    const b = kernels.alloc(1);
    const grown = kernels.scratch('s', 5_000_000);
    expect(grown).toBeGreaterThan(b);
    expect(kernels.view(grown, 5_000_000).length).toBe(5_000_000);
    expect(kernels.owns(kernels.view(a, 10))).toBe(true);
    expect(kernels.owns(new Uint8Array(4))).toBe(false);
    expect(kernels.place(kernels.view(a, 10), 'in')).toBe(a);
    const placed = kernels.place(Uint8Array.of(1, 2, 3), 'in');
    expect([...kernels.view(placed, 3)]).toEqual([1, 2, 3]);
    expect(kernels.size).toBeGreaterThan(5_000_000);
  });

  it('refuses what does not fit', () => {
    expect(() => kernels.alloc(5e9)).toThrow(/4 GiB/);
    expect(() => kernels.alloc(Number.NaN)).toThrow(/4 GiB/);
  });
});
