// Coordinate transformations of NGFF 0.4 to 0.6 as one scale and one translation per axis. Others cannot be held by OME and are named.

import { asList, asNumbers, asObject, asText, type Json, type JsonObject } from '../../src/containers/zarr/json.js';

export interface Placement {
  /** Per dimension of the array: physical = translation + scale × index. */
  readonly scale: readonly number[];
  readonly translation: readonly number[];
  /** Types of transformations that were left out. */
  readonly skipped: readonly string[];
}

interface Axis {
  scale: number;
  translation: number;
}

/** Apply transformations in order. */
export function placeAxes(lists: readonly (Json | undefined)[], rank: number): Placement {
  const axes: Axis[] = Array.from({ length: rank }, () => ({ scale: 1, translation: 0 }));
  const skipped: string[] = [];

  const vector = (transform: JsonObject, key: string): readonly number[] | undefined => {
    const values = asNumbers(transform[key]);
    return values?.length === rank && values.every(Number.isFinite) ? values : undefined;
  };
  const apply = (transform: JsonObject, depth: number): void => {
    const type = asText(transform.type) ?? 'untyped';
    const scale = type === 'scale' ? vector(transform, 'scale') : undefined;
    const translation = type === 'translation' ? vector(transform, 'translation') : undefined;
    if (type === 'identity') return;
    if (type === 'sequence' && depth < 8) {
      for (const step of asList(transform.transformations)) apply(asObject(step), depth + 1);
    } else if (scale) {
      for (const [i, axis] of axes.entries()) {
        axis.scale *= scale[i]!;
        axis.translation *= scale[i]!;
      }
    } else if (translation) {
      for (const [i, axis] of axes.entries()) axis.translation += translation[i]!;
    } else skipped.push(type);
  };
  for (const list of lists) for (const transform of asList(list)) apply(asObject(transform), 0);
  return { scale: axes.map((axis) => axis.scale), translation: axes.map((axis) => axis.translation), skipped };
}
