import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const hdr: FormatReader = {
  id: 'hdr',
  name: 'Radiance HDR',
  extensions: ['.hdr', '.pic', '.rgbe'],
  structure: 'One file.',
  reads: ['RGBE, flat and run-length coded, as 32-bit floating point'],
  gaps: ['XYZE', 'orientations that swap rows and columns'],
  probe({ head, isFolder }): Verdict {
    const text = Buffer.from(head.subarray(0, 11)).toString('latin1');
    const matches = !isFolder && (text.startsWith('#?RADIANCE\n') || text.startsWith('#?RGBE\n'));
    return matches ? { score: 100, why: 'Radiance signature' } : { score: 0, why: 'no Radiance signature' };
  },
  async open(input, options) {
    const { openHdr } = await import('./reader.js');
    return openHdr(input, options);
  },
};
