// JPEG (ITU-T T.81): baseline, extended and progressive Huffman streams of 8 or 12 bits, and lossless ones of 2 to 16 bits, in one codec
// under three names (`jpeg`, `jpeg12`, `jpeg-lossless`). Pixels equal libjpeg-turbo's defaults: accurate integer DCT, triangle upsampling.
//
// Parameters:
//   tables  Uint8Array: abbreviated stream with tables, read first (TIFF JPEGTables)
//   header  Uint8Array: bytes to put before the input (a container that stores headers apart)
//   color   'auto' (default): JFIF, Adobe and component numbers decide, as in libjpeg · 'ycbcr': convert to RGB (4 components: YCCK to CMYK)
//           · 'rgb' or 'none': components as stored
//   samples number: components that the stream must have, where a later step changes them; default those of the block
//   pad     true: a frame narrower than the block is padded with zeros at the right (edge tiles that a writer cut); default: an error
// Output: interleaved samples, cut to the block's width and height; 16-bit little-endian above 8 bits.

import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';
import { decodeJpeg, type JpegColor, type JpegImage } from './jpeg/engine.js';

const COLORS: readonly string[] = ['auto', 'ycbcr', 'rgb', 'none'];

function decode(input: Uint8Array, step: CodecStep, { kernels, block, maxBytes }: CodecContext): Uint8Array {
  const { tables, header, color = 'auto', samples = block.samples } = step;
  const stream = header instanceof Uint8Array ? joined(header, input) : input;
  const image = decodeJpeg(kernels, stream, {
    tables: tables instanceof Uint8Array ? tables : undefined,
    color: (COLORS.includes(String(color)) ? color : 'auto') as JpegColor,
    width: block.width,
    height: block.height * block.depth,
    maxBytes,
  });
  if (image.samples !== samples) {
    throw formatError('JPEG_COMPONENTS', `JPEG block has ${image.samples} components, expected ${samples}`);
  }
  const size = block.bytes / (block.width * block.height * block.depth * block.samples);
  if (step.samples === undefined && image.size !== size) {
    throw formatError('JPEG_PRECISION', `JPEG block has ${image.size * 8}-bit samples, expected ${size * 8}`);
  }
  if (image.width === block.width) return image.pixels;
  if (step.pad === true) return padded(image, block.width);
  throw formatError('JPEG_SIZE', `JPEG block is ${image.width} pixels wide, expected ${block.width}`);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

function padded(image: JpegImage, width: number): Uint8Array {
  const from = image.width * image.samples * image.size;
  const to = width * image.samples * image.size;
  const rows = Math.floor(image.pixels.length / from);
  const whole = new Uint8Array(rows * to);
  for (let y = 0; y < rows; y++) whole.set(image.pixels.subarray(y * from, (y + 1) * from), y * to);
  return whole;
}

export const jpeg: Codec = { id: 'jpeg', decode };
export const jpeg12: Codec = { id: 'jpeg12', decode };
export const jpegLossless: Codec = { id: 'jpeg-lossless', decode };
