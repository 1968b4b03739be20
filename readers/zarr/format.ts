// Zarr v2 and v3 arrays, and groups of them, without OME-NGFF metadata.

import { probeZarr } from '../../src/containers/zarr/probe.js';
import type { FormatReader } from '../../src/core/contracts.js';

const NAME = /\.(zarr|zarr\.zip)$/i;
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
  probe: (input) => probeZarr(input, NAME),
  async identify(input) {
    const { identifyZarr } = await import('./reader.js');
    return identifyZarr(input);
  },
  async open(input, options) {
    const { openZarr } = await import('./reader.js');
    return openZarr(input, options);
  },
};
