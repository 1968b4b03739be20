// TiffData to planes: which directory of which file is plane (t, channel, z).
// OME-TIFF specification, "TiffData": IFD defaults to 0, First… to 0; PlaneCount to all directories without IFD, to 1 with it.

import type { TiffDataBlock } from '../../src/containers/ome-xml/document.js';
import type { TiffFile } from '../../src/containers/tiff/file.js';
import type { DimensionOrder } from '../../src/core/ome.js';

/** Planes of one image along t, c (directories, not samples) and z. */
export interface PlaneSizes {
  readonly t: number;
  readonly c: number;
  readonly z: number;
}

export interface PlanePlace {
  readonly file: TiffFile;
  /** Position in the main chain. */
  readonly ifd: number;
}

/** Block with the file it points to. */
export interface FoundBlock {
  readonly block: TiffDataBlock;
  readonly file: TiffFile | undefined;
}

type Axis = 't' | 'c' | 'z';
const LETTER: Readonly<Record<string, Axis>> = { Z: 'z', C: 'c', T: 't' };

/** Index of a plane in lists ordered t, c, z with z fastest. */
function planeIndex(sizes: PlaneSizes, t: number, c: number, z: number): number {
  return (t * sizes.c + c) * sizes.z + z;
}

/**
 * Every plane's place, z fastest, then channel, then t; undefined where no block gives it. `samples`: values of FirstC that count samples
 * are brought to directories. Later blocks win.
 */
export function placePlanes(
  blocks: readonly FoundBlock[],
  sizes: PlaneSizes,
  order: DimensionOrder,
  samples: number,
): (PlanePlace | undefined)[] {
  const total = sizes.t * sizes.c * sizes.z;
  const places: (PlanePlace | undefined)[] = Array.from({ length: total });
  const axes = [...order.slice(2)].map((letter) => LETTER[letter]!) as [Axis, Axis, Axis];
  const strides = new Map<Axis, number>();
  let stride = 1;
  for (const axis of axes) {
    strides.set(axis, stride);
    stride *= sizes[axis];
  }
  const base = firstValues(blocks, sizes);
  for (const { block, file } of blocks) {
    if (!file) continue;
    let c = (block.firstC ?? base.c) - base.c;
    if (c >= sizes.c && samples > 1) c = Math.floor(c / samples);
    const z = (block.firstZ ?? base.z) - base.z;
    const t = (block.firstT ?? base.t) - base.t;
    if (c >= sizes.c || z >= sizes.z || t >= sizes.t) continue;
    const start = z * strides.get('z')! + c * strides.get('c')! + t * strides.get('t')!;
    const first = block.ifd ?? 0;
    const count = block.planeCount ?? (block.ifd === undefined ? file.ifds.length : 1);
    for (let k = 0; k < count && start + k < total && first + k < file.ifds.length; k++) {
      const position = { t: 0, c: 0, z: 0 };
      let rest = start + k;
      for (const axis of axes) {
        position[axis] = rest % sizes[axis];
        rest = Math.floor(rest / sizes[axis]);
      }
      places[planeIndex(sizes, position.t, position.c, position.z)] = { file, ifd: first + k };
    }
  }
  return places;
}

/** 0, or 1 on axes where some writer counted from 1: a value equals the size and none is 0. */
function firstValues(blocks: readonly FoundBlock[], sizes: PlaneSizes): Readonly<Record<Axis, 0 | 1>> {
  const base = (values: readonly (number | undefined)[], size: number): 0 | 1 =>
    values.some((value) => value === size) && values.every((value) => value !== undefined && value > 0) ? 1 : 0;
  return {
    z: base(
      blocks.map(({ block }) => block.firstZ),
      sizes.z,
    ),
    c: base(
      blocks.map(({ block }) => block.firstC),
      sizes.c,
    ),
    t: base(
      blocks.map(({ block }) => block.firstT),
      sizes.t,
    ),
  };
}
