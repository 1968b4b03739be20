import type { FormatReader, Verdict } from '../../src/core/contracts.js';

const CONTAINER = [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20, 0x0d, 0x0a, 0x87, 0x0a];

export const jpegxl: FormatReader = {
  id: 'jpegxl',
  name: 'JPEG XL',
  extensions: ['.jxl'],
  structure: 'One file: a code stream, bare or in boxes.',
  reads: ['still images with integer samples of up to 16 bits'],
  gaps: ['floating point samples', 'animations: the first frame alone', 'extra channels other than alpha'],
  probe({ head, isFolder }): Verdict {
    if (isFolder) return { score: 0, why: 'a folder' };
    if (CONTAINER.every((byte, i) => head[i] === byte)) return { score: 100, why: 'JPEG XL container' };
    // Two bytes alone say little.
    if (head[0] === 0xff && head[1] === 0x0a) return { score: 75, why: 'JPEG XL code stream' };
    return { score: 0, why: 'no JPEG XL signature' };
  },
  async open(input, options) {
    const { openJpegXl } = await import('./reader.js');
    return openJpegXl(input, options);
  },
};
