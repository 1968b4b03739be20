// The part of the OME model that every plain array has.

import type { Notice } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import type { Tczyx } from '../../core/geometry.js';
import type { OmeChannel, OmeImage, OmePixels } from '../../core/ome.js';

const UNITS: Readonly<Record<string, string>> = {
  pm: 'pm',
  Å: 'Å',
  A: 'Å',
  nm: 'nm',
  um: 'µm',
  µm: 'µm',
  mm: 'mm',
  cm: 'cm',
  m: 'm',
};

/**
 * Unit of pixel sizes that the file leaves without one (reader option `unit`): µm unless told otherwise, as every OME tool takes them;
 * undefined for 'none'. Errors: usage OPTION.
 */
export function unitOption(value: string | undefined): string | undefined {
  if (value === undefined) return 'µm';
  if (value === 'none') return undefined;
  const unit = UNITS[value];
  if (unit) return unit;
  throw new ImgconvError(
    'usage',
    'OPTION',
    `unit must be one of none, ${Object.keys(UNITS).join(', ')}, found ${value}`,
  );
}

/** What a reader says when it had to assume one. */
export function unitNotice(unit: string): Notice {
  const text = `pixel sizes have no unit and are taken as ${unit}; --option unit=nm (or mm, none …) decides otherwise`;
  return { code: 'UNIT_ASSUMED', rank: 'info', text };
}

export interface ImageOutline {
  readonly index: number;
  readonly name: string;
  readonly shape: Tczyx;
  /** Schema PixelType of what was stored. */
  readonly type: string;
  /** Samples of each channel; default: every sample is a channel. */
  readonly samples?: readonly number[];
  /** By channel. */
  readonly channels?: readonly Partial<OmeChannel>[];
  readonly pixels?: Partial<OmePixels>;
  readonly image?: Partial<OmeImage>;
}

export function outlineImage(outline: ImageOutline): OmeImage {
  const { index, shape } = outline;
  const [t, c, z, y, x] = shape;
  const samples = outline.samples ?? Array.from({ length: c }, () => 1);
  const channels = samples.map((count, i) => ({
    ID: `Channel:${index}:${i}`,
    SamplesPerPixel: count,
    ...outline.channels?.[i],
  }));
  return {
    ID: `Image:${index}`,
    Name: outline.name,
    ...outline.image,
    Pixels: {
      ID: `Pixels:${index}`,
      DimensionOrder: 'XYZCT',
      Type: outline.type,
      SizeX: x,
      SizeY: y,
      SizeZ: z,
      SizeC: c,
      SizeT: t,
      ...outline.pixels,
      Channels: channels,
    },
  };
}
