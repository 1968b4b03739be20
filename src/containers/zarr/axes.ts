// Which of t, c, z, y, x each dimension of an array is, from axis names and types where there are any, else from the number of dimensions.

import { unsupported } from '../../core/errors.js';

export interface AxisHint {
  readonly name?: string;
  /** NGFF axis type: space, time, channel, or anything. */
  readonly type?: string;
}

export interface AxisMap {
  /** Index into t, c, z, y, x for each dimension; -1 for leading dimensions of extent 1 that are left over. */
  readonly axes: readonly number[];
  /** Names of dimensions that were given an axis which they do not name. */
  readonly borrowed: readonly { readonly name: string; readonly axis: string }[];
}

const LETTERS = 'tczyx';
const NAMES: readonly (readonly string[])[] = [
  ['t', 'time', 'frame', 'frames', 'timepoint'],
  ['c', 'ch', 'channel', 'channels', 's', 'sample', 'samples', 'rgb', 'band', 'bands'],
  ['z', 'depth', 'slice', 'slices', 'plane', 'planes'],
  ['y', 'row', 'rows', 'height', 'lat', 'latitude'],
  ['x', 'col', 'column', 'columns', 'width', 'lon', 'longitude'],
];

function takeFirst(free: Set<number>, order: readonly number[]): number {
  const found = order.find((axis) => free.has(axis));
  if (found !== undefined) free.delete(found);
  return found ?? -1;
}

/** Assign axes. Error: unsupported ZARR_AXES where more dimensions are larger than 1 than there are axes. `name` is for messages. */
export function assignAxes(shape: readonly number[], hints: readonly AxisHint[] | undefined, name: string): AxisMap {
  const rank = shape.length;
  const given = hints?.length === rank ? hints : shape.map(() => ({}) as AxisHint);
  const free = new Set([0, 1, 2, 3, 4]);
  const axes: number[] = new Array<number>(rank).fill(-1);
  for (const [i, hint] of given.entries()) {
    const axis = NAMES.findIndex((names) => names.includes((hint.name ?? '').toLowerCase()));
    if (axis >= 0 && free.delete(axis)) axes[i] = axis;
  }
  // Last to first, so that unnamed dimensions end in y, x.
  for (let i = rank - 1; i >= 0; i--) {
    if (axes[i]! >= 0) continue;
    const { type, name: label } = given[i]!;
    if (type === 'time') axes[i] = takeFirst(free, [0]);
    else if (type === 'channel') axes[i] = takeFirst(free, [1]);
    else if (type === 'space' || (label === undefined && type === undefined))
      axes[i] = takeFirst(free, [4, 3, 2, 1, 0]);
  }
  const borrowed: { name: string; axis: string }[] = [];
  for (let i = rank - 1; i >= 0; i--) {
    if (axes[i]! >= 0) continue;
    axes[i] = takeFirst(free, [1, 0, 2, 3, 4]);
    if (axes[i]! >= 0) borrowed.push({ name: given[i]!.name ?? `dimension ${i}`, axis: LETTERS[axes[i]!]! });
  }
  const first = axes.findIndex((axis) => axis >= 0);
  const tooMany = axes.some((axis, i) => axis < 0 && (shape[i] !== 1 || (first >= 0 && i > first)));
  if (tooMany) {
    const list = given.map((hint, i) => `${hint.name ?? `dimension ${i}`} (${shape[i]})`).join(', ');
    throw unsupported('ZARR_AXES', `${name}: ${rank} dimensions do not fit into t, c, z, y, x: ${list}`, {
      file: name,
    });
  }
  return { axes, borrowed };
}
