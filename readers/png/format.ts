import type { FormatReader, Verdict } from '../../src/core/contracts.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export const png: FormatReader = {
  id: 'png',
  name: 'PNG',
  extensions: ['.apng', '.png'],
  structure: 'One file.',
  reads: [
    'all colour types and bit depths',
    'interlaced files',
    'animations (APNG) as time points',
    'text, time and Exif chunks',
  ],
  gaps: ['colour profiles and gamma are not applied', 'transparency of palette and key colours is kept as metadata'],
  probe({ head, isFolder }): Verdict {
    if (isFolder || !SIGNATURE.every((byte, i) => head[i] === byte)) return { score: 0, why: 'no PNG signature' };
    return { score: 100, why: 'PNG signature' };
  },
  async open(input, options) {
    const { openPng } = await import('./reader.js');
    return openPng(input, options);
  },
};
