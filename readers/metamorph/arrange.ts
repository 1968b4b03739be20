// What the planes of a file are: channels, z or time. Facts of the planes decide; the order of storage is channel, z, time, fastest first.

import { numberOf, type Properties, timeOf } from './description.js';
import type { Stack } from './stack.js';

export interface PlaneFacts {
  /** Milliseconds since 1970, as if UTC. */
  readonly time?: number;
  /** Nanometres. */
  readonly wavelength?: number;
  readonly channel?: string;
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
  readonly label?: string;
}

export interface Arrangement {
  readonly t: number;
  readonly c: number;
  readonly z: number;
  /** Number of the stored plane; undefined: not in the file. */
  readonly planeAt: (t: number, c: number, z: number) => number | undefined;
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** Values of one property, one a plane or one a channel, as they come. */
export function propertyValues(stack: Stack, name: string): string[] {
  return (stack.uic?.properties ?? []).filter(([key]) => key === name).map(([, value]) => value);
}

/** Positions of planes along z: absolute where they are valid, else sums of distances. */
function heights({ uic, planes }: Stack): (number | undefined)[] {
  if (!uic) return [];
  const { absoluteZ, absoluteZValid, zDistance } = uic;
  const distinct = new Set(absoluteZ).size === planes.length && planes.length > 1;
  if (absoluteZ.length === planes.length && (absoluteZValid || (distinct && absoluteZValid === undefined)))
    return [...absoluteZ];
  if (zDistance.length !== planes.length || zDistance.some((d) => Number.isNaN(d))) return [];
  let sum = 0;
  return zDistance.map((distance, i) => {
    if (i > 0) sum += distance;
    return sum;
  });
}

function fromXml(properties: Properties): PlaneFacts {
  return {
    time: timeOf(properties.get('acquisition-time-local')),
    wavelength: numberOf(properties, 'wavelength'),
    channel: properties.get('image-name') || properties.get('_IllumSetting_') || undefined,
    x: numberOf(properties, 'stage-position-x'),
    y: numberOf(properties, 'stage-position-y'),
    z: numberOf(properties, 'z-position'),
    label: properties.get('stage-label') || undefined,
  };
}

export function factsOf(stack: Stack): PlaneFacts[] {
  const { uic, planes, properties } = stack;
  if (!uic) return planes.map((_, i) => fromXml(properties[i] ?? new Map()));
  const names = propertyValues(stack, '_IllumSetting_');
  const z = heights(stack);
  return planes.map(
    (_, i): PlaneFacts => ({
      time: finite(uic.created[i]),
      wavelength: finite(uic.wavelengths[i] ?? (planes.length === 1 ? uic.wavelengths[0] : undefined)),
      channel: (names.length === planes.length ? names[i] : names.length === 1 ? names[0] : undefined) || undefined,
      x: finite(uic.stage[i]?.[0]),
      y: finite(uic.stage[i]?.[1]),
      z: z[i],
      label: uic.labels[i] || undefined,
    }),
  );
}

/** Positions of each distinct value, in order of appearance. */
function ranks(values: readonly unknown[]): { rank: number[]; count: number } {
  const seen = new Map<unknown, number>();
  const rank = values.map((value) => {
    if (!seen.has(value)) seen.set(value, seen.size);
    return seen.get(value)!;
  });
  return { rank, count: seen.size };
}

function regular(planes: number, t: number, c: number, z: number): Arrangement {
  return {
    t,
    c,
    z,
    planeAt: (ti, ci, zi) => {
      const i = (ti * z + zi) * c + ci;
      return i < planes ? i : undefined;
    },
  };
}

/** Channel and z of every plane are known: time points are what repeats. */
function byFacts(
  channel: ReturnType<typeof ranks>,
  height: ReturnType<typeof ranks>,
  planes: number,
): Arrangement | undefined {
  const { count: c } = channel;
  const { count: z } = height;
  if (planes % (c * z) !== 0) return undefined;
  const t = planes / (c * z);
  const table = new Int32Array(planes).fill(-1);
  const next = new Int32Array(c * z);
  for (let i = 0; i < planes; i++) {
    const place = channel.rank[i]! * z + height.rank[i]!;
    const time = next[place]!;
    if (time >= t) return undefined;
    table[time * c * z + place] = i;
    next[place] = time + 1;
  }
  return { t, c, z, planeAt: (ti, ci, zi) => table[(ti * c + ci) * z + zi] };
}

/**
 * Sizes of a file's planes.
 * @param partOfSeries the file name ends in a time point's number, so that its own planes are no times
 */
export function arrange(stack: Stack, facts: readonly PlaneFacts[], partOfSeries: boolean): Arrangement {
  const planes = stack.planes.length;
  if (planes === 1) return regular(1, 1, 1, 1);
  const channel = ranks(facts.map((each) => `${each.wavelength} ${stack.uic ? '' : each.channel}`));
  const known = facts.every((each) => each.z !== undefined);
  const height = ranks(facts.map((each) => each.z));
  const steps = stack.uic?.zDistance.filter((d, i) => i > 0 && d !== 0).length ?? 0;
  if (stack.uic && steps === planes - 1 && channel.count === 1) return regular(planes, 1, 1, planes);
  if (known && (channel.count > 1 || height.count > 1)) {
    const found = byFacts(channel, height, planes);
    if (found) return found;
  }
  const c = channel.count > 1 && planes % channel.count === 0 ? channel.count : 1;
  const rest = planes / c;
  return steps > 0 || height.count > 1 || partOfSeries ? regular(planes, 1, c, rest) : regular(planes, rest, c, 1);
}
