import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const psd: FormatReader = {
  id: 'psd',
  name: 'Adobe Photoshop',
  extensions: ['.psd', '.psb'],
  structure: 'One file.',
  reads: ['the merged image: 1, 8, 16 and 32 bits, all channels, raw and run-length coded', 'large documents (PSB)'],
  gaps: ['layers', 'colour profiles are not applied', 'ZIP-coded merged images'],
  probe({ head, isFolder }): Verdict {
    const matches =
      !isFolder &&
      Buffer.from(head.subarray(0, 4)).toString('latin1') === '8BPS' &&
      head[4] === 0 &&
      (head[5] === 1 || head[5] === 2);
    return matches ? { score: 100, why: '8BPS signature' } : { score: 0, why: 'no 8BPS signature' };
  },
  async open(input, options) {
    const { openPsd } = await import('./reader.js');
    return openPsd(input, options);
  },
};
