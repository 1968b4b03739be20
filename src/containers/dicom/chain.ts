// From a stored frame to pixels: the codec chain of each kind of pixel data (DICOM PS3.5 chapter 8 and Annex A, PS3.3 C.7.6.3.1.2).

import type { Chain, CodecStep } from '../../core/blocks.js';
import { unsupported } from '../../core/errors.js';
import { bytesPerSample, type PixelType } from '../../core/pixel-type.js';
import { frameBits, integerType, isHalved, type PixelFormat } from './pixel-format.js';
import type { StreamInfo } from './stream.js';
import type { FrameCoding } from './syntax.js';

export interface FrameChain {
  readonly type: PixelType;
  /** By the number of bits that precede the frame in its first byte, or word where bytes lie in swapped words. */
  chain(phase: number): Chain;
  /** Bits of the units that frames are read in: 8, or 16 where bytes lie in words of the other order. */
  readonly unit: 8 | 16;
  /** Bits of a pixel's samples that carry information. */
  readonly significant: number;
  /** What the samples are, where they are no RGB: 'Y', 'Cb', 'Cr'. */
  readonly components?: readonly string[];
}

export interface ChainOptions {
  /** The transfer syntax is a lossless one. */
  readonly lossless?: boolean;
  /** Turn YCbCr that is stored without loss into RGB, which rounds. */
  readonly rgb?: boolean;
}

const INTERLEAVED = 'tzyxc';
const PLANAR = 'tczyx';
/** Black and white of luma, zero and full of chroma: the ranges of ITU-R BT.601. */
const STUDIO = [16, 235, 128, 240, 128, 240] as const;

interface Coloured {
  readonly steps: readonly CodecStep[];
  readonly order: string;
  readonly components?: readonly string[];
}

/** Names of the samples of colour spaces other than RGB. */
function componentsOf(photometric: string): readonly string[] | undefined {
  if (photometric.startsWith('YBR_FULL') || photometric.startsWith('YBR_PARTIAL')) return ['Y', 'Cb', 'Cr'];
  if (photometric === 'HSV') return ['H', 'S', 'V'];
  if (photometric === 'CMYK') return ['C', 'M', 'Y', 'K'];
  if (photometric === 'ARGB') return ['R', 'G', 'B', 'A'];
  return undefined;
}

/** Steps from stored samples to those of the image: YCbCr stays as it is stored, chroma repeated, unless RGB is asked for. */
function colour(
  format: PixelFormat,
  type: PixelType,
  planar: boolean,
  halved: boolean,
  options: ChainOptions,
): Coloured {
  const { photometric, samples } = format;
  const order = samples > 1 && !planar ? INTERLEAVED : PLANAR;
  const components = componentsOf(photometric);
  if (components?.length !== samples) return { steps: [], order };
  const ycbcr = components[0] === 'Y' && samples === 3 && type === 'uint8';
  if (!ycbcr || (!options.rgb && !halved)) return { steps: [], order, components };
  const steps: CodecStep[] = planar ? [{ id: 'unshuffle', size: 3 }] : [];
  const reference = photometric.startsWith('YBR_PARTIAL') ? { reference: STUDIO } : {};
  steps.push({ id: 'ycbcr', sx: halved ? 2 : 1, sy: 1, ...(options.rgb ? reference : { color: 'none' }) });
  return { steps, order: INTERLEAVED, components: options.rgb ? undefined : components };
}

/** Keep the stored bits alone: others hold overlays or nothing. */
function maskSteps(format: PixelFormat, type: PixelType): CodecStep[] {
  const { stored, shift, signed } = format;
  const size = bytesPerSample(type);
  if (type === 'float' || type === 'double' || size === 8 || stored >= 8 * size) return [];
  return [{ id: 'mask', bits: stored, size, signed, shift }];
}

/** Packed values are read from the lowest bit of the first byte on; rows and frames follow each other without a gap. */
function unpack(format: PixelFormat, frames: number, phase: number): CodecStep[] {
  const { allocated, rows, columns, samples } = format;
  if (allocated % 8 === 0) return [];
  const before = allocated === 1 ? phase : 0;
  const steps: CodecStep[] = [
    { id: 'bits', bits: allocated, order: 'lsb', width: rows * columns * samples * frames + before, samples: 1 },
  ];
  if (before > 0) steps.push({ id: 'skip', bytes: before });
  return steps;
}

/**
 * Uncompressed frames. `wrapped`: steps that unwrap the bytes first; `frames` as many as one block holds.
 * Errors: unsupported DICOM_BITS.
 */
export function nativeChain(
  format: PixelFormat,
  littleEndian: boolean,
  words: boolean,
  file: string,
  options: ChainOptions = {},
  wrapped: readonly CodecStep[] = [],
  frames = 1,
): FrameChain {
  const { type, allocated, planar, photometric, stored } = format;
  const { steps, order, components } = colour(format, type, planar, isHalved(photometric), options);
  const size = bytesPerSample(type);
  // Bytes in words (OW) of the other order: a frame may begin and end within one.
  const unit = !littleEndian && words && size === 1 ? 16 : 8;
  const bytes = frameBits(format) / 8;
  const swap: CodecStep[] = [];
  if (unit === 16) swap.push({ id: 'endian', size: 2 });
  else if (!littleEndian && size > 1) swap.push({ id: 'endian', size });
  const mask = maskSteps(format, type);
  return {
    type,
    significant: stored,
    components,
    chain(phase) {
      if (allocated === 12 && phase !== 0) {
        throw unsupported('DICOM_BITS', `${file}: 12-bit frames that do not begin on a byte are not supported`, {
          file,
        });
      }
      const packed = unpack(format, frames, phase);
      if (packed.length > 0)
        return { codecs: [...wrapped, ...(unit === 16 ? swap : []), ...packed, ...mask, ...steps], order };
      const odd = unit === 16 && ((bytes * frames) % 2 !== 0 || phase !== 0);
      const cut: CodecStep[] = odd ? [{ id: 'slice', offset: phase / 8, length: bytes * frames }] : [];
      return { codecs: [...wrapped, ...swap, ...cut, ...mask, ...steps], order };
    },
    unit,
  };
}

/** Encapsulated frames. Errors: unsupported DICOM_BITS. */
export function codedChain(
  format: PixelFormat,
  coding: FrameCoding,
  stream: StreamInfo | undefined,
  file: string,
  options: ChainOptions = {},
): FrameChain {
  if (coding === 'deflate') return nativeChain(format, true, false, file, options, [{ id: 'deflate', raw: true }]);
  if (coding === 'rle') return rleChain(format, options);
  const { signed, allocated, stored } = format;
  const bits = stream?.bits ?? Math.min(stored, allocated);
  // Streams of 8 bits for pixels that the data set declares with 16 become what was declared.
  const widened = stream !== undefined && bits <= 8 && allocated === 16 && format.samples === 1;
  const type = integerType(widened ? 16 : stream ? bits : allocated, signed);
  const widen: CodecStep[] = widened ? [{ id: 'bits', bits: 8, size: 2, signed: stream.signed }] : [];
  const { steps, order, components } = streamColour(format, type, coding, stream, options);
  const size = bytesPerSample(type);
  // Signed pixels in streams that know none: the sign bit is the highest of the precision, or of the stored bits where nothing is lost
  // (a lossy stream may go beyond them, and must not wrap around).
  const precision = options.lossless ? Math.min(bits, stored) : bits;
  const sign: CodecStep[] =
    signed !== (stream?.signed ?? false) && precision < 8 * size ? [{ id: 'mask', bits: precision, size, signed }] : [];
  const own = widened ? { size: 1 } : {};
  const decode: CodecStep =
    coding === 'jpeg' || coding === 'jpeg-lossless'
      ? { id: 'jpeg', color: stream?.lossless || format.samples !== 3 ? 'none' : jpegColor(format, stream), ...own }
      : { id: coding, ...own };
  const significant = Math.min(bits, Math.max(stored, 1));
  return {
    type,
    significant,
    components,
    unit: 8,
    chain: () => ({ codecs: [decode, ...widen, ...sign, ...steps], order }),
  };
}

/**
 * Lossy JPEG: YCbCr where the data set says so; where it says RGB, markers of the stream are believed before it, as writers often leave the
 * photometric interpretation of the uncompressed picture.
 */
function jpegColor({ photometric }: PixelFormat, stream: StreamInfo | undefined): 'ycbcr' | 'auto' | 'none' {
  if (photometric.startsWith('YBR')) return 'ycbcr';
  return stream?.marked ? 'auto' : 'none';
}

function streamColour(
  format: PixelFormat,
  type: PixelType,
  coding: FrameCoding,
  stream: StreamInfo | undefined,
  options: ChainOptions,
): Coloured {
  const order = format.samples > 1 ? INTERLEAVED : PLANAR;
  const lossyJpeg = coding === 'jpeg' && !stream?.lossless;
  // Decoders of these give RGB.
  if (lossyJpeg || stream?.transformed || coding === 'jpegxl') return { steps: [], order };
  return colour(format, type, false, false, options);
}

function rleChain(format: PixelFormat, options: ChainOptions): FrameChain {
  const { type, samples, allocated, rows, columns, stored } = format;
  const { steps, order, components } = colour(format, type, samples > 1, false, options);
  const packed = unpack(format, 1, 0);
  const decode: CodecStep = {
    id: 'dicom-rle',
    size: Math.ceil(allocated / 8),
    planeBytes: packed.length > 0 ? Math.ceil((rows * columns * allocated) / 8) : rows * columns,
  };
  return {
    type,
    significant: stored,
    components,
    unit: 8,
    chain: () => ({ codecs: [decode, ...packed, ...maskSteps(format, type), ...steps], order }),
  };
}
