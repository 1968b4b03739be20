// ImageJ's `key=value` lines in ImageDescription (ij.io.FileSaver writes them, ij.io.FileOpener reads them).

import type { Quantity } from '../../src/core/ome.js';

export type Description = ReadonlyMap<string, string>;

export function parseDescription(text: string): Description {
  const map = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0 && !map.has(line.slice(0, at))) map.set(line.slice(0, at), line.slice(at + 1));
  }
  return map;
}

/** Java escapes (`\u00B5`) to characters. */
export function unescapeJava(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

export function numberOf(description: Description, key: string): number | undefined {
  const text = description.get(key)?.trim();
  const value = text ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

export interface Dimensions {
  readonly c: number;
  readonly z: number;
  readonly t: number;
}

/**
 * How `planes` stored planes of `samples` samples each are arranged. ImageJ's order is channels, slices, frames, the first fastest.
 * Channels that are samples of the planes already count once. Where the numbers do not add up, planes are time points.
 */
export function dimensionsOf(description: Description, planes: number, samples: number): Dimensions {
  const count = (key: string): number => {
    const n = numberOf(description, key);
    return n !== undefined && Number.isInteger(n) && n > 0 ? n : 1;
  };
  const [c, z, t] = [count('channels'), count('slices'), count('frames')];
  if (c * z * t === planes) return { c, z, t };
  if (c === samples && z * t === planes) return { c: 1, z, t };
  return { c: 1, z: 1, t: planes };
}

/** Micrometres in a unit that ImageJ users write; undefined for what is no length. */
const MICROMETRES: Readonly<Record<string, number>> = {
  m: 1e6,
  meter: 1e6,
  dm: 1e5,
  cm: 1e4,
  centimeter: 1e4,
  mm: 1e3,
  millimeter: 1e3,
  um: 1,
  µm: 1,
  micron: 1,
  micro: 1,
  micrometer: 1,
  micrometre: 1,
  'micro meter': 1,
  nm: 1e-3,
  nanometer: 1e-3,
  å: 1e-4,
  angstrom: 1e-4,
  pm: 1e-6,
  picometer: 1e-6,
  in: 25400,
  inch: 25400,
  inche: 25400,
};

/** Length of one unit in µm; undefined for pixels and unknown words; 1 where no unit is named. */
export function unitLength(unit: string | undefined): number | undefined {
  const text = unescapeJava(unit ?? '')
    .trim()
    .replace('\u03bc', '\u00b5') // Greek mu for the micro sign
    .replace(/^Â(?=µ)/, '')
    .toLowerCase();
  if (text === '') return 1;
  return MICROMETRES[text] ?? MICROMETRES[text.replace(/s$/, '')];
}

/** Seconds in a unit of time that ImageJ users write. */
const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  ms: 1e-3,
  msec: 1e-3,
  millisecond: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  usec: 1e-6,
  microsecond: 1e-6,
  ns: 1e-9,
  nanosecond: 1e-9,
  min: 60,
  minute: 60,
  h: 3600,
  hr: 3600,
  hour: 3600,
  d: 86400,
  day: 86400,
};

/** Seconds in one unit; 1 where none is named, undefined for words that are no time. */
function secondsIn(unit: string | undefined): number | undefined {
  const text = unescapeJava(unit ?? '')
    .trim()
    .replace('\u03bc', '\u00b5')
    .toLowerCase();
  return text === '' ? 1 : (SECONDS[text] ?? SECONDS[text.replace(/s$/, '')]);
}

/** Seconds between frames. */
export function frameInterval(description: Description): Quantity | undefined {
  const interval = numberOf(description, 'finterval');
  if (interval !== undefined && interval > 0) {
    const scale = secondsIn(description.get('tunit'));
    return scale === undefined ? undefined : { value: interval * scale, unit: 's' };
  }
  const fps = numberOf(description, 'fps');
  return fps !== undefined && fps > 0 && interval === undefined ? { value: 1 / fps, unit: 's' } : undefined;
}
