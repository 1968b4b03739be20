import { headIsHdf5, peekHdf5 } from '../../src/containers/hdf5/open.js';
import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';

export const ims: FormatReader = {
  id: 'ims',
  name: 'Imaris 5.5 (HDF5)',
  extensions: ['.ims'],
  structure: 'One .ims file.',
  reads: [
    'time points, channels, stored resolutions; all pixel types, padding is left out',
    'pixel sizes from extents, channel names, colours and wavelengths, display ranges, recording date, time points, objective',
    'all settings as original metadata; files above 4 GB',
  ],
  gaps: ['surfaces, spots and other objects of the scene', 'the thumbnail', 'resolutions that shrink along z'],
  probe({ head, name, isFolder }): Verdict {
    const container = !isFolder && headIsHdf5(head);
    if (container && /\.ims$/i.test(name)) return { score: 75, why: 'HDF5 signature and extension .ims' };
    if (container) return { score: 50, why: 'HDF5 signature' };
    return { score: 0, why: 'no HDF5 signature' };
  },
  async identify(input: InputTree): Promise<Verdict> {
    const root = await (await peekHdf5(input))?.root();
    return root?.attributes.has('ImarisDataSet')
      ? { score: 100, why: 'attribute ImarisDataSet' }
      : { score: 0, why: 'no attribute ImarisDataSet' };
  },
  async open(input, options) {
    const { openIms } = await import('./reader.js');
    return openIms(input, options);
  },
};
