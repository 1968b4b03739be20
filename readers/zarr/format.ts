// Zarr v2 and v3 arrays, and groups of them, without OME-NGFF metadata.

import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';

const NAME = /\.(zarr|zarr\.zip)$/i;
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
  return { score: 0, why: 'neither a folder nor a ZIP archive' };
}

export const zarr: FormatReader = {
  id: 'zarr',
  name: 'Zarr',
  extensions: ['.zarr.zip', '.zarr'],
  structure: 'The folder (or ZIP archive) of an array, or of a group: each array below it becomes an image.',
  reads: [
    'Zarr v2 and v3, shards',
    'numcodecs compressors and lossless filters',
    'dimension names',
    'complex numbers as two channels',
  ],
  gaps: ['structured, text and date types', 'nested shards', 'irregular chunk grids', 'more than five dimensions'],
  probe,
  async identify(input) {
    const { identifyZarr } = await import('./reader.js');
    return identifyZarr(input);
  },
  async open(input, options) {
    const { openZarr } = await import('./reader.js');
    return openZarr(input, options);
  },
};
