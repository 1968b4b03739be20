// From a Zarr array to a level: shape and block map in t, c, z, y, x.

import type { BlockMap, Chain } from '../../core/blocks.js';
import type { Level } from '../../core/contracts.js';
import { unsupported } from '../../core/errors.js';
import type { Tczyx } from '../../core/geometry.js';
import type { ZarrArray } from './array.js';
import type { ZarrStore } from './store.js';

const LETTERS = 'tczyx';

/** Extents along t, c, z, y, x of per-dimension extents; axes without a dimension have 1. */
export function spread(extents: readonly number[], axes: readonly number[]): Tczyx {
  const result = [1, 1, 1, 1, 1];
  axes.forEach((axis, dimension) => {
    if (axis >= 0) result[axis] = extents[dimension]!;
  });
  return result as unknown as Tczyx;
}

/**
 * Complex numbers become two channels, real and imaginary, which vary fastest in the stored chunk. With channels of its own the array must
 * hold one channel a chunk, as the pair cannot be told from its neighbours otherwise.
 */
function splitComplex(extents: Tczyx): Tczyx {
  return [extents[0], extents[1] * 2, extents[2], extents[3], extents[4]];
}

/** Describe an array as a level. `axes`: index into t, c, z, y, x for each dimension, as `assignAxes` gives them. */
export async function toLevel(array: ZarrArray, axes: readonly number[], store: ZarrStore): Promise<Level> {
  const hidden = axes.findIndex((axis, dimension) => axis < 0 && array.chunk[dimension] !== 1);
  if (hidden >= 0) {
    throw unsupported(
      'ZARR_AXES',
      `${array.name}: dimension ${hidden} stands for no axis and has chunks of ${array.chunk[hidden]}`,
      {
        file: array.name,
      },
    );
  }
  let shape = spread(array.shape, axes);
  let block = spread(array.chunk, axes);
  const order = array.stored.map((dimension) => LETTERS[axes[dimension]!] ?? '');
  let letters = [...LETTERS].filter((letter) => !order.includes(letter)).join('') + order.join('');
  if (array.type.parts === 2) {
    if (block[1] !== 1) {
      throw unsupported(
        'ZARR_COMPLEX',
        `${array.name}: complex numbers with ${block[1]} channels a chunk are not supported`,
        { file: array.name },
      );
    }
    shape = splitComplex(shape);
    block = splitComplex(block);
    letters = `${letters.replace('c', '')}c`;
  }
  const widen = array.type.half ? [{ id: 'half' }] : [];
  const chain: Chain = { codecs: [...array.steps, ...widen], order: letters };
  const grid = {
    path: array.path,
    key: array.key,
    shape: array.shape,
    object: array.object,
    axes,
    ...(array.shard ? { shard: { ...array.shard, chunk: array.chunk } } : {}),
  };
  const places = await store.places(grid, chain);
  const blocks: BlockMap = {
    layout: { kind: 'grid', block, edge: array.edge },
    ...places,
    fill: array.fill.value,
    ...(array.fill.exact === undefined ? {} : { exactFill: array.fill.exact }),
    absent: 'sparse',
  };
  return { shape, blocks };
}

/** True if a level can follow another in a pyramid: t, c and z are the same, y and x shrink. */
export function isSmaller({ shape }: Level, { shape: last }: Level): boolean {
  const same = [0, 1, 2].every((axis) => shape[axis] === last[axis]);
  return same && shape[3] <= last[3] && shape[4] <= last[4] && (shape[3] < last[3] || shape[4] < last[4]);
}
