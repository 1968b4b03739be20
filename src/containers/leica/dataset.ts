// Images of one or several Leica files to a data set.

import type { Dataset, ImageSource, Level, OpenOptions, OriginalMetadata } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import type { OmeAnnotation, OmeImage, OmeInstrument } from '../../core/ome.js';
import type { XmlElement } from '../xml/element.js';
import { describeImage, readFacts } from './describe.js';
import type { LeicaImage } from './elements.js';
import type { MemoryBlock } from './file.js';
import { type Layout, readLayouts, sizeOf } from './layout.js';
import { levelOf, shapeOf } from './pixels.js';

const ROW_LIMIT = 1_000_000;

/** Where an image's pixels are. */
export interface Pixels {
  /** Absolute path. */
  readonly file: string;
  /** Undefined: lost. */
  readonly memory: MemoryBlock | undefined;
  /** Another way to make the level (frames that are files of their own). */
  level?(layout: Layout, tile: number): Promise<Level>;
}

export interface Gathered {
  readonly image: LeicaImage;
  readonly pixels: Pixels;
}

/** Every attribute and text, with the path of element names; attachments by their own names. */
export function flattenLeica(root: XmlElement, image?: number): OriginalMetadata[] {
  const rows: OriginalMetadata[] = [];
  const visit = (element: XmlElement, key: string): void => {
    if (rows.length >= ROW_LIMIT) return;
    element.eachAttribute((name, value) => {
      if (value !== '') rows.push({ image, key: `${key}|${name}`, value });
    });
    const text = element.children.length === 0 ? element.text.trim() : '';
    if (text) rows.push({ image, key, value: text });
    const counts = new Map<string, number>();
    const named = element.children.map((child) =>
      child.name === 'Attachment' ? (child.attribute('Name') ?? child.name) : child.name,
    );
    for (const name of named) counts.set(name, (counts.get(name) ?? 0) + 1);
    const seen = new Map<string, number>();
    for (const [i, child] of element.children.entries()) {
      const name = named[i]!;
      const number = (seen.get(name) ?? 0) + 1;
      seen.set(name, number);
      visit(child, `${key}|${name}${counts.get(name)! > 1 ? ` ${number}` : ''}`);
    }
  };
  visit(root, root.name);
  return rows;
}

function layoutsOf(gathered: Gathered, options: OpenOptions): Layout[] {
  try {
    return readLayouts(gathered.image.image);
  } catch (error) {
    if (!(error instanceof ImgconvError)) throw error;
    const text = `${gathered.pixels.file}: image ${JSON.stringify(gathered.image.name)} is left out: ${error.message}`;
    options.notice({ code: error.code, rank: 'damage', text });
    return [];
  }
}

/** Undefined for an image whose files do not fit its description, which is told. */
async function levelFor(
  pixels: Pixels,
  layout: Layout,
  tile: number,
  name: string,
  options: OpenOptions,
): Promise<Level | undefined> {
  try {
    if (pixels.level) return await pixels.level(layout, tile);
    return levelOf(layout, tile, pixels.memory, pixels.file, options.limits);
  } catch (error) {
    if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
    const text = `image ${JSON.stringify(name)} is left out: ${error.message}`;
    options.notice({ code: error.code, rank: 'damage', text });
    return undefined;
  }
}

/** Data set of all images; mosaics have one image a tile. Errors: limit IMAGES. */
export async function makeDataset(
  format: string,
  gathered: readonly Gathered[],
  options: OpenOptions,
): Promise<Pick<Dataset, 'format' | 'ome' | 'images' | 'original'>> {
  const images: ImageSource[] = [];
  const models: OmeImage[] = [];
  const instruments: OmeInstrument[] = [];
  const annotations: OmeAnnotation[] = [];
  const original: OriginalMetadata[] = [];
  const oldSizes = options.reader.old_physical_size === 'true';
  for (const each of gathered) {
    const { image, pixels } = each;
    const layouts = layoutsOf(each, options);
    for (const [part, layout] of layouts.entries()) {
      const tiles = sizeOf(layout.tiles);
      if (images.length + tiles > options.limits.images) {
        const text = `${pixels.file}: more than the limit of ${options.limits.images} images`;
        throw new ImgconvError('limit', 'IMAGES', text, { file: pixels.file });
      }
      if (!pixels.memory && !pixels.level)
        options.notice({
          code: 'LEICA_MEMORY',
          rank: 'damage',
          text: `${pixels.file}: the pixels of image ${image.name} are lost`,
        });
      const name = layouts.length > 1 ? `${image.name} (${layout.channels[0]!.type})` : image.name;
      if (part === 0) original.push(...flattenLeica(image.image, images.length));
      const facts = readFacts(image.image, layout);
      for (let tile = 0; tile < tiles; tile++) {
        const index = images.length;
        const level = await levelFor(pixels, layout, tile, image.name, options);
        if (!level) break;
        const described = describeImage({ index, name, image: image.image, layout, facts, tile, oldSizes });
        checkSize(shapeOf(layout), pixels.file);
        images.push({ name, role: 'pixels', type: layout.channels[0]!.type, levels: [level] });
        models.push(described.image);
        if (described.instrument) instruments.push(described.instrument);
        if (described.annotation) annotations.push(described.annotation);
      }
    }
  }
  return {
    format,
    ome: {
      Images: models,
      Instruments: instruments.length > 0 ? instruments : undefined,
      Annotations: annotations.length > 0 ? annotations : undefined,
    },
    images,
    original,
  };
}

function checkSize(shape: readonly number[], file: string): void {
  if (shape.some((n) => n > 2 ** 31 - 1))
    throw new ImgconvError('limit', 'IMAGE_SIZE', `${file}: an image of ${shape.join(' × ')} is too large`, { file });
}
