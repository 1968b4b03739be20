// Raster files whose picture is one compressed stream: a block map of a single block.

import type { BlockMap, CodecStep } from '../../core/blocks.js';
import { ImgconvError } from '../../core/errors.js';
import { pixelCount, type Tczyx } from '../../core/geometry.js';
import type { Limits } from '../../core/limits.js';
import { bytesPerSample, type PixelType } from '../../core/pixel-type.js';

export interface WholeBlock {
  /** Absolute path. */
  readonly file: string;
  /** Bytes from the start of the file, and how many. */
  readonly offset: number;
  readonly length: number;
  readonly shape: Tczyx;
  readonly type: PixelType;
  readonly codecs: readonly CodecStep[];
  readonly limits: Limits;
}

/** One block with interleaved samples that holds the whole image. Errors: limit BLOCK_SIZE. */
export function wholeBlock({ file, offset, length, shape, type, codecs, limits }: WholeBlock): BlockMap {
  const bytes = pixelCount(shape) * bytesPerSample(type);
  if (!(bytes <= limits.blockBytes)) {
    const text = `${file}: the picture takes ${bytes} bytes in one piece, the limit is ${limits.blockBytes}; --memory raises it`;
    throw new ImgconvError('limit', 'BLOCK_SIZE', text, { file });
  }
  return {
    layout: { kind: 'grid', block: shape, edge: 'clipped' },
    address: { kind: 'table', file: 0, offset: Float64Array.of(offset), length: Float64Array.of(length) },
    files: [file],
    chains: [{ codecs, order: 'tzyxc' }],
    fill: 0,
    absent: 'missing',
  };
}
