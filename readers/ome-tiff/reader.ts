// OME-TIFF: the OME-XML says which directory of which file is which plane (members.ts, planes.ts); the TIFF tags say how it is stored.

import { looksLikeOmeXml } from '../../src/containers/ome-xml/detect.js';
import type { OmeDocument, PixelStorage } from '../../src/containers/ome-xml/document.js';
import { openOmeXml } from '../../src/containers/ome-xml/input.js';
import { readOmeXml } from '../../src/containers/ome-xml/read.js';
import { parseTiff, type TiffFile, tiffSignature } from '../../src/containers/tiff/file.js';
import { listTags } from '../../src/containers/tiff/metadata.js';
import { imageSource } from '../../src/containers/tiff/model.js';
import { openTiff } from '../../src/containers/tiff/open.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { Dataset, ImageSource, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { OmeImage } from '../../src/core/ome.js';
import { ImageOpener, type OpenedImage } from './image.js';
import { localName, Members, type OwnFile } from './members.js';
import { plainDocument } from './plain.js';

interface Entry {
  readonly document: OmeDocument;
  readonly own?: OwnFile;
  /** Absolute names of files that hold metadata alone. */
  readonly metadata: readonly string[];
  readonly missing: readonly string[];
}

export async function openOmeTiff(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const entry = await readEntry(input, options);
  const { document } = entry;
  for (const notice of document.notices) options.notice(notice);
  const count = document.model.Images.length;
  if (count === 0) throw formatError('OME_EMPTY', 'the OME-XML has no image', { file: input.path });
  if (count > options.limits.images) {
    throw new ImgconvError('limit', 'IMAGE_COUNT', `${count} images, the limit is ${options.limits.images}`, {
      file: input.path,
    });
  }
  const members = new Members(input, options.limits, entry.own, isAlone(document.storage));
  const opener = new ImageOpener(
    members,
    options.notice,
    runningStarts(document),
    count === 1,
    options.reader.ink === 'stored',
  );
  const opened: OpenedImage[] = [];
  for (const [index, image] of document.model.Images.entries()) {
    options.signal?.throwIfAborted();
    opened.push(await opener.open(image, document.storage[index]!, index));
  }
  const files = await members.list();
  const images: ImageSource[] = [];
  for (const each of opened) images.push(await toSource(each, input.name));
  for (const file of files) for (const notice of file.notices) options.notice(notice);
  const missing = [...entry.missing, ...members.missing];
  if (members.missing.size > 0) {
    const names = [...members.missing].slice(0, 3).join(', ');
    const text = `${members.missing.size} files of the set do not exist: ${names}${members.missing.size > 3 ? ' …' : ''}`;
    options.notice({ code: 'OME_FILES_MISSING', rank: 'damage', text });
  }
  const { root } = input;
  return {
    format: 'ome-tiff',
    ome: { ...document.model, Images: opened.map((each) => each.model) },
    images,
    original: [...document.original, ...(await tagsOf(opened))],
    files: [...entry.metadata, ...files.map((file) => file.source.name)],
    ...(missing.length > 0 && { missing: missing.map((name) => `${root}/${name}`) }),
  };
}

async function readEntry(input: InputTree, options: OpenOptions): Promise<Entry> {
  if (!tiffSignature(input.head)) {
    const { document, name } = await openOmeXml(input, options.limits);
    if (!document.binaryOnly) return { document, metadata: [name], missing: [] };
    const master = await readMaster(input, document.binaryOnly, options);
    if (master) return { ...master, metadata: [name, ...master.metadata], missing: [] };
    const text = `the metadata file ${document.binaryOnly.metadataFile} does not exist`;
    throw formatError('OME_MASTER_MISSING', text, { file: input.path });
  }
  const file = await openTiff(input, options.limits);
  const text = await descriptionOf(file);
  const read = (): OmeDocument =>
    readOmeXml(text ?? '', { file: file.source.name, maxBytes: options.limits.metadataBytes });
  let document: OmeDocument;
  try {
    document = read();
  } catch (error) {
    if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
    const notice = `the OME-XML cannot be read, the file is taken as a plain TIFF: ${error.message}`;
    options.notice({ code: 'OME_XML_BROKEN', rank: 'loss', text: notice });
    return { document: await plainDocument(file), own: { name: input.name, file }, metadata: [], missing: [] };
  }
  const own: OwnFile = { name: input.name, file, uuid: document.uuid };
  if (!document.binaryOnly) return { document, own, metadata: [], missing: [] };
  const master = await readMaster(input, document.binaryOnly, options);
  if (master) return { own, ...master, missing: [] };
  const name = localName(document.binaryOnly.metadataFile);
  const lost = `the metadata file ${name} of this set does not exist: the file is taken as a plain TIFF`;
  options.notice({ code: 'OME_MASTER_MISSING', rank: 'damage', text: lost });
  return { document: await plainDocument(file), own, metadata: [], missing: [name] };
}

/** The document that a BinaryOnly element points to: a companion file, or the description of another TIFF. */
async function readMaster(
  input: InputTree,
  binary: NonNullable<OmeDocument['binaryOnly']>,
  options: OpenOptions,
): Promise<Pick<Entry, 'document' | 'metadata' | 'own'> | undefined> {
  const name = localName(binary.metadataFile);
  const { metadataBytes } = options.limits;
  let source: Awaited<ReturnType<InputTree['open']>>;
  try {
    source = await input.open(name);
  } catch (error) {
    if (error instanceof ImgconvError && error.blame === 'io') return undefined;
    throw error;
  }
  const tiff = tiffSignature(await source.read(0, Math.min(16, source.size))) !== undefined;
  const file = tiff ? await parseTiff(source, options.limits) : undefined;
  const text = file ? await descriptionOf(file) : await source.read(0, Math.min(source.size, metadataBytes + 1));
  if (!file) await source.close();
  const document = readOmeXml(text ?? '', { file: source.name, maxBytes: metadataBytes });
  // A chain of pointers has no end that could be trusted.
  if (document.binaryOnly) {
    throw formatError('OME_MASTER', `the metadata file ${name} points to another metadata file`, { file: source.name });
  }
  return file
    ? { document, metadata: [], own: { name, file, uuid: document.uuid } }
    : { document, metadata: [source.name] };
}

async function descriptionOf(file: TiffFile): Promise<string | undefined> {
  const ifd = file.ifds[0];
  const text = ifd?.has(TAG.ImageDescription) ? await ifd.text(TAG.ImageDescription) : undefined;
  return text && looksLikeOmeXml(text) ? text : undefined;
}

/** True if all blocks of all images are in one file. */
function isAlone(storage: readonly PixelStorage[]): boolean {
  const names = new Set<string>();
  for (const { tiffData } of storage) {
    for (const { fileName, uuid } of tiffData) names.add(fileName ?? uuid ?? '');
    if (names.size > 1) return false;
  }
  return true;
}

/**
 * Several images in one file, each with a bare `<TiffData/>`: taken one after the other. Otherwise every image would show the first
 * image's planes.
 */
function runningStarts(document: OmeDocument): ReadonlyMap<number, number> {
  const starts = new Map<number, number>();
  const bare = (each: PixelStorage): boolean =>
    each.tiffData.length === 0 ||
    (each.tiffData.length === 1 && Object.values(each.tiffData[0]!).every((value) => value === undefined));
  if (document.storage.length < 2 || !document.storage.every(bare)) return starts;
  let next = 0;
  for (const [index, { Pixels }] of document.model.Images.entries()) {
    starts.set(index, next);
    const channels = Pixels.Channels.length > 0 ? Pixels.Channels.length : Pixels.SizeC;
    next += Pixels.SizeZ * Pixels.SizeT * channels;
  }
  return starts;
}

async function toSource(opened: OpenedImage, fallback: string): Promise<ImageSource> {
  const { model, levels, type, page } = opened;
  const name = model.Name || fallback;
  const role = roleOf(model);
  if (!page) return { name, role, type, levels };
  return imageSource({ index: 0, name, page, levels, channels: [] }, { role });
}

/** Names that Bio-Formats gives to what lies beside a slide. */
function roleOf(image: OmeImage): ImageSource['role'] {
  const found = /^(label|macro|thumbnail)(?: image)?$/i.exec(image.Name?.trim() ?? '')?.[1]?.toLowerCase();
  return found === 'label' || found === 'macro' || found === 'thumbnail' ? found : 'pixels';
}

/** Its writer made all tags from what the XML says. */
const OWN_SOFTWARE = /^imgconv \d/;

/** Tags of each image's first page that say something of their own: not the XML, nor what our writer made from it. */
async function tagsOf(opened: readonly OpenedImage[]): Promise<OriginalMetadata[]> {
  const listed: OriginalMetadata[] = [];
  const seen = new Set<number>();
  for (const [index, { page }] of opened.entries()) {
    if (!page || seen.has(page.ifd.offset)) continue;
    seen.add(page.ifd.offset);
    if (OWN_SOFTWARE.test((await page.ifd.text(TAG.Software)) ?? '')) continue;
    const tags = await listTags(page.ifd, opened.length > 1 ? index : undefined);
    listed.push(...tags.filter(({ key, value }) => key !== 'ImageDescription' || !looksLikeOmeXml(value)));
  }
  return listed;
}
