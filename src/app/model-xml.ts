// The OME-XML of a data set, as a conversion to OME-Zarr writes it.

import { writeOmeXml as write } from '../containers/ome-xml/write.js';
import type { Dataset } from '../core/contracts.js';

/** Errors: unsupported OME_PIXEL_TYPE for 64-bit integers. */
export function writeOmeXml(dataset: Dataset, withOriginal: boolean): string {
  return write(dataset.ome, { pixels: 'metadata-only', original: withOriginal ? dataset.original : [] });
}
