// An OME-XML or companion file.

import { hasFile } from '../../containers/has-file.js';
import { readOmeXml } from '../../containers/ome-xml/read.js';
import type { InputTree } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import { checkSet } from '../ometiff/check.js';
import { limitsOf, type ValidateOptions } from '../options.js';
import type { Report } from '../report.js';
import { checkOmeXml } from './check.js';

export async function checkOmeXmlFile(tree: InputTree, options: ValidateOptions, report: Report): Promise<void> {
  const source = await tree.open();
  const limit = limitsOf(options).metadataBytes;
  if (source.size > limit) {
    report.add('LIMIT', '', `${source.size} bytes of XML, the limit is ${limit}`);
    return;
  }
  const bytes = await source.read(0, source.size);
  checkOmeXml(bytes, '', report);
  let document: ReturnType<typeof readOmeXml>;
  try {
    document = readOmeXml(bytes, { file: tree.name });
  } catch (error) {
    if (!(error instanceof ImgconvError)) throw error;
    if (report.count('error') === 0) report.fault(error, '', 'OME_ROOT');
    return;
  }
  // A companion file: the pixels are in the TIFFs that it names.
  const names = document.storage.some(({ tiffData }) => tiffData.some(({ fileName }) => fileName !== undefined));
  if (names) await checkSet(document, undefined, document.uuid, tree, options, report);
  else if (document.binaryOnly) await checkMaster(document.binaryOnly.metadataFile, tree, report);
}

async function checkMaster(metadataFile: string, tree: InputTree, report: Report): Promise<void> {
  const name = metadataFile.split(/[\\/]/).at(-1)!;
  if (!(await hasFile(tree, name))) report.add('OMETIFF_MASTER', 'OME/BinaryOnly', `there is no ${name}`);
}
