import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const jpeg: FormatReader = {
  id: 'jpeg',
  name: 'JPEG',
  extensions: ['.jpeg', '.jfif', '.jpg', '.jpe', '.ljpg'],
  structure: 'One file.',
  reads: [
    'baseline, extended and progressive, 8 and 12 bits',
    'lossless (process 14), 2 to 16 bits',
    'gray, YCbCr, RGB, CMYK, YCCK',
    'Exif',
  ],
  gaps: [
    'colour profiles are not applied',
    'the orientation tag is kept, not applied',
    'pictures behind the first (MPO) are left out',
    'arithmetic coding',
  ],
  probe({ head, name, isFolder }): Verdict {
    if (isFolder || head[0] !== 0xff || head[1] !== 0xd8) return { score: 0, why: 'no JPEG signature' };
    // JPEG-LS looks the same up to its frame header and knows itself for certain.
    if (head[2] === 0xff) return { score: head[3] === 0xf7 ? 0 : 75, why: 'JPEG signature' };
    const known = jpeg.extensions.some((e) => name.toLowerCase().endsWith(e));
    return { score: known ? 50 : 25, why: 'starts like JPEG' };
  },
  async open(input, options) {
    const { openJpeg } = await import('./reader.js');
    return openJpeg(input, options);
  },
};
