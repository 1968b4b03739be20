// Zeiss CZI. Layout and sources: NOTES.md.

import type {
  Dataset,
  ImageSource,
  InputTree,
  Level,
  OpenOptions,
  OriginalMetadata,
} from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { OmeImage, OmeModel } from '../../src/core/ome.js';
import { defined, simpleImage } from '../../src/core/ome-build.js';
import { type Attachment, openAttachment, readEvents, readJpegSize, readTimeStamps } from './attachments.js';
import { type Document, innerSource, readDocument, readInner } from './document.js';
import { placeGraphics } from './graphics.js';
import { buildImages, type CziImage } from './layout.js';
import {
  type Described,
  type DocumentFacts,
  describe,
  displayOf,
  nameOf,
  parseDocumentXml,
  readFacts,
} from './metadata.js';
import { levelOf, type PixelFiles, pixelTypeOf } from './pixels.js';
import { plateOf } from './plate.js';
import type { Subblock } from './subblocks.js';
import { flatten } from './xml.js';

const TAG_ROWS = 5000;

interface Made {
  readonly source: ImageSource;
  readonly ome: OmeImage;
  readonly annotation?: Described['annotation'];
}

function filesOf(document: Document, base: number): PixelFiles {
  const parts = [...document.sources.keys()].sort((a, b) => a - b);
  return {
    paths: parts.map((part) => document.sources.get(part)!.name),
    indexOf: (part) => {
      const index = parts.indexOf(part);
      return index < 0 ? undefined : index;
    },
    base,
  };
}

function levelsOf(image: CziImage, files: PixelFiles, masks = false): [Level, ...Level[]] {
  const [first, ...rest] = image.levels.map((level) => levelOf(image, level, files, masks));
  return [first!, ...rest];
}

function makeImages(
  input: InputTree,
  document: Document,
  facts: DocumentFacts,
  times: readonly number[],
  options: OpenOptions,
): { made: Made[]; model: Pick<OmeModel, 'ROIs' | 'Plates'> } {
  const images = buildImages(document.subblocks, options.reader.mosaic === 'tiles');
  const files = filesOf(document, 0);
  const masks = options.reader.masks !== 'ignore';
  const dropped = images.reduce((n, image) => n + image.droppedLevels, 0);
  if (dropped > 0) {
    const text = `${dropped} stored pyramid levels are incomplete or lie between pixels; they are not used`;
    options.notice({ code: 'CZI_PYRAMID', rank: 'info', text });
  }
  const { rois, refs } = placeGraphics(facts.graphics, images);
  const { left } = facts.graphics;
  if (left > 0) {
    const text = `${left} graphic elements are turned or have no counterpart; they are kept as original metadata only`;
    options.notice({ code: 'CZI_GRAPHICS', rank: 'info', text });
  }
  const plate = plateOf(facts.metadata, images, facts.wells);
  const made = images.map((image, index): Made => {
    const type = pixelTypeOf(image.kind.pixelType, files.paths[0] ?? input.name);
    const name = nameOf(input.name, image, facts, images);
    const { image: ome, annotation } = describe(index, name, image, type, facts, times, refs[index]!);
    const display = displayOf(image, type, facts);
    return { source: { name, role: 'pixels', type, levels: levelsOf(image, files, masks), display }, ome, annotation };
  });
  return { made, model: defined({ ROIs: rois.length > 0 ? rois : undefined, Plates: plate && [plate] }) };
}

/** Slide label and preview; the thumbnail when asked for. */
function roleOf(attachment: Attachment, options: OpenOptions): 'label' | 'macro' | 'thumbnail' | undefined {
  if (attachment.name === 'Label') return 'label';
  if (attachment.name === 'SlidePreview') return 'macro';
  return attachment.name === 'Thumbnail' && options.reader.thumbnails === 'true' ? 'thumbnail' : undefined;
}

async function makePicture(attachment: Attachment, index: number, options: OpenOptions): Promise<Made | undefined> {
  const role = roleOf(attachment, options);
  const { name, source, offset, bytes } = attachment;
  if (!role) return undefined;
  if (/^JPE?G$/i.test(attachment.type)) {
    const size = await readJpegSize(attachment);
    if (!size) return undefined;
    const shape = [1, size.samples, 1, size.height, size.width] as const;
    const blocks = {
      layout: { kind: 'grid', block: shape, edge: 'clipped' },
      address: { kind: 'table', file: 0, offset: Float64Array.of(offset), length: Float64Array.of(bytes) },
      files: [source.name],
      chains: [{ codecs: [{ id: 'jpeg', color: 'auto' }], order: 'tzyxc' }],
      fill: 0,
      absent: 'missing',
    } as const;
    const ome = simpleImage({ index, name, shape, type: 'uint8', samplesPerPixel: size.samples });
    return { source: { name, role, type: 'uint8', levels: [{ shape, blocks }] }, ome };
  }
  if (!/^CZI$/i.test(attachment.type)) return undefined;
  const document = await readInner(innerSource(source, offset, bytes), options);
  const [image] = buildImages(document.subblocks, false);
  if (!image) return undefined;
  const type = pixelTypeOf(image.kind.pixelType, source.name);
  const facts = readFacts(parseDocumentXml(document.xml, source.name, options.limits.metadataBytes, () => undefined));
  const { scaling } = facts;
  const [{ shape }] = image.levels;
  const size = (value: number | undefined) => (value === undefined ? undefined : { value, unit: 'µm' });
  const pixels = { PhysicalSizeX: size(scaling.x), PhysicalSizeY: size(scaling.y) };
  const ome = simpleImage({ index, name, shape, type, samplesPerPixel: image.kind.samples, pixels });
  return { source: { name, role, type, levels: levelsOf(image, filesOf(document, offset)) }, ome };
}

async function makePictures(attachments: readonly Attachment[], from: number, options: OpenOptions): Promise<Made[]> {
  const made: Made[] = [];
  const seen = new Set<string>();
  for (const attachment of attachments) {
    if (seen.has(attachment.name)) continue;
    try {
      const picture = await makePicture(attachment, from + made.length, options);
      if (!picture) continue;
      made.push(picture);
      seen.add(attachment.name);
    } catch (error) {
      if (!(error instanceof ImgconvError)) throw error;
      const text = `attachment ${attachment.name} cannot be read: ${error.message}`;
      options.notice({ code: 'CZI_ATTACHMENT', rank: 'damage', text });
    }
  }
  return made;
}

/** Tags of the subblocks, named by their place; of the first few thousand. */
function tagRows(subblocks: readonly Subblock[]): OriginalMetadata[] {
  const rows: OriginalMetadata[] = [];
  for (const { tags, at } of subblocks) {
    if (!tags) continue;
    if (rows.length >= TAG_ROWS) break;
    const place = Object.entries(at)
      .filter(([, value]) => value !== 0)
      .map(([name, value]) => `${name}${value}`);
    rows.push({ key: `Subblock ${place.join(' ') || '0'}`, value: tags.text.trim() });
  }
  return rows;
}

async function attachmentRows(
  attachments: readonly Attachment[],
  times: readonly number[],
): Promise<OriginalMetadata[]> {
  const rows: OriginalMetadata[] = attachments.map(({ name, type, bytes }, i) => ({
    key: `Attachment ${i + 1}`,
    value: `${name} (${type}, ${bytes} bytes)`,
  }));
  if (times.length > 0) rows.push({ key: 'TimeStamps', value: times.join(' ') });
  for (const attachment of attachments) {
    if (attachment.type !== 'CZEVL') continue;
    for (const [i, event] of (await readEvents(attachment)).entries()) {
      rows.push({ key: `Event ${i + 1}`, value: `${event.time} s, type ${event.type}: ${event.text}` });
    }
  }
  return rows;
}

function noticeMasks(subblocks: readonly Subblock[], options: OpenOptions): void {
  const odd = subblocks.filter((each) => each.oddMask).length;
  if (odd === 0) return;
  const text = `${odd} subblocks have masks of valid pixels of an unknown kind or another size; they are not applied`;
  options.notice({ code: 'CZI_MASK', rank: 'loss', text });
}

export async function openCzi(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const document = await readDocument(input, options);
  try {
    const [main] = document.sources.values();
    const file = main?.name ?? input.name;
    if (document.subblocks.length === 0)
      throw formatError('CZI_EMPTY', `${file}: the document has no pixels`, { file });
    noticeMasks(document.subblocks, options);
    const root = parseDocumentXml(document.xml, file, options.limits.metadataBytes, (text) => {
      options.notice({ code: 'CZI_METADATA', rank: 'damage', text });
    });
    const facts = readFacts(root);
    const opened = await Promise.all(
      document.attachments.map((each) => openAttachment(document.sources.get(each.part) ?? main, each)),
    );
    const attachments = opened.filter((each): each is Attachment => each !== undefined);
    const stamps = attachments.find((each) => each.name === 'TimeStamps');
    const times = stamps ? await readTimeStamps(stamps) : [];
    const { made: images, model } = makeImages(input, document, facts, times, options);
    if (images.length > options.limits.images) {
      const text = `${file}: ${images.length} images, more than the limit of ${options.limits.images}`;
      throw new ImgconvError('limit', 'IMAGES', text, { file });
    }
    const made = [...images, ...(await makePictures(attachments, images.length, options))];
    const annotations = made.flatMap(({ annotation }) => (annotation ? [annotation] : []));
    const { instrument } = facts.model;
    return {
      format: 'czi',
      ome: {
        Images: made.map(({ ome }) => ome),
        Instruments: Object.keys(instrument).length > 1 ? [instrument] : undefined,
        Experimenters: facts.experimenter ? [facts.experimenter] : undefined,
        Annotations: annotations.length > 0 ? annotations : undefined,
        ...model,
      },
      images: made.map(({ source }) => source),
      original: [
        ...(root ? flatten(root) : []),
        ...(await attachmentRows(attachments, times)),
        ...tagRows(document.subblocks),
      ],
      files: [...document.sources.values()].map((source) => source.name),
      missing: document.missing.length > 0 ? document.missing : undefined,
    };
  } finally {
    await Promise.all([...document.sources.values()].map((source) => source.close()));
  }
}
