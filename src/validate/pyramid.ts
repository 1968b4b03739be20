// Do the pixels of a level belong to those of the one before? Whatever method made it (mean, nearest, mode, Gaussian, cubic …), a pixel lies
// between the smallest and the largest of the pixels around its place, and the level follows the block means of the finer one.

import type { Level } from '../core/contracts.js';
import type { Tczyx } from '../core/geometry.js';
import type { PixelData, PixelType } from '../core/pixel-type.js';
import { LevelReader } from '../pipeline/read.js';
import type { Damage } from '../pipeline/region-reader.js';

const BAND_PIXELS = 2 ** 22;

export interface Agreement {
  readonly pixels: number;
  /** Share of pixels that lie between the extremes of their surroundings in the finer level. */
  readonly inside: number;
  /** Correlation with block means; undefined where either is constant. */
  readonly correlation: number | undefined;
}

/** A level with which something was wrong: block, region, text. */
export type OnDamage = (level: number, damage: Damage) => void;

/** Decode every block of a level. */
export async function decodeAll(level: Level, type: PixelType, damage: (damage: Damage) => void): Promise<void> {
  const reader = new LevelReader(level, type, { damage });
  try {
    for (const region of bands(level.shape)) await reader.read(region);
  } finally {
    reader.close();
  }
}

function* bands(shape: Tczyx): Generator<{ start: Tczyx; shape: Tczyx }> {
  const [nt, nc, nz, ny, nx] = shape;
  const rows = Math.max(1, Math.min(ny, Math.floor(BAND_PIXELS / nx)));
  for (let t = 0; t < nt; t++)
    for (let c = 0; c < nc; c++)
      for (let z = 0; z < nz; z++)
        for (let y = 0; y < ny; y += rows)
          yield { start: [t, c, z, y, 0], shape: [1, 1, 1, Math.min(rows, ny - y), nx] };
}

interface Sums {
  n: number;
  inside: number;
  a: number;
  b: number;
  aa: number;
  bb: number;
  ab: number;
}

/** Range of fine positions that a coarse one stands for, along one axis. */
function span(i: number, fine: number, coarse: number): readonly [from: number, to: number] {
  const ratio = fine / coarse;
  return [
    Math.min(fine - 1, Math.floor(i * ratio)),
    Math.min(fine, Math.max(Math.ceil((i + 1) * ratio), Math.floor(i * ratio) + 1)),
  ];
}

/** Compare a level with the finer one before it. Blocks that do not decode are told to `damage` (0 = fine, 1 = coarse). */
export async function compareLevels(fine: Level, coarse: Level, type: PixelType, damage: OnDamage): Promise<Agreement> {
  const fineReader = new LevelReader(fine, type, { damage: (each) => damage(0, each) });
  const coarseReader = new LevelReader(coarse, type, { damage: (each) => damage(1, each) });
  const sums: Sums = { n: 0, inside: 0, a: 0, b: 0, aa: 0, bb: 0, ab: 0 };
  const rounding = type === 'float' || type === 'double' ? 0 : 1;
  const [nt, nc, nz, ny, nx] = coarse.shape;
  const perRow = Math.ceil(fine.shape[3] / ny) * fine.shape[4] * Math.ceil(fine.shape[2] / nz);
  const rows = Math.max(1, Math.min(ny, Math.floor(BAND_PIXELS / perRow)));
  try {
    for (let t = 0; t < nt; t++)
      for (let c = 0; c < nc; c++)
        for (let z = 0; z < nz; z++)
          for (let y = 0; y < ny; y += rows) {
            const count = Math.min(rows, ny - y);
            const small = await coarseReader.read({ start: [t, c, z, y, 0], shape: [1, 1, 1, count, nx] });
            const [ft] = span(t, fine.shape[0], nt);
            const [fc] = span(c, fine.shape[1], nc);
            const [z0, z1] = span(z, fine.shape[2], nz);
            const y0 = Math.max(0, span(y, fine.shape[3], ny)[0] - 1);
            const y1 = Math.min(fine.shape[3], span(y + count - 1, fine.shape[3], ny)[1] + 1);
            const shape: Tczyx = [1, 1, z1 - z0, y1 - y0, fine.shape[4]];
            const large = await fineReader.read({ start: [ft, fc, z0, y0, 0], shape });
            compareBand(small, { y, count, nx, ny }, large, { y0, shape, height: fine.shape[3] }, rounding, sums);
          }
  } finally {
    fineReader.close();
    coarseReader.close();
  }
  return summarise(sums);
}

function compareBand(
  small: PixelData,
  coarse: { y: number; count: number; nx: number; ny: number },
  large: PixelData,
  fine: { y0: number; shape: Tczyx; height: number },
  rounding: number,
  sums: Sums,
): void {
  const [, , depth, rows, width] = fine.shape;
  const columns = Array.from({ length: coarse.nx }, (_, x) => span(x, width, coarse.nx));
  for (let j = 0; j < coarse.count; j++) {
    const [from, to] = span(coarse.y + j, fine.height, coarse.ny);
    const top = Math.max(0, from - 1 - fine.y0);
    const bottom = Math.min(rows, to + 1 - fine.y0);
    for (let x = 0; x < coarse.nx; x++) {
      const [left, right] = columns[x]!;
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      let sum = 0;
      let n = 0;
      for (let z = 0; z < depth; z++) {
        for (let row = top; row < bottom; row++) {
          const base = (z * rows + row) * width;
          const inBlock = row + fine.y0 >= from && row + fine.y0 < to;
          for (let at = Math.max(0, left - 1); at < Math.min(width, right + 1); at++) {
            const value = Number(large[base + at]!);
            if (Number.isNaN(value)) continue;
            if (value < low) low = value;
            if (value > high) high = value;
            if (!inBlock || at < left || at >= right) continue;
            sum += value;
            n++;
          }
        }
      }
      const value = Number(small[j * coarse.nx + x]!);
      // NaN and infinity belong to no mean.
      if (n === 0 || !Number.isFinite(value) || !Number.isFinite(sum)) continue;
      const slack = rounding + 0.05 * (high - low);
      add(sums, value, sum / n, value >= low - slack && value <= high + slack);
    }
  }
}

function add(sums: Sums, a: number, b: number, inside: boolean): void {
  sums.n++;
  if (inside) sums.inside++;
  sums.a += a;
  sums.b += b;
  sums.aa += a * a;
  sums.bb += b * b;
  sums.ab += a * b;
}

function summarise({ n, inside, a, b, aa, bb, ab }: Sums): Agreement {
  if (n === 0) return { pixels: 0, inside: 1, correlation: undefined };
  const va = aa / n - (a / n) ** 2;
  const vb = bb / n - (b / n) ** 2;
  const flat = (v: number, mean: number): boolean => !(v > 1e-9 * Math.max(1, mean * mean));
  const constant = flat(va, a / n) || flat(vb, b / n);
  return {
    pixels: n,
    inside: inside / n,
    correlation: constant ? undefined : (ab / n - (a / n) * (b / n)) / Math.sqrt(va * vb),
  };
}

/** What is wrong with a level, judged by its agreement with the one before; undefined: nothing. */
export function disagreement({ pixels, inside, correlation }: Agreement): string | undefined {
  if (inside < 0.9)
    return `${Math.round((1 - inside) * 100)} % of its pixels lie outside the range of those they stand for`;
  // Picked pixels of pure noise follow the block means with 0.5 at factor 2 and 0.25 at factor 4.
  if (correlation !== undefined && pixels >= 256 && correlation < 0.1)
    return `its pixels do not follow those of the level before (correlation ${correlation.toFixed(2)})`;
  return undefined;
}
