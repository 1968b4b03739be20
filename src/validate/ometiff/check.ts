// An OME-TIFF, whole, with the files of its set; companion files come here too.

import { looksLikeOmeXml } from '../../containers/ome-xml/detect.js';
import type { OmeDocument } from '../../containers/ome-xml/document.js';
import { readOmeXml } from '../../containers/ome-xml/read.js';
import { readDescription } from '../../containers/tiff/description.js';
import { parseTiff, type TiffFile, tiffSignature } from '../../containers/tiff/file.js';
import { decodeText } from '../../containers/tiff/ifd.js';
import type { InputTree } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import { checkOmeXml } from '../omexml/check.js';
import { limitsOf, reaches, type ValidateOptions } from '../options.js';
import type { Report } from '../report.js';
import { ruleOf } from '../rules.js';
import { checkDirectory } from './blocks.js';
import { checkTiffImage, type TiffImageFacts } from './image.js';
import { type Member, Members } from './members.js';

export interface TiffFacts {
  readonly images: readonly TiffImageFacts[];
  readonly big: boolean;
}

export async function checkOmeTiff(
  tree: InputTree,
  options: ValidateOptions,
  report: Report,
): Promise<TiffFacts | undefined> {
  let file: TiffFile;
  try {
    file = await parseTiff(await tree.open(), limitsOf(options));
  } catch (error) {
    report.fault(error, '', 'TIFF_HEADER');
    return undefined;
  }
  for (const { code, rank, text } of file.notices)
    if (rank === 'damage') report.add(ruleOf(code, 'TIFF_TRUNCATED'), '', text, 'error');
  const bytes = await description(file, report);
  if (!bytes) {
    await checkAll(file, report);
    return undefined;
  }
  checkOmeXml(bytes, 'ImageDescription', report);
  const document = read(bytes, report, 'ImageDescription');
  if (!document) {
    await checkAll(file, report);
    return undefined;
  }
  const own: Member = { name: '', file };
  const master = document.binaryOnly ? await readMaster(document.binaryOnly, tree, options, report) : document;
  if (!master) {
    await checkAll(file, report);
    return undefined;
  }
  const images = await checkSet(master, own, document.uuid, tree, options, report);
  return { images, big: file.big };
}

/** OME-XML of the first directory; undefined (reported) where there is none. */
async function description(file: TiffFile, report: Report): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readDescription(file);
    if (
      bytes &&
      (looksLikeOmeXml(decodeText(bytes.subarray(0, 65536))) || /<OME[\s>]/.test(decodeText(bytes.subarray(0, 65536))))
    )
      return bytes;
    report.add('OMETIFF_XML', 'IFD 0', bytes ? 'the ImageDescription is no OME-XML' : 'there is no ImageDescription');
  } catch (error) {
    report.fault(error, 'IFD 0', 'OMETIFF_XML');
  }
  return undefined;
}

function read(bytes: Uint8Array, report: Report, where: string): OmeDocument | undefined {
  try {
    return readOmeXml(bytes);
  } catch (error) {
    if (!(error instanceof ImgconvError)) throw error;
    // Nothing was said about it by the schema: then this is what is wrong.
    if (!report.findings.some(({ severity, rule }) => severity === 'error' && /^(OME|XML)_/.test(rule)))
      report.fault(error, where, 'OME_ROOT');
    return undefined;
  }
}

/** All directories by themselves, where no XML says what they are. */
async function checkAll(file: TiffFile, report: Report): Promise<void> {
  for (const [i, ifd] of file.ifds.entries()) await checkDirectory(ifd, `IFD ${i}`, undefined, report);
}

async function readMaster(
  { metadataFile, uuid }: { metadataFile: string; uuid: string },
  tree: InputTree,
  options: ValidateOptions,
  report: Report,
): Promise<OmeDocument | undefined> {
  const name = metadataFile.split(/[\\/]/).at(-1)!;
  let bytes: Uint8Array | undefined;
  try {
    const source = await tree.open(name);
    if (source.size > limitsOf(options).metadataBytes && !tiffSignature(await source.read(0, 8))) return undefined;
    if (tiffSignature(await source.read(0, Math.min(16, source.size))))
      bytes = await readDescription(await parseTiff(source, limitsOf(options), { first: 1 }));
    else bytes = await source.read(0, source.size);
  } catch (error) {
    if (error instanceof ImgconvError && error.blame === 'io')
      report.add('OMETIFF_MASTER', 'BinaryOnly', `there is no ${name}`);
    else report.fault(error, name, 'OMETIFF_MASTER');
    return undefined;
  }
  if (!bytes) {
    report.add('OMETIFF_MASTER', 'BinaryOnly', `${name} has no OME-XML`);
    return undefined;
  }
  checkOmeXml(bytes, name, report);
  const document = read(bytes, report, name);
  if (document?.uuid !== undefined && document.uuid !== uuid)
    report.add('OMETIFF_UUID', 'BinaryOnly', `the master is said to be ${uuid}, ${name} is ${document.uuid}`);
  return document;
}

/** Images of a document in the files of its set. `own`: the TIFF that was named; undefined for a companion file. */
export async function checkSet(
  document: OmeDocument,
  own: Member | undefined,
  uuid: string | undefined,
  tree: InputTree,
  options: ValidateOptions,
  report: Report,
): Promise<readonly TiffImageFacts[]> {
  const blocks = document.storage.flatMap(({ tiffData }) => tiffData);
  const names = new Set(blocks.map(({ fileName }) => fileName));
  const alone = own !== undefined && names.size === 1 && uuid === document.uuid;
  if (names.size > 1 && own !== undefined && uuid === undefined)
    report.add('OMETIFF_UUID_MISSING', '', 'a file of a set without UUID');
  const members = new Members(tree, limitsOf(options), own, uuid, alone, report);
  const used = new Map<string, Set<number>>();
  const facts: TiffImageFacts[] = [];
  try {
    for (const [index, image] of document.model.Images.entries()) {
      const storage = document.storage[index];
      if (!storage) continue;
      const pixels = reaches(options.level, 'pixels');
      const old = document.schema !== '' && document.schema < '2016-06';
      const one = await checkTiffImage({
        old,
        image,
        storage,
        index,
        members,
        used,
        pixels,
        report,
        signal: options.signal,
        workers: options.workers,
      });
      if (one) facts.push(one);
    }
    const extra = own ? own.file.ifds.length - (used.get('')?.size ?? 0) : 0;
    if (own && extra > 0)
      report.add('OMETIFF_EXTRA', '', `${extra} of ${own.file.ifds.length} directories belong to no image`);
  } finally {
    await members.close();
  }
  return facts;
}
