// What all image codecs share: a decoded image of its own size becomes the block that the map promises.

import type { CodecStep } from '../core/blocks.js';
import { formatError, ImgconvError } from '../core/errors.js';
import type { BlockInfo } from './contract.js';
import { whole } from './parameters.js';

/** Interleaved rows, little-endian; fewer than `height` rows where the stream ends early. */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  /** Bytes a sample. */
  readonly size: number;
}

/** Bytes of one sample of the block. */
export function sampleSize(block: BlockInfo): number {
  return block.bytes / (block.width * block.height * block.depth * block.samples);
}

/** Refuse an image before memory is taken for it. */
export function checkSize(what: string, width: number, height: number, pixelBytes: number, maxBytes: number): void {
  const bytes = width * height * pixelBytes;
  if (bytes <= maxBytes) return;
  throw new ImgconvError(
    'limit',
    'BLOCK_SIZE',
    `${what} of ${width} × ${height} pixels takes ${bytes} bytes, the limit is ${maxBytes}; --memory raises the limit`,
  );
}

/**
 * Cut the image to the block's width and height. A narrower one (an edge tile that its writer cut) is padded with zeros at the right;
 * missing rows are left off. Another number of samples or bytes a sample is an error: there is no telling which pixels were meant.
 * `step.size`: bytes a sample of the stream, where a later step makes the block's out of them.
 */
export function fitBlock(what: string, image: DecodedImage, block: BlockInfo, step?: CodecStep): Uint8Array {
  if (image.samples !== block.samples) {
    throw formatError('BLOCK_SAMPLES', `${what} block has ${image.samples} samples a pixel, expected ${block.samples}`);
  }
  const own = sampleSize(block);
  const size = step ? whole(step, 'size', own, 1, 8) : own;
  if (image.size !== size) {
    throw formatError('BLOCK_DEPTH', `${what} block has ${image.size * 8}-bit samples, expected ${size * 8}`);
  }
  const from = image.width * image.samples * size;
  const to = block.width * block.samples * size;
  const rows = Math.min(Math.floor(image.pixels.length / from), block.height * block.depth);
  if (from === to) return image.pixels.subarray(0, rows * to);
  const fitted = new Uint8Array(rows * to);
  const used = Math.min(from, to);
  for (let y = 0; y < rows; y++) fitted.set(image.pixels.subarray(y * from, y * from + used), y * to);
  return fitted;
}
