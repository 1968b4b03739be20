// Directories of an NDPI file: levels and focal planes of the slide, macro, map. JPEG planes that are too large to be decoded whole are
// cut at their restart markers.

import type { TiffFile } from '../../src/containers/tiff/file.js';
import type { PlaneSource } from '../../src/containers/tiff/level.js';
import { PHOTOMETRIC, type TiffPage } from '../../src/containers/tiff/page.js';
import { readablePages } from '../../src/containers/tiff/pyramid.js';
import { blockTable } from '../../src/containers/tiff/table.js';
import type { OpenOptions } from '../../src/core/contracts.js';
import { formatError, unsupported } from '../../src/core/errors.js';
import { restartGrid } from './restart.js';

export const NDPI = {
  lens: 65421,
  xOffset: 65422,
  yOffset: 65423,
  zOffset: 65424,
  mcuStarts: 65426,
  reference: 65427,
  mcuStartsHigh: 65432,
  filterSet: 65434,
  captureMode: 65441,
  serial: 65442,
  properties: 65449,
  wavelength: 65451,
  exposure: 65454,
} as const;

export interface NdpiPage {
  readonly page: TiffPage;
  /** Magnification; -1 macro, -2 map. */
  readonly lens: number | undefined;
  /** Nanometres from the middle of the slide, and from the focus. */
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
}

export interface NdpiSlide {
  readonly file: TiffFile;
  /** Pages of each size, full size first, focal planes in order. */
  readonly sizes: readonly (readonly NdpiPage[])[];
  readonly focalPlanes: number;
  readonly others: readonly NdpiPage[];
}

/** Fluorescence of later scanners: 16-bit gray, whatever the tags of a colour image say. */
function asGray16(page: TiffPage): TiffPage {
  return {
    ...page,
    samples: 1,
    channels: 1,
    bits: 16,
    format: 1,
    type: 'uint16',
    photometric: PHOTOMETRIC.BlackIsZero,
    planar: false,
  };
}

async function describe(page: TiffPage, gray: boolean): Promise<NdpiPage> {
  const { ifd } = page;
  const lens = await ifd.number(NDPI.lens);
  const signed = async (tag: number): Promise<number | undefined> => {
    const value = await ifd.number(tag);
    // Stored as SLONG or, by some firmware, as LONG.
    return value !== undefined && value >= 2 ** 31 ? value - 2 ** 32 : value;
  };
  return {
    page: gray && (lens === undefined || lens > 0) ? asGray16(page) : page,
    lens,
    x: await signed(NDPI.xOffset),
    y: await signed(NDPI.yOffset),
    z: await signed(NDPI.zOffset),
  };
}

export async function readSlide(file: TiffFile, options: OpenOptions): Promise<NdpiSlide> {
  const pages = await readablePages(file.ifds, options.signal);
  const mode = (await pages[0]!.ifd.number(NDPI.captureMode)) ?? 0;
  const gray = mode > 6 && pages[0]!.compression !== 7;
  const all: NdpiPage[] = [];
  for (const page of pages) all.push(await describe(page, gray));
  const main = all.filter(({ lens }, i) => (lens === undefined ? i === 0 : lens > 0));
  const others = all.filter((each) => !main.includes(each));
  if (main.length === 0)
    throw formatError('NDPI_EMPTY', 'the file has no image of the slide', { file: file.source.name });
  const sizes = new Map<string, NdpiPage[]>();
  for (const each of main) {
    const key = `${each.page.width}x${each.page.height}`;
    const list = sizes.get(key);
    if (list) list.push(each);
    else sizes.set(key, [each]);
  }
  const sorted = [...sizes.values()]
    .sort((a, b) => b[0]!.page.width * b[0]!.page.height - a[0]!.page.width * a[0]!.page.height)
    .map((size) => [...size].sort((a, b) => (a.z ?? 0) - (b.z ?? 0)));
  return { file, sizes: sorted, focalPlanes: sorted[0]!.length, others };
}

/** Planes of at most so many bytes are decoded in one piece: then the result is that of any JPEG decoder, to the last bit. */
const WHOLE = 64 * 2 ** 20;

async function startsOf(page: TiffPage): Promise<Float64Array | undefined> {
  const low = await page.ifd.numbers(NDPI.mcuStarts);
  const high = await page.ifd.numbers(NDPI.mcuStartsHigh);
  if (!low || (high && high.length !== low.length)) return low;
  return low.map((at, i) => (at % 2 ** 32) + (high?.[i] ?? 0) * 2 ** 32);
}

/** The page as a plane, cut at restart markers where it is large. */
export async function planeOf(page: TiffPage, limit: number = WHOLE): Promise<PlaneSource> {
  const bytes = page.width * page.height * page.channels;
  const large = page.width > 65500 || page.height > 65500;
  if (page.compression !== 7 || page.tiled || page.blockHeight < page.height || page.bits !== 8) return { page };
  if (!large && bytes <= limit) return { page };
  const { file } = page.ifd;
  const table = await blockTable(page);
  const stream = { offset: table.offset[0]!, length: table.length[0]! };
  if (!(stream.offset > 0)) return { page };
  const ycbcr = page.photometric === PHOTOMETRIC.YCbCr && page.samples === 3;
  const image = {
    width: page.width,
    height: page.height,
    bits: page.bits,
    color: ycbcr ? 'ycbcr' : page.samples === 3 ? 'rgb' : 'none',
  };
  const grid = await restartGrid(file.source, stream, image, await startsOf(page));
  if (!grid) {
    if (!large) return { page };
    throw unsupported(
      'NDPI_RESTART',
      `a plane of ${page.width} × ${page.height} pixels has no restart markers that cut it into tiles`,
      { file: file.source.name, offset: page.ifd.offset },
    );
  }
  const cut: TiffPage = { ...page, tiled: true, blockWidth: grid.width, blockHeight: grid.height };
  const lost = grid.length.filter((n) => n <= 0).length;
  return {
    page: cut,
    table: { offset: grid.offset, length: grid.length, lost, unwritten: 0, whole: false },
    chain: grid.chain,
  };
}

/** `Key=value` lines. */
export async function propertiesOf(page: TiffPage): Promise<[key: string, value: string][]> {
  const bytes = await page.ifd.bytes(NDPI.properties);
  if (!bytes) return [];
  const text = new TextDecoder('latin1').decode(bytes).replaceAll('\0', '');
  return text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()]] : [];
  });
}

/** Numbers of the upper halves of starts, and the table itself: nothing to list. */
export const TABLES: ReadonlySet<string> = new Set([
  `Tag ${NDPI.mcuStarts}`,
  `Tag ${NDPI.mcuStartsHigh}`,
  `Tag ${NDPI.properties}`,
]);
