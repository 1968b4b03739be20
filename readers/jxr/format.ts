import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const jxr: FormatReader = {
  id: 'jxr',
  name: 'JPEG XR / HD Photo',
  extensions: ['.jxr', '.wdp', '.hdp'],
  structure: 'One file.',
  reads: ['gray, RGB and RGBA of 8, 16 and 32 bits, integer and floating point'],
  gaps: ['packed formats (5-6-5, 10-10-10, RGBE), CMYK and more than four channels', 'pictures behind the first one'],
  probe({ head, isFolder }): Verdict {
    // 'II', 0xBC, version.
    if (isFolder || head[0] !== 0x49 || head[1] !== 0x49 || head[2] !== 0xbc)
      return { score: 0, why: 'no JPEG XR signature' };
    return { score: 100, why: 'JPEG XR signature' };
  },
  async open(input, options) {
    const { openJxr } = await import('./reader.js');
    return openJxr(input, options);
  },
};
