// OME/METADATA.ome.xml beside NGFF metadata (bioformats2raw.layout, and imgconv's own single images): the full OME model, made consistent
// with the arrays. Sizes and types are those of the arrays; pixel sizes with a unit are those of NGFF, which viewers show and tools edit.

import { readOmeXml } from '../../src/containers/ome-xml/read.js';
import { asList, asText } from '../../src/containers/zarr/json.js';
import { readNode } from '../../src/containers/zarr/node.js';
import { joinKey, type ZarrStore } from '../../src/containers/zarr/store.js';
import type { OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { OmeChannel, OmeImage, OmeModel, OmePixels, Quantity } from '../../src/core/ome.js';
import { type ImagePick, selectModel } from '../../src/core/select.js';
import { metres, seconds } from '../../src/core/units.js';
import { ngffContent } from './groups.js';

export interface Described {
  readonly model: OmeModel;
  readonly original: readonly OriginalMetadata[];
  /** Image group → position in `model.Images`; undefined where the groups are in the order of the images. */
  readonly series?: ReadonlyMap<string, number>;
}

/** Read the document; undefined where there is none or where it is broken (a notice says so). */
export async function describe(store: ZarrStore, options: OpenOptions): Promise<Described | undefined> {
  const bytes = await store.get('OME/METADATA.ome.xml');
  if (!bytes) return undefined;
  try {
    const document = readOmeXml(bytes, { file: `${store.name}/OME/METADATA.ome.xml` });
    for (const notice of document.notices) options.notice(notice);
    const node = await readNode(store, 'OME');
    const series = node && asList(ngffContent(node).series).flatMap((path) => asText(path) ?? []);
    return {
      model: document.model,
      original: document.original,
      ...(series && series.length > 0 ? { series: new Map(series.map((path, i) => [joinKey('', path), i])) } : {}),
    };
  } catch (error) {
    if (!(error instanceof ImgconvError)) throw error;
    options.notice({
      code: 'NGFF_OME_XML',
      rank: 'damage',
      text: `OME/METADATA.ome.xml is left out: ${error.message}`,
    });
    return undefined;
  }
}

/** Lengths or times that differ by more than rounding. */
function differs(a: Quantity, b: Quantity): boolean {
  const base = ({ value, unit }: Quantity): number => value * (metres(unit) ?? seconds(unit) ?? Number.NaN);
  const [x, y] = [base(a), base(b)];
  return !(Math.abs(x - y) <= 1e-6 * Math.abs(x));
}

function hasUnit({ unit }: Quantity): boolean {
  return metres(unit) !== undefined || seconds(unit) !== undefined;
}

const SPACINGS = ['PhysicalSizeX', 'PhysicalSizeY', 'PhysicalSizeZ', 'TimeIncrement'] as const;
const SIZES = ['SizeX', 'SizeY', 'SizeZ', 'SizeC', 'SizeT'] as const;

/** `derived`: what NGFF says was made from this OME-XML, placeholders for unknown names and colours included. */
function mergeChannels(
  described: readonly OmeChannel[],
  own: readonly OmeChannel[],
  count: number,
  derived: boolean,
): readonly OmeChannel[] {
  const samples = described.reduce((sum, channel) => sum + (channel.SamplesPerPixel ?? 1), 0);
  if (samples !== count) return own;
  if (derived || described.length !== own.length) return described;
  return described.map((channel, i) => ({
    ...channel,
    Name: channel.Name ?? own[i]!.Name,
    Color: channel.Color ?? own[i]!.Color,
  }));
}

/** One image: what OME-XML says, with the sizes of the arrays. `own` is the image as NGFF alone describes it. */
function mergeImage(described: OmeImage, own: OmeImage, derived: boolean, options: OpenOptions): OmeImage {
  const conflicts: string[] = [];
  const pixels: { -readonly [K in keyof OmePixels]: OmePixels[K] } = { ...described.Pixels };
  for (const size of SIZES) {
    if (pixels[size] !== own.Pixels[size]) conflicts.push(`${size} ${pixels[size]} (array: ${own.Pixels[size]})`);
    pixels[size] = own.Pixels[size];
  }
  // Stored pixels of type bit are bytes of 0 and 1 in most writers.
  if (pixels.Type !== own.Pixels.Type && !(pixels.Type === 'bit' && own.Pixels.Type === 'uint8')) {
    conflicts.push(`Type ${pixels.Type} (array: ${own.Pixels.Type})`);
    pixels.Type = own.Pixels.Type;
    pixels.SignificantBits = undefined;
  }
  for (const name of SPACINGS) {
    const [xml, ngff] = [pixels[name], own.Pixels[name]];
    if (!ngff || (xml && (!hasUnit(ngff) || !differs(xml, ngff)))) continue;
    if (xml) conflicts.push(`${name} ${xml.value} ${xml.unit} (NGFF: ${ngff.value} ${ngff.unit})`);
    pixels[name] = ngff;
  }
  pixels.Channels = mergeChannels(pixels.Channels, own.Pixels.Channels, own.Pixels.SizeC, derived);
  pixels.Planes = pixels.Planes?.filter(
    (plane) => plane.TheZ < pixels.SizeZ && plane.TheT < pixels.SizeT && plane.TheC < pixels.Channels.length,
  );
  if (conflicts.length > 0) {
    options.notice({
      code: 'NGFF_OME_XML',
      rank: 'info',
      text: `image ${own.Name ?? own.ID}: OME/METADATA.ome.xml says otherwise than the Zarr, which counts: ${conflicts.join(', ')}`,
    });
  }
  return {
    ...described,
    ...(derived ? {} : { Name: described.Name ?? own.Name, StageLabel: described.StageLabel ?? own.StageLabel }),
    Pixels: pixels,
  };
}

/**
 * Join both descriptions. `own[i]` is image i as NGFF describes it, `paths[i]` its group,
 * `derived[i]` true if imgconv wrote it. The result's Images are in the order of `own`.
 */
export function mergeModel(
  described: Described,
  own: readonly OmeImage[],
  paths: readonly string[],
  derived: readonly boolean[],
  options: OpenOptions,
): OmeModel {
  const { model, series } = described;
  const indexOf = paths.map((path, i) => (series ? series.get(path) : i));
  const known = indexOf.map((index) => (index === undefined ? undefined : model.Images[index]));
  const used = indexOf.filter((index, i) => index !== undefined && known[i] !== undefined) as number[];
  if (used.length < own.length) {
    const text = `OME/METADATA.ome.xml describes ${model.Images.length} images, the Zarr holds ${own.length}`;
    options.notice({ code: 'NGFF_OME_XML', rank: 'info', text });
  }
  const same = used.length === model.Images.length && used.every((index, i) => index === i);
  const base = same
    ? model
    : selectModel(
        model,
        used.map((index) => wholePick(model, index)),
      ).model;
  const ids = new Set(model.Images.map((image) => image.ID));
  const images = own.map((image, i) => {
    const xml = known[i];
    if (xml) return mergeImage(xml, image, derived[i]!, options);
    // An image that only the Zarr knows must not take the ID of another.
    return ids.has(image.ID)
      ? { ...image, ID: `Image:NGFF-${i}`, Pixels: { ...image.Pixels, ID: `Pixels:NGFF-${i}` } }
      : image;
  });
  return { ...base, Images: images };
}

function wholePick(model: OmeModel, index: number): ImagePick {
  const { SizeX, SizeY, SizeZ, SizeC, SizeT } = model.Images[index]!.Pixels;
  // The type is set from the array afterwards.
  return { index, shape: [SizeT, SizeC, SizeZ, SizeY, SizeX], type: 'uint8' };
}
