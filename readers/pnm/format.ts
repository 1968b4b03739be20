import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const pnm: FormatReader = {
  id: 'pnm',
  name: 'Netpbm (PBM, PGM, PPM, PAM, PFM)',
  extensions: ['.pbm', '.pgm', '.ppm', '.pnm', '.pam', '.pfm'],
  structure: 'One file.',
  reads: [
    'P1 to P7, plain and raw, 1 to 16 bits',
    'PFM (float), both byte orders',
    'several pictures of one kind in a file as time points',
  ],
  gaps: ['values are kept as stored, not scaled by the maximum value'],
  probe({ head, isFolder }): Verdict {
    if (isFolder || head.length < 3) return { score: 0, why: 'too short' };
    const text = Buffer.from(head.subarray(0, 64)).toString('latin1');
    const match = /^P([1-7Ff])(\s|#)/.exec(text);
    if (!match) return { score: 0, why: 'no Netpbm signature' };
    const more = /^P[1-7Ff]\s*(#|\d|WIDTH|HEIGHT|DEPTH|MAXVAL|TUPLTYPE)/.test(text);
    return more ? { score: 100, why: `P${match[1]} header` } : { score: 50, why: `starts with P${match[1]}` };
  },
  async open(input, options) {
    const { openPnm } = await import('./reader.js');
    return openPnm(input, options);
  },
};
