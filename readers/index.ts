// One line per format, ordered from specific to generic.

import type { FormatReader } from '../src/core/contracts.js';
import { bdv } from './bdv/format.js';
import { bmp } from './bmp/format.js';
import { czi } from './czi/format.js';
import { deltavision } from './deltavision/format.js';
import { dicom } from './dicom/format.js';
import { dm } from './dm/format.js';
import { fake } from './fake/format.js';
import { fits } from './fits/format.js';
import { gif } from './gif/format.js';
import { hdf5 } from './hdf5/format.js';
import { hdr } from './hdr/format.js';
import { ico } from './ico/format.js';
import { ics } from './ics/format.js';
import { imagejTiff } from './imagej-tiff/format.js';
import { ims } from './ims/format.js';
import { ionpathMibi } from './ionpath-mibi/format.js';
import { jpeg } from './jpeg/format.js';
import { jpeg2000 } from './jpeg2000/format.js';
import { jpegls } from './jpegls/format.js';
import { jpegxl } from './jpegxl/format.js';
import { jxr } from './jxr/format.js';
import { lif } from './lif/format.js';
import { lof } from './lof/format.js';
import { lsm } from './lsm/format.js';
import { metaimage } from './metaimage/format.js';
import { metamorph } from './metamorph/format.js';
import { mgh } from './mgh/format.js';
import { micromanager } from './micromanager/format.js';
import { mrc } from './mrc/format.js';
import { n5 } from './n5/format.js';
import { nd2 } from './nd2/format.js';
import { ndpi } from './ndpi/format.js';
import { ndtiff } from './ndtiff/format.js';
import { ngff } from './ngff/format.js';
import { analyze, nifti } from './nifti/format.js';
import { nrrd } from './nrrd/format.js';
import { oib, oif } from './oif/format.js';
import { omeTiff } from './ome-tiff/format.js';
import { omeXml } from './ome-xml/format.js';
import { pcx } from './pcx/format.js';
import { phenix } from './phenix/format.js';
import { png } from './png/format.js';
import { pnm } from './pnm/format.js';
import { psd } from './psd/format.js';
import { qptiff } from './qptiff/format.js';
import { scanimageTiff } from './scanimage-tiff/format.js';
import { semTiff } from './sem-tiff/format.js';
import { sgi } from './sgi/format.js';
import { spider } from './spider/format.js';
import { svs } from './svs/format.js';
import { tga } from './tga/format.js';
import { tiff } from './tiff/format.js';
import { webp } from './webp/format.js';
import { xlef } from './xlef/format.js';
import { zarr } from './zarr/format.js';

export const readers: readonly FormatReader[] = [
  fake,
  n5,
  ngff,
  zarr,
  ndtiff,
  micromanager,
  phenix,
  czi,
  nd2,
  lif,
  lof,
  xlef,
  deltavision,
  dicom,
  dm,
  ims,
  bdv,
  hdf5,
  oif,
  oib,
  nrrd,
  metaimage,
  fits,
  ics,
  nifti,
  mgh,
  spider,
  analyze,
  mrc,
  omeTiff,
  omeXml,
  svs,
  ndpi,
  lsm,
  metamorph,
  qptiff,
  ionpathMibi,
  semTiff,
  scanimageTiff,
  imagejTiff,
  tiff,
  bmp,
  gif,
  jpeg,
  png,
  pnm,
  jpeg2000,
  jpegls,
  jpegxl,
  jxr,
  webp,
  hdr,
  psd,
  sgi,
  pcx,
  ico,
  tga,
];
