// What a user may choose about an OME-TIFF.

import { ImgconvError } from '../../src/core/errors.js';
import type { DimensionOrder } from '../../src/core/ome.js';
import type { PickOptions } from '../../src/core/pick.js';

export type TiffCompression = 'auto' | 'none' | 'lzw' | 'deflate' | 'zstd' | 'jpeg' | 'jpeg2000' | 'packbits';
export type SplitAxis = 'series' | 'channels' | 'z' | 'timepoints' | 'planes';

/** What callers give; every field may be left out. Names follow the command line. */
export interface OmeTiffOptionsInput extends Partial<PickOptions> {
  /** auto (default): stored tiles are handed on where they fit, all else is deflated. */
  readonly compression?: string;
  /** JPEG: 1–100, default 90. JPEG 2000: bits per pixel; absent: lossless. */
  readonly quality?: number;
  /** Deflate 1–9, default 4; Zstandard 1–19, default 3. */
  readonly level?: number;
  /** Recode stored tiles even where they fit. */
  readonly transcode?: boolean;
  /** Multiples of 16; default 512. */
  readonly tileWidth?: number;
  readonly tileHeight?: number;
  readonly resolutions?: number;
  readonly targetMinSize?: number;
  readonly downsampleType?: string;
  /** Take stored levels of exact sizes even where their tiles have to be recoded; fitting tiles are always handed on. */
  readonly reuseLevels?: boolean;
  /** auto (default): where the file needs it. */
  readonly bigtiff?: string;
  readonly dimensionOrder?: string;
  readonly split?: string;
  /** Metadata of a split set in a companion file instead of in every file. */
  readonly companion?: boolean;
  /** content (default): made from the pixels and options; random. */
  readonly uuid?: string;
  readonly fillValue?: number;
  readonly originalMetadata?: boolean;
}

export interface OmeTiffOptions extends PickOptions {
  readonly compression: TiffCompression;
  readonly quality?: number;
  readonly level?: number;
  readonly transcode: boolean;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly resolutions?: number;
  readonly targetMinSize: number;
  readonly downsample: 'area' | 'simple' | 'mode';
  readonly reuseLevels: boolean;
  readonly bigtiff: 'auto' | 'always' | 'never';
  readonly dimensionOrder: DimensionOrder;
  readonly split?: SplitAxis;
  readonly companion: boolean;
  readonly uuid: 'content' | 'random';
  readonly fillValue?: number;
  readonly originalMetadata: boolean;
}

function usage(message: string): ImgconvError {
  return new ImgconvError('usage', 'OME_TIFF_OPTION', message);
}

function choice<T extends string>(name: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((word) => word.toLowerCase() === value.toLowerCase());
  if (found === undefined) throw usage(`${name} is ${value}, must be one of: ${allowed.join(', ')}`);
  return found;
}

function whole(name: string, value: number | undefined, min: number, max: number): number | undefined {
  if (value !== undefined && (!Number.isInteger(value) || value < min || value > max))
    throw usage(`${name} is ${value}, must be a whole number from ${min} to ${max}`);
  return value;
}

function tile(name: string, value: number | undefined): number {
  const size = whole(name, value, 16, 65_536) ?? 512;
  if (size % 16 !== 0) throw usage(`${name} is ${size}, must be a multiple of 16 (TIFF 6.0, section 15)`);
  return size;
}

const ORDERS = ['XYZCT', 'XYZTC', 'XYCTZ', 'XYCZT', 'XYTCZ', 'XYTZC'] as const;
const COMPRESSIONS = ['auto', 'none', 'lzw', 'deflate', 'zstd', 'jpeg', 'jpeg2000', 'packbits'] as const;
/** Spellings of other tools. */
const ALIASES: Readonly<Record<string, string>> = {
  zlib: 'deflate',
  uncompressed: 'none',
  null: 'none',
  'jpeg-2000': 'jpeg2000',
  j2k: 'jpeg2000',
};

/** Defaults and checks. Errors: usage OME_TIFF_OPTION. */
export function parseOmeTiffOptions(input: OmeTiffOptionsInput = {}): OmeTiffOptions {
  const word = input.compression?.toLowerCase();
  const compression = choice('--compression', word && (ALIASES[word] ?? word), COMPRESSIONS) ?? 'auto';
  const quality = parseQuality(compression, input.quality);
  const level = whole('--compression-level', input.level, 1, compression === 'zstd' ? 19 : 9);
  const type = input.downsampleType?.toLowerCase();
  const downsample = choice('--downsample-type', type === 'linear' ? 'area' : type, ['area', 'simple', 'mode']);
  const split = choice('--split', input.split, ['series', 'channels', 'z', 'timepoints', 'planes']);
  if (input.companion && !split) throw usage('--companion needs --split: one file carries its metadata itself');
  return {
    compression,
    quality,
    level,
    transcode: input.transcode ?? false,
    tileWidth: tile('--tile-width', input.tileWidth),
    tileHeight: tile('--tile-height', input.tileHeight),
    resolutions: whole('--resolutions', input.resolutions, 1, 32),
    targetMinSize: whole('--target-min-size', input.targetMinSize, 1, 2 ** 20) ?? 256,
    downsample: downsample ?? 'area',
    reuseLevels: input.reuseLevels ?? false,
    bigtiff: choice('--bigtiff', input.bigtiff, ['auto', 'always', 'never']) ?? 'auto',
    dimensionOrder: choice('--dimension-order', input.dimensionOrder, ORDERS) ?? 'XYZCT',
    split,
    companion: input.companion ?? false,
    uuid: choice('--uuid', input.uuid, ['content', 'random']) ?? 'content',
    fillValue: input.fillValue,
    originalMetadata: input.originalMetadata ?? true,
    series: input.series,
    associated: input.associated ?? 'keep',
    channels: input.channels,
    z: input.z,
    timepoints: input.timepoints,
    crop: input.crop,
  };
}

function parseQuality(compression: TiffCompression, quality: number | undefined): number | undefined {
  if (quality === undefined) return undefined;
  if (compression === 'jpeg2000') {
    if (!(quality > 0)) throw usage(`--quality is ${quality}, must be bits per pixel above 0 for JPEG 2000`);
    return quality;
  }
  if (compression !== 'jpeg' && compression !== 'auto')
    throw usage(`--quality goes with jpeg and jpeg2000, not with ${compression}`);
  return whole('--quality', quality, 1, 100);
}
