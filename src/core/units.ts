// Lengths and times of the OME schema (2016-06, UnitsLength and UnitsTime) in metres and seconds.
// 'pixel' and 'reference frame' have no length and are not listed.

const SI: readonly (readonly [prefix: string, power: number])[] = [
  ['Y', 24],
  ['Z', 21],
  ['E', 18],
  ['P', 15],
  ['T', 12],
  ['G', 9],
  ['M', 6],
  ['k', 3],
  ['h', 2],
  ['da', 1],
  ['', 0],
  ['d', -1],
  ['c', -2],
  ['m', -3],
  ['µ', -6],
  ['n', -9],
  ['p', -12],
  ['f', -15],
  ['a', -18],
  ['z', -21],
  ['y', -24],
];

function withPrefixes(unit: string): [string, number][] {
  return SI.map(([prefix, power]) => [prefix + unit, Number(`1e${power}`)]);
}

/** Metres in one unit. */
const LENGTHS: ReadonlyMap<string, number> = new Map<string, number>([
  ...withPrefixes('m'),
  ['Å', 1e-10],
  ['thou', 2.54e-5],
  ['li', 2.54e-2 / 12],
  ['in', 2.54e-2],
  ['ft', 0.3048],
  ['yd', 0.9144],
  ['mi', 1609.344],
  ['ua', 149597870700],
  ['ly', 9460730472580800],
  ['pc', 3.085677581491367e16],
  ['pt', 2.54e-2 / 72],
]);

/** Seconds in one unit. */
const TIMES: ReadonlyMap<string, number> = new Map<string, number>([
  ...withPrefixes('s'),
  ['min', 60],
  ['h', 3600],
  ['d', 86400],
]);

/** Metres in one `unit`, undefined for units without a length. */
export function metres(unit: string): number | undefined {
  return LENGTHS.get(unit);
}

/** Seconds in one `unit`, undefined for unknown units. */
export function seconds(unit: string): number | undefined {
  return TIMES.get(unit);
}
