import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const ico: FormatReader = {
  id: 'ico',
  name: 'Windows icon',
  extensions: ['.ico', '.cur'],
  structure: 'One file with pictures of several sizes: each is an image of its own.',
  reads: ['bitmaps of 1 to 32 bits with their masks, PNG pictures'],
  gaps: ['16-bit bitmaps'],
  probe({ head, isFolder }): Verdict {
    const u16 = (at: number) => head[at]! | (head[at + 1]! << 8);
    const count = head.length >= 22 ? u16(4) : 0;
    // Reserved bytes, kind, then entries whose first picture lies behind the directory.
    const first = head[18]! + (head[19]! << 8) + (head[20]! << 16) + head[21]! * 2 ** 24;
    const matches =
      !isFolder &&
      count > 0 &&
      count < 256 &&
      u16(0) === 0 &&
      (u16(2) === 1 || u16(2) === 2) &&
      head[9] === 0 &&
      first >= 6 + 16 * count;
    return matches ? { score: 75, why: 'icon directory' } : { score: 0, why: 'no icon directory' };
  },
  async open(input, options) {
    const { openIco } = await import('./reader.js');
    return openIco(input, options);
  },
};
