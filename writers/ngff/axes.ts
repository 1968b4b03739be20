// Axes and coordinate transformations of OME-NGFF 0.4 and 0.5 (§ "axes" and "coordinateTransformations" metadata).

import type { Tczyx } from '../../src/core/geometry.js';
import type { OmePixels, Quantity } from '../../src/core/ome.js';
import type { Reduction } from '../../src/pipeline/contract.js';
import type { LevelPlan } from './levels.js';

const NAMES = ['t', 'c', 'z', 'y', 'x'] as const;
const TYPES = ['time', 'channel', 'space', 'space', 'space'] as const;

/** Where pixels lie: size of a pixel and centre of the first one, along t, c, z, y, x, in `units` (NGFF words). */
export interface Placement {
  readonly scale: Tczyx;
  readonly origin: Tczyx;
  readonly units: readonly (string | undefined)[];
}

/** Indices into t, c, z, y, x of the axes that are written. */
export function keptAxes(shape: Tczyx, squeeze: boolean): readonly number[] {
  return [0, 1, 2, 3, 4].filter((axis) => axis > 2 || !squeeze || shape[axis]! > 1);
}

export function axisNames(axes: readonly number[]): string[] {
  return axes.map((axis) => NAMES[axis]!);
}

export function pickAxes(values: Tczyx, axes: readonly number[]): number[] {
  return axes.map((axis) => values[axis]!);
}

const PREFIXES: Readonly<Record<string, string>> = {
  Y: 'yotta',
  Z: 'zetta',
  E: 'exa',
  P: 'peta',
  T: 'tera',
  G: 'giga',
  M: 'mega',
  k: 'kilo',
  h: 'hecto',
  '': '',
  d: 'deci',
  c: 'centi',
  m: 'milli',
  µ: 'micro',
  n: 'nano',
  p: 'pico',
  f: 'femto',
  a: 'atto',
  z: 'zepto',
  y: 'yocto',
};
const withPrefixes = (symbol: string, word: string): [string, [number, string]][] =>
  Object.entries(PREFIXES).map(([prefix, name]) => [prefix + symbol, [1, name + word]]);

/** Schema unit → factor and NGFF word. Units that NGFF lacks are converted. */
const LENGTHS: ReadonlyMap<string, readonly [number, string]> = new Map<string, [number, string]>([
  ...withPrefixes('m', 'meter'),
  ['Å', [1, 'angstrom']],
  ['in', [1, 'inch']],
  ['ft', [1, 'foot']],
  ['yd', [1, 'yard']],
  ['mi', [1, 'mile']],
  ['pc', [1, 'parsec']],
  ['dam', [10, 'meter']],
  ['thou', [25.4, 'micrometer']],
  ['li', [25400 / 12, 'micrometer']],
  ['pt', [25400 / 72, 'micrometer']],
  ['ua', [149597870700, 'meter']],
  ['ly', [9460730472580800, 'meter']],
]);
const TIMES: ReadonlyMap<string, readonly [number, string]> = new Map<string, [number, string]>([
  ...withPrefixes('s', 'second'),
  ['das', [10, 'second']],
  ['min', [1, 'minute']],
  ['h', [1, 'hour']],
  ['d', [1, 'day']],
]);

interface Spacing {
  readonly size: number;
  readonly unit?: string;
  /** From the schema's unit to `unit`. */
  readonly factor: number;
}

/** Spacing of pixels along one axis: 1 without a unit where the source is not calibrated. */
function spacing(quantity: Quantity | undefined, units: typeof LENGTHS): Spacing {
  if (!quantity || !Number.isFinite(quantity.value) || quantity.value <= 0) return { size: 1, factor: 1 };
  // 'pixel' and 'reference frame' are not lengths: the number stays, without a unit.
  const [factor, unit] = units.get(quantity.unit) ?? [1];
  return { size: quantity.value * factor, unit, factor };
}

/**
 * @param first indices of the first pixel kept along t, c, z, y, x, in source pixels
 * @param step source pixels between neighbours that are kept, as contained in `pixels`
 * @param origin position of the source's own first pixel, in the units of `pixels`
 */
export function placementOf(pixels: OmePixels | undefined, first: Tczyx, step: Tczyx, origin?: Tczyx): Placement {
  const along = [
    spacing(pixels?.TimeIncrement, TIMES),
    { size: 1, factor: 1 },
    spacing(pixels?.PhysicalSizeZ, LENGTHS),
    spacing(pixels?.PhysicalSizeY, LENGTHS),
    spacing(pixels?.PhysicalSizeX, LENGTHS),
  ] as const;
  const at = (axis: number): number => {
    const { size, factor } = along[axis]!;
    return (origin?.[axis] ?? 0) * factor + (axis === 1 ? 0 : (size / step[axis]!) * first[axis]!);
  };
  return {
    scale: [along[0].size, 1, along[2].size, along[3].size, along[4].size],
    origin: [at(0), at(1), at(2), at(3), at(4)],
    units: along.map((axis) => ('unit' in axis ? axis.unit : undefined)),
  };
}

export function axesMetadata(placement: Placement, axes: readonly number[]): Record<string, string>[] {
  return axes.map((axis) => {
    const unit = placement.units[axis];
    return { name: NAMES[axis]!, type: TYPES[axis]!, ...(unit === undefined ? {} : { unit }) };
  });
}

/**
 * Scale and, where it is not zero, translation of a level. Index 0 means the centre of a pixel: a pixel that stands for a block of f pixels
 * lies (f - 1) / 2 pixels further; one that was picked out of the block (nearest) lies where it was.
 */
export function transforms(
  placement: Placement,
  level: Pick<LevelPlan, 'total'>,
  reduction: Reduction,
  axes: readonly number[],
): Record<string, unknown>[] {
  const scale = axes.map((axis) => placement.scale[axis]! * level.total[axis]!);
  const translation = axes.map((axis) => {
    const half = reduction === 'nearest' ? 0 : (placement.scale[axis]! * (level.total[axis]! - 1)) / 2;
    return placement.origin[axis]! + half;
  });
  const list: Record<string, unknown>[] = [{ type: 'scale', scale }];
  if (translation.some((value) => value !== 0)) list.push({ type: 'translation', translation });
  return list;
}
