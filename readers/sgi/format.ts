import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const sgi: FormatReader = {
  id: 'sgi',
  name: 'SGI image',
  extensions: ['.sgi', '.rgba', '.rgb', '.bw', '.int', '.inta'],
  structure: 'One file.',
  reads: ['8 and 16 bits, any number of channels, raw and run-length coded'],
  gaps: ['dithered images and colour maps'],
  probe({ head, isFolder }): Verdict {
    const matches =
      !isFolder &&
      head.length >= 512 &&
      head[0] === 1 &&
      head[1] === 0xda &&
      head[2]! <= 1 &&
      (head[3] === 1 || head[3] === 2) &&
      head[4] === 0 &&
      head[5]! >= 1 &&
      head[5]! <= 3;
    return matches ? { score: 100, why: 'SGI image header' } : { score: 0, why: 'no SGI image header' };
  },
  async open(input, options) {
    const { openSgi } = await import('./reader.js');
    return openSgi(input, options);
  },
};
