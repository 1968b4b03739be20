// JPEG (ITU-T T.81): baseline, extended and progressive Huffman streams of 8 or 12 bits, and lossless ones of 2 to 16 bits, in one codec
// under three names (`jpeg`, `jpeg12`, `jpeg-lossless`). Pixels equal libjpeg-turbo's defaults: accurate integer DCT, triangle upsampling.
//
// Parameters:
//   tables  Uint8Array: abbreviated stream with tables, read first (TIFF JPEGTables)
//   color   'auto' (default): JFIF, Adobe and component numbers decide, as in libjpeg · 'ycbcr': convert to RGB (4 components: YCCK to CMYK)
//           · 'rgb' or 'none': components as stored
//   header  Uint8Array: everything up to and including SOS, for blocks that are bare scans; the frame gets the block's height. A block
//           that starts with SOI stands for itself, one that starts with SOS is taken without it. `old-jpeg` is the TIFF name for this.
//   half    true: the block is half as wide and high as the image; its pixels are means of 2 × 2, taken in the frequency domain where that is
//           possible, before they are rounded
//   planar  true: samples come plane by plane instead of interleaved
// Encoded by `jpeg` (baseline, 8 bits): parameters in jpeg/encode.ts.
// Output: interleaved samples, fitted to the block (image-block.ts); 16-bit little-endian above 8 bits.

import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import type { Kernels } from '../kernels/kernels.js';
import type { BlockInfo, Codec, CodecContext } from './contract.js';
import { fitBlock, sampleSize } from './image-block.js';
import { encodeJpeg } from './jpeg/encode.js';
import { decodeJpeg, type JpegColor } from './jpeg/engine.js';
import { readFrameAlone } from './jpeg/stream.js';
import { flag } from './parameters.js';

const COLORS: readonly unknown[] = ['auto', 'ycbcr', 'rgb', 'none'];

function decode(input: Uint8Array, step: CodecStep, { kernels, block, maxBytes }: CodecContext): Uint8Array {
  const { tables, header, color } = step;
  const image = decodeJpeg(
    kernels,
    header instanceof Uint8Array ? withHeader(header, input, block.height * block.depth) : input,
    {
      tables: tables instanceof Uint8Array ? tables : undefined,
      color: (COLORS.includes(color) ? color : 'auto') as JpegColor,
      half: flag(step, 'half'),
      width: block.width,
      height: block.height * block.depth,
      maxBytes,
    },
  );
  const pixels = fitBlock('JPEG', image, block, step);
  return flag(step, 'planar') && block.samples > 1 ? apart(kernels, pixels, block) : pixels;
}

/** Samples plane by plane. Errors: format TRUNCATED, since rows that lack cannot be left off. */
function apart(kernels: Kernels, pixels: Uint8Array, block: BlockInfo): Uint8Array {
  if (pixels.length < block.bytes) throw formatError('TRUNCATED', 'the JPEG data ends before its last row');
  const { width, samples } = block;
  const rows = block.height * block.depth;
  const size = sampleSize(block);
  const step = samples * size;
  const src = kernels.place(pixels, 'jpeg.interleaved');
  const dst = kernels.scratch('jpeg.apart', block.bytes);
  for (let c = 0; c < samples; c++) {
    const to = dst + c * width * rows * size;
    kernels.x.gather(to, width * size, src + c * size, width * step, step, width, rows, size);
  }
  return kernels.view(dst, block.bytes);
}

/** Header and scan as one stream, with the lines of this block in the frame header. */
function withHeader(header: Uint8Array, block: Uint8Array, lines: number): Uint8Array {
  if (block[0] === 0xff && block[1] === 0xd8) return block;
  const scan =
    block[0] === 0xff && block[1] === 0xda ? block.subarray(2 + (((block[2] ?? 0) << 8) | (block[3] ?? 0))) : block;
  const whole = new Uint8Array(header.length + scan.length);
  whole.set(header);
  whole.set(scan, header.length);
  for (let at = 2; at + 8 < header.length && whole[at] === 0xff; at += 2 + ((whole[at + 2]! << 8) | whole[at + 3]!)) {
    const marker = whole[at + 1]!;
    if (marker < 0xc0 || marker > 0xcf || marker === 0xc4 || marker === 0xc8 || marker === 0xcc) continue;
    whole[at + 5] = lines >> 8;
    whole[at + 6] = lines & 255;
  }
  return whole;
}

/** Only what every decoder knows is handed on: 8 bits, Huffman codes, a frame of the block's size. */
function fits(input: Uint8Array, _step: CodecStep, block: BlockInfo): boolean {
  try {
    const frame = readFrameAlone(input);
    const lines = block.height * block.depth;
    const same = frame?.width === block.width && frame.height === lines && frame.components.length === block.samples;
    return same && frame.precision === 8 && frame.process !== 'lossless';
  } catch {
    return false;
  }
}

export const jpeg: Codec = { id: 'jpeg', decode, fits, encode: encodeJpeg };
export const jpeg12: Codec = { id: 'jpeg12', decode };
export const jpegLossless: Codec = { id: 'jpeg-lossless', decode };
export const oldJpeg: Codec = { id: 'old-jpeg', decode };
