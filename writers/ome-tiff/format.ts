// OME-TIFF writer: tiled, SubIFD pyramids, OME-XML 2016-06.

import type { FormatWriter } from '../../src/core/writer.js';
import type { OmeTiffOptions } from './options.js';
import { planOutput, writeOmeTiff } from './writer.js';

export { type OmeTiffOptionsInput, parseOmeTiffOptions } from './options.js';

export const omeTiff: FormatWriter<OmeTiffOptions> = {
  id: 'ome-tiff',
  name: 'OME-TIFF (2016-06)',
  extensions: ['.ome.tiff', '.ome.tif'],
  plan: planOutput,
  write: writeOmeTiff,
};
