// The name of a test image: NAME&key=value&key=value.fake, as in Bio-Formats. Keys are compared without regard to case.

import type { OpenOptions } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { Quantity } from '../../src/core/ome.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { lengthSymbol, timeSymbol } from '../../src/core/unit-words.js';

const TYPES: readonly PixelType[] = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float',
  'double',
];

/** Keys with whole numbers: least value and default. */
const COUNTS = {
  sizex: [1, 512],
  sizey: [1, 512],
  sizez: [1, 1],
  sizec: [1, 1],
  sizet: [1, 1],
  rgb: [1, 1],
  series: [1, 1],
  resolutions: [1, 1],
  resolutionscale: [2, 2],
  tilewidth: [1, 1024],
  tileheight: [1, 1024],
  screens: [0, 0],
  plates: [0, 0],
  platerows: [1, 1],
  platecols: [1, 1],
  fields: [1, 1],
  plateacqs: [1, 1],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

export type CountKey = keyof typeof COUNTS;

/** Keys of Bio-Formats that change nothing here: byte order and the like are matters of storage. */
const IGNORED = new Set([
  'dimorder',
  'ordercertain',
  'little',
  'interleaved',
  'metadatacomplete',
  'thumbnail',
  'thumbsizex',
  'thumbsizey',
  'falsecolor',
  'scalefactor',
  'sleepopenbytes',
  'sleepinitfile',
  'lutlength',
  'bitsperpixel',
  'withmicrobeam',
]);

export interface FakeParameters {
  readonly name: string;
  readonly counts: Readonly<Record<CountKey, number>>;
  readonly type: PixelType;
  readonly indexed: boolean;
  readonly physicalSizeX?: Quantity;
  readonly physicalSizeY?: Quantity;
  readonly physicalSizeZ?: Quantity;
  readonly timeIncrement?: Quantity;
  readonly exposureTime?: Quantity;
  /** xsd:dateTime. */
  readonly acquisitionDate?: string;
  /** Signed RGBA by channel; `color` without a number stands for all. */
  readonly colors: ReadonlyMap<number | 'all', number>;
  /** Key and value as given, in order. */
  readonly given: readonly (readonly [string, string])[];
}

function wrong(key: string, value: string, expected: string): ImgconvError {
  return new ImgconvError('usage', 'FAKE_VALUE', `${key}=${value}: expected ${expected}`);
}

function quantity(key: string, value: string, symbol: (unit: string) => string | undefined, usual: string): Quantity {
  const match = /^([0-9.]+(?:[eE][+-]?\d+)?)\s*(.*)$/.exec(value);
  const number = Number(match?.[1]);
  const unit = match?.[2] ? symbol(match[2]) : usual;
  if (!(number > 0) || !Number.isFinite(number) || unit === undefined)
    throw wrong(key, value, 'a positive number, with a unit or without');
  return { value: number, unit };
}

function color(key: string, value: string): number {
  const number = Number(value);
  if (value === '' || !Number.isInteger(number)) throw wrong(key, value, 'a whole number 0xRRGGBBAA');
  return number | 0;
}

/** yyyy-MM-dd_HH-mm-ss or an xsd:dateTime. */
function date(key: string, value: string): string {
  const match = /^(\d{4}-\d\d-\d\d)[_T](\d\d)[-:](\d\d)[-:](\d\d)$/.exec(value);
  if (!match || Number.isNaN(Date.parse(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`))) {
    throw wrong(key, value, 'a time such as 2026-01-31_23-59-59');
  }
  return `${match[1]}T${match[2]}:${match[3]}:${match[4]}`;
}

function wholeNumber(key: string, value: string, least: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least || number > 2 ** 31 - 1)
    throw wrong(key, value, `a whole number from ${least} to 2147483647`);
  return number;
}

/** Parse a file name. Errors: usage FAKE_VALUE. Unknown keys give a notice. */
export function parseName(fileName: string, options: Pick<OpenOptions, 'notice'>): FakeParameters {
  const [name = '', ...pairs] = fileName.replace(/\.fake$/i, '').split('&');
  const counts = Object.fromEntries(Object.entries(COUNTS).map(([key, [, usual]]) => [key, usual])) as Record<
    CountKey,
    number
  >;
  const colors = new Map<number | 'all', number>();
  const given: (readonly [string, string])[] = [];
  const found: { -readonly [K in keyof FakeParameters]?: FakeParameters[K] } = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const key = (at < 0 ? pair : pair.slice(0, at)).trim();
    const value = at < 0 ? '' : pair.slice(at + 1).trim();
    const lower = key.toLowerCase();
    given.push([key, value]);
    if (lower in COUNTS) counts[lower as CountKey] = wholeNumber(key, value, COUNTS[lower as CountKey][0]);
    else if (lower === 'pixeltype') {
      found.type = TYPES.find((type) => type === value.toLowerCase());
      if (!found.type) throw wrong(key, value, `one of ${TYPES.join(', ')}`);
    } else if (lower === 'indexed') found.indexed = value.toLowerCase() === 'true';
    else if (lower === 'physicalsizex') found.physicalSizeX = quantity(key, value, lengthSymbol, 'µm');
    else if (lower === 'physicalsizey') found.physicalSizeY = quantity(key, value, lengthSymbol, 'µm');
    else if (lower === 'physicalsizez') found.physicalSizeZ = quantity(key, value, lengthSymbol, 'µm');
    else if (lower === 'timeincrement') found.timeIncrement = quantity(key, value, timeSymbol, 's');
    else if (lower === 'exposuretime') found.exposureTime = quantity(key, value, timeSymbol, 's');
    else if (lower === 'acquisitiondate') found.acquisitionDate = date(key, value);
    else if (lower === 'color') colors.set('all', color(key, value));
    else if (/^color_\d{1,6}$/.test(lower)) colors.set(Number(lower.slice(6)), color(key, value));
    else if (!IGNORED.has(lower)) {
      options.notice({
        code: 'FAKE_KEY',
        rank: 'info',
        text: `${JSON.stringify(key)} is no parameter of a test image and is not used`,
      });
    }
  }
  if (counts.sizec % counts.rgb !== 0) throw wrong('rgb', String(counts.rgb), `a divisor of sizeC=${counts.sizec}`);
  return { indexed: false, ...found, type: found.type ?? 'uint8', name: name || 'fake', counts, colors, given };
}
