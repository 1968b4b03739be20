import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { parseTga } from './header.js';

export const tga: FormatReader = {
  id: 'tga',
  name: 'Truevision TGA',
  extensions: ['.tga', '.tpic', '.icb', '.vda', '.vst'],
  structure: 'One file.',
  reads: ['indexed, gray and colour of 8 to 32 bits, raw and run-length coded', 'all origins'],
  gaps: ['colour tables beside true-colour pixels are left out'],
  probe({ head, name, isFolder }): Verdict {
    // No signature: only a header that makes sense.
    if (isFolder || !parseTga(head)) return { score: 0, why: 'no TGA header' };
    if (/\.(tga|tpic|icb|vda|vst)$/i.test(name)) return { score: 75, why: 'plausible TGA header' };
    return { score: 25, why: 'may be a TGA header' };
  },
  async open(input, options) {
    const { openTga } = await import('./reader.js');
    return openTga(input, options);
  },
};
