// Which files belong to the input: one file and the rest of its series, a folder, or what a DICOMDIR lists.

import type { DataSet } from '../../src/containers/dicom/data-set.js';
import { readFile } from '../../src/containers/dicom/file.js';
import { encodingAt, isDicm } from '../../src/containers/dicom/head.js';
import { TAG } from '../../src/containers/dicom/tags.js';
import type { InputTree, OpenOptions, Verdict } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';

const DIRECTORY_CLASS = '1.2.840.10008.1.3.10';
const DEEPEST = 6;
/** Files that are looked at to find out what a folder holds. */
const SAMPLE = 24;
const FOREIGN =
  /\.(txt|json|xml|csv|html?|pdf|png|jpe?g|gif|bmp|tiff?|zip|gz|tar|md|log|py|nii|nrrd|zarr|exe|inf|ini|db)$/i;

export interface Collected {
  /** Names relative to the root. */
  readonly names: readonly string[];
  /** Files that a DICOMDIR lists and that do not exist, absolute. */
  readonly missing: readonly string[];
  /** The file that the user named, which decides what is opened; undefined for folders and directories. */
  readonly named?: string;
  /** The DICOMDIR, where there is one. */
  readonly directory?: string;
}

export async function identifyFolder(input: InputTree): Promise<Verdict> {
  if (!input.isFolder) return { score: 50, why: 'a DICOM data set' };
  const files = await walk(input, '', 2, SAMPLE);
  for (const name of files) {
    if (isDirectoryName(name)) return { score: 75, why: 'a DICOMDIR' };
    if (await isDicom(input, name, false)) return { score: 75, why: 'a folder of DICOM files' };
  }
  return { score: 0, why: 'no DICOM files in the folder' };
}

function isDirectoryName(name: string): boolean {
  return /^dicomdir$/i.test(name);
}

/** Files that may be DICOM, in the order of their names; `most` at most. */
async function walk(input: InputTree, folder: string, depth: number, most: number): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await input.list(folder)) {
    if (names.length >= most) break;
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.name.startsWith('.')) continue;
    if (!entry.folder) {
      if (!FOREIGN.test(entry.name)) names.push(name);
    } else if (depth > 0) names.push(...(await walk(input, name, depth - 1, most - names.length)));
  }
  return names;
}

/** `bare`: data sets without a preamble count too. */
async function isDicom(input: InputTree, name: string, bare: boolean): Promise<boolean> {
  const source = await input.open(name);
  try {
    const head = await source.read(0, Math.min(160, source.size));
    return isDicm(head, 128) || isDicm(head, 0) || (bare && encodingAt(head, 0) !== undefined);
  } finally {
    await source.close();
  }
}

/** Errors: those of reading a DICOMDIR. */
export async function collect(input: InputTree, options: OpenOptions): Promise<Collected> {
  if (input.isFolder) {
    const entries = await input.list('');
    const directory = entries.find((entry) => !entry.folder && isDirectoryName(entry.name))?.name;
    if (directory) {
      const listed = await readDirectory(input, directory, options);
      if (listed && listed.names.length > 0) return listed;
    }
    const all = await walk(input, '', DEEPEST, options.limits.images);
    const names: string[] = [];
    for (const name of all) if (!isDirectoryName(name) && (await isDicom(input, name, true))) names.push(name);
    return { names, missing: [] };
  }
  const listed = await readDirectory(input, input.name, options, true);
  if (listed) return listed;
  const alone = { names: [input.name], missing: [], named: input.name };
  if (options.reader.series === 'false') return alone;
  return { ...alone, names: [input.name, ...(await siblings(input, options))] };
}

/** Other files in the folder that belong to the same series as the named one. */
async function siblings(input: InputTree, options: OpenOptions): Promise<string[]> {
  const series = (await readStart(input, input.name, options))?.text(TAG.SeriesInstanceUID);
  if (!series) return [];
  const extension = extensionOf(input.name);
  const found: string[] = [];
  for (const entry of await input.list('')) {
    if (entry.folder || entry.name === input.name || extensionOf(entry.name) !== extension) continue;
    if (entry.name.startsWith('.') || isDirectoryName(entry.name)) continue;
    const data = await readStart(input, entry.name, options);
    if (data?.text(TAG.SeriesInstanceUID) === series) found.push(entry.name);
  }
  return found;
}

/** '.dcm'; '' for names without, or whose last part is a number, as in file names made of identifiers. */
function extensionOf(name: string): string {
  return (/\.[a-z][a-z0-9]*$/i.exec(name)?.[0] ?? '').toLowerCase();
}

/** The first groups of a header; undefined for files that are no DICOM. */
async function readStart(input: InputTree, name: string, options: OpenOptions): Promise<DataSet | undefined> {
  const source = await input.open(name);
  try {
    const head = await source.read(0, Math.min(160, source.size));
    if (!isDicm(head, 128) && !encodingAt(head, 0) && !isDicm(head, 0)) return undefined;
    return (await readFile(source, { limits: options.limits, until: TAG.SeriesInstanceUID })).data;
  } catch (error) {
    if (error instanceof ImgconvError) return undefined;
    throw error;
  } finally {
    await source.close();
  }
}

/** What a DICOMDIR lists (PS3.3 Annex F); undefined where the file is none. */
async function readDirectory(
  input: InputTree,
  name: string,
  options: OpenOptions,
  named = false,
): Promise<Collected | undefined> {
  if (named && !isDirectoryName(name) && !isDicm(input.head, 128)) return undefined;
  const source = await input.open(named ? undefined : name);
  try {
    const meta = await readFile(source, { limits: options.limits, until: 0x00020012 });
    if (meta.meta.text(TAG.MediaStorageSOPClassUID) !== DIRECTORY_CLASS) return undefined;
    const { data } = await readFile(source, { limits: options.limits });
    const names: string[] = [];
    const missing: string[] = [];
    for (const record of data.items(TAG.DirectoryRecordSequence)) {
      const parts = record.texts(TAG.ReferencedFileID).filter((part) => part !== '');
      if (parts.length === 0) continue;
      const found = await locate(input, parts);
      if (found) names.push(found);
      else missing.push(`${input.root}/${parts.join('/')}`);
    }
    return { names: [...new Set(names)], missing, directory: source.name };
  } finally {
    await source.close();
  }
}

/** Identifiers are upper case in the file; copies of media often have lower-case names, or an extension. */
async function locate(input: InputTree, parts: readonly string[]): Promise<string | undefined> {
  let folder = '';
  for (const [i, part] of parts.entries()) {
    if (part === '..' || part.includes('/')) return undefined;
    const last = i === parts.length - 1;
    const wanted = part.toLowerCase();
    const entries = (await input.list(folder)).filter((entry) => entry.folder !== last);
    const entry =
      entries.find((each) => each.name === part) ??
      entries.find((each) => each.name.toLowerCase() === wanted) ??
      (last ? entries.find((each) => each.name.toLowerCase() === `${wanted}.dcm`) : undefined);
    if (!entry) return undefined;
    folder = folder === '' ? entry.name : `${folder}/${entry.name}`;
  }
  return folder;
}
