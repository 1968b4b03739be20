// OME-Zarr writer: OME-NGFF 0.5 (Zarr v3) and 0.4 (Zarr v2).

import type { FormatWriter } from '../../src/core/writer.js';
import type { NgffOptions } from './options.js';
import { planOutput, writeNgff } from './writer.js';

export { type NgffOptionsInput, parseNgffOptions } from './options.js';

export const ngff: FormatWriter<NgffOptions> = {
  id: 'ngff',
  name: 'OME-Zarr (OME-NGFF 0.5, 0.4)',
  extensions: ['.ome.zarr', '.zarr'],
  plan: planOutput,
  write: writeNgff,
};
