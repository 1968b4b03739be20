// The geometry of a pyramid: sizes of levels, chunks and shards. Axis order t, c, z, y, x; pixels.

import type { ImageSource, Level } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import { gridCounts, map2, pixelCount, type Tczyx } from '../../src/core/geometry.js';
import { bytesPerSample, type PixelType } from '../../src/core/pixel-type.js';
import type { NgffOptions, ShardSizes } from './options.js';

export interface LevelPlan {
  readonly shape: Tczyx;
  readonly chunk: Tczyx;
  /** Pixels a shard, a multiple of the chunk; absent: no shards. */
  readonly shard?: Tczyx;
  /** Against the full size: a power of 2 on each axis. */
  readonly total: Tczyx;
  /** Stored level to take the pixels from. */
  readonly reuse?: Level;
}

/** Uncompressed bytes of a shard: small planes are gathered up to this, large ones cut to it. */
const SHARD_BYTES = 64 * 2 ** 20;
/** Pixels of a shard along y and x at most, unless the user says otherwise. */
const SHARD_SIDE = 4096;
/** A Blosc frame and many readers end at 2 GiB. */
const CHUNK_BYTES = 2 ** 31 - 16;

/** Half of every axis among y and x that is longer than one pixel; the last odd pixel makes a pixel of its own. */
function halve(shape: Tczyx): { shape: Tczyx; factor: Tczyx } {
  const factor: Tczyx = [1, 1, 1, shape[3] > 1 ? 2 : 1, shape[4] > 1 ? 2 : 1];
  return { shape: map2(shape, factor, (size, f) => Math.ceil(size / f)), factor };
}

/**
 * Levels of an image of this shape.
 * @param count exact number of levels (labels have as many as their image); absent: as the options say
 * @param source stored levels that may be reused
 */
export function planLevels(
  shape: Tczyx,
  type: PixelType,
  options: NgffOptions,
  { count, source }: { count?: number; source?: ImageSource } = {},
): readonly [LevelPlan, ...LevelPlan[]] {
  const wanted = count ?? options.resolutions;
  const grid = (level: Tczyx, shard: Tczyx | undefined) => chunkAndShard(level, type, options, shard);
  const first: LevelPlan = { shape, ...grid(shape, undefined), total: [1, 1, 1, 1, 1] };
  const levels: [LevelPlan, ...LevelPlan[]] = [first];
  for (let last = first; ; ) {
    const small = last.shape[3] <= options.targetMinSize && last.shape[4] <= options.targetMinSize;
    if (wanted === undefined ? small : levels.length >= wanted) return levels;
    const half = halve(last.shape);
    // No further halving is possible. Labels still need a level for each one of their image.
    if (half.factor[3] === 1 && half.factor[4] === 1 && count === undefined) return levels;
    const total = map2(last.total, half.factor, (a, b) => a * b);
    const reuse = source && findStored(source, first.shape, total, half.shape);
    const found: Tczyx = reuse ? [shape[0], shape[1], shape[2], reuse.shape[3], reuse.shape[4]] : half.shape;
    last = { shape: found, ...grid(found, first.shard), total, ...(reuse ? { reuse } : {}) };
    levels.push(last);
  }
}

/** A stored level of exactly this reduction: sizes rounded up, or down as many writers do, at once or from level to level (`next`). */
function findStored(source: ImageSource, full: Tczyx, total: Tczyx, next: Tczyx): Level | undefined {
  const fits = (level: Level, axis: 3 | 4): boolean => {
    const exact = full[axis] / total[axis];
    return [next[axis], Math.ceil(exact), Math.max(1, Math.floor(exact))].includes(level.shape[axis]);
  };
  return source.levels.slice(1).find((level) => fits(level, 3) && fits(level, 4));
}

function chunkAndShard(
  level: Tczyx,
  type: PixelType,
  options: NgffOptions,
  first: Tczyx | undefined,
): { chunk: Tczyx; shard?: Tczyx } {
  const { z, y, x } = options.chunk;
  const chunk: Tczyx = [1, 1, Math.min(z, level[2]), Math.min(y, level[3]), Math.min(x, level[4])];
  const bytes = pixelCount(chunk) * bytesPerSample(type);
  if (bytes > CHUNK_BYTES)
    throw new ImgconvError('usage', 'NGFF_CHUNK', `chunks of ${bytes} bytes are too large: at most ${CHUNK_BYTES}`);
  if (!options.shard) return { chunk };
  return { chunk, shard: planShard(level, chunk, bytesPerSample(type), options.shard, first) };
}

const roundUp = (size: number, step: number): number => Math.ceil(size / step) * step;

/**
 * About 32–64 MB of pixels: up to 4096² of the plane, then z, then t. All levels span the planes that the first one's shards span
 * (`first`), so that a group of planes can be finished before the next begins.
 */
function planShard(level: Tczyx, chunk: Tczyx, bytes: number, sizes: ShardSizes, first: Tczyx | undefined): Tczyx {
  let y = roundUp(Math.min(sizes.y ?? SHARD_SIDE, level[3]), chunk[3]);
  let x = roundUp(Math.min(sizes.x ?? SHARD_SIDE, level[4]), chunk[4]);
  const least = chunk[2] * bytes;
  while (y * x * least > SHARD_BYTES) {
    const cutY = sizes.y === undefined && y > chunk[3] && (y >= x || sizes.x !== undefined || x === chunk[4]);
    const cutX = sizes.x === undefined && x > chunk[4];
    if (cutY) y = roundUp(y / 2, chunk[3]);
    else if (cutX) x = roundUp(x / 2, chunk[4]);
    else break;
  }
  if (first) return [first[0], 1, first[2], y, x];
  const plane = y * x * bytes;
  const z = roundUp(sizes.z ?? share(level[2], SHARD_BYTES / plane, chunk[2]), chunk[2]);
  const whole = z >= level[2] && sizes.z === undefined;
  const t = whole ? share(level[0], SHARD_BYTES / (plane * z), 1) : 1;
  return [t, 1, Math.min(z, roundUp(level[2], chunk[2])), y, x];
}

/** Planes a shard, at most `most`, such that all shards are about equally full. A multiple of `step`. */
function share(size: number, most: number, step: number): number {
  const fit = Math.max(1, Math.floor(most / step));
  const steps = Math.ceil(size / step);
  return Math.ceil(steps / Math.ceil(steps / fit)) * step;
}

/** Chunks, shards and uncompressed bytes of a level. */
export function levelCounts(level: LevelPlan, type: PixelType): { chunks: number; shards: number; bytes: number } {
  return {
    chunks: pixelCount(gridCounts(level.shape, level.chunk)),
    shards: level.shard ? pixelCount(gridCounts(level.shape, level.shard)) : 0,
    bytes: pixelCount(level.shape) * bytesPerSample(type),
  };
}
