// Compression and sample encoding of a page as a chain of codec steps. Numbers of the Compression tag: TIFF 6.0, Adobe's and
// libtiff's registers, tifffile's list of private codes.

import type { Chain, CodecStep } from '../../core/blocks.js';
import { unsupported } from '../../core/errors.js';
import { bytesPerSample } from '../../core/pixel-type.js';
import { oldJpegSteps } from './old-jpeg.js';
import { PHOTOMETRIC, type TiffPage } from './page.js';
import { TAG } from './tags.js';

/** How ink (WhiteIsZero, CMYK) becomes values. */
export interface ChainOptions {
  /** Keep stored values where they count ink; otherwise unsigned integers become their complement, as other readers show them. */
  readonly keepInk?: boolean;
  /** Pre-1988 LZW with reversed bit order, told by its first bytes. */
  readonly oldLzw?: boolean;
  /** Force the colour transform of JPEG and JPEG 2000 blocks: vendors who write the wrong photometric tag. */
  readonly color?: 'ycbcr' | 'rgb' | 'none';
}

const NAMES: Readonly<Record<number, string>> = {
  32766: 'NeXT 2-bit',
  32771: 'CCITT RLE, word aligned',
  32909: 'PixarLog',
  34661: 'JBIG',
  34676: 'SGI LogLuv',
  34677: 'SGI LogLuv 24',
  33007: 'ALT_JPEG',
  65000: 'Kodak DCR',
};

/** Blocks hold one sample when planar. */
function blockSamples(page: TiffPage): number {
  return page.planar ? 1 : page.samples;
}

/** Bytes to bytes. `undefined`: the codec gives finished samples itself. */
async function byteCodec(page: TiffPage, options: ChainOptions): Promise<CodecStep[] | undefined> {
  const { compression, ifd } = page;
  switch (compression) {
    case 1:
      return [];
    case 5:
      return [{ id: options.oldLzw ? 'lzw-old' : 'lzw' }];
    case 8:
    case 32946:
      return [{ id: 'deflate' }];
    case 32773:
      return [{ id: 'packbits' }];
    case 34925:
      return [{ id: 'xz' }];
    case 50000:
    case 34926:
      return [{ id: 'zstd' }];
    case 2:
    case 3:
    case 4: {
      const t4 = (await ifd.number(compression === 4 ? TAG.T6Options : TAG.T4Options)) ?? 0;
      return [{ id: 'ccitt', scheme: compression, options: t4 }];
    }
    case 32809:
      return [{ id: 'thunderscan' }];
    default:
      return undefined;
  }
}

/** Codecs that give finished samples: interleaved, little-endian, at the page's bit depth. */
async function imageCodec(page: TiffPage, options: ChainOptions): Promise<CodecStep[]> {
  const { compression, ifd, photometric } = page;
  const ycbcr = photometric === PHOTOMETRIC.YCbCr && blockSamples(page) === 3;
  const color =
    options.color ?? (ycbcr ? 'ycbcr' : photometric === PHOTOMETRIC.Rgb && blockSamples(page) >= 3 ? 'rgb' : 'none');
  switch (compression) {
    case 6:
      return oldJpegSteps(page);
    case 7:
    case 34892: {
      const tables = await ifd.bytes(TAG.JpegTables);
      return [{ id: 'jpeg', tables: tables?.slice(), color, bits: page.bits }];
    }
    case 33003:
    case 33004:
    case 33005:
    case 34712:
      return [{ id: 'jpeg2000', color: color === 'ycbcr' ? 'ycbcr' : 'none' }];
    case 22610:
    case 34934:
      return [{ id: 'jpegxr' }];
    case 50001:
    case 34927:
      return [{ id: 'webp' }];
    case 50002:
    case 52546:
      return [{ id: 'jpegxl' }];
    case 34933:
      return [{ id: 'png' }];
    case 34887: {
      // LercParameters: version, additional compression (0 none, 1 deflate, 2 zstd).
      const parameters = await ifd.numbers(TAG.LercParameters);
      const around: CodecStep[] =
        parameters?.[1] === 1 ? [{ id: 'deflate' }] : parameters?.[1] === 2 ? [{ id: 'zstd' }] : [];
      return [...around, { id: 'lerc' }];
    }
    default: {
      const name = NAMES[compression];
      throw unsupported(
        'TIFF_COMPRESSION',
        `TIFF compression ${compression}${name ? ` (${name})` : ''} is not handled`,
        {
          file: ifd.file.source.name,
          offset: ifd.offset,
        },
      );
    }
  }
}

/** Stored samples of any depth to little-endian values of the page's pixel type. */
function sampleSteps(page: TiffPage): CodecStep[] {
  const { bits, format, ifd } = page;
  const bigEndian = !ifd.file.littleEndian;
  const samples = blockSamples(page) * page.parts;
  const steps: CodecStep[] = [];
  const whole = bits % 8 === 0 && bits <= 64;
  const size = bits / 8;
  const swap = bigEndian && (size === 2 || size === 4 || size === 8);
  // Readers of microscopy apply the predictor whatever the compression; fax codes have none.
  const predictor = isFax(page) ? 1 : page.predictor;
  if (predictor === 3) {
    // Bytes of a row are sorted by significance, most significant first, whatever the file's byte order.
    if (format !== 3) throw refusePredictor(page);
    steps.push({ id: 'float-predictor', samples, size });
  } else {
    if (swap) steps.push({ id: 'endian', size });
    if (predictor === 2) {
      if (bits === 8 || bits === 16 || bits === 32 || bits === 64) steps.push({ id: 'predictor', samples, size });
      else if (format === 3) throw refusePredictor(page);
      else return [...steps, ...predictedBits(page, samples)];
    } else if (predictor !== 1) {
      throw refusePredictor(page);
    }
  }
  const littleEndian = !bigEndian || predictor === 3;
  if (format === 3) {
    if (bits === 16) steps.push({ id: 'half' });
    else if (bits === 24) steps.push({ id: 'float24', bigEndian: !littleEndian });
  } else if (bits === 24 || !whole) {
    // 24-bit integers are packed like other odd depths, most significant byte first, in little-endian files, too: so do all files seen.
    steps.push({ id: 'bits', bits, signed: format === 2 });
  }
  return steps;
}

/** Differences of an odd depth: unpacked first, summed in a wider type, then cut to their depth. */
function predictedBits({ bits, format, type }: TiffPage, samples: number): CodecStep[] {
  const size = bytesPerSample(type);
  return [
    { id: 'bits', bits },
    { id: 'predictor', samples, size },
    { id: 'mask', bits, size, signed: format === 2 },
  ];
}

function isFax({ compression }: TiffPage): boolean {
  return compression >= 2 && compression <= 4;
}

function refusePredictor(page: TiffPage): Error {
  return unsupported('TIFF_PREDICTOR', `predictor ${page.predictor} on samples of ${page.bits} bits is not handled`, {
    file: page.ifd.file.source.name,
    offset: page.ifd.offset,
  });
}

/**
 * Values that count ink are turned into values that count light: unsigned integers become (2^bits - 1) - value. Floating point and
 * signed samples have no such complement, and the runs of a fax (CCITT) are kept as they are: 1 = black.
 */
function inkSteps(page: TiffPage): CodecStep[] {
  const ink =
    page.photometric === PHOTOMETRIC.WhiteIsZero || (page.photometric === PHOTOMETRIC.Separated && page.samples >= 4);
  if (!ink || isFax(page) || page.format !== 1 || page.bits > 32) return [];
  return [{ id: 'invert', size: bytesPerSample(page.type), bits: page.bits }];
}

/** True if the chain follows from what `describePage` knows: no tables or parameters in further tags. */
export function chainIsPlain({ compression, photometric }: TiffPage): boolean {
  return [1, 5, 8, 32946, 32773, 34925, 50000].includes(compression) && photometric !== PHOTOMETRIC.YCbCr;
}

/** The page's codec chain. Axis order of the decoded block: interleaved samples unless planar. */
export async function chainOf(page: TiffPage, options: ChainOptions = {}): Promise<Chain> {
  const bytes = await byteCodec(page, options);
  const steps: CodecStep[] = [];
  if (bytes) {
    if (page.reversedBits) steps.push({ id: 'reverse-bits' });
    steps.push(...bytes);
    await refuseSmallChroma(page);
    const [sx, sy] = page.subsampling;
    if (page.photometric === PHOTOMETRIC.YCbCr && page.samples === 3 && page.bits === 8 && !page.planar) {
      steps.push(...(sx * sy === 1 ? sampleSteps(page) : []), await ycbcrStep(page));
    } else {
      steps.push(...sampleSteps(page));
    }
  } else {
    steps.push(...(await imageCodec(page, options)));
    if (page.format === 3 && page.bits === 16) steps.push({ id: 'half' });
  }
  if (!options.keepInk) steps.push(...inkSteps(page));
  return { codecs: steps, order: page.planar && page.parts === 1 ? 'tczyx' : 'tzyxc' };
}

/** Chroma planes of their own that are smaller than the page: its blocks would not be of one size. Errors: unsupported TIFF_CHROMA. */
async function refuseSmallChroma({ ifd, planar, photometric }: TiffPage): Promise<void> {
  if (!planar || photometric !== PHOTOMETRIC.YCbCr) return;
  const sampling = await ifd.numbers(TAG.YCbCrSubSampling);
  if (!sampling?.some((n) => n > 1)) return;
  const text = `planes of subsampled chroma (${[...sampling].join(' × ')}) are not handled`;
  throw unsupported('TIFF_CHROMA', text, { file: ifd.file.source.name, offset: ifd.offset });
}

async function ycbcrStep(page: TiffPage): Promise<CodecStep> {
  const [sx, sy] = page.subsampling;
  const coefficients = await page.ifd.numbers(TAG.YCbCrCoefficients);
  const reference = await page.ifd.numbers(TAG.ReferenceBlackWhite);
  return {
    id: 'ycbcr',
    sx,
    sy,
    coefficients: coefficients?.length === 3 ? [...coefficients] : undefined,
    reference: reference?.length === 6 ? [...reference] : undefined,
  };
}
