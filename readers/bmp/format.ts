import type { FormatReader, Verdict } from '../../src/core/contracts.js';

/** Sizes of the headers that follow the file header: OS/2 1 and 2, Windows 3 to 5. */
const HEADERS = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

export const bmp: FormatReader = {
  id: 'bmp',
  name: 'Windows bitmap',
  extensions: ['.bmp', '.dib'],
  structure: 'One file.',
  reads: [
    '1, 2, 4, 8, 16, 24 and 32 bits',
    'bit fields, RLE4, RLE8, embedded JPEG and PNG',
    'OS/2 headers, top-down files',
  ],
  gaps: ['RLE24 and Huffman coding of OS/2'],
  probe({ head, isFolder }): Verdict {
    if (isFolder || head.length < 18 || head[0] !== 0x42 || head[1] !== 0x4d)
      return { score: 0, why: 'no BM signature' };
    const size = head[14]! | (head[15]! << 8) | (head[16]! << 16) | (head[17]! * 2 ** 24);
    if (HEADERS.has(size)) return { score: 100, why: `BM signature and a ${size}-byte header` };
    return { score: 25, why: `BM signature, unknown header of ${size} bytes` };
  },
  async open(input, options) {
    const { openBmp } = await import('./reader.js');
    return openBmp(input, options);
  },
};
