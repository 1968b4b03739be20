// Colour tables of raster files.

import type { ImageSource } from '../../core/contracts.js';

/** True when entry i is the gray value i: the indices are intensities. */
function isGrayRamp(rgb: Uint8Array): boolean {
  for (let i = 0; i * 3 + 2 < rgb.length; i++) {
    if (rgb[i * 3] !== i || rgb[i * 3 + 1] !== i || rgb[i * 3 + 2] !== i) return false;
  }
  return rgb.length >= 3;
}

/**
 * Gray values of a palette that has no colour: such indices are a way to write intensities. Undefined for colours, and for a plain ramp,
 * where indices are intensities as they are.
 */
export function grayLevels(rgb: Uint8Array | undefined): Uint8Array | undefined {
  if (!rgb || rgb.length < 3 || isGrayRamp(rgb)) return undefined;
  const levels = new Uint8Array(256);
  for (let i = 0; i * 3 + 2 < rgb.length; i++) {
    levels[i] = rgb[i * 3]!;
    if (rgb[i * 3 + 1] !== levels[i] || rgb[i * 3 + 2] !== levels[i]) return undefined;
  }
  return levels;
}

/** What an image source says of 8-bit RGB triplets: nothing where they are absent or a plain gray ramp. */
export function paletteOf(rgb: Uint8Array | undefined): Pick<ImageSource, 'palette' | 'categorical'> {
  if (!rgb || rgb.length < 3 || isGrayRamp(rgb)) return {};
  return { palette: { depth: 8, rgb: rgb.slice(0, Math.floor(rgb.length / 3) * 3) }, categorical: true };
}
