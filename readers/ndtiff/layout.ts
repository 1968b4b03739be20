// From axes to images: time, channel and z are t, c, z; row and column are tiles of one canvas; position and custom axes make images.

import type { IndexEntry } from './index-file.js';

type AxisValue = string | number;

export interface Frame {
  readonly entry: IndexEntry;
  readonly t: number;
  /** Channel, not sample. */
  readonly c: number;
  readonly z: number;
}

export interface ImageLayout {
  /** 'position 1', 'row 0, column 2' …; empty for the only image. */
  readonly label: string;
  readonly frames: readonly Frame[];
  /** Sizes along t, channel, z. */
  readonly counts: readonly [t: number, c: number, z: number];
  readonly channels: readonly AxisValue[];
  readonly tiled: boolean;
}

const PLANE_AXES = ['time', 'channel', 'z'] as const;
const TILE_AXES = ['row', 'column'] as const;

/**
 * Positions along one axis. Numbers count from the lowest; gaps stay gaps (planes that were not taken), unless the numbers are no count.
 * Texts come in the order of their appearance.
 */
function positions(values: ReadonlySet<AxisValue>): { index: ReadonlyMap<AxisValue, number>; count: number } {
  const list = [...values];
  const numbers = list.filter((each): each is number => typeof each === 'number').sort((a, b) => a - b);
  const texts = list.filter((each): each is string => typeof each === 'string');
  const low = numbers[0] ?? 0;
  const span = numbers.length > 0 ? numbers.at(-1)! - low + 1 : 0;
  const counted = numbers.every(Number.isInteger) && span <= 4 * numbers.length;
  const index = new Map<AxisValue, number>();
  for (const [i, value] of numbers.entries()) index.set(value, counted ? value - low : i);
  const base = counted ? span : numbers.length;
  for (const [i, value] of texts.entries()) index.set(value, base + i);
  return { index, count: base + texts.length };
}

/** Axes of a tiled acquisition stay out of the image's name; the order of the others differs from entry to entry. */
function labelOf(entry: IndexEntry, tiled: boolean): string {
  const parts: string[] = [];
  for (const [axis, value] of entry.axes) {
    if ((PLANE_AXES as readonly string[]).includes(axis)) continue;
    if (tiled && (TILE_AXES as readonly string[]).includes(axis)) continue;
    parts.push(`${axis} ${value}`);
  }
  return parts.sort().join(', ');
}

/** `stitch`: rows and columns are tiles of one canvas. Later entries of the same plane replace earlier ones, as in every NDTiff reader. */
export function layOut(entries: readonly IndexEntry[], stitch: boolean): ImageLayout[] {
  const groups = new Map<string, { label: string; kinds: Set<string>; list: IndexEntry[]; tiled: boolean }>();
  for (const entry of entries) {
    const tiled = stitch && entry.axes.has('row') && entry.axes.has('column');
    const label = labelOf(entry, tiled);
    const { width, height, pixels } = entry;
    // Planes of other sizes or types cannot share an image.
    const kind = `${width} x ${height} ${pixels.type} ${pixels.samples}`;
    const key = `${label}\n${kind}\n${tiled}`;
    const group = groups.get(key) ?? { label, kinds: new Set(), list: [], tiled };
    group.list.push(entry);
    groups.set(key, group);
  }
  const labels = [...groups.values()].map((group) => group.label);
  return [...groups.values()].map(({ label, list, tiled }): ImageLayout => {
    const along = PLANE_AXES.map((axis) => {
      const values = new Set(list.map((entry) => entry.axes.get(axis)).filter((value) => value !== undefined));
      return positions(values);
    });
    const planes = new Map<string, Frame>();
    for (const entry of list) {
      const [t, c, z] = PLANE_AXES.map((axis, i) => along[i]!.index.get(entry.axes.get(axis) as AxisValue) ?? 0) as [
        number,
        number,
        number,
      ];
      const tile = tiled ? TILE_AXES.map((axis) => entry.axes.get(axis)).join() : '';
      planes.set(`${t} ${c} ${z} ${tile}`, { entry, t, c, z });
    }
    const { width, height } = list[0]!;
    const twin = labels.filter((each) => each === label).length > 1;
    const channels: AxisValue[] = [];
    for (const [value, i] of along[1]!.index) channels[i] = value;
    return {
      label: twin ? [label, `${width} x ${height}`].filter(Boolean).join(', ') : label,
      frames: [...planes.values()],
      counts: along.map(({ count }) => Math.max(1, count)) as [number, number, number],
      channels,
      tiled,
    };
  });
}
