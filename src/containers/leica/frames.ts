// Pixels of an XLIF that lie in files of their own: a LOF with all of them, a TIFF with all planes, or a picture for each plane.

import type { Chain } from '../../core/blocks.js';
import type { ByteSource, Level, OpenOptions } from '../../core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../core/errors.js';
import type { Tczyx } from '../../core/geometry.js';
import { parseTiff } from '../tiff/file.js';
import { buildLevel, type PlaneSource } from '../tiff/level.js';
import { describePage, planeKey, type TiffPage } from '../tiff/page.js';
import type { Pixels } from './dataset.js';
import type { Frame, LeicaImage } from './elements.js';
import { readLof } from './file.js';
import { type Layout, sampleOrder, sizeOf, stepsTo } from './layout.js';
import { shapeOf } from './pixels.js';
import { stampIndex } from './times.js';

/** Opens a file that the metadata name; undefined where it does not exist, which is noted. */
export type OpenPart = (name: string) => Promise<ByteSource | undefined>;

/** Planes of an image as pages hold them: all samples of a colour picture in one. */
interface Planes {
  readonly shape: Tczyx;
  /** Samples in a page. */
  readonly together: number;
  /** Bytes from the start of the memory to each plane, t then c then z, and the number of the page in the order of storage. */
  readonly list: readonly { readonly at: number; readonly page: number }[];
}

function planesOf(layout: Layout, tile: number): Planes {
  const shape = shapeOf(layout);
  const [nt, nc, nz] = shape;
  const samples = sampleOrder(layout.channels);
  // Samples next to each other are one picture.
  const isColor = nc === 3 && layout.x.step >= 3 * samples[0]!.bytes;
  const together = isColor ? 3 : 1;
  const first = Math.min(...samples.map((each) => each.offset));
  const planes = sizeOf([...layout.t, ...layout.z, ...layout.tiles]);
  const number = stampIndex(layout, isColor ? planes : planes * nc);
  const list: { at: number; page: number }[] = [];
  for (let t = 0; t < nt; t++) {
    for (let c = 0; c < nc; c += together) {
      for (let z = 0; z < nz; z++) {
        const own = isColor ? first : samples[c]!.offset;
        const at = stepsTo(layout.tiles, tile) + stepsTo(layout.t, t) + stepsTo(layout.z, z) + own;
        list.push({ at, page: number?.(tile, t, c, z) ?? -1 });
      }
    }
  }
  return { shape, together, list };
}

async function readPage(source: ByteSource, options: OpenOptions, number = 0): Promise<TiffPage | undefined> {
  const file = await parseTiff(source, options.limits);
  const ifd = file.ifds[number];
  return ifd && describePage(ifd);
}

function checkPage(page: TiffPage, { shape, together }: Planes, layout: Layout, file: string): void {
  const [, , , height, width] = shape;
  const isHalf = layout.channels[0]!.bytes === 2 && layout.channels[0]!.type === 'float';
  if (page.width === width && page.height === height && page.channels === together && !isHalf) return;
  const found = `${page.width} × ${page.height} pixels of ${page.channels} samples`;
  throw unsupported(
    'LEICA_FRAME',
    `${file}: pages of ${found} do not fit planes of ${width} × ${height} of ${together}`,
    {
      file,
    },
  );
}

async function tiffLevel(
  layout: Layout,
  tile: number,
  page: (plane: { at: number; page: number }) => Promise<TiffPage | undefined>,
  file: string,
): Promise<Level> {
  const planes = planesOf(layout, tile);
  const [t, c, z] = planes.shape;
  const sources: (PlaneSource | undefined)[] = [];
  let first: TiffPage | undefined;
  for (const plane of planes.list) {
    const found = await page(plane);
    if (found && !first) {
      checkPage(found, planes, layout, file);
      first = found;
    }
    sources.push(found && planeKey(found) === planeKey(first!) ? { page: found } : undefined);
  }
  if (!first) throw formatError('LEICA_FRAME', `${file}: none of the pages of this image exists`, { file });
  const level = await buildLevel(sources, { t, c: c / planes.together, z });
  return level;
}

/** Whole pictures, one a plane: JPEG or PNG. */
async function pictureLevel(
  layout: Layout,
  tile: number,
  find: (at: number) => Promise<ByteSource | undefined>,
  codec: string,
): Promise<Level> {
  const { shape, together, list } = planesOf(layout, tile);
  const [, , , height, width] = shape;
  const files: string[] = [];
  const file = new Uint32Array(list.length);
  const offset = new Float64Array(list.length).fill(-1);
  const length = new Float64Array(list.length);
  for (const [i, { at }] of list.entries()) {
    const source = await find(at);
    if (!source) continue;
    file[i] = files.push(source.name) - 1;
    offset[i] = 0;
    length[i] = source.size;
  }
  const chain: Chain = { codecs: [{ id: codec }], order: 'tzyxc' };
  return {
    shape,
    blocks: {
      layout: { kind: 'grid', block: [1, together, 1, height, width], edge: 'clipped' },
      address: { kind: 'table', file, offset, length },
      files,
      chains: [chain],
      fill: 0,
      absent: 'missing',
    },
  };
}

const CODECS: Readonly<Record<string, string>> = { jpg: 'jpeg', jpeg: 'jpeg', png: 'png' };

/** Where the pixels of an XLIF's image are. Errors: unsupported LEICA_FRAME. */
export async function findPixels(
  image: LeicaImage,
  xlif: string,
  open: OpenPart,
  options: OpenOptions,
): Promise<Pixels> {
  const { frames } = image;
  const [first] = frames;
  const nothing = { file: xlif, memory: undefined };
  if (!first) return nothing;
  const ending = /\.([^./]+)$/.exec(first.file.toLowerCase())?.[1] ?? '';
  if (ending === 'lof') {
    const source = await open(first.file);
    if (!source) return nothing;
    const [memory] = (await readLof(source, options.limits)).memory.values();
    return { file: source.name, memory };
  }
  const byPlace = new Map<number, Frame>(frames.map((frame) => [frame.offset, frame]));
  const find = async (at: number): Promise<ByteSource | undefined> => {
    const frame = byPlace.get(at);
    return frame && open(frame.file);
  };
  if (ending === 'tif' || ending === 'tiff') {
    if (frames.length > 1) {
      const page = async ({ at }: { at: number }): Promise<TiffPage | undefined> => {
        const source = await find(at);
        return source && tolerant(() => readPage(source, options));
      };
      return { ...nothing, level: (layout, tile) => tiffLevel(layout, tile, page, xlif) };
    }
    const source = await open(first.file);
    if (!source) return nothing;
    const file = await parseTiff(source, options.limits);
    const page = async ({ page: number }: { page: number }): Promise<TiffPage | undefined> => {
      const ifd = file.ifds[number];
      return ifd && tolerant(() => describePage(ifd));
    };
    return { ...nothing, level: (layout, tile) => tiffLevel(layout, tile, page, source.name) };
  }
  const codec = CODECS[ending];
  if (!codec) throw unsupported('LEICA_FRAME', `${xlif}: frames in .${ending} files are not supported`, { file: xlif });
  return { ...nothing, level: (layout, tile) => pictureLevel(layout, tile, find, codec) };
}

/** A page that cannot be read is missing. */
async function tolerant(read: () => Promise<TiffPage | undefined>): Promise<TiffPage | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
    return undefined;
  }
}
