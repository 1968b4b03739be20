// OME-Zarr: OME-NGFF 0.1 to 0.6 on Zarr v2 and v3, as folders and as ZIP archives.

import { probeZarr } from '../../src/containers/zarr/probe.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';

const NAME = /\.(zarr|ozx|zarr\.zip)$/i;
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
  probe(input): Verdict {
    const verdict = probeZarr(input, NAME);
    const zipped = verdict.score === 0 && NAME.test(input.name);
    return zipped ? { score: 25, why: 'extension of a zipped Zarr without ZIP signature' } : verdict;
  },
  async identify(input) {
    const { identifyNgff } = await import('./identify.js');
    return identifyNgff(input);
  },
  async open(input, options) {
    const { openNgff } = await import('./reader.js');
    return openNgff(input, options);
  },
};
