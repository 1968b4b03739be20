import type { FormatReader, Verdict } from '../../src/core/contracts.js';

const JP2 = [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a];
const STREAM = [0xff, 0x4f, 0xff, 0x51];

export const jpeg2000: FormatReader = {
  id: 'jpeg2000',
  name: 'JPEG 2000',
  extensions: ['.jp2', '.j2k', '.j2c', '.jpc', '.jpf', '.jpx', '.jph', '.jhc', '.jpt'],
  structure: 'One file: JP2 boxes around a code stream, or the code stream alone.',
  reads: [
    'part 1 code streams with any number of components, 1 to 32 bits, signed or not',
    'tiles, all progressions, subsampled components',
    'high throughput (part 15)',
    'palettes, resolution, XML boxes',
  ],
  gaps: ['several code streams (JPX) and their composition', 'high throughput beyond 16 bits'],
  probe({ head, isFolder }): Verdict {
    if (isFolder) return { score: 0, why: 'a folder' };
    if (STREAM.every((byte, i) => head[i] === byte)) return { score: 100, why: 'JPEG 2000 code stream' };
    if (JP2.every((byte, i) => head[i] === byte)) return { score: 75, why: 'JP2 signature box' };
    return { score: 0, why: 'no JPEG 2000 signature' };
  },
  async open(input, options) {
    const { openJpeg2000 } = await import('./reader.js');
    return openJpeg2000(input, options);
  },
};
