import { tiffSignature } from '../../src/containers/tiff/file.js';
import { peekTiff } from '../../src/containers/tiff/open.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { INK } from '../../src/core/reader-options.js';

export const tiff: FormatReader = {
  id: 'tiff',
  name: 'TIFF and BigTIFF',
  extensions: ['.tiff', '.tif', '.btf', '.tf8', '.tf2'],
  structure: 'One file. Pages of equal size become time points; pages of different sizes become images of their own.',
  reads: [
    'both byte orders, strips and tiles, chunky and planar samples',
    '1–32 and 64 bit integers, 16, 24, 32 and 64 bit floating point, complex numbers as two channels',
    'RGB, YCbCr, CMYK, CIELab, colour tables, alpha and other extra samples',
    'PackBits, LZW, Deflate, Zstandard, LZMA, JPEG, JPEG 2000, JPEG XR, JPEG XL, WebP, LERC, PNG, CCITT',
    'reduced-resolution pages and sub-directories as pyramid levels',
  ],
  gaps: [
    'samples of different depths in one page, planes of subsampled chroma',
    'LogLuv, PixarLog, JBIG',
    'the Orientation tag is kept as metadata, pixels stay in stored order',
  ],
  options: { ink: INK },
  probe({ head, isFolder }): Verdict {
    const signature = isFolder ? undefined : tiffSignature(head);
    if (!signature) return { score: 0, why: 'no TIFF signature' };
    return { score: 50, why: signature.big ? 'BigTIFF signature' : 'TIFF signature' };
  },
  async identify(input): Promise<Verdict> {
    const file = await peekTiff(input);
    return {
      score: 50,
      why: file ? 'TIFF without a sign of another format' : 'TIFF signature, but no readable directory',
    };
  },
  async open(input, options) {
    const { openTiffDataset } = await import('./reader.js');
    return openTiffDataset(input, options);
  },
};
