// The `omero` block: how viewers show an image (OME-NGFF § "omero" metadata, transitional). Complete or absent: readers reject partial ones.

import { channelSamples } from '../../src/core/channels.js';
import type { ChannelDisplay } from '../../src/core/contracts.js';
import type { OmeChannel, OmePixels } from '../../src/core/ome.js';
import { hexFromColor } from '../../src/core/ome-build.js';
import { integerRange, type PixelType } from '../../src/core/pixel-type.js';
import type { ChannelStats } from '../../src/pipeline/contract.js';

type Window = NonNullable<ChannelDisplay['window']>;

/** One written channel: a sample of an OME channel. */
export interface Sample {
  readonly channel?: OmeChannel;
  /** Position among the channel's samples, and how many it has. */
  readonly part: number;
  readonly parts: number;
}

/** Samples of an image in the order of its c axis. */
export function samplesOf(pixels: OmePixels | undefined, count: number): Sample[] {
  if (!pixels) return Array.from({ length: count }, () => ({ part: 0, parts: 1 }));
  return channelSamples(pixels, count).flatMap(({ count: parts, channel }) =>
    Array.from({ length: parts }, (_, part) => ({ channel, part, parts })),
  );
}

/** Colours of the samples of an RGB or RGBA channel, or of grey with alpha. */
const SAMPLE_COLORS = ['FF0000', '00FF00', '0000FF', 'FFFFFF'];
const SAMPLE_NAMES = ['Red', 'Green', 'Blue', 'Alpha'];
/** Colours of channels of which nothing is known, in turn. */
const PALETTE = ['FF0000', '00FF00', '0000FF', 'FF00FF', '00FFFF', 'FFFF00'];

/** Colour of an emission wavelength in nanometres: near its hue, far red as magenta so that it differs from red. */
function emissionColor(nanometres: number): string {
  if (nanometres < 490) return '0000FF';
  if (nanometres < 560) return '00FF00';
  if (nanometres < 590) return 'FFFF00';
  if (nanometres < 650) return 'FF0000';
  return 'FF00FF';
}

const isRgb = (sample: Sample): boolean => sample.parts === 3 || sample.parts === 4;
const isAlpha = (sample: Sample): boolean =>
  (sample.parts === 4 && sample.part === 3) || (sample.parts === 2 && sample.part === 1);

/** Six hexadecimal digits: what the source says, else by emission wavelength, else from a fixed palette; white for a single channel. */
export function channelColor(sample: Sample, index: number, count: number): string {
  if (isRgb(sample)) return SAMPLE_COLORS[sample.part]!;
  if (isAlpha(sample)) return 'FFFFFF';
  const color = sample.channel?.Color;
  if (color !== undefined) return hexFromColor(color).toUpperCase();
  if (count === 1) return 'FFFFFF';
  const emission = sample.channel?.EmissionWavelength;
  if (emission?.unit === 'nm') return emissionColor(emission.value);
  return PALETTE[index % PALETTE.length]!;
}

function channelLabel(sample: Sample, index: number): string {
  const name = sample.channel?.Name;
  if (!isRgb(sample)) return name ?? `Channel ${index}`;
  return name === undefined ? SAMPLE_NAMES[sample.part]! : `${name} ${SAMPLE_NAMES[sample.part]!.toLowerCase()}`;
}

const finite = (...values: number[]): boolean => values.every(Number.isFinite);

function typeWindow(type: PixelType): Window {
  const [min, max] = integerRange(type) ?? [0, 1];
  return { min, max, start: min, end: max };
}

/**
 * Real extremes with the contrast limits inside. Infinite extremes, which JSON cannot hold, give way to the limits; a constant channel gets a
 * range of one so that no viewer divides by zero.
 */
function statsWindow(stats: ChannelStats | undefined, type: PixelType): Window {
  if (!stats) return typeWindow(type);
  const min = finite(stats.min) ? stats.min : stats.low;
  const top = finite(stats.max) ? stats.max : stats.high;
  if (!finite(min, top)) return typeWindow(type);
  const max = top > min ? top : min + 1;
  const use = finite(stats.low, stats.high) && stats.high > stats.low;
  return use
    ? { min, max, start: Math.max(min, stats.low), end: Math.min(max, stats.high) }
    : { min, max, start: min, end: max };
}

/** True if no window depends on the pixels, so that nobody needs to look at them. */
export function windowsKnown(samples: readonly Sample[], type: PixelType, display: readonly ChannelDisplay[]): boolean {
  return samples.every((sample, c) => display[c]?.window !== undefined || (isRgb(sample) && type === 'uint8'));
}

/** RGB samples share their window: limits of their own would change the colours. */
function rgbWindow(samples: readonly Sample[], index: number, stats: readonly ChannelStats[], type: PixelType): Window {
  if (type === 'uint8') return typeWindow(type);
  const start = index - samples[index]!.part;
  const all = Array.from({ length: 3 }, (_, part) => statsWindow(stats[start + part], type));
  return {
    min: Math.min(...all.map((w) => w.min)),
    max: Math.max(...all.map((w) => w.max)),
    start: Math.min(...all.map((w) => w.start)),
    end: Math.max(...all.map((w) => w.end)),
  };
}

export interface Rendering {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly type: PixelType;
  readonly sizeZ: number;
  /** One a sample; what the source says wins over what is computed. */
  readonly display: readonly ChannelDisplay[];
  /** Pixels are indices: windows span the type. */
  readonly categorical: boolean;
  /** Empty: no pixels were looked at. */
  readonly stats: readonly ChannelStats[];
}

/** Value of the key `omero`. */
export function omeroMetadata(image: Rendering): Record<string, unknown> {
  const { samples, type, stats } = image;
  const channels = samples.map((sample, c) => {
    const shown = image.display[c];
    const computed = (): Window => {
      if (image.categorical || isAlpha(sample)) return typeWindow(type);
      return isRgb(sample) ? rgbWindow(samples, c, stats, type) : statsWindow(stats[c], type);
    };
    const window = shown?.window && finite(...Object.values(shown.window)) ? shown.window : computed();
    return {
      active: shown?.active ?? (c < 3 && !isAlpha(sample)),
      coefficient: 1,
      color: channelColor(sample, c, samples.length),
      family: 'linear',
      inverted: false,
      label: channelLabel(sample, c),
      window: { min: window.min, max: window.max, start: window.start, end: window.end },
    };
  });
  const grey = samples.length === 1 && /^(..)\1\1$/.test(channels[0]!.color);
  return {
    name: image.name,
    channels,
    rdefs: { defaultT: 0, defaultZ: Math.floor(image.sizeZ / 2), model: grey ? 'greyscale' : 'color' },
  };
}
