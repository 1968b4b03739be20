// One SVS file: which directories are pyramid levels, focal planes, label, macro, thumbnail.

import type { TiffFile } from '../../src/containers/tiff/file.js';
import type { PlaneSource } from '../../src/containers/tiff/level.js';
import { PHOTOMETRIC, type TiffPage } from '../../src/containers/tiff/page.js';
import { readablePages } from '../../src/containers/tiff/pyramid.js';
import type { ChainOptions } from '../../src/containers/tiff/steps.js';
import { blockTable } from '../../src/containers/tiff/table.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { ImageSource, OpenOptions } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import { type AperioDescription, entryOf, parseDescription } from './description.js';

export interface Associated {
  readonly page: TiffPage;
  /** As OpenSlide names it. */
  readonly name: string;
  readonly role: ImageSource['role'];
}

export interface Slide {
  readonly file: TiffFile;
  readonly description: AperioDescription;
  /** Pages of each size, full size first; several a size are focal planes. */
  readonly sizes: readonly (readonly TiffPage[])[];
  readonly focalPlanes: number;
  /** Micrometres between focal planes. */
  readonly spacing?: number;
  readonly associated: readonly Associated[];
}

async function descriptionOf(page: TiffPage): Promise<AperioDescription> {
  return parseDescription((await page.ifd.text(TAG.ImageDescription)) ?? '');
}

/** First word of the picture line names it; without one, the thumbnail is the second directory, and flag 8 tells macro from label. */
async function associate(page: TiffPage, index: number): Promise<Associated> {
  const word = /^[a-z]+/i.exec((await descriptionOf(page)).picture)?.[0].toLowerCase();
  const subfile = (await page.ifd.number(TAG.NewSubfileType)) ?? 0;
  const guess = index === 1 ? 'thumbnail' : subfile === 9 ? 'macro' : subfile === 1 ? 'label' : `image ${index}`;
  const name = word ?? guess;
  const role = name === 'label' || name === 'macro' || name === 'thumbnail' ? name : 'preview';
  return { page, name, role };
}

function bySize(pages: readonly TiffPage[]): TiffPage[][] {
  const sizes = new Map<string, TiffPage[]>();
  for (const page of pages) {
    const key = `${page.width}x${page.height}`;
    const list = sizes.get(key);
    if (list) list.push(page);
    else sizes.set(key, [page]);
  }
  return [...sizes.values()].sort((a, b) => b[0]!.width * b[0]!.height - a[0]!.width * a[0]!.height);
}

async function offsetZ(page: TiffPage): Promise<number | undefined> {
  const text = entryOf(await descriptionOf(page), 'OffsetZ');
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Focal planes sorted by their offset, and the mean distance between them. */
async function focus(pages: readonly TiffPage[]): Promise<{ pages: TiffPage[]; spacing?: number }> {
  const placed = await Promise.all(pages.map(async (page) => ({ page, z: await offsetZ(page) })));
  if (pages.length < 2 || placed.some(({ z }) => z === undefined)) return { pages: [...pages] };
  placed.sort((a, b) => a.z! - b.z!);
  const spacing = (placed.at(-1)!.z! - placed[0]!.z!) / (placed.length - 1);
  return { pages: placed.map(({ page }) => page), ...(spacing > 0 ? { spacing } : {}) };
}

export async function readSlide(file: TiffFile, options: OpenOptions): Promise<Slide> {
  const pages = await readablePages(file.ifds, options.signal);
  const description = await descriptionOf(pages[0]!);
  const associated: Associated[] = [];
  const tiled: TiffPage[] = [];
  for (const [index, page] of pages.entries()) {
    if (page.tiled || index === 0) tiled.push(page);
    else associated.push(await associate(page, index));
  }
  const all = bySize(tiled);
  const full = all[0]!;
  if (full[0]!.width < pages[0]!.width) {
    throw formatError('SVS_LEVELS', 'the first directory is not the full-size image', { file: file.source.name });
  }
  const focalPlanes = all.every((size) => size.length === full.length) ? full.length : 1;
  if (focalPlanes === 1) {
    for (const page of all.flatMap((size) => size.slice(1)))
      associated.push({ page, name: `image ${pages.indexOf(page)}`, role: 'pixels' });
  }
  const sizes: TiffPage[][] = [];
  let spacing: number | undefined;
  for (const size of all) {
    const found = await focus(size.slice(0, focalPlanes));
    sizes.push(found.pages);
    spacing ??= found.spacing;
  }
  return { file, description, sizes, focalPlanes, ...(spacing === undefined ? {} : { spacing }), associated };
}

/**
 * A page as a plane. JPEG 2000 under 33003 is YCbCr without the stream's own transform: converted with rounding, as OpenSlide does (OpenJPEG,
 * asked to convert, cuts fractions off). 33005 is RGB.
 */
export function planeOf(page: TiffPage): PlaneSource {
  if (page.compression !== 33003 || page.samples !== 3 || page.bits !== 8 || page.planar) return { page };
  const codecs = [
    { id: 'jpeg2000', color: 'none' },
    { id: 'ycbcr', sx: 1, sy: 1 },
  ];
  return { page, chain: { codecs, order: 'tzyxc' } };
}

/**
 * Colours of JPEG blocks. The photometric tag decides (as in libtiff): 6 is YCbCr, 2 is RGB as coded, whatever the number of chroma
 * samples. Only streams that say themselves that they are YCbCr (JFIF, or Adobe's APP14 with transform 1) are taken at their word.
 */
export async function colorOf(page: TiffPage): Promise<ChainOptions['color']> {
  if (page.samples !== 3 || page.planar) return undefined;
  if (page.compression === 33005) return 'none';
  if (page.compression !== 7 || page.photometric !== PHOTOMETRIC.Rgb) return undefined;
  const { offset, length } = await blockTable(page);
  const first = offset.findIndex((at, i) => at >= 0 && length[i]! > 4);
  if (first < 0) return undefined;
  const head = await page.ifd.file.source.read(offset[first]!, Math.min(length[first]!, 64));
  return declaresYcbcr(head) ? 'ycbcr' : 'rgb';
}

function declaresYcbcr(head: Uint8Array): boolean {
  for (let at = 2; at + 16 <= head.length && head[at] === 0xff; at += 2 + ((head[at + 2]! << 8) | head[at + 3]!)) {
    const name = String.fromCharCode(...head.subarray(at + 4, at + 9));
    if (head[at + 1] === 0xe0 && name.startsWith('JFIF')) return true;
    if (head[at + 1] === 0xee && name === 'Adobe') return head[at + 15] === 1;
  }
  return false;
}
