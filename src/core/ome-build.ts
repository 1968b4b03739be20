// Building blocks of OME models that readers share. Pure.

import type { Tczyx } from './geometry.js';
import { type DimensionOrder, type OmeChannel, type OmeImage, type OmePixels, omeColor, type Quantity } from './ome.js';

/** The object without properties that are undefined. */
export function defined<T extends object>(object: T): T {
  // Called for every plane of large plates: no arrays in between.
  const out: Partial<T> = {};
  for (const key of Object.keys(object) as (keyof T)[]) if (object[key] !== undefined) out[key] = object[key];
  return out as T;
}

/** A quantity, where the number is one: undefined for missing and not finite values. */
export function quantity(value: number | undefined, unit: string): Quantity | undefined {
  return value !== undefined && Number.isFinite(value) ? { value, unit } : undefined;
}

/** A quantity that must be above zero (pixel sizes, wavelengths). */
export function positive(value: number | undefined, unit: string): Quantity | undefined {
  return value !== undefined && value > 0 ? quantity(value, unit) : undefined;
}

/** '#rrggbb', 'rrggbb' or '#rrggbbaa' as the schema's signed integer; undefined for other texts. */
export function colorFromHex(text: string): number | undefined {
  const digits = /^#?([0-9a-f]{6})([0-9a-f]{2})?$/i.exec(text.trim());
  if (!digits) return undefined;
  const rgb = Number.parseInt(digits[1]!, 16);
  const alpha = digits[2] === undefined ? 255 : Number.parseInt(digits[2], 16);
  return omeColor((rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255, alpha);
}

/** 'rrggbb' of a schema colour, alpha left out. */
export function hexFromColor(color: number): string {
  return ((color >>> 8) & 0xffffff).toString(16).padStart(6, '0');
}

/** What a reader knows about one image. */
export interface ImageFacts {
  /** Position in the data set. */
  readonly index: number;
  readonly name?: string;
  /** t, c (samples), z, y, x. */
  readonly shape: Tczyx;
  /** Schema PixelType, or 'uint64', 'int64'. */
  readonly type: string;
  /** Interleaved or planar samples of one colour picture: 3, 4; default 1. */
  readonly samplesPerPixel?: number;
  readonly order?: DimensionOrder;
  /** One a channel element; missing ones are added. */
  readonly channels?: readonly Partial<OmeChannel>[];
  readonly image?: Partial<Omit<OmeImage, 'Pixels'>>;
  readonly pixels?: Partial<OmePixels>;
}

/** An image with the identifiers of this project (Image:0, Pixels:0, Channel:0:0) and one channel element for each channel. */
export function simpleImage(facts: ImageFacts): OmeImage {
  const { index, shape, samplesPerPixel = 1 } = facts;
  const [t, c, z, y, x] = shape;
  const count = Math.max(1, Math.round(c / samplesPerPixel));
  const channels = Array.from(
    { length: count },
    (_, i): OmeChannel => ({ ID: `Channel:${index}:${i}`, SamplesPerPixel: samplesPerPixel, ...facts.channels?.[i] }),
  );
  return defined({
    ID: `Image:${index}`,
    Name: facts.name,
    ...facts.image,
    Pixels: defined({
      ID: `Pixels:${index}`,
      DimensionOrder: facts.order ?? 'XYZCT',
      Type: facts.type,
      SizeX: x,
      SizeY: y,
      SizeZ: z,
      SizeC: c,
      SizeT: t,
      ...facts.pixels,
      Channels: channels.map(defined),
    }),
  });
}

/**
 * Channel elements whose samples add up to `samples`. `together`: samples that are stored together where that is known; a file's elements
 * are split or get the stored number where they say otherwise, and new ones are added for what it lacks.
 */
export function completeChannels(
  channels: readonly OmeChannel[],
  samples: number,
  index: number,
  together?: number,
): readonly OmeChannel[] {
  const sum = channels.reduce((total, channel) => total + (channel.SamplesPerPixel ?? 1), 0);
  const fits = together === undefined || channels.every((channel) => (channel.SamplesPerPixel ?? 1) === together);
  if (channels.length > 0 && sum === samples && fits) return channels;
  const each = together ?? 1;
  const used = new Set(channels.map((channel) => channel.ID));
  const split = each === 1 && sum === samples ? channels.flatMap(samplesApart) : channels;
  return Array.from({ length: Math.ceil(samples / each) }, (_, i) => {
    let ID = split[i]?.ID ?? `Channel:${index}:${i}`;
    while (!split[i] && used.has(ID)) ID += ':0';
    used.add(ID);
    return { ...split[i], ID, SamplesPerPixel: each };
  });
}

/** One element a sample; the first keeps the identifier. */
function samplesApart(channel: OmeChannel): OmeChannel[] {
  return Array.from({ length: channel.SamplesPerPixel ?? 1 }, (_, i) => ({
    ...channel,
    ID: i === 0 ? channel.ID : `${channel.ID}:${i}`,
    SamplesPerPixel: 1,
  }));
}
