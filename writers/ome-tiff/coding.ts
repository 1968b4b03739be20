// How tiles are coded: codec chains of the engine on one side, TIFF tags on the other.

import { jpegTables } from '../../src/containers/tiff/jpeg.js';
import type { Chain, CodecStep } from '../../src/core/blocks.js';
import type { ImageSource, Level } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import { bytesPerSample, type PixelType } from '../../src/core/pixel-type.js';
import type { OmeTiffOptions, TiffCompression } from './options.js';

/** Codec of a level and what its directory says about it. */
export interface TileCoding {
  readonly chain: Chain;
  /** Tag 259. */
  readonly compression: number;
  /** Tag 317: 1 none, 2 horizontal. */
  readonly predictor: number;
  /** Samples are coded as YCbCr inside JPEG. */
  readonly ycbcr: boolean;
  /** Tag 347: JPEG tables that stored tiles rely on. */
  readonly tables?: Uint8Array;
  /** For the report: 'deflate', 'jpeg (handed on)'. */
  readonly name: string;
  readonly lossy: boolean;
}

const CODE = { none: 1, lzw: 5, jpeg: 7, deflate: 8, packbits: 32_773, jpeg2000: 34_712, zstd: 50_000 } as const;
const JPEG_QUALITY = 90;

/** Coding of computed or recoded tiles of `samples` interleaved samples. Errors: usage OME_TIFF_OPTION where the codec cannot hold the pixels. */
export function tileCoding(
  compression: Exclude<TiffCompression, 'auto'>,
  type: PixelType,
  samples: number,
  options: Pick<OmeTiffOptions, 'quality' | 'level'>,
  categorical: boolean,
): TileCoding {
  const order = samples > 1 ? 'tzyxc' : 'tczyx';
  const plain = { predictor: 1, ycbcr: false, lossy: false, name: compression } as const;
  const size = bytesPerSample(type);
  const float = type === 'float' || type === 'double';
  const code = CODE[compression];
  switch (compression) {
    case 'none':
      return { ...plain, chain: { codecs: [], order }, compression: code };
    case 'packbits':
      return { ...plain, chain: { codecs: [{ id: 'packbits' }], order }, compression: code };
    case 'lzw':
    case 'deflate':
    case 'zstd': {
      // Differences of neighbours pay for intensities; for labels and floating-point bytes they cost.
      const predictor = !float && !categorical && size <= 4;
      const level = options.level ?? (compression === 'zstd' ? 3 : 4);
      const step: CodecStep = compression === 'lzw' ? { id: 'lzw' } : { id: compression, level };
      const codecs = predictor ? [step, { id: 'predictor', size, samples }] : [step];
      return { ...plain, chain: { codecs, order }, compression: code, predictor: predictor ? 2 : 1 };
    }
    case 'jpeg': {
      if (type !== 'uint8' || (samples !== 1 && samples !== 3))
        throw refuse(`JPEG holds 8-bit gray or RGB pixels, not ${samples} × ${type}`);
      const color = samples === 3 ? 'ycbcr' : 'none';
      const quality = options.quality ?? JPEG_QUALITY;
      const tables = jpegTables(quality, samples === 3);
      // The engine works on planes, and so does a JPEG inside: they need not be interleaved in between.
      const step = { id: 'jpeg', quality, color, subsampling: '420', tables, planar: samples > 1 };
      return {
        ...plain,
        chain: { codecs: [step], order: 'tczyx' },
        compression: code,
        ycbcr: samples === 3,
        lossy: true,
        tables,
      };
    }
    case 'jpeg2000': {
      if (float || size > 2) throw refuse(`JPEG 2000 holds 8- and 16-bit integers, not ${type}`);
      const lossy = options.quality !== undefined;
      const step = { id: 'jpeg2000', color: 'none', ...(lossy && { bitsPerPixel: options.quality }) };
      return { ...plain, chain: { codecs: [step], order }, compression: code, lossy };
    }
  }
}

function refuse(text: string): ImgconvError {
  return new ImgconvError('usage', 'OME_TIFF_OPTION', `${text}; choose another --compression`);
}

/** Coding of stored tiles that an OME-TIFF can take as they are; undefined where they do not fit. */
export function storedCoding(
  level: Level,
  type: PixelType,
  samples: number,
): { coding: TileCoding; tile: readonly [y: number, x: number] } | undefined {
  const { blocks } = level;
  const { layout, address } = blocks;
  if (layout.kind !== 'grid' || layout.edge !== 'padded' || address.kind !== 'table' || blocks.chains.length !== 1)
    return undefined;
  const [t, c, z, y, x] = layout.block;
  const chain = blocks.chains[0];
  const order = samples > 1 ? 'tzyxc' : 'tczyx';
  if (t !== 1 || z !== 1 || c !== samples || y % 16 !== 0 || x % 16 !== 0) return undefined;
  if (
    chain.strides ||
    chain.origin ||
    (samples > 1 && chain.order !== order) ||
    (samples === 1 && !/yx|yxc/.test(chain.order))
  )
    return undefined;
  // An absent tile has no bytes to hand on.
  if (address.first || address.length.some((n) => n <= 0) || address.offset.some((n) => n < 0)) return undefined;
  const coding = codingOf(chain, order, type, samples);
  return coding && { coding, tile: [y, x] };
}

function codingOf(chain: Chain, order: string, type: PixelType, samples: number): TileCoding | undefined {
  const [first, second, third] = chain.codecs;
  const kept = { chain: { ...chain, order }, ycbcr: false, lossy: false };
  const predictor = second?.id === 'predictor' ? 2 : 1;
  if (third || (second && predictor === 1)) return undefined;
  switch (first?.id) {
    case undefined:
      return { ...kept, compression: CODE.none, predictor: 1, name: 'none' };
    case 'lzw':
    case 'deflate':
    case 'zstd':
      return { ...kept, compression: CODE[first.id], predictor, name: first.id };
    case 'jpeg': {
      const { tables, color, header } = first;
      // 12 bits, four components: few readers of OME-TIFF take them. Colours that the stream alone tells cannot be named in a tag.
      const known = samples === 1 || color === 'ycbcr' || color === 'rgb' || color === 'none';
      if (second || header || type !== 'uint8' || !(samples === 1 || samples === 3) || !known) return undefined;
      const abbreviated = tables instanceof Uint8Array ? { tables } : {};
      return {
        ...kept,
        ...abbreviated,
        compression: CODE.jpeg,
        predictor: 1,
        ycbcr: samples === 3 && color === 'ycbcr',
        lossy: true,
        name: 'jpeg',
      };
    }
    case 'jpeg2000':
      if (second || first.color === 'ycbcr') return undefined;
      return { ...kept, compression: CODE.jpeg2000, predictor: 1, lossy: true, name: 'jpeg2000' };
    default:
      return undefined;
  }
}

/**
 * The level below one of JPEG tiles, as its decoder can give it: means of 2 × 2 pixels at a fraction of the work. Only where no mean reaches
 * beyond the image, into what pads its tiles.
 */
export function halfSize(level: Level, coding: TileCoding): Level | undefined {
  const { shape, blocks } = level;
  const [step] = coding.chain.codecs;
  if (step?.id !== 'jpeg' || blocks.layout.kind !== 'grid' || shape[3] % 2 !== 0 || shape[4] % 2 !== 0)
    return undefined;
  const half = (size: Tczyx): Tczyx => [size[0], size[1], size[2], size[3] / 2, size[4] / 2];
  const chain: Chain = { ...blocks.chains[0], codecs: [{ ...step, half: true }] };
  return {
    shape: half(shape),
    blocks: { ...blocks, layout: { ...blocks.layout, block: half(blocks.layout.block) }, chains: [chain] },
  };
}

/** Codec for computed levels below handed-on tiles: the same, so that the file needs one decoder. */
export function levelCoding(
  stored: TileCoding,
  source: ImageSource,
  samples: number,
  options: OmeTiffOptions,
  categorical: boolean,
): TileCoding {
  const id =
    (Object.keys(CODE) as (keyof typeof CODE)[]).find((name) => CODE[name] === stored.compression) ?? 'deflate';
  // The quality that goes with `auto` is that of JPEG.
  const { quality, level } = options;
  const meant = id === 'jpeg2000' && options.compression === 'auto' ? { level } : { quality, level };
  return tileCoding(id, source.type, samples, meant, categorical);
}

/** Chroma subsampling (horizontal, vertical) of a JPEG stream with three components: ISO 10918-1, B.2.2; undefined if no frame is found. */
export function jpegSubsampling(stream: Uint8Array): readonly [h: number, v: number] | undefined {
  for (let at = 2; at + 9 < stream.length; ) {
    if (stream[at] !== 0xff) return undefined;
    const marker = stream[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      const components = stream[at + 9]!;
      if (components < 3) return [1, 1];
      const [luma, chroma] = [stream[at + 11] ?? 0x11, stream[at + 14] ?? 0x11];
      return [(luma >> 4) / Math.max(1, chroma >> 4), (luma & 15) / Math.max(1, chroma & 15)];
    }
    if (marker === 0xda) return undefined;
    at += 2 + ((stream[at + 2]! << 8) | stream[at + 3]!);
  }
  return undefined;
}

/** Tile of computed levels: as wanted, no larger than the image needs, multiples of 16. */
export function tileSize(options: OmeTiffOptions, shape: Tczyx): readonly [y: number, x: number] {
  const clip = (tile: number, size: number): number => Math.min(tile, Math.ceil(size / 16) * 16);
  return [clip(options.tileHeight, shape[3]), clip(options.tileWidth, shape[4])];
}
