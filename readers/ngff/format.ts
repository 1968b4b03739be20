// OME-Zarr: OME-NGFF 0.1 to 0.6 on Zarr v2 and v3, as folders and as ZIP archives.

import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';

const NAME = /\.(zarr|ozx|zarr\.zip)$/i;
const METADATA = /^(zarr\.json|\.zgroup|\.zattrs|\.zarray|\.zmetadata)$/;

function probe({ head, name, isFolder }: Pick<InputTree, 'head' | 'name' | 'isFolder'>): Verdict {
  if (isFolder) {
    return NAME.test(name)
      ? { score: 50, why: 'a folder named like a Zarr' }
      : { score: 25, why: 'a folder, which may hold Zarr metadata' };
  }
  if (METADATA.test(name)) return { score: 50, why: 'a metadata file of a Zarr' };
  if (head[0] === 0x50 && head[1] === 0x4b && head[2]! <= 5)
    return { score: 50, why: 'a ZIP archive, which may hold a Zarr' };
  if (NAME.test(name)) return { score: 25, why: 'extension of a zipped Zarr without ZIP signature' };
  return { score: 0, why: 'neither a folder nor a ZIP archive' };
}

export const ngff: FormatReader = {
  id: 'ngff',
  name: 'OME-Zarr (OME-NGFF)',
  extensions: ['.ome.zarr.zip', '.zarr.zip', '.ome.zarr', '.zarr', '.ozx'],
  structure:
    'The folder (or ZIP archive) that holds zarr.json or .zattrs. A plate, a bioformats2raw collection, or any image, well or field inside one.',
  reads: [
    'OME-NGFF 0.1–0.6',
    'Zarr v2 and v3, shards',
    'plates, collections, labels, stored pyramids',
    'OME/METADATA.ome.xml',
    'zipped Zarr',
  ],
  gaps: ['rotation, affine and displacement transformations', 'levels that shrink along z', 'more than five axes'],
  probe,
  async identify(input) {
    const { identifyNgff } = await import('./identify.js');
    return identifyNgff(input);
  },
  async open(input, options) {
    const { openNgff } = await import('./reader.js');
    return openNgff(input, options);
  },
};
