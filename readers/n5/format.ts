// N5 data sets and containers of them.

import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';

function probe({ name, isFolder }: Pick<InputTree, 'head' | 'name' | 'isFolder'>): Verdict {
  if (isFolder && /\.n5$/i.test(name)) return { score: 50, why: 'a folder named like an N5 container' };
  if (isFolder) return { score: 25, why: 'a folder, which may hold N5 attributes' };
  if (name === 'attributes.json') return { score: 50, why: 'an attributes file of N5' };
  return { score: 0, why: 'neither a folder nor attributes.json' };
}

export const n5: FormatReader = {
  id: 'n5',
  name: 'N5',
  extensions: ['.n5'],
  structure:
    'The folder of a data set, or of a container: each data set (or series s0, s1, …) below it becomes an image.',
  reads: [
    'raw, gzip, zlib, bzip2, xz, blosc, zstd',
    'padded and cut edge blocks',
    'n5-viewer and COSEM pixel sizes',
    'stored pyramids',
  ],
  gaps: ['lz4 and jpeg blocks', 'blocks of variable length or of objects', 'levels that shrink along z'],
  probe,
  async identify(input) {
    const { identifyN5 } = await import('./reader.js');
    return identifyN5(input);
  },
  async open(input, options) {
    const { openN5 } = await import('./reader.js');
    return openN5(input, options);
  },
};
