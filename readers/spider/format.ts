import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { spiderOrder } from './header.js';

export const spider: FormatReader = {
  id: 'spider',
  name: 'SPIDER',
  extensions: ['.spider', '.spi', '.stk', '.xmp', '.vol', '.dat'],
  structure: 'One file: an image, a volume, or a stack of images.',
  reads: ['images, volumes and stacks; both byte orders'],
  gaps: ['Fourier transforms, documents'],
  probe({ head, isFolder }): Verdict {
    return !isFolder && spiderOrder(head) !== undefined
      ? { score: 75, why: 'SPIDER header whose numbers agree with each other' }
      : { score: 0, why: 'no SPIDER header' };
  },
  async open(input, options) {
    const { openSpider } = await import('./reader.js');
    return openSpider(input, options);
  },
};
