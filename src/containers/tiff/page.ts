// What one directory says about its image: sizes, samples, pixel type, block grid. No block tables yet, so that thousands of pages
// can be compared cheaply. TIFF 6.0, Sections 3–7, 15 (tiles), 19 (sample format), 21 (YCbCr).

import { formatError, ImgconvError, unsupported } from '../../core/errors.js';
import type { PixelType } from '../../core/pixel-type.js';
import type { TiffIfd } from './ifd.js';
import { TAG } from './tags.js';

/** PhotometricInterpretation, as far as it matters here. */
export const PHOTOMETRIC = {
  WhiteIsZero: 0,
  BlackIsZero: 1,
  Rgb: 2,
  Palette: 3,
  Mask: 4,
  Separated: 5,
  YCbCr: 6,
  CieLab: 8,
} as const;

export interface TiffPage {
  readonly ifd: TiffIfd;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** SGI ImageDepth: planes inside this page, usually 1. */
  readonly depth: number;
  /** SamplesPerPixel as stored. */
  readonly samples: number;
  /** 2 for complex samples (real, imaginary), else 1. */
  readonly parts: 1 | 2;
  /** Length of the c axis: samples · parts. */
  readonly channels: number;
  /** Stored bits of one part of one sample. */
  readonly bits: number;
  /** SampleFormat of one part: 1 unsigned, 2 signed, 3 floating point. */
  readonly format: 1 | 2 | 3;
  readonly type: PixelType;
  readonly compression: number;
  /** PhotometricInterpretation; BlackIsZero (RGB for three samples) where the tag is missing. */
  readonly photometric: number;
  /** Samples in planes of their own (PlanarConfiguration 2). */
  readonly planar: boolean;
  readonly predictor: number;
  readonly reversedBits: boolean;
  readonly tiled: boolean;
  /** Pixels of a tile, or of a full strip. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  readonly blockDepth: number;
  /** Uncompressed (or generally compressed) YCbCr: pixels that share a chroma pair, in x and y; [1, 1] otherwise. */
  readonly subsampling: readonly [x: number, y: number];
  /** NewSubfileType bit 0: reduced resolution; old SubfileType 2 counts too. */
  readonly reduced: boolean;
  /** NewSubfileType bit 2: transparency mask. */
  readonly mask: boolean;
  /** First page of a run of pages that the same tags describe. */
  readonly model?: TiffPage;
}

/** Tags that `describePage` looks at. */
const DESCRIBING: ReadonlySet<number> = new Set([
  TAG.NewSubfileType,
  TAG.SubfileType,
  TAG.ImageWidth,
  TAG.ImageLength,
  TAG.BitsPerSample,
  TAG.Compression,
  TAG.Photometric,
  TAG.FillOrder,
  TAG.SamplesPerPixel,
  TAG.RowsPerStrip,
  TAG.PlanarConfiguration,
  TAG.Predictor,
  TAG.TileWidth,
  TAG.TileLength,
  TAG.SampleFormat,
  TAG.YCbCrSubSampling,
  TAG.ImageDepth,
  TAG.TileDepth,
]);

function pixelType(bits: number, format: number, where: { file: string; offset: number }): PixelType {
  if (format === 3) {
    if (bits === 16 || bits === 24 || bits === 32) return 'float';
    if (bits === 64) return 'double';
  } else if (bits >= 1 && bits <= 32) {
    const size = bits <= 8 ? 8 : bits <= 16 ? 16 : 32;
    return `${format === 2 ? 'int' : 'uint'}${size}` as PixelType;
  } else if (bits === 64) {
    return format === 2 ? 'int64' : 'uint64';
  }
  throw unsupported('TIFF_SAMPLE', `samples of ${bits} bits in sample format ${format} are not handled`, where);
}

/** Bits of all samples, which must agree; a list that is too short or too long counts by its first entry, as everywhere. */
async function bitsOf(ifd: TiffIfd, samples: number, where: { file: string; offset: number }): Promise<number> {
  const quick = ifd.entry(TAG.BitsPerSample)?.count === 1 ? ifd.inline(TAG.BitsPerSample) : undefined;
  const all = quick === undefined ? await ifd.numbers(TAG.BitsPerSample) : [quick];
  const bits = all?.[0] ?? 1;
  for (let s = 1; s < Math.min(samples, all?.length ?? 0); s++) {
    if (all![s] !== bits) {
      throw unsupported(
        'TIFF_SAMPLE',
        `samples of different depths (${[...all!].join(', ')} bits) are not handled`,
        where,
      );
    }
  }
  return bits;
}

/**
 * Facts of a directory. ImgconvError where it has no image, or one that is not handled.
 * @param before the page before it: a page with the same describing tags costs next to nothing
 * @param known what the caller knows better than the tags
 */
export async function describePage(
  ifd: TiffIfd,
  before?: TiffPage,
  known: { readonly bits?: number } = {},
): Promise<TiffPage> {
  if (before && ifd.resembles(before.ifd, DESCRIBING)) return { ...before, ifd, model: before.model ?? before };
  const where = { file: ifd.file.source.name, offset: ifd.offset };
  const get = async (tag: number, missing: number): Promise<number> => (await ifd.number(tag)) ?? missing;
  const width = await get(TAG.ImageWidth, 0);
  const height = await get(TAG.ImageLength, 0);
  const valid = (n: number): boolean => Number.isInteger(n) && n >= 1 && n < 2 ** 31;
  if (!valid(width) || !valid(height)) {
    throw formatError(
      'TIFF_SIZE',
      `the directory at ${ifd.offset} has no image of valid size: ${width} × ${height}`,
      where,
    );
  }
  const compression = await get(TAG.Compression, 1);
  const stated = await get(TAG.Photometric, -1);
  // Writers of old-style JPEG leave out the number of samples, and say RGB of YCbCr; libtiff takes both as done here.
  const old = compression === 6 && (stated === PHOTOMETRIC.YCbCr || stated === PHOTOMETRIC.Rgb);
  const samples = await get(TAG.SamplesPerPixel, old ? 3 : 1);
  if (!(Number.isInteger(samples) && samples >= 1 && samples <= 65535))
    throw formatError('TIFF_SAMPLES', `SamplesPerPixel is ${samples}`, where);
  const depth = Math.max(1, await get(TAG.ImageDepth, 1));
  const storedFormat = await get(TAG.SampleFormat, 1);
  const parts = storedFormat === 5 || storedFormat === 6 ? 2 : 1;
  const bits = known.bits ?? (await bitsOf(ifd, samples, where)) / parts;
  const format = storedFormat === 2 || storedFormat === 5 ? 2 : storedFormat === 3 || storedFormat === 6 ? 3 : 1;
  const type = pixelType(bits, format, where);
  const tiled = isTiled(ifd, width, height);
  const rows = await get(TAG.RowsPerStrip, height);
  const blockWidth = tiled ? await get(TAG.TileWidth, 0) : width;
  const blockHeight = tiled ? await get(TAG.TileLength, 0) : rows >= 1 ? Math.min(rows, height) : height;
  if (!valid(blockWidth) || !valid(blockHeight)) {
    throw formatError('TIFF_TILE_SIZE', `tiles of ${blockWidth} × ${blockHeight} pixels`, where);
  }
  const planar = samples > 1 && (await get(TAG.PlanarConfiguration, 1)) === 2;
  const photometric = stated >= 0 ? stated : samples >= 3 ? PHOTOMETRIC.Rgb : PHOTOMETRIC.BlackIsZero;
  const subfile = await get(TAG.NewSubfileType, 0);
  const shared = samples === 3 && !planar && (photometric === PHOTOMETRIC.YCbCr || old);
  return {
    ifd,
    width,
    height,
    depth,
    samples,
    parts,
    channels: samples * parts,
    bits,
    format,
    type,
    compression: compression === 0 ? 1 : compression,
    photometric,
    planar,
    predictor: await get(TAG.Predictor, 1),
    reversedBits: (await get(TAG.FillOrder, 1)) === 2,
    tiled,
    blockWidth,
    blockHeight,
    blockDepth: tiled && depth > 1 ? Math.max(1, await get(TAG.TileDepth, 1)) : 1,
    subsampling: shared ? await subsamplingOf(ifd) : [1, 1],
    reduced: (subfile & 1) === 1 || (await get(TAG.SubfileType, 0)) === 2,
    mask: (subfile & 4) === 4,
  };
}

/**
 * Old writers list tiles under StripOffsets. A page with both kinds of tags, or with strip tags and a tile size, is tiled unless the
 * number of offsets says strips.
 */
function isTiled(ifd: TiffIfd, width: number, height: number): boolean {
  if (!ifd.has(TAG.TileWidth) || !ifd.has(TAG.TileLength)) return false;
  const strips = ifd.entry(TAG.StripOffsets);
  if (ifd.has(TAG.TileOffsets) || !strips) return true;
  const across = Math.ceil(width / (ifd.inline(TAG.TileWidth) ?? width));
  const down = Math.ceil(height / (ifd.inline(TAG.TileLength) ?? height));
  const rows = ifd.inline(TAG.RowsPerStrip) ?? height;
  return strips.count % (across * down) === 0 || strips.count !== Math.ceil(height / rows);
}

/** YCbCrSubSampling: TIFF 6.0, Section 21; 2, 2 where it is missing. */
async function subsamplingOf(ifd: TiffIfd): Promise<readonly [number, number]> {
  const values = await ifd.numbers(TAG.YCbCrSubSampling);
  const ok = (n: number | undefined): n is number => n === 1 || n === 2 || n === 4;
  return ok(values?.[0]) && ok(values[1]) ? [values[0], values[1]] : [2, 2];
}

/** Pages with the same key can be planes of one image. */
export function planeKey(page: TiffPage): string {
  return `${page.width}x${page.height}x${page.depth} ${page.channels} ${page.type} ${page.bits}`;
}

/** Pages with the same key (and plane key) have the same block grid. */
export function gridKey(page: TiffPage): string {
  return `${page.tiled} ${page.blockWidth} ${page.blockHeight} ${page.blockDepth} ${page.planar}`;
}

/** Blocks of a page along c (1, or one a sample), z, y, x. */
export function gridOf(page: TiffPage): readonly [c: number, z: number, y: number, x: number] {
  return [
    page.planar ? page.samples : 1,
    Math.ceil(page.depth / page.blockDepth),
    Math.ceil(page.height / page.blockHeight),
    Math.ceil(page.width / page.blockWidth),
  ];
}

/** Bytes of one row of a block when it is not compressed: rows start on whole bytes. */
export function rowBytes(page: TiffPage): number {
  const values = page.blockWidth * page.parts * (page.planar ? 1 : page.samples);
  return Math.ceil((values * page.bits) / 8);
}

/** Stored bytes of `rows` rows of a block when it is not compressed. */
export function rawBytes(page: TiffPage, rows: number): number {
  const [sx, sy] = page.subsampling;
  if (sx * sy === 1) return rowBytes(page) * rows * page.blockDepth;
  // Data units of sx · sy luma values and a chroma pair: TIFF 6.0, Section 21, "Ordering of Component Samples".
  const unit = Math.ceil(((sx * sy + 2) * page.bits) / 8);
  return Math.ceil(page.blockWidth / sx) * Math.ceil(rows / sy) * unit * page.blockDepth;
}

/** Refuse blocks that are too large to decode whole. */
export function checkBlockSize(page: TiffPage): void {
  const { limits, source } = page.ifd.file;
  const size =
    page.type === 'double' || page.type.endsWith('64') ? 8 : page.type === 'float' || page.type.endsWith('32') ? 4 : 2;
  const bytes =
    page.blockWidth * page.blockHeight * page.blockDepth * (page.planar ? page.parts : page.channels) * size;
  if (bytes <= 2 * limits.blockBytes) return;
  throw new ImgconvError(
    'limit',
    'BLOCK_SIZE',
    `a ${page.tiled ? 'tile' : 'strip'} of ${page.blockWidth} × ${page.blockHeight} pixels is larger than the limit of ${limits.blockBytes} bytes`,
    { file: source.name, offset: page.ifd.offset },
  );
}
