import { headIsHdf5, peekHdf5 } from '../../src/containers/hdf5/open.js';
import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';

export const bdv: FormatReader = {
  id: 'bdv',
  name: 'BigDataViewer XML/HDF5',
  extensions: ['.xml', '.h5'],
  structure: 'A .xml file and the .h5 file (or files) that it names: open the .xml, or the .h5 alone.',
  reads: [
    'setups as images, channels of one view together; time points, stored resolutions',
    'data spread over linked .h5 files; missing views are reported',
    'voxel sizes, names, channels, tiles, angles; positions from registrations; the whole XML as original metadata',
  ],
  gaps: [
    'the N5 and Zarr backends',
    'rotation and shear of registrations are kept as metadata',
    'resolutions that shrink along z',
  ],
  probe({ head, isFolder }): Verdict {
    if (isFolder) return { score: 0, why: 'a folder' };
    if (/<SpimData[\s>]/.test(Buffer.from(head).toString('latin1'))) return { score: 100, why: 'SpimData XML' };
    if (headIsHdf5(head)) return { score: 50, why: 'HDF5 signature' };
    return { score: 0, why: 'neither SpimData XML nor HDF5' };
  },
  async identify(input: InputTree): Promise<Verdict> {
    const names = (await (await peekHdf5(input))?.root())?.links.map(({ name }) => name) ?? [];
    return names.some((name) => /^t\d{5,}$/.test(name)) && names.some((name) => /^s\d{2,}$/.test(name))
      ? { score: 100, why: 'HDF5 groups of time points and setups' }
      : { score: 0, why: 'no groups t00000 and s00' };
  },
  async open(input, options) {
    const { openBdv } = await import('./reader.js');
    return openBdv(input, options);
  },
};
