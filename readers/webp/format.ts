import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const webp: FormatReader = {
  id: 'webp',
  name: 'WebP',
  extensions: ['.webp'],
  structure: 'One file.',
  reads: ['lossy and lossless, with and without alpha', 'animations as time points, as they are shown', 'Exif and XMP'],
  gaps: ['colour profiles are not applied'],
  probe({ head, isFolder }): Verdict {
    const text = Buffer.from(head.subarray(0, 12)).toString('latin1');
    if (isFolder || !text.startsWith('RIFF') || !text.endsWith('WEBP')) return { score: 0, why: 'no WebP signature' };
    return { score: 100, why: 'RIFF WEBP signature' };
  },
  async open(input, options) {
    const { openWebp } = await import('./reader.js');
    return openWebp(input, options);
  },
};
