// Where a view lies and how large its voxels are.

import type { OpenOptions } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmePixels, Quantity } from '../../src/core/ome.js';
import { defined } from '../../src/core/ome-build.js';
import { lengthWord } from '../../src/core/unit-words.js';
import type { Setup, SpimData } from './xml.js';

export interface Place {
  /** In voxel units, as far as the registration is a scaling that moves. */
  readonly origin?: Tczyx;
}

/**
 * Registrations go from pixels to a common space whose unit is the smallest voxel edge or the voxel unit itself, as each tool likes it:
 * only those that scale by the voxel size in each direction place an image in units.
 */
export function placeOf(data: SpimData, setup: Setup, options: OpenOptions): Place {
  const affine = data.affine.get(`${data.timepoints[0]} ${setup.id}`);
  if (!affine) return {};
  const diagonal = [affine[0]!, affine[5]!, affine[10]!];
  const shear = affine.some(
    (value, i) => i % 4 !== 3 && i % 5 !== 0 && Math.abs(value) > 1e-9 * Math.max(...diagonal.map(Math.abs)),
  );
  const moved = [affine[3]!, affine[7]!, affine[11]!];
  if (shear || diagonal.some((value) => value <= 0)) {
    const text = `the registration of setup ${setup.id} rotates or shears; it is kept as metadata only`;
    options.notice({ code: 'BDV_REGISTRATION', rank: 'loss', text });
    return {};
  }
  const { voxel } = setup;
  if (!voxel?.every((value) => value > 0)) return {};
  // Units of the common space in each direction; they must agree to be lengths.
  const factor = diagonal.map((value, i) => voxel[i]! / value);
  const same = factor.every((value) => Math.abs(value - factor[0]!) <= 1e-6 * factor[0]!);
  if (!same || moved.every((value) => value === 0)) return {};
  const [x, y, z] = moved.map((value, i) => Number((value * factor[i]!).toPrecision(12))) as [number, number, number];
  return { origin: [0, 0, z, y, x] };
}

/** Voxel sizes with a unit of length; 1 px says nothing. */
export function sizesOf(setup: Setup): Partial<OmePixels> {
  const unit = lengthWord(setup.unit);
  const size = (i: number): Quantity | undefined => {
    const value = setup.voxel?.[i];
    if (value === undefined || !(value > 0)) return undefined;
    if (unit) return { value, unit };
    return setup.voxel!.every((each) => each === 1) ? undefined : { value, unit: 'pixel' };
  };
  return defined({ PhysicalSizeX: size(0), PhysicalSizeY: size(1), PhysicalSizeZ: size(2) });
}
