// Print resolution of raster files as a physical pixel size.

import type { OmePixels } from '../../core/ome.js';
import { defined, positive } from '../../core/ome-build.js';

/** Pixels per metre that programs write when they know nothing: 72 and 96 dpi, and their roundings. */
const DEFAULTS = [2834, 2835, 3779, 3780];

/** µm a pixel from pixels per metre; undefined for absent values and the customary defaults, which measure nothing. */
function size(perMetre: number | undefined): number | undefined {
  if (perMetre === undefined || !(perMetre > 0) || DEFAULTS.some((d) => Math.abs(perMetre - d) < 1)) return undefined;
  return 1e6 / perMetre;
}

/** PhysicalSizeX and PhysicalSizeY from pixels per metre. */
export function physicalSizes(x: number | undefined, y: number | undefined): Partial<OmePixels> {
  return defined({ PhysicalSizeX: positive(size(x), 'µm'), PhysicalSizeY: positive(size(y), 'µm') });
}

export const PER_INCH = 1 / 0.0254;
export const PER_CENTIMETRE = 100;
