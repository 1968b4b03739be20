// OME image and image source from pages and levels: what TIFF readers have in common.

import type { ImageSource, Level } from '../../core/contracts.js';
import type { DimensionOrder, OmeChannel, OmeImage, OmePixels } from '../../core/ome.js';
import type { TiffPage } from './page.js';
import { readPalette } from './palette.js';

export interface ImageParts {
  /** Position in the data set. */
  readonly index: number;
  readonly name: string;
  readonly page: TiffPage;
  readonly levels: readonly [Level, ...Level[]];
  readonly image?: Partial<OmeImage>;
  readonly pixels?: Partial<OmePixels>;
  /** One entry a channel; SamplesPerPixel must add up to the shape's c. */
  readonly channels: readonly Partial<OmeChannel>[];
  /** How planes were stored. */
  readonly order?: DimensionOrder;
}

export function omeImage(parts: ImageParts): OmeImage {
  const { index, page } = parts;
  const [t, c, z, y, x] = parts.levels[0].shape;
  return {
    ID: `Image:${index}`,
    Name: parts.name,
    ...parts.image,
    Pixels: {
      ID: `Pixels:${index}`,
      DimensionOrder: parts.order ?? 'XYCZT',
      Type: page.type,
      SizeX: x,
      SizeY: y,
      SizeZ: z,
      SizeC: c,
      SizeT: t,
      ...parts.pixels,
      Channels: parts.channels.map((channel, i) => ({ ID: `Channel:${index}:${i}`, SamplesPerPixel: 1, ...channel })),
    },
  };
}

/** Rises from entry to entry in all three colours: a brightness scale, so that indices can be averaged. */
function isRamp(palette: NonNullable<ImageSource['palette']>): boolean {
  const { depth, rgb } = palette;
  const step = depth === 16 ? 6 : 3;
  const value = (i: number, c: number): number =>
    depth === 16 ? rgb[i * 6 + 2 * c]! | (rgb[i * 6 + 2 * c + 1]! << 8) : rgb[i * 3 + c]!;
  for (let i = 1; i < rgb.length / step; i++) {
    for (let c = 0; c < 3; c++) if (value(i, c) < value(i - 1, c)) return false;
  }
  return true;
}

/** The image source; indexed images get their colour table and count as categorical unless the table is a brightness scale. */
export async function imageSource(parts: ImageParts, more: Partial<ImageSource> = {}): Promise<ImageSource> {
  const palette = await readPalette(parts.page);
  return {
    name: parts.name,
    role: 'pixels',
    type: parts.page.type,
    levels: parts.levels,
    ...(palette ? { palette, ...(isRamp(palette) ? {} : { categorical: true }) } : {}),
    ...more,
  };
}
