// NGFF metadata to the OME model: one image, and plates.

import {
  asList,
  asNumber,
  asObject,
  asText,
  isObject,
  type Json,
  type JsonObject,
  printJson,
} from '../../src/containers/zarr/json.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { OmeChannel, OmeImage, OmePlate, OmePlateAcquisition, OmeWell } from '../../src/core/ome.js';
import { colorFromHex } from '../../src/core/ome-build.js';
import type { FoundPlate } from './collect.js';
import type { OpenedImage } from './image.js';

function labelOf(channel: JsonObject): string | undefined {
  const { label } = channel;
  return typeof label === 'number' ? String(label) : asText(label) || undefined;
}

const RGB = ['FF0000', '00FF00', '0000FF'];
const RGB_WORDS = ['red', 'green', 'blue'];

/**
 * Name that three channels share if they are the samples of one colour image, undefined if they are not: 8-bit, pure red, green and blue in
 * this order at the full range, and named so or not named at all.
 */
function rgbName(image: OpenedImage): { name?: string } | undefined {
  const channels = asList(image.omero.channels).map(asObject);
  if (channels.length !== 3 || image.source.type !== 'uint8' || image.source.levels[0].shape[1] !== 3) return undefined;
  const names = channels.map((channel, i) => {
    const { start, end } = asObject(channel.window);
    if (asText(channel.color)?.toUpperCase() !== RGB[i] || start !== 0 || end !== 255) return undefined;
    const label = labelOf(channel) ?? RGB_WORDS[i]!;
    const word = new RegExp(`(?:^|\\s)(?:${RGB_WORDS[i]}|${RGB_WORDS[i]![0]})$`, 'i').exec(label);
    return word ? label.slice(0, word.index) : undefined;
  });
  if (names[0] === undefined || names.some((name) => name !== names[0])) return undefined;
  return names[0] === '' ? {} : { name: names[0] };
}

const PART_NAMES = ['real', 'imaginary'];

function channelsOf(image: OpenedImage, index: number): OmeChannel[] {
  const count = image.source.levels[0].shape[1];
  const rgb = rgbName(image);
  if (rgb) return [{ ID: `Channel:${index}:0`, SamplesPerPixel: 3, ...(rgb.name ? { Name: rgb.name } : {}) }];
  const listed = asList(image.omero.channels).map(asObject);
  return Array.from({ length: count }, (_, c) => {
    const channel = listed[Math.floor(c / image.parts)] ?? {};
    const part = image.parts === 2 ? PART_NAMES[c % 2] : undefined;
    const name = [labelOf(channel), part].filter((text) => text !== undefined).join(' ');
    const color = colorFromHex(asText(channel.color) ?? '');
    return {
      ID: `Channel:${index}:${c}`,
      SamplesPerPixel: 1,
      ...(name === '' ? {} : { Name: name }),
      ...(color === undefined ? {} : { Color: color }),
    };
  });
}

/** Image `index` of the data set. */
export function omeImage(image: OpenedImage, index: number): OmeImage {
  const [t, c, z, y, x] = image.source.levels[0].shape;
  const [stepT, , stepZ, stepY, stepX] = image.spacing;
  const [, , originZ, originY, originX] = image.origin;
  const moved = originX ?? originY ?? originZ;
  return {
    ID: `Image:${index}`,
    Name: image.source.name,
    ...(moved ? { StageLabel: { Name: 'NGFF translation', X: originX, Y: originY, Z: originZ } } : {}),
    Pixels: {
      ID: `Pixels:${index}`,
      DimensionOrder: 'XYZCT',
      Type: image.omeType,
      SizeX: x,
      SizeY: y,
      SizeZ: z,
      SizeC: c,
      SizeT: t,
      PhysicalSizeX: stepX,
      PhysicalSizeY: stepY,
      PhysicalSizeZ: stepZ,
      // A time step needs two time points; writers put 1 where there is one.
      TimeIncrement: t > 1 ? stepT : undefined,
      Channels: channelsOf(image, index),
    },
  };
}

function names(value: Json | undefined): readonly string[] {
  return asList(value).map((one) => asText(asObject(one).name) ?? '');
}

function convention(list: readonly string[], usual: 'letter' | 'number'): 'letter' | 'number' {
  if (list.length === 0) return usual;
  if (list.every((name) => /^\d+$/.test(name))) return 'number';
  return list.every((name) => /^[A-Za-z]+$/.test(name)) ? 'letter' : usual;
}

/** Seconds since 1970 (as specified) or milliseconds (as found) to xsd:dateTime. */
function dateOf(value: Json | undefined): string | undefined {
  const time = asNumber(value);
  if (time === undefined || !Number.isFinite(time) || time < 0 || time > 8e15) return undefined;
  return new Date(time > 1e11 ? time : time * 1000).toISOString().replace(/\.000Z$/, 'Z');
}

/** Plate `index`; `imageOf` gives the ID of the image in a group. */
export function omePlate(found: FoundPlate, index: number, imageOf: ReadonlyMap<string, string>): OmePlate {
  const { plate } = found;
  const rows = names(plate.rows);
  const columns = names(plate.columns);
  const samples = new Map<number, string[]>();
  let next = 0;
  const wells: OmeWell[] = found.wells.map((well, w) => ({
    ID: `Well:${index}:${w}`,
    Row: well.row,
    Column: well.column,
    WellSamples: well.fields.map((field, f) => {
      const id = `WellSample:${index}:${w}:${f}`;
      const image = imageOf.get(field.path);
      if (field.acquisition !== undefined)
        samples.set(field.acquisition, [...(samples.get(field.acquisition) ?? []), id]);
      return { ID: id, Index: next++, ...(image === undefined ? {} : { ImageRef: image }) };
    }),
  }));
  const acquisitions: OmePlateAcquisition[] = asList(plate.acquisitions)
    .map(asObject)
    .map((acquisition, a) => {
      const id = asNumber(acquisition.id) ?? a;
      return {
        ID: `PlateAcquisition:${index}:${id}`,
        Name: asText(acquisition.name),
        Description: asText(acquisition.description),
        MaximumFieldCount: asNumber(acquisition.maximumfieldcount),
        StartTime: dateOf(acquisition.starttime),
        EndTime: dateOf(acquisition.endtime),
        WellSampleRefs: samples.get(id) ?? [],
      };
    });
  return {
    ID: `Plate:${index}`,
    Name: asText(plate.name) || undefined,
    RowNamingConvention: convention(rows, 'letter'),
    ColumnNamingConvention: convention(columns, 'number'),
    Rows: rows.length || undefined,
    Columns: columns.length || undefined,
    Wells: wells,
    ...(acquisitions.length > 0 ? { PlateAcquisitions: acquisitions } : {}),
  };
}

/** Attributes of a node as key and text; the members of `ome` (0.5 and later) one by one. */
export function originalRows(path: string, attributes: JsonObject, image?: number): OriginalMetadata[] {
  const rows: OriginalMetadata[] = [];
  const add = (name: string, value: Json | undefined): void => {
    const key = path === '' ? name : `${path}/${name}`;
    rows.push({
      ...(image === undefined ? {} : { image }),
      key,
      value: typeof value === 'string' ? value : printJson(value),
    });
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'ome' && isObject(value))
      for (const [inner, content] of Object.entries(value)) add(`ome/${inner}`, content);
    else add(name, value);
  }
  return rows;
}
