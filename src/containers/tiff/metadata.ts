// What the tags of a directory say besides pixels: a listing of all of them, physical pixel size, date, texts.

import type { OriginalMetadata } from '../../core/contracts.js';
import type { OmeChannel, OmeExperimenter, OmeImage, OmePixels, Quantity } from '../../core/ome.js';
import { bytesPerSample } from '../../core/pixel-type.js';
import { decodeText, type TiffEntry, type TiffIfd } from './ifd.js';
import { PHOTOMETRIC, type TiffPage } from './page.js';
import { TAG, tagName } from './tags.js';

/** Tags that describe how pixels are stored, or point to them: no metadata of the image. */
const STRUCTURE: ReadonlySet<number> = new Set([
  TAG.StripOffsets,
  TAG.StripByteCounts,
  TAG.TileOffsets,
  TAG.TileByteCounts,
  TAG.SubIFDs,
  TAG.ExifIfd,
  TAG.GpsIfd,
  TAG.InteropIfd,
  TAG.JpegTables,
  TAG.JpegInterchangeFormat,
  TAG.JpegInterchangeFormatLength,
  TAG.JpegQTables,
  TAG.JpegDCTables,
  TAG.JpegACTables,
  TAG.ColorMap,
  288,
  289,
]);

const MOST_BYTES = 64 * 2 ** 10;
const MOST_TEXT = 16 * 2 ** 20;
const MOST_NUMBERS = 1024;

async function valueText(ifd: TiffIfd, entry: TiffEntry): Promise<string | undefined> {
  if (entry.type === 2) return entry.bytes > MOST_TEXT ? `${entry.bytes} characters` : ifd.text(entry.tag);
  if (entry.type === 1 || entry.type === 7) {
    if (entry.bytes > MOST_BYTES) return `${entry.bytes} bytes`;
    const bytes = await ifd.bytes(entry.tag);
    if (!bytes) return undefined;
    if (entry.type === 1 && entry.count <= 16) return [...bytes].join(' ');
    const printable = bytes.every(
      (b, i) => (b >= 32 && b !== 127) || b === 9 || b === 10 || b === 13 || (b === 0 && i === bytes.length - 1),
    );
    if (printable) return decodeText(bytes);
    return bytes.length > 256
      ? `${bytes.length} bytes`
      : [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
  }
  if (!(entry.bytes >= 0)) return undefined;
  if (entry.count > MOST_NUMBERS) return `${entry.count} numbers`;
  const numbers = await ifd.numbers(entry.tag);
  return numbers && [...numbers].join(' ');
}

/** All tags of a directory that are not about its storage, as text: long binary values by their size. */
export async function listTags(ifd: TiffIfd, image?: number, prefix = ''): Promise<OriginalMetadata[]> {
  const listed: OriginalMetadata[] = [];
  for (const entry of ifd.list()) {
    if (STRUCTURE.has(entry.tag)) continue;
    const value = await valueText(ifd, entry);
    if (value !== undefined)
      listed.push({ ...(image === undefined ? {} : { image }), key: prefix + tagName(entry.tag), value });
  }
  for (const [tag, name] of [
    [TAG.ExifIfd, 'Exif'],
    [TAG.GpsIfd, 'GPS'],
  ] as const) {
    if (prefix !== '' || !ifd.has(tag)) continue;
    const at = await ifd.number(tag);
    try {
      if (at !== undefined) listed.push(...(await listTags(await ifd.file.ifdAt(at), image, `${name} `)));
    } catch {
      ifd.file.report('TIFF_SUBIFD', 'info', `the ${name} directory at ${at} cannot be read`);
    }
  }
  return listed;
}

/** Tags that writers repeat on every page, out of the entry: reading them again for every page would tell nothing. */
const REPEATED: ReadonlySet<number> = new Set([TAG.XResolution, TAG.YResolution, TAG.BitsPerSample, TAG.SampleFormat]);

const BATCH = 32;

/** Tags of later pages whose values differ from the first page's, with the page's number (from 1) in the key. */
export async function listDifferences(ifds: readonly TiffIfd[]): Promise<OriginalMetadata[]> {
  const [first, ...rest] = ifds;
  if (!first || rest.length === 0) return [];
  const { file } = first;
  const known = new Map<number, string | undefined>();
  for (const entry of first.list()) if (!STRUCTURE.has(entry.tag)) known.set(entry.tag, await valueText(first, entry));
  const listed: OriginalMetadata[] = [];
  for (let i = 0; i < rest.length; i += BATCH) {
    const batch = rest.slice(i, i + BATCH).map((ifd) => ({
      ifd,
      entries: ifd.differing(first).filter(({ tag }) => !STRUCTURE.has(tag) && !REPEATED.has(tag)),
    }));
    // Values beside scattered directories: fetched together.
    const outside = batch.flatMap(({ entries }) =>
      entries.filter(({ bytes }) => bytes > file.inlineBytes && bytes <= 4096),
    );
    await file.window.prefetch(
      outside.map(({ at }) => at),
      4096,
    );
    for (const [k, { ifd, entries }] of batch.entries()) {
      for (const entry of entries) {
        const value = await valueText(ifd, entry);
        if (value === undefined || value === known.get(entry.tag)) continue;
        listed.push({ key: `Page ${i + k + 2} ${tagName(entry.tag)}`, value });
      }
    }
  }
  return listed;
}

export interface Resolution {
  readonly x?: Quantity;
  readonly y?: Quantity;
  /** The tag says that the numbers have no unit. */
  readonly unitless: boolean;
}

/** Pixels per unit, from tags 282, 283 and 296; undefined where absent, 0 or not finite. */
export async function pixelsPerUnit(ifd: TiffIfd): Promise<{ x?: number; y?: number; unit: number }> {
  const valid = (n: number | undefined): number | undefined =>
    n !== undefined && Number.isFinite(n) && n > 0 ? n : undefined;
  return {
    x: valid(await ifd.number(TAG.XResolution)),
    y: valid(await ifd.number(TAG.YResolution)),
    unit: (await ifd.number(TAG.ResolutionUnit)) ?? 2,
  };
}

/**
 * Size of a pixel from the resolution tags. Unit 1 means "none", 2 inch, 3 centimetre (TIFF 6.0). Numbers without a unit are taken as
 * pixels per micrometre, as Bio-Formats, and after it OMERO, does; `unitless` tells.
 */
export async function pixelSize(ifd: TiffIfd): Promise<Resolution> {
  const { x, y, unit } = await pixelsPerUnit(ifd);
  const scale = unit === 2 ? 25400 : unit === 3 ? 10000 : 1;
  const size = (n: number | undefined): Quantity | undefined =>
    n === undefined ? undefined : { value: scale / n, unit: 'µm' };
  return { x: size(x), y: size(y), unitless: unit !== 2 && unit !== 3 };
}

/** TIFF dates ('2010:03:05 12:08:52', variants with '-' and '/') to xsd:dateTime; undefined where they are not valid. */
export function parseDate(text: string | undefined): string | undefined {
  const m = /^\s*(\d{4})[:\-/](\d{2})[:\-/](\d{2})[ T](\d{2}):(\d{2}):(\d{2})(\.\d+)?/.exec(text ?? '');
  if (!m) return undefined;
  const [, year, month, day, hour, minute, second, fraction = ''] = m;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const date = new Date(`${iso}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso) ? iso + fraction : undefined;
}

/** Person in the Artist tag. */
export function experimenterOf(artist: string | undefined, id: string): OmeExperimenter | undefined {
  const name = artist?.trim();
  if (!name) return undefined;
  const space = name.lastIndexOf(' ');
  return space < 0
    ? { ID: id, LastName: name }
    : { ID: id, FirstName: name.slice(0, space), LastName: name.slice(space + 1) };
}

/** Samples of each channel of one page: colour pictures are one channel of 3 or 4 samples, anything else one channel a sample. */
export function pageChannels(page: TiffPage): number[] {
  const { photometric, samples, parts, channels } = page;
  const color =
    photometric === PHOTOMETRIC.Rgb ||
    photometric === PHOTOMETRIC.YCbCr ||
    photometric === PHOTOMETRIC.CieLab ||
    photometric === PHOTOMETRIC.Separated;
  if (color && parts === 1 && (samples === 3 || samples === 4)) return [samples];
  return Array.from({ length: channels }, () => 1);
}

/** Bits that can be set, where fewer than the pixel type has. */
export function significantBits(page: TiffPage): number | undefined {
  return page.format !== 3 && page.bits < 8 * bytesPerSample(page.type) ? page.bits : undefined;
}

export interface PageModel {
  readonly image: Partial<OmeImage>;
  readonly pixels: Partial<OmePixels>;
  /** For one page; repeat where pages are channels. */
  readonly channels: Partial<OmeChannel>[];
  readonly experimenter?: OmeExperimenter;
  readonly unitless: boolean;
}

/** What the ordinary tags of a page mean in the OME model. */
export async function describeTags(page: TiffPage): Promise<PageModel> {
  const { ifd } = page;
  const size = await pixelSize(ifd);
  const description = await ifd.text(TAG.ImageDescription);
  const experimenter = experimenterOf(await ifd.text(TAG.Artist), 'Experimenter:0');
  const significant = significantBits(page);
  const names = page.parts === 2 ? ['real', 'imaginary'] : undefined;
  const date = parseDate(await ifd.text(TAG.DateTime));
  return {
    image: {
      ...(date ? { AcquisitionDate: date } : {}),
      ...(description ? { Description: description } : {}),
      ...(experimenter ? { ExperimenterRef: experimenter.ID } : {}),
    },
    pixels: {
      ...(size.x ? { PhysicalSizeX: size.x } : {}),
      ...(size.y ? { PhysicalSizeY: size.y } : {}),
      ...(significant ? { SignificantBits: significant } : {}),
    },
    channels: pageChannels(page).map((count, i) => ({
      SamplesPerPixel: count,
      ...(names ? { Name: names[i % 2]! + (page.samples > 1 ? ` ${i >> 1}` : '') } : {}),
    })),
    experimenter,
    unitless: size.unitless && (size.x !== undefined || size.y !== undefined),
  };
}
