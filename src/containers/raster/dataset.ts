// The data set of a raster file with one picture.

import type { BlockMap } from '../../core/blocks.js';
import type { Dataset, ImageSource, OriginalMetadata } from '../../core/contracts.js';
import type { Tczyx } from '../../core/geometry.js';
import type { OmeChannel, OmeImage, OmePixels } from '../../core/ome.js';
import { simpleImage } from '../../core/ome-build.js';
import type { PixelType } from '../../core/pixel-type.js';

export interface RasterFacts {
  readonly format: string;
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly shape: Tczyx;
  readonly type: PixelType;
  readonly blocks: BlockMap;
  /** Samples are one colour: 3, or 4 with alpha. */
  readonly color?: boolean;
  readonly channels?: readonly Partial<OmeChannel>[];
  readonly image?: Partial<Omit<OmeImage, 'Pixels'>>;
  readonly pixels?: Partial<OmePixels>;
  /** Colour table and the like. */
  readonly source?: Partial<ImageSource>;
  readonly original?: readonly OriginalMetadata[];
}

export function rasterDataset(facts: RasterFacts): Dataset {
  const { format, name, file, shape, type, blocks, color, channels, image, pixels } = facts;
  const samplesPerPixel = color ? shape[1] : 1;
  return {
    format,
    ome: { Images: [simpleImage({ index: 0, name, shape, type, samplesPerPixel, channels, image, pixels })] },
    images: [{ name, role: 'pixels', type, levels: [{ shape, blocks }], ...facts.source }],
    original: facts.original ?? [],
    files: [file],
  };
}
