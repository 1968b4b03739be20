import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const pcx: FormatReader = {
  id: 'pcx',
  name: 'PCX',
  extensions: ['.pcx', '.pcc'],
  structure: 'One file.',
  reads: ['1, 2, 4 and 8 bits with palettes, 24-bit RGB in planes'],
  gaps: ['DCX (several pictures)'],
  probe({ head, isFolder }): Verdict {
    const plausible =
      !isFolder &&
      head.length >= 128 &&
      head[0] === 10 &&
      [0, 2, 3, 4, 5].includes(head[1]!) &&
      head[2]! <= 1 &&
      [1, 2, 4, 8].includes(head[3]!) &&
      head[65]! >= 1 &&
      head[65]! <= 4;
    return plausible ? { score: 75, why: 'PCX header' } : { score: 0, why: 'no PCX header' };
  },
  async open(input, options) {
    const { openPcx } = await import('./reader.js');
    return openPcx(input, options);
  },
};
