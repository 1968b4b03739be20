// Any input: what it is, then the rules for it, then those of the profile.

import { headText, looksLikeOmeXml } from '../containers/ome-xml/detect.js';
import { tiffSignature } from '../containers/tiff/file.js';
import { isMetadataFile, isZip } from '../containers/zarr/open.js';
import type { InputTree } from '../core/contracts.js';
import { formatError, unsupported } from '../core/errors.js';
import { checkZarr } from './ngff/check.js';
import { checkOmeTiff } from './ometiff/check.js';
import { checkOmeXmlFile } from './omexml/file.js';
import type { ValidateOptions } from './options.js';
import { applyProfile } from './profiles.js';
import { Report } from './report.js';

/** 'zarr': without OME-NGFF metadata. */
export type InputKind = 'ome-zarr' | 'zarr' | 'ome-tiff' | 'ome-xml';

export interface Validated {
  readonly kind: InputKind;
  readonly report: Report;
}

async function kindOf(tree: InputTree): Promise<InputKind> {
  if (tree.isFolder) {
    const names = (await tree.list()).map((entry) => entry.name);
    if (names.some(isMetadataFile)) return 'ome-zarr';
    throw unsupported('UNKNOWN_FORMAT', `${tree.path}: a folder without zarr.json, .zgroup or .zarray is no Zarr`, {
      file: tree.path,
    });
  }
  if (tree.head.length === 0) throw formatError('EMPTY_FILE', `${tree.path}: the file is empty`, { file: tree.path });
  if (tiffSignature(tree.head)) return 'ome-tiff';
  if (isZip(tree.head) || isMetadataFile(tree.name)) return 'ome-zarr';
  const text = headText(tree.head);
  if (looksLikeOmeXml(text) || /\.(ome|ome\.xml|companion\.ome|xml)$/i.test(tree.name) || /^\s*<\?xml/.test(text))
    return 'ome-xml';
  if (/\.(ome\.)?(tiff?|tf2|tf8|btf)$/i.test(tree.name)) return 'ome-tiff';
  throw unsupported('UNKNOWN_FORMAT', `${tree.path}: neither OME-Zarr, OME-TIFF nor OME-XML`, { file: tree.path });
}

/** Check one input. Errors: io; unsupported UNKNOWN_FORMAT; format EMPTY_FILE. What is wrong inside becomes findings. */
export async function validateTree(tree: InputTree, options: ValidateOptions): Promise<Validated> {
  const kind = await kindOf(tree);
  const report = new Report(options.profile === 'strict');
  if (kind === 'ome-zarr') {
    const facts = await checkZarr(tree, options, report);
    if (facts) applyProfile(options.profile, { zarr: facts, folder: tree.isFolder, name: tree.name }, report);
  } else if (kind === 'ome-tiff') {
    const facts = await checkOmeTiff(tree, options, report);
    if (facts) applyProfile(options.profile, { tiff: facts, folder: false, name: tree.name }, report);
  } else await checkOmeXmlFile(tree, options, report);
  const bare = report.findings.some(({ rule }) => rule === 'NGFF_NONE');
  return { kind: bare ? 'zarr' : kind, report };
}
