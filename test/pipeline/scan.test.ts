import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openInput } from '../../src/app.js';
import type { Level } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { loadKernels } from '../../src/kernels/load.js';
import { fineBox, makeSpans, measure } from '../../src/pipeline/scan/agreement.js';
import { compareBands } from '../../src/pipeline/scan/difference.js';
import { scanLevels, scanPlanes } from '../../src/pipeline/scan/run.js';
import { cutPlanes, groupCount, planUnits } from '../../src/pipeline/scan/units.js';

async function fake(parameters: string): Promise<{ level: Level; type: PixelType; levels: readonly Level[] }> {
  const { dataset } = await openInput(`scan&${parameters}.fake`);
  const image = dataset.images[0]!;
  return { level: image.levels[0], type: image.type, levels: image.levels };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('scan of planes', () => {
  it('gives the same whatever the number of workers, planes split or not', async () => {
    for (const parameters of [
      'sizeX=3000&sizeY=2500&sizeC=2&pixelType=uint16',
      'sizeX=700&sizeY=500&sizeZ=20&sizeC=2&sizeT=2&pixelType=uint16',
    ]) {
      const { level, type } = await fake(parameters);
      const works = [{ kind: 'planes', type, a: level, b: level }] as const;
      const [one] = await scanPlanes(works, { workers: 1 });
      const [three] = await scanPlanes(works, { workers: 3 });
      expect(three).toEqual(one);
      expect(one!.sha256A.every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
      expect(one!.sha256B).toEqual(one!.sha256A);
      expect(one!.differences.every(({ different }) => different === 0)).toBe(true);
    }
  });

  it('splits few planes into bands', async () => {
    const { level, type } = await fake('sizeX=3000&sizeY=2500&pixelType=uint16');
    const work = { kind: 'planes', type, a: level } as const;
    const cut = cutPlanes(work);
    expect(groupCount(cut)).toBe(1);
    expect(cut.bands).toBeGreaterThan(1);
    expect(planUnits([work], 4)).toMatchObject({ split: true, total: cut.bands });
    expect(planUnits([work], 1)).toMatchObject({ split: false, total: 1 });
  });

  it('hashes rows of little-endian pixels', async () => {
    const { level, type } = await fake('sizeX=3&sizeY=2&pixelType=uint16');
    const [found] = await scanPlanes([{ kind: 'planes', type, a: level }], { workers: 1 });
    const values = Uint16Array.from([0, 1, 2, 3, 4, 5]);
    expect(found!.sha256A).toEqual([sha256(new Uint8Array(values.buffer))]);
  });

  it('is stopped by a signal', async () => {
    const { level, type } = await fake('sizeX=3000&sizeY=2500&pixelType=uint16');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(scanPlanes([{ kind: 'planes', type, a: level }], { workers: 1, signal })).rejects.toThrow('enough');
  });
});

describe('differences of bands', () => {
  const bytes = (array: ArrayBufferView): Uint8Array =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice();

  it('tells number, place and size', () => {
    const a = Uint16Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const b = Uint16Array.from([1, 2, 3, 4, 9, 6, 5, 8, 9]);
    expect(compareBands(bytes(a), bytes(b), 'uint16', 3, 10)).toMatchObject({
      different: 2,
      largest: 4,
      squares: 20,
      firstY: 11,
      firstX: 1,
      left: 0,
      right: 1,
      top: 11,
      bottom: 12,
    });
  });

  it('knows signs of zero, NaN and 64-bit integers', () => {
    const a = Float32Array.from([0, Number.NaN, 1, 5]);
    const b = Float32Array.from([-0, Number.NaN, 2, Number.NaN]);
    expect(compareBands(bytes(a), bytes(b), 'float', 4, 0)).toMatchObject({
      different: 2,
      largest: Number.POSITIVE_INFINITY,
      low: 0,
      high: 5,
    });
    const p = BigInt64Array.from([2n ** 60n, 1n]);
    const q = BigInt64Array.from([2n ** 60n + 1n, 1n]);
    expect(compareBands(bytes(p), bytes(q), 'int64', 2, 0)).toMatchObject({ different: 1, largest: 1 });
  });
});

describe('agreement of levels', () => {
  const types: readonly [PixelType, (n: number) => ArrayBufferView & { [index: number]: number | bigint }][] = [
    ['uint8', (n) => new Uint8Array(n)],
    ['int16', (n) => new Int16Array(n)],
    ['uint32', (n) => new Uint32Array(n)],
    ['float', (n) => new Float32Array(n)],
    ['double', (n) => new Float64Array(n)],
  ];

  it.each(types)('of %s is that of a plain loop', async (type, make) => {
    const kernels = await loadKernels();
    const fineShape: Tczyx = [1, 2, 3, 37, 41];
    const shape: Tczyx = [1, 2, 2, 19, 14];
    const total = (s: Tczyx): number => s.reduce((p, n) => p * n, 1);
    let seed = 7;
    const next = (): number => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return Math.floor(seed / 2 ** 16) % 120;
    };
    const [small, large] = [make(total(shape)), make(total(fineShape))];
    for (let i = 0; i < total(shape); i++) small[i] = next();
    for (let i = 0; i < total(fineShape); i++) large[i] = next();
    const spans = shape.map((n, axis) => makeSpans(fineShape[axis]!, n));
    const box = { start: [0, 0, 0, 0, 0], shape } as const;
    const fine = fineBox(box, spans);
    expect(fine.shape).toEqual(fineShape);
    const place = (array: ArrayBufferView, name: string): number =>
      kernels.place(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), name);
    const found = measure(place(small, 'test-small'), box, place(large, 'test-large'), fine, spans, type, kernels);

    const expected = { n: 0, inside: 0, a: 0, b: 0 };
    const rounding = type === 'float' || type === 'double' ? 0 : 1;
    for (let c = 0; c < 2; c++)
      for (let z = 0; z < shape[2]; z++)
        for (let y = 0; y < shape[3]; y++)
          for (let x = 0; x < shape[4]; x++) {
            let [low, high, sum, n] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
            const [y0, y1] = [spans[3]!.from[y]!, spans[3]!.to[y]!];
            const [x0, x1] = [spans[4]!.from[x]!, spans[4]!.to[x]!];
            for (let fz = spans[2]!.from[z]!; fz < spans[2]!.to[z]!; fz++)
              for (let fy = Math.max(0, y0 - 1); fy < Math.min(fineShape[3], y1 + 1); fy++)
                for (let fx = Math.max(0, x0 - 1); fx < Math.min(fineShape[4], x1 + 1); fx++) {
                  const v = Number(large[((c * 3 + fz) * 37 + fy) * 41 + fx]);
                  low = Math.min(low, v);
                  high = Math.max(high, v);
                  if (fy < y0 || fy >= y1 || fx < x0 || fx >= x1) continue;
                  sum += v;
                  n++;
                }
            const value = Number(small[((c * 2 + z) * 19 + y) * 14 + x]);
            const slack = rounding + 0.05 * (high - low);
            expected.n++;
            if (value >= low - slack && value <= high + slack) expected.inside++;
            expected.a += value;
            expected.b += sum / n;
          }
    expect(found.n).toBe(expected.n);
    expect(found.inside).toBe(expected.inside);
    expect(found.a).toBe(expected.a);
    expect(found.b).toBeCloseTo(expected.b, 6);
  });

  it('compares all pixels of all levels, with any number of workers', async () => {
    const { levels, type } = await fake('sizeX=4100&sizeY=3000&sizeC=2&pixelType=uint16&resolutions=3');
    expect(levels.length).toBe(3);
    const works = levels.slice(1).map((level, i) => ({ kind: 'levels', type, level, fine: levels[i]! }) as const);
    const one = await scanLevels(works, { workers: 1 });
    const three = await scanLevels(works, { workers: 3 });
    expect(three).toEqual(one);
    const pixels = ([t, c, z, y, x]: Tczyx): number => t * c * z * y * x;
    expect(one.map(({ sums }) => sums.n)).toEqual(levels.slice(1).map(({ shape }) => pixels(shape)));
  });
});
