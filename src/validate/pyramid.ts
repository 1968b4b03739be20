// Do the pixels of a level belong to those of the one before? Whatever method made it (mean, nearest, mode, Gaussian, cubic …), a pixel lies
// between the smallest and the largest of the pixels around its place, and the level follows the block means of the finer one.

import type { Level } from '../core/contracts.js';
import { gridCounts, gridPosition, pixelCount, type Region, type Tczyx } from '../core/geometry.js';
import type { PixelData, PixelType } from '../core/pixel-type.js';
import { LevelReader } from '../pipeline/read.js';
import type { Damage } from '../pipeline/region-reader.js';

/** Pixels read at once, where blocks are not larger. */
const BOX_PIXELS = 2 ** 23;
/** Pixels held at most, even where blocks are larger. */
const MOST_PIXELS = 2 ** 26;
/** Of larger levels only some rows of each plane are compared; everything is decoded. */
const COMPARED_PIXELS = 2 ** 24;
/** But this many rows of each plane at least. */
const FEWEST_ROWS = 8;

export interface Agreement {
  readonly pixels: number;
  /** Share of pixels that lie between the extremes of their surroundings in the finer level. */
  readonly inside: number;
  /** Correlation with block means; undefined where either is constant. */
  readonly correlation: number | undefined;
}

/** A level with which something was wrong: block, region, text. */
export type OnDamage = (level: number, damage: Damage) => void;

/** Reading and decoding never wait, so that a signal would not be heard. */
async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((done) => setImmediate(done));
  signal?.throwIfAborted();
}

/** Decode every block of a level. */
export async function decodeAll(
  level: Level,
  type: PixelType,
  damage: (damage: Damage) => void,
  signal?: AbortSignal,
): Promise<void> {
  const reader = new LevelReader(level, type, { damage });
  try {
    for (const region of boxes(level, 1)) {
      await breathe(signal);
      await reader.read(region);
    }
  } finally {
    reader.close();
  }
}

/**
 * Boxes of whole blocks that cover a level, so that no block is decoded twice, as large as memory allows. `ratio`: pixels that are held for
 * each of its pixels.
 */
function* boxes({ shape, blocks }: Level, ratio: number): Generator<Region> {
  const { layout } = blocks;
  const block: readonly number[] = layout.kind === 'grid' ? layout.block : [1, 1, 1, 512, 512];
  const size = shape.map((n, axis) => Math.min(n, block[axis]!));
  const pixels = (): number => size.reduce((product, n) => product * n, ratio);
  // Blocks too large to be held: rows of them, or parts of rows.
  for (const axis of [2, 1, 0, 3, 4])
    if (pixels() > MOST_PIXELS) size[axis] = Math.max(1, Math.floor((size[axis]! * MOST_PIXELS) / pixels()));
  for (const axis of [4, 3]) {
    const fit = Math.floor(BOX_PIXELS / pixels());
    if (fit > 1) size[axis] = Math.min(shape[axis]!, size[axis]! * fit);
  }
  const counts = gridCounts(shape, size as unknown as Tczyx);
  const total = counts.reduce((product, n) => product * n, 1);
  for (let i = 0; i < total; i++) {
    const start = gridPosition(i, counts).map((n, axis) => n * size[axis]!) as unknown as Tczyx;
    yield { start, shape: start.map((from, axis) => Math.min(size[axis]!, shape[axis]! - from)) as unknown as Tczyx };
  }
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
export async function compareLevels(
  fine: Level,
  coarse: Level,
  type: PixelType,
  damage: OnDamage,
  signal?: AbortSignal,
): Promise<Agreement> {
  const fineReader = new LevelReader(fine, type, { damage: (each) => damage(0, each) });
  const coarseReader = new LevelReader(coarse, type, { damage: (each) => damage(1, each) });
  const sums: Sums = { n: 0, inside: 0, a: 0, b: 0, aa: 0, bb: 0, ab: 0 };
  const rounding = type === 'float' || type === 'double' ? 0 : 1;
  const wanted = Math.ceil(pixelCount(coarse.shape) / COMPARED_PIXELS);
  const step = Math.max(1, Math.min(wanted, Math.floor(coarse.shape[3] / FEWEST_ROWS)));
  const spans = coarse.shape.map((n, axis) => Array.from({ length: n }, (_, i) => span(i, fine.shape[axis]!, n)));
  try {
    for (const box of boxes(coarse, Math.ceil(pixelCount(fine.shape) / pixelCount(coarse.shape)))) {
      await breathe(signal);
      const start = box.start.map((n, axis) => spans[axis]![n]![0]) as unknown as Tczyx;
      const shape = box.start.map(
        (n, axis) => spans[axis]![n + box.shape[axis]! - 1]![1] - start[axis]!,
      ) as unknown as Tczyx;
      const small = await coarseReader.read(box);
      const large = await fineReader.read({ start, shape });
      compareBox({ small, box, large, start, shape, spans, step, rounding }, sums);
    }
  } finally {
    fineReader.close();
    coarseReader.close();
  }
  return summarise(sums);
}

interface Pair {
  readonly small: PixelData;
  readonly box: Region;
  readonly large: PixelData;
  /** Box of the finer level. */
  readonly start: Tczyx;
  readonly shape: Tczyx;
  /** For each axis and position of the level: positions of the finer level. */
  readonly spans: readonly (readonly (readonly [from: number, to: number])[])[];
  /** Every how many rows. */
  readonly step: number;
  readonly rounding: number;
}

function compareBox({ small, box, large, start, shape, spans, step, rounding }: Pair, sums: Sums): void {
  const [nt, nc, nz, ny, nx] = box.shape;
  const [, fc, fz, fy, fx] = shape;
  for (let row = 0; row < nt * nc * nz * ny; row++) {
    const j = row % ny;
    if ((box.start[3] + j) % step !== 0) continue;
    const k = Math.floor(row / ny) % nz;
    const c = spans[1]![box.start[1] + (Math.floor(row / (ny * nz)) % nc)]![0] - start[1];
    const t = spans[0]![box.start[0] + Math.floor(row / (ny * nz * nc))]![0] - start[0];
    const [z0, z1] = spans[2]![box.start[2] + k]!;
    const [y0, y1] = spans[3]![box.start[3] + j]!;
    // One pixel more on each side, as far as the box goes.
    const [top, bottom] = [Math.max(0, y0 - 1 - start[3]), Math.min(fy, y1 + 1 - start[3])];
    for (let i = 0; i < nx; i++) {
      const [x0, x1] = spans[4]![box.start[4] + i]!;
      const [left, right] = [Math.max(0, x0 - 1 - start[4]), Math.min(fx, x1 + 1 - start[4])];
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      let sum = 0;
      let n = 0;
      for (let z = z0 - start[2]; z < z1 - start[2]; z++) {
        for (let y = top; y < bottom; y++) {
          const base = (((t * fc + c) * fz + z) * fy + y) * fx;
          const inBlock = y + start[3] >= y0 && y + start[3] < y1;
          for (let x = left; x < right; x++) {
            const value = Number(large[base + x]!);
            if (Number.isNaN(value)) continue;
            if (value < low) low = value;
            if (value > high) high = value;
            if (!inBlock || x + start[4] < x0 || x + start[4] >= x1) continue;
            sum += value;
            n++;
          }
        }
      }
      const value = Number(small[row * nx + i]!);
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
