// Words for units, as NGFF axes (UDUNITS long names) and laboratory software spell them, and the symbols of the OME schema. NGFF forbids
// symbols and plurals; they are found in files and read too.

import { metres, seconds } from './units.js';

const PREFIXES: readonly (readonly [name: string, symbol: string])[] = [
  ['yotta', 'Y'],
  ['zetta', 'Z'],
  ['exa', 'E'],
  ['peta', 'P'],
  ['tera', 'T'],
  ['giga', 'G'],
  ['mega', 'M'],
  ['kilo', 'k'],
  ['hecto', 'h'],
  ['deca', 'da'],
  ['', ''],
  ['deci', 'd'],
  ['centi', 'c'],
  ['milli', 'm'],
  ['micro', 'µ'],
  ['nano', 'n'],
  ['pico', 'p'],
  ['femto', 'f'],
  ['atto', 'a'],
  ['zepto', 'z'],
  ['yocto', 'y'],
];

const LENGTHS: ReadonlyMap<string, string> = new Map([
  ...PREFIXES.map(([name, symbol]) => [`${name}meter`, `${symbol}m`] as const),
  ['angstrom', 'Å'],
  ['foot', 'ft'],
  ['inch', 'in'],
  ['mile', 'mi'],
  ['parsec', 'pc'],
  ['yard', 'yd'],
  // Not NGFF, but found.
  ['dekameter', 'dam'],
  ['ångström', 'Å'],
  ['micron', 'µm'],
  ['micro meter', 'µm'],
  ['um', 'µm'],
  ['μm', 'µm'],
  ['feet', 'ft'],
  ['pixel', 'pixel'],
  ['px', 'pixel'],
]);

const TIMES: ReadonlyMap<string, string> = new Map([
  ...PREFIXES.map(([name, symbol]) => [`${name}second`, `${symbol}s`] as const),
  ['minute', 'min'],
  ['hour', 'h'],
  ['day', 'd'],
  ['sec', 's'],
  ['us', 'µs'],
  ['μs', 'µs'],
  ['hr', 'h'],
  ['msec', 'ms'],
  ['usec', 'µs'],
]);

function lookUp(table: ReadonlyMap<string, string>, unit: string): string | undefined {
  const name = unit.trim().toLowerCase().replace('metre', 'meter');
  return table.get(name) ?? table.get(name.replace(/s$/, ''));
}

/** OME symbol of a unit of length; undefined for what is none. */
export function lengthSymbol(unit: string): string | undefined {
  return metres(unit) === undefined ? lookUp(LENGTHS, unit) : unit;
}

/** OME symbol of a unit of time; undefined for what is none. */
export function timeSymbol(unit: string): string | undefined {
  return seconds(unit) === undefined ? lookUp(TIMES, unit) : unit;
}

/** The same for software that minds no letter case; words that are no length, such as pixel, give undefined. */
export function lengthWord(text: string | undefined): string | undefined {
  const word = text?.trim().toLowerCase();
  const symbol = word && lengthSymbol(word);
  return symbol && metres(symbol) !== undefined ? symbol : undefined;
}

export function timeWord(text: string | undefined): string | undefined {
  const word = text?.trim().toLowerCase();
  return word ? timeSymbol(word) : undefined;
}
