import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const jpegls: FormatReader = {
  id: 'jpegls',
  name: 'JPEG-LS',
  extensions: ['.jls'],
  structure: 'One file.',
  reads: ['lossless and near-lossless, 2 to 16 bits, up to 255 components'],
  gaps: ['SPIFF headers are stepped over'],
  probe({ head, isFolder }): Verdict {
    if (isFolder || head[0] !== 0xff || head[1] !== 0xd8) return { score: 0, why: 'no JPEG signature' };
    // Segments up to the frame header, which has a marker of its own.
    for (let at = 2; at + 4 <= head.length && head[at] === 0xff; at += 2 + ((head[at + 2]! << 8) | head[at + 3]!)) {
      if (head[at + 1] === 0xf7) return { score: 100, why: 'JPEG-LS frame header' };
      if (head[at + 1] === 0xda || (head[at + 1]! >= 0xc0 && head[at + 1]! <= 0xc3)) break;
    }
    return { score: 0, why: 'no JPEG-LS frame header' };
  },
  async open(input, options) {
    const { openJpegls } = await import('./reader.js');
    return openJpegls(input, options);
  },
};
