// Every rule: how bad a breach is, what to do about it, and where it is written. Ids are stable: CI configurations name them.

import { NGFF } from './rules/ngff.js';
import { TIFF } from './rules/ome-tiff.js';
import { XML } from './rules/ome-xml.js';
import { all, type Rule } from './rules/rule.js';
import { ZARR } from './rules/zarr.js';

export type { Rule, Severity } from './rules/rule.js';

const OTHER = all('profile', {
  INPUT: ['error', 'Name an OME-Zarr, an OME-TIFF or an OME-XML file that can be read.', 'imgconv'],
  PROFILE_OMERO: [
    'error',
    'Convert with --ngff-version 0.4 and blosc or zlib, factor 2, without shards.',
    'OMERO: omero-zarr-pixel-buffer, ZarrReader',
  ],
  PROFILE_IDR: ['error', 'Convert as bioformats2raw does: 0.4 with OME/METADATA.ome.xml.', 'IDR submission guide'],
  PROFILE_BIA: [
    'error',
    'Prepare the data as the BioImage Archive asks for.',
    'BioImage Archive, file lists and OME-Zarr',
  ],
  PROFILE_VIEWER: [
    'error',
    'Choose what all of Neuroglancer, vizarr, napari and Viv can show.',
    'Neuroglancer, vizarr, napari-ome-zarr, Viv',
  ],
  PROFILE_HINT: ['warning', 'Consider what the profile recommends.', 'profile'],
});

const table = new Map<string, Rule>([...ZARR, ...NGFF, ...XML, ...TIFF, ...OTHER]);

/** All rules by their ids, in the order of the documentation. */
export const RULES: ReadonlyMap<string, Rule> = table;

/** Codes of the containers' errors that stand for a rule of another name. */
const ALIASES: Readonly<Record<string, string>> = {
  TIFF_IFD_OFFSET: 'TIFF_IFD',
  TIFF_IFD_COUNT: 'LIMIT',
  TIFF_IFD_OVERLAP: 'TIFF_IFD_LOOP',
  TIFF_SIZE: 'TIFF_PAGE',
  TIFF_SAMPLES: 'TIFF_PAGE',
  TIFF_EMPTY: 'TIFF_PAGE',
  TIFF_MIXED: 'OMETIFF_SIZE',
  TIFF_OLD_JPEG: 'TIFF_COMPRESSION',
  TIFF_SUBIFD: 'OMETIFF_SUBIFD',
  TRUNCATED: 'TIFF_TRUNCATED',
  METADATA_SIZE: 'LIMIT',
  BLOCK_SIZE: 'LIMIT',
  ZARR_CHUNKS: 'LIMIT',
  ZARR_AXES: 'NGFF_AXES_COUNT',
  ZARR_COMPLEX: 'ZARR_DATA_TYPE',
  ZIP_METHOD: 'ZIP_PACKED',
  OME_MODEL: 'OME_ROOT',
  OME_PIXELS: 'OME_REQUIRED',
  OME_DIMENSION_ORDER: 'OME_VALUE',
  OME_PIXEL_TYPE: 'OME_VALUE',
};

/** The rule that an error code of a container belongs to. */
export function ruleOf(code: string, fallback: string): string {
  if (table.has(code)) return code;
  const alias = ALIASES[code];
  if (alias !== undefined) return alias;
  if (code.startsWith('XML_')) return 'XML_BROKEN';
  if (code.startsWith('ZIP_')) return 'ZIP_BROKEN';
  return fallback;
}
