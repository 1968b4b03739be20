// Directories of an OME-TIFF: one per plane in the main chain, its coarser levels behind SubIFDs. Written after all tiles.

import { TAG } from '../../src/containers/tiff/tags.js';
import {
  asciiField,
  longField,
  rationalField,
  shortField,
  sizeField,
  type TiffField,
} from '../../src/containers/tiff/write.js';
import type { OmeImage } from '../../src/core/ome.js';
import { bytesPerSample } from '../../src/core/pixel-type.js';
import { metres } from '../../src/core/units.js';
import type { TiffImage, TiffLevel } from './plan.js';

/** Where the tiles of one level of one box lie: plane after plane (t, c, z), row after row. */
export interface TileTable {
  readonly offset: Float64Array;
  readonly length: Float64Array;
  /** Tiles by the chroma subsampling of their JPEG streams, `2,2` for both directions. */
  readonly chroma: Map<string, number>;
}

/** What most tiles have: one that was broken and coded anew must not speak for those that were handed on. */
function subsamplingOf({ chroma }: TileTable): readonly number[] {
  const [most] = [...chroma].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return most ? most[0].split(',').map(Number) : [1, 1];
}

const SUBFILE_REDUCED = 1;
const CENTIMETRE = 3;
const MINIMUM_IS_BLACK = 1;
const RGB = 2;
const PALETTE = 3;
const YCBCR = 6;

function photometric(image: TiffImage, level: TiffLevel): number {
  if (level.coding.ycbcr) return YCBCR;
  if (image.samples >= 3) return RGB;
  return image.source.palette && image.samples === 1 && bytesPerSample(image.source.type) <= 2
    ? PALETTE
    : MINIMUM_IS_BLACK;
}

/** TIFF 6.0, section 5: all red values, then green, then blue, 16 bits each, for every value of the pixel type. */
function colorMap(image: TiffImage): TiffField[] {
  const { palette, type } = image.source;
  if (!palette) return [];
  const entries = 2 ** (8 * bytesPerSample(type));
  const known = Math.min(entries, palette.rgb.length / (palette.depth === 16 ? 6 : 3));
  const values = new Array<number>(3 * entries).fill(0);
  const view = new DataView(palette.rgb.buffer, palette.rgb.byteOffset, palette.rgb.byteLength);
  for (let i = 0; i < known; i++) {
    for (let c = 0; c < 3; c++) {
      values[c * entries + i] =
        palette.depth === 16 ? view.getUint16(i * 6 + c * 2, true) : view.getUint8(i * 3 + c) * 257;
    }
  }
  return [shortField(TAG.ColorMap, ...values)];
}

/** Pixels per centimetre, where the pixel size is known. */
function resolution(ome: OmeImage, scale: readonly [y: number, x: number]): TiffField[] {
  const { PhysicalSizeX, PhysicalSizeY } = ome.Pixels;
  const perCentimetre = (size: typeof PhysicalSizeX, factor: number): number => {
    const unit = size && metres(size.unit);
    return unit ? 0.01 / (size.value * unit * factor) : 0;
  };
  const [x, y] = [perCentimetre(PhysicalSizeX, scale[1]), perCentimetre(PhysicalSizeY, scale[0])];
  if (!(x > 0 && y > 0 && x < 2 ** 32 && y < 2 ** 32)) return [];
  return [
    rationalField(TAG.XResolution, x),
    rationalField(TAG.YResolution, y),
    shortField(TAG.ResolutionUnit, CENTIMETRE),
  ];
}

/** Fields of one level of one plane. `from` is the number of its first tile in the table. */
export function levelFields(
  image: TiffImage,
  ome: OmeImage,
  n: number,
  table: TileTable,
  from: number,
  count: number,
  software: string,
  big: boolean,
): TiffField[] {
  const level = image.levels[n]!;
  const { coding, tile, shape } = level;
  const { type } = image.source;
  const bits = 8 * bytesPerSample(type);
  const { samples } = image;
  const colour = photometric(image, level);
  const each = (value: number): number[] => Array.from({ length: samples }, () => value);
  const format = type === 'float' || type === 'double' ? 3 : type.startsWith('u') ? 1 : 2;
  const extra = samples === 2 ? 1 : Math.max(0, samples - 3);
  const full = image.levels[0].shape;
  const fields: TiffField[] = [
    longField(TAG.NewSubfileType, n === 0 ? 0 : SUBFILE_REDUCED),
    longField(TAG.ImageWidth, shape[4]),
    longField(TAG.ImageLength, shape[3]),
    shortField(TAG.BitsPerSample, ...each(bits)),
    shortField(TAG.Compression, coding.compression),
    shortField(TAG.Photometric, colour),
    shortField(TAG.SamplesPerPixel, samples),
    ...resolution(ome, [full[3] / shape[3], full[4] / shape[4]]),
    shortField(TAG.PlanarConfiguration, 1),
    asciiField(TAG.Software, software),
    longField(TAG.TileWidth, tile[1]),
    longField(TAG.TileLength, tile[0]),
    sizeField(TAG.TileOffsets, table.offset.subarray(from, from + count), big),
    sizeField(TAG.TileByteCounts, table.length.subarray(from, from + count), big),
    shortField(TAG.SampleFormat, ...each(format)),
  ];
  if (coding.predictor !== 1) fields.push(shortField(TAG.Predictor, coding.predictor));
  if (extra > 0) fields.push(shortField(TAG.ExtraSamples, ...Array.from({ length: extra }, () => 0)));
  if (coding.tables) fields.push({ tag: TAG.JpegTables, type: 7, values: coding.tables });
  if (colour === PALETTE) fields.push(...colorMap(image));
  if (colour === YCBCR) {
    fields.push(shortField(TAG.YCbCrSubSampling, ...subsamplingOf(table)));
    // Full range, as JFIF has it: TIFF 6.0, section 20.
    fields.push({ tag: TAG.ReferenceBlackWhite, type: 5, values: [0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1] });
  }
  return fields;
}

/** Level-0 fields of a plane: what `levelFields` gives, where its coarser levels are, and the document in the first directory of a file. */
export function mainFields(
  fields: readonly TiffField[],
  subIfds: readonly number[],
  description: Uint8Array | undefined,
  big: boolean,
): TiffField[] {
  const main = [...fields];
  if (subIfds.length > 0) main.push({ tag: TAG.SubIFDs, type: big ? 18 : 13, values: subIfds });
  if (description) main.push(asciiField(TAG.ImageDescription, description));
  return main;
}
