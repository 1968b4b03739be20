import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const fits: FormatReader = {
  id: 'fits',
  name: 'FITS',
  extensions: ['.fits', '.fit', '.fts'],
  structure: 'One file; its primary array and every image extension become images.',
  reads: [
    'images in tiles compressed by Rice or gzip',
    '8-, 16-, 32- and 64-bit integers, float, double; up to five axes and more',
    'every header card as metadata',
  ],
  gaps: [
    'tiles compressed by HCOMPRESS or PLIO, quantised floating point',
    'tables',
    'scaling (BSCALE, BZERO) and world coordinates are kept as metadata',
  ],
  probe({ head, isFolder }): Verdict {
    if (isFolder || head.length < 80) return { score: 0, why: 'no FITS header' };
    const card = Buffer.from(head.buffer, head.byteOffset, 80).toString('latin1');
    return /^SIMPLE {2}= +[TF]/.test(card)
      ? { score: 100, why: 'first card of a FITS header' }
      : { score: 0, why: 'no FITS header' };
  },
  async open(input, options) {
    const { openFits } = await import('./reader.js');
    return openFits(input, options);
  },
};
