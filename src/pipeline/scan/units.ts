// Cuts works into units that one thread does at a time. The cut into bands does not depend on the number of workers, so that sums do not either.

import type { Level } from '../../core/contracts.js';
import { gridCounts, gridPosition, pixelCount, type Region, type Tczyx } from '../../core/geometry.js';
import { bytesPerSample } from '../../core/pixel-type.js';
import { isRaw } from '../block-index.js';
import type { LevelsWork, PlanesWork, ScanWork } from './contract.js';

/** Decoded bytes that are read at once, where blocks are not larger. */
const BAND_BYTES = 8 * 2 ** 20;
/** Planes of blocks that hold several are read together up to this. */
const GROUP_BYTES = 32 * 2 ** 20;
/** Blocks smaller than this along y are read many at a time anyway. */
const FEWEST_ROWS = 64;
/** Pixels of a box of levels. */
const BOX_PIXELS = 2 ** 22;
/** Pixels held at most, even where blocks are larger. */
const MOST_PIXELS = 2 ** 26;

/** Planes that are read together, since stored blocks hold them together, and rows that are read at once. */
export interface PlaneCut {
  readonly t: number;
  readonly c: number;
  readonly z: number;
  readonly rows: number;
  /** Groups of planes along t, c, z. */
  readonly groups: readonly [t: number, c: number, z: number];
  readonly bands: number;
}

function extents({ blocks, shape }: Level, size: number): { t: number; c: number; z: number; y: number } {
  const { layout, chains } = blocks;
  if (layout.kind !== 'grid') return { t: 1, c: 1, z: 1, y: FEWEST_ROWS };
  const [t, c, z, y] = layout.block;
  // Any part of raw blocks can be read on its own; interleaved samples come together all the same.
  if (chains.every((chain) => isRaw(chain, size))) return { t: 1, c: Math.min(c, shape[1]), z: 1, y: 1 };
  return { t: Math.min(t, shape[0]), c: Math.min(c, shape[1]), z: Math.min(z, shape[2]), y: Math.min(y, shape[3]) };
}

export function cutPlanes({ a, b, type }: PlanesWork): PlaneCut {
  const [sizeT, sizeC, sizeZ, sizeY, sizeX] = a.shape;
  const size = bytesPerSample(type);
  const sides = b ? [extents(a, size), extents(b, size)] : [extents(a, size)];
  const most = (axis: 't' | 'c' | 'z' | 'y'): number => Math.max(...sides.map((side) => side[axis]));
  const rowBytes = sizeX * size;
  const c = most('c');
  const block = Math.max(FEWEST_ROWS, most('y'));
  const z = Math.max(1, Math.min(most('z'), Math.floor(GROUP_BYTES / (rowBytes * c * Math.min(block, sizeY)))));
  const fit = Math.max(1, Math.floor(BAND_BYTES / (rowBytes * c * z)));
  const large = Math.max(1, Math.floor(GROUP_BYTES / (rowBytes * c * z)));
  // Whole rows of blocks, so that none is decoded twice.
  const rows = Math.min(sizeY, fit >= block ? fit - (fit % block) : Math.min(block, large));
  const t = most('t');
  const groups = [Math.ceil(sizeT / t), Math.ceil(sizeC / c), Math.ceil(sizeZ / z)] as const;
  return { t, c, z, rows, groups, bands: Math.ceil(sizeY / rows) };
}

export function groupCount({ groups }: PlaneCut): number {
  return groups[0] * groups[1] * groups[2];
}

/** First plane of a group and how many there are along t, c, z. */
export function groupAt(cut: PlaneCut, group: number, [sizeT, sizeC, sizeZ]: Tczyx) {
  const [, nc, nz] = cut.groups;
  const z = (group % nz) * cut.z;
  const c = (Math.floor(group / nz) % nc) * cut.c;
  const t = Math.floor(group / (nz * nc)) * cut.t;
  return {
    start: [t, c, z] as const,
    shape: [Math.min(cut.t, sizeT - t), Math.min(cut.c, sizeC - c), Math.min(cut.z, sizeZ - z)] as const,
  };
}

/** Boxes of whole blocks that cover a level, so that no block is decoded twice, as large as memory allows. */
export interface BoxCut {
  readonly size: Tczyx;
  readonly counts: Tczyx;
}

function cutBoxes({ level, fine }: LevelsWork): BoxCut {
  const { shape, blocks } = level;
  /** Pixels that are held for each pixel of the level. */
  const ratio = fine ? 1 + Math.ceil(pixelCount(fine.shape) / pixelCount(shape)) : 1;
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
  const box = size as unknown as Tczyx;
  return { size: box, counts: gridCounts(shape, box) };
}

export function boxAt({ size, counts }: BoxCut, index: number, shape: Tczyx): Region {
  const start = gridPosition(index, counts).map((n, axis) => n * size[axis]!) as unknown as Tczyx;
  return { start, shape: start.map((from, axis) => Math.min(size[axis]!, shape[axis]! - from)) as unknown as Tczyx };
}

export type Cut =
  | { readonly kind: 'planes'; readonly cut: PlaneCut }
  | { readonly kind: 'levels'; readonly cut: BoxCut };

export interface UnitPlan {
  /** One a work. */
  readonly cuts: readonly Cut[];
  /** Units up to and including each work. */
  readonly ends: readonly number[];
  readonly total: number;
  /** A unit of planes is a band instead of a group: few planes, many threads. */
  readonly split: boolean;
}

/** `split` where there are fewer groups of planes than would keep all workers busy. */
export function planUnits(works: readonly ScanWork[], workers: number): UnitPlan {
  const cuts = works.map(
    (work): Cut =>
      work.kind === 'planes' ? { kind: 'planes', cut: cutPlanes(work) } : { kind: 'levels', cut: cutBoxes(work) },
  );
  const groups = cuts.reduce((sum, each) => sum + (each.kind === 'planes' ? groupCount(each.cut) : 0), 0);
  const split = workers > 1 && groups < 2 * workers;
  let total = 0;
  const ends = cuts.map((each) => {
    if (each.kind === 'planes') total += groupCount(each.cut) * (split ? each.cut.bands : 1);
    else total += each.cut.counts.reduce((product, n) => product * n, 1);
    return total;
  });
  return { cuts, ends, total, split };
}
