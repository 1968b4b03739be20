import { headIsHdf5, peekHdf5 } from '../../src/containers/hdf5/open.js';
import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';

export const hdf5: FormatReader = {
  id: 'hdf5',
  name: 'HDF5 (ilastik and plain arrays)',
  extensions: ['.hspy', '.hdf5', '.emd', '.hdf', '.nxs', '.he5', '.h5'],
  structure:
    'One file: every array of numbers with two or more dimensions becomes an image (with one dimension only where there is no other).',
  reads: [
    'all superblocks, layouts and chunk indexes; integers, floats of 16 to 64 bits',
    'deflate, shuffle, Fletcher-32, scale-offset of integers, LZF, Blosc, LZ4, bitshuffle, Zstandard, bzip2',
    'axes from axistags (ilastik, VIGRA) or dimension labels; attributes as original metadata',
  ],
  gaps: ['szip and n-bit filters, scale-offset of floats', 'virtual data sets, external files', 'compound types'],
  probe({ head, isFolder }): Verdict {
    if (!isFolder && headIsHdf5(head)) return { score: 50, why: 'HDF5 signature' };
    return { score: 0, why: 'no HDF5 signature' };
  },
  async identify(input: InputTree): Promise<Verdict> {
    return (await peekHdf5(input))
      ? { score: 50, why: 'HDF5 file, of no application that is known' }
      : { score: 25, why: 'HDF5 signature, but no root group' };
  },
  async open(input, options) {
    const { openArrays } = await import('./reader.js');
    return openArrays(input, options);
  },
};
