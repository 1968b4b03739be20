import { tiffSignature } from '../../src/containers/tiff/file.js';
import { peekTiff } from '../../src/containers/tiff/open.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { INK } from '../../src/core/reader-options.js';

export const imagejTiff: FormatReader = {
  id: 'imagej-tiff',
  name: 'ImageJ TIFF',
  extensions: ['.tiff', '.tif'],
  structure:
    'One file: a stack or hyperstack that ImageJ or Fiji saved, also above 4 GB (one directory for all planes).',
  reads: [
    'hyperstacks (channels, slices, frames)',
    'calibration: pixel size, spacing, frame interval and their units',
    'display ranges, lookup tables as channel colours, slice labels, info text, ROIs and overlays',
  ],
  gaps: ['calibration functions (optical density) are kept as metadata, pixels stay uncalibrated'],
  options: { ink: INK },
  probe({ head, isFolder }): Verdict {
    return !isFolder && tiffSignature(head)
      ? { score: 50, why: 'TIFF signature' }
      : { score: 0, why: 'no TIFF signature' };
  },
  async identify(input): Promise<Verdict> {
    const description = await (await peekTiff(input))?.ifds[0]?.text(TAG.ImageDescription).catch(() => undefined);
    return description?.startsWith('ImageJ=')
      ? { score: 75, why: 'description written by ImageJ' }
      : { score: 0, why: 'no ImageJ description' };
  },
  async open(input, options) {
    const { openImageJ } = await import('./reader.js');
    return openImageJ(input, options);
  },
};
