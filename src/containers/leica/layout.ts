// Dimensions and channels say where each pixel lies: every one has its distance in bytes, and their order is free.

import { unsupported } from '../../core/errors.js';
import type { PixelType } from '../../core/pixel-type.js';
import { numberAttribute, paths, type XmlElement } from '../xml/element.js';

/** DimID. */
export const DIMENSION = {
  x: 1,
  y: 2,
  z: 3,
  t: 4,
  lambda: 5,
  rotation: 6,
  xtSlices: 7,
  tSlices: 8,
  excitation: 9,
  mosaic: 10,
  loop: 11,
} as const;

export interface Dimension {
  readonly id: number;
  readonly size: number;
  /** Bytes between neighbours. */
  readonly step: number;
  /** In `unit`; length from the first to the last. */
  readonly origin: number;
  readonly length: number;
  readonly unit: string;
}

export interface LeicaChannel {
  /** Bytes from the first channel's first pixel to this one's. */
  readonly offset: number;
  readonly type: PixelType;
  /** Bytes of a stored sample; 2 for float16, which becomes float. */
  readonly bytes: number;
  readonly bits: number;
  /** 1 red, 2 green, 3 blue, 0 none. */
  readonly tag: number;
  readonly lut: string | undefined;
  readonly element: XmlElement;
}

export interface Layout {
  readonly x: Dimension;
  readonly y: Dimension | undefined;
  /** Slower dimensions of each kind, fastest first. */
  readonly z: readonly Dimension[];
  readonly t: readonly Dimension[];
  readonly tiles: readonly Dimension[];
  readonly channels: readonly LeicaChannel[];
}

function readDimensions(image: XmlElement): Dimension[] {
  return paths(image, 'ImageDescription/Dimensions/DimensionDescription').map((each) => ({
    id: numberAttribute(each, 'DimID') ?? 0,
    size: numberAttribute(each, 'NumberOfElements') ?? 0,
    step: numberAttribute(each, 'BytesInc') ?? 0,
    origin: numberAttribute(each, 'Origin') ?? 0,
    length: numberAttribute(each, 'Length') ?? 0,
    unit: each.attribute('Unit') ?? '',
  }));
}

function typeOf(dataType: number, bits: number): { type: PixelType; bytes: number } | undefined {
  if (dataType === 1) {
    if (bits === 16) return { type: 'float', bytes: 2 };
    return bits === 32 ? { type: 'float', bytes: 4 } : bits === 64 ? { type: 'double', bytes: 8 } : undefined;
  }
  if (dataType !== 0 || bits < 1) return undefined;
  if (bits <= 8) return { type: 'uint8', bytes: 1 };
  if (bits <= 16) return { type: 'uint16', bytes: 2 };
  if (bits <= 32) return { type: 'uint32', bytes: 4 };
  return bits <= 64 ? { type: 'uint64', bytes: 8 } : undefined;
}

function readChannels(image: XmlElement): LeicaChannel[] {
  return paths(image, 'ImageDescription/Channels/ChannelDescription').map((element) => {
    const dataType = numberAttribute(element, 'DataType') ?? 0;
    const bits = numberAttribute(element, 'Resolution') ?? 8;
    const stored = typeOf(dataType, bits);
    if (!stored)
      throw unsupported('LEICA_PIXELS', `pixels of data type ${dataType} with ${bits} bits are not supported`);
    return {
      offset: numberAttribute(element, 'BytesInc') ?? 0,
      ...stored,
      bits,
      tag: numberAttribute(element, 'ChannelTag') ?? 0,
      lut: element.attribute('LUTName')?.trim() || undefined,
      element,
    };
  });
}

/**
 * Axes of an image: x is x; y is the first of y, z, t that follows (xz and xt scans); what remains goes to its own axis. Wavelengths,
 * rotations and loops count as time, mosaic positions make images of their own. Channels of several types: one layout for each type.
 * Errors: unsupported LEICA_PIXELS, LEICA_DIMENSIONS.
 */
export function readLayouts(image: XmlElement): Layout[] {
  const all = readDimensions(image);
  const whole = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
  const broken = all.find((each) => !whole(each.size) || each.size === 0 || !whole(each.step));
  const x = all.find((each) => each.id === DIMENSION.x) ?? all[0];
  if (!x || broken) {
    const what = broken
      ? `dimension ${broken.id} of ${broken.size} elements, ${broken.step} bytes apart`
      : 'no dimensions';
    throw unsupported('LEICA_DIMENSIONS', `${what}: no pixels can be found`);
  }
  const rest = all.filter((each) => each !== x);
  const spatial = (each: Dimension): boolean => each.id >= DIMENSION.y && each.id <= DIMENSION.t;
  const y = rest.find(spatial);
  const slower = rest.filter((each) => each !== y).sort((a, b) => a.step - b.step);
  const isZ = (each: Dimension): boolean => each.id === DIMENSION.z || each.id === DIMENSION.y;
  const axes = {
    x,
    y,
    z: slower.filter(isZ),
    t: slower.filter((each) => !isZ(each) && each.id !== DIMENSION.mosaic),
    tiles: slower.filter((each) => each.id === DIMENSION.mosaic),
  };
  const channels = readChannels(image);
  if (channels.length === 0) throw unsupported('LEICA_DIMENSIONS', 'no channels are described: no pixels can be found');
  if (channels.some((each) => !whole(each.offset)))
    throw unsupported('LEICA_DIMENSIONS', 'channels without a place: no pixels can be found');
  const kinds = [...new Set(channels.map((each) => `${each.type} ${each.bytes}`))];
  return kinds.map((kind) => ({ ...axes, channels: channels.filter((each) => `${each.type} ${each.bytes}` === kind) }));
}

export function sizeOf(dimensions: readonly Dimension[]): number {
  return dimensions.reduce((n, each) => n * each.size, 1);
}

/** Bytes to position `index` along dimensions that share an axis, the first one fastest. */
export function stepsTo(dimensions: readonly Dimension[], index: number): number {
  let rest = index;
  let bytes = 0;
  for (const { size, step } of dimensions) {
    bytes += (rest % size) * step;
    rest = Math.floor(rest / size);
  }
  return bytes;
}

/** Groups of three channels that are red, green and blue in any order. */
export function colorGroups(channels: readonly LeicaChannel[]): boolean {
  if (channels.length === 0 || channels.length % 3 !== 0) return false;
  for (let i = 0; i < channels.length; i += 3) {
    const tags = channels.slice(i, i + 3).map((each) => each.tag);
    if (![1, 2, 3].every((tag) => tags.includes(tag))) return false;
  }
  return true;
}

/** Channels in the order of samples: red, green, blue of each colour picture, else as described. */
export function sampleOrder(channels: readonly LeicaChannel[]): readonly LeicaChannel[] {
  if (!colorGroups(channels)) return channels;
  return channels.map((_, i) => {
    const group = channels.slice(i - (i % 3), i - (i % 3) + 3);
    return group.find((each) => each.tag === (i % 3) + 1) ?? channels[i]!;
  });
}
