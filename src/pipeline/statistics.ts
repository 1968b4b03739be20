// Minimum, maximum and quantiles of channels, gathered by workers and merged. Samples are taken at positions that depend on the level
// alone, so the result is the same however the work was cut.

import type { Tczyx } from '../core/geometry.js';
import { asPixels, type PixelType } from '../core/pixel-type.js';
import type { ChannelStats } from './contract.js';

const SAMPLES_PER_PLANE = 4096;
const PLANES_PER_CHANNEL = 64;
/** All channels of a job together: plates have 100,000 of them, and their samples wait until the end. */
const SAMPLES_PER_JOB = 2 ** 22;
const FEWEST_SAMPLES = 64;

export interface RawStats {
  min: number;
  max: number;
  readonly samples: number[];
}

/** Every how many rows, columns and planes of a level a sample is taken. */
export interface SampleSteps {
  readonly y: number;
  readonly x: number;
  readonly plane: number;
}

/** @param channels that samples are taken of in the whole job */
export function sampleSteps(shape: Tczyx, channels: number): SampleSteps {
  const each = Math.max(FEWEST_SAMPLES, Math.floor(SAMPLES_PER_JOB / channels));
  const perPlane = Math.min(SAMPLES_PER_PLANE, each);
  const planes = Math.min(PLANES_PER_CHANNEL, Math.floor(each / perPlane));
  const step = Math.max(1, Math.ceil(Math.sqrt((shape[3] * shape[4]) / perPlane)));
  return { y: step, x: step, plane: Math.max(1, Math.ceil((shape[0] * shape[2]) / planes)) };
}

/** Add samples of rows y … y+rows-1, columns x … of one plane; `row` gives the bytes of a row. */
export function addSamples(
  into: number[],
  steps: SampleSteps,
  type: PixelType,
  y: number,
  rows: number,
  x: number,
  width: number,
  row: (index: number) => Uint8Array,
): void {
  for (let r = (steps.y - (y % steps.y)) % steps.y; r < rows; r += steps.y) {
    const values = asPixels(row(r), type);
    for (let i = (steps.x - (x % steps.x)) % steps.x; i < width; i += steps.x) {
      const value = Number(values[i]);
      if (Number.isFinite(value)) into.push(value);
    }
  }
}

/** Takes over what it gets. Lists may have holes: a worker sees some channels only. */
export function mergeStats(into: RawStats[], from: readonly (RawStats | undefined)[]): void {
  for (const [channel, stats] of from.entries()) {
    if (!stats) continue;
    const known = into[channel];
    if (!known) {
      into[channel] = stats;
      continue;
    }
    known.min = Math.min(known.min, stats.min);
    known.max = Math.max(known.max, stats.max);
    for (const value of stats.samples) known.samples.push(value);
  }
}

export function finishStats(raw: RawStats): ChannelStats {
  const sorted = Float64Array.from(raw.samples).sort();
  const at = (q: number): number =>
    sorted[Math.min(sorted.length - 1, Math.round(q * (sorted.length - 1)))] ?? Number.NaN;
  const low = sorted.length > 0 ? at(0.001) : raw.min;
  const high = sorted.length > 0 ? at(0.999) : raw.max;
  return { min: raw.min, max: raw.max, low, high };
}
