// What a user may choose about an OME-Zarr. Plain checks by hand: a schema library would cost start-up time for two dozen fields.

import { ImgconvError } from '../../src/core/errors.js';
import type { IndexRange } from '../../src/core/pick.js';
import type { Crop } from '../../src/core/select.js';

export type NgffVersion = '0.4' | '0.5';
export type Downsample = 'area' | 'simple' | 'mode' | 'linear';

/** How chunks are compressed; levels are those of the codec's own scale. */
export type Compression =
  | { readonly id: 'none' }
  | {
      readonly id: 'blosc';
      readonly cname: 'lz4' | 'zstd';
      /** 0–9. */
      readonly clevel: number;
      readonly shuffle: 0 | 1 | 2;
      /** Bytes; 0 = the codec's choice. */
      readonly blocksize: number;
    }
  | { readonly id: 'zstd'; readonly level: number; readonly checksum: boolean }
  | { readonly id: 'gzip' | 'zlib'; readonly level: number };

/** Sizes in pixels along z, y, x; absent ones are chosen. */
export interface ShardSizes {
  readonly z?: number;
  readonly y?: number;
  readonly x?: number;
}

/** What callers give; every field may be left out. Names follow the command line. */
export interface NgffOptionsInput {
  /** Default '0.5'. */
  readonly ngffVersion?: string;
  /** auto (default): one image lies at the root, several make a bioformats2raw.layout 3 collection; the other two force one of these. */
  readonly layout?: string;
  /** 0-based indices of the images to convert; default all. */
  readonly series?: readonly number[];
  /** Number of levels; default: halve until `targetMinSize` is reached. */
  readonly resolutions?: number;
  /** Levels are halved until width and height are at most this; default 256. */
  readonly targetMinSize?: number;
  /** Chunk sizes in pixels; defaults 1024² × 1 for 0.4 and 512² × 1 for 0.5. */
  readonly tileWidth?: number;
  readonly tileHeight?: number;
  readonly tileDepth?: number;
  /** 0.5 only: auto (default) or off; the sizes below override what auto would choose. */
  readonly shard?: string;
  readonly shardWidth?: number;
  readonly shardHeight?: number;
  readonly shardDepth?: number;
  /** blosc, zstd, gzip, zlib (0.4 only), none. */
  readonly compression?: string;
  /** cname, clevel, shuffle, blocksize (blosc); level (zstd, gzip, zlib); checksum (zstd). */
  readonly compressionProperties?: Readonly<Record<string, string | number | boolean>>;
  /** area (default; the mean of 2 × 2), linear (the same at a factor of 2), simple (every second pixel), mode (most frequent value). */
  readonly downsampleType?: string;
  /** Drop t, c, z axes of length 1. */
  readonly squeeze?: boolean;
  /** Take stored pyramid levels whose sizes fit exactly instead of computing them. */
  readonly reuseLevels?: boolean;
  /** Value of pixels that the source does not hold; default: what the source says, else 0. */
  readonly fillValue?: number;
  /** Compute real minimum, maximum and contrast limits; default true. */
  readonly minMax?: boolean;
  /** Keep vendor metadata in the OME-XML; default true. */
  readonly originalMetadata?: boolean;
  /** Write OME/METADATA.ome.xml; default true. */
  readonly omeXml?: boolean;
  /** Write plates as plates; default true. */
  readonly hcs?: boolean;
  /** Slide labels, overviews, thumbnails: keep (default) or drop. */
  readonly associated?: string;
  /** 0.4 only: chunk keys with '/' (default true) or '.'. */
  readonly nested?: boolean;
  /** 0-based channels (samples), planes and time points to keep, in every image of role 'pixels'; taken in ascending order, each once. */
  readonly channels?: readonly IndexRange[];
  readonly z?: readonly IndexRange[];
  readonly timepoints?: readonly IndexRange[];
  /** Pixels of the full-size level. */
  readonly crop?: Crop;
}

export interface NgffOptions {
  readonly ngffVersion: NgffVersion;
  readonly layout: 'auto' | 'image' | 'bioformats2raw';
  readonly series?: readonly number[];
  readonly resolutions?: number;
  readonly targetMinSize: number;
  readonly chunk: { readonly z: number; readonly y: number; readonly x: number };
  /** Undefined: no shards. */
  readonly shard?: ShardSizes;
  readonly compression: Compression;
  readonly downsample: Downsample;
  readonly squeeze: boolean;
  readonly reuseLevels: boolean;
  readonly fillValue?: number;
  readonly minMax: boolean;
  readonly originalMetadata: boolean;
  readonly omeXml: boolean;
  readonly hcs: boolean;
  readonly associated: 'keep' | 'drop';
  readonly nested: boolean;
  readonly channels?: readonly IndexRange[];
  readonly z?: readonly IndexRange[];
  readonly timepoints?: readonly IndexRange[];
  readonly crop?: Crop;
}

function usage(code: string, message: string): ImgconvError {
  return new ImgconvError('usage', code, message);
}

function choice<T extends string>(name: string, value: string | undefined, allowed: readonly T[], fallback: T): T {
  if (value === undefined) return fallback;
  const found = allowed.find((word) => word === value.toLowerCase());
  if (found === undefined) throw usage('NGFF_OPTION', `${name} is ${value}, must be one of: ${allowed.join(', ')}`);
  return found;
}

function whole(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max)
    throw usage('NGFF_OPTION', `${name} is ${value}, must be a whole number from ${min} to ${max}`);
  return value;
}

const optionalWhole = (name: string, value: number | undefined, min: number, max: number): number | undefined =>
  value === undefined ? undefined : whole(name, value, min, max);

/** Without duplicates, in the order given. */
function parseSeries(values: readonly number[] | undefined): readonly number[] | undefined {
  if (values === undefined) return undefined;
  if (values.length === 0) throw usage('NGFF_SELECTION', '--series selects nothing');
  return [...new Set(values.map((value) => whole('--series', value, 0, 2 ** 31)))];
}

function parseRanges(name: string, ranges: readonly IndexRange[] | undefined): readonly IndexRange[] | undefined {
  if (ranges === undefined) return undefined;
  if (ranges.length === 0) throw usage('NGFF_SELECTION', `${name} selects nothing`);
  for (const { from, to } of ranges) {
    whole(name, from, 0, 2 ** 31);
    if (to !== undefined) whole(name, to, from, 2 ** 31);
  }
  return ranges;
}

const MAX_SIZE = 2 ** 24;

/** Defaults and checks. Errors: usage NGFF_OPTION, NGFF_SELECTION, NGFF_COMPRESSION, NGFF_SHARD. */
export function parseNgffOptions(input: NgffOptionsInput = {}): NgffOptions {
  const ngffVersion = choice('--ngff-version', input.ngffVersion, ['0.5', '0.4'], '0.5');
  const tile = ngffVersion === '0.4' ? 1024 : 512;
  if (input.nested === false && ngffVersion !== '0.4')
    throw usage('NGFF_OPTION', '--no-nested needs --ngff-version 0.4: Zarr v3 chunks are always nested here');
  if (input.fillValue !== undefined && typeof input.fillValue !== 'number')
    throw usage('NGFF_OPTION', `--fill-value is ${String(input.fillValue)}, must be a number`);
  return {
    ngffVersion,
    layout: choice('--layout', input.layout, ['auto', 'image', 'bioformats2raw'], 'auto'),
    series: parseSeries(input.series),
    resolutions: optionalWhole('--resolutions', input.resolutions, 1, 64),
    targetMinSize: whole('--target-min-size', input.targetMinSize ?? 256, 1, MAX_SIZE),
    chunk: {
      z: whole('--tile-depth', input.tileDepth ?? 1, 1, MAX_SIZE),
      y: whole('--tile-height', input.tileHeight ?? tile, 1, MAX_SIZE),
      x: whole('--tile-width', input.tileWidth ?? tile, 1, MAX_SIZE),
    },
    shard: parseShard(input, ngffVersion),
    compression: parseCompression(input, ngffVersion),
    downsample: choice('--downsample-type', input.downsampleType, ['area', 'simple', 'mode', 'linear'], 'area'),
    squeeze: input.squeeze ?? false,
    reuseLevels: input.reuseLevels ?? false,
    fillValue: input.fillValue,
    minMax: input.minMax ?? true,
    originalMetadata: input.originalMetadata ?? true,
    omeXml: input.omeXml ?? true,
    hcs: input.hcs ?? true,
    associated: choice('--associated', input.associated, ['keep', 'drop'], 'keep'),
    nested: input.nested ?? true,
    channels: parseRanges('--channels', input.channels),
    z: parseRanges('--z', input.z),
    timepoints: parseRanges('--timepoints', input.timepoints),
    crop: input.crop && parseCrop(input.crop),
  };
}

function parseCrop(crop: Crop): Crop {
  return {
    x: whole('--crop x', crop.x, 0, 2 ** 31),
    y: whole('--crop y', crop.y, 0, 2 ** 31),
    width: whole('--crop width', crop.width, 1, 2 ** 31),
    height: whole('--crop height', crop.height, 1, 2 ** 31),
  };
}

function parseShard(input: NgffOptionsInput, version: NgffVersion): ShardSizes | undefined {
  const mode = choice('--shard', input.shard, ['auto', 'off'], 'auto');
  const sizes = [input.shardWidth, input.shardHeight, input.shardDepth];
  const sized = sizes.some((size) => size !== undefined);
  if (version === '0.4') {
    if (sized || input.shard?.toLowerCase() === 'auto')
      throw usage('NGFF_SHARD', 'shards need --ngff-version 0.5: Zarr v2 has none');
    return undefined;
  }
  if (mode === 'off') {
    if (sized) throw usage('NGFF_SHARD', '--shard off and shard sizes exclude each other');
    return undefined;
  }
  return {
    z: optionalWhole('--shard-depth', input.shardDepth, 1, MAX_SIZE),
    y: optionalWhole('--shard-height', input.shardHeight, 1, MAX_SIZE),
    x: optionalWhole('--shard-width', input.shardWidth, 1, MAX_SIZE),
  };
}

type Properties = Readonly<Record<string, string | number | boolean>>;

function parseCompression(input: NgffOptionsInput, version: NgffVersion): Compression {
  const name = input.compression?.toLowerCase() === 'null' ? 'none' : input.compression;
  const id = choice('--compression', name, ['blosc', 'zstd', 'gzip', 'zlib', 'none'], 'blosc');
  if (id === 'zlib' && version === '0.5')
    throw usage('NGFF_COMPRESSION', 'zlib needs --ngff-version 0.4; Zarr v3 has gzip, zstd, blosc and none');
  const properties = input.compressionProperties ?? {};
  checkNames(id, properties);
  switch (id) {
    case 'none':
      return { id };
    case 'blosc':
      return parseBlosc(properties, version);
    case 'zstd':
      return { id, level: numberOf(properties, 'level', 3, -7, 22), checksum: flagOf(properties, 'checksum', false) };
    case 'gzip':
      return { id, level: numberOf(properties, 'level', 5, 0, 9) };
    case 'zlib':
      return { id, level: numberOf(properties, 'level', 1, 0, 9) };
  }
}

const PROPERTIES: Readonly<Record<Compression['id'], readonly string[]>> = {
  none: [],
  blosc: ['cname', 'clevel', 'shuffle', 'blocksize'],
  zstd: ['level', 'checksum'],
  gzip: ['level'],
  zlib: ['level'],
};

function checkNames(id: Compression['id'], properties: Properties): void {
  for (const name of Object.keys(properties)) {
    if (PROPERTIES[id].includes(name)) continue;
    const known = PROPERTIES[id].join(', ') || 'no properties';
    throw usage('NGFF_COMPRESSION', `compression ${id} has no property ${name}; it has ${known}`);
  }
}

/** 0.4: what bioformats2raw writes. 0.5: the ratio of Zstandard at about the speed of the disk; figures in docs/ARCHITECTURE.md. */
function parseBlosc(properties: Properties, version: NgffVersion): Compression {
  const cname = choice('cname', textOf(properties, 'cname'), ['lz4', 'zstd'], version === '0.4' ? 'lz4' : 'zstd');
  const words = ['noshuffle', 'shuffle', 'bitshuffle'] as const;
  const given = textOf(properties, 'shuffle');
  const shuffle = given !== undefined && /^[012]$/.test(given) ? words[Number(given)] : given;
  return {
    id: 'blosc',
    cname,
    clevel: numberOf(properties, 'clevel', cname === 'lz4' ? 5 : 1, 0, 9),
    shuffle: words.indexOf(choice('shuffle', shuffle, words, 'shuffle')) as 0 | 1 | 2,
    blocksize: numberOf(properties, 'blocksize', 0, 0, 2 ** 30),
  };
}

function textOf(properties: Properties, name: string): string | undefined {
  return properties[name] === undefined ? undefined : String(properties[name]);
}

function numberOf(properties: Properties, name: string, fallback: number, min: number, max: number): number {
  const text = textOf(properties, name)?.trim();
  return text === undefined ? fallback : whole(name, text === '' ? Number.NaN : Number(text), min, max);
}

function flagOf(properties: Properties, name: string, fallback: boolean): boolean {
  return choice(name, textOf(properties, name), ['true', 'false'], fallback ? 'true' : 'false') === 'true';
}
