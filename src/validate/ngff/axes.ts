// Axes: names, types, order, units. OME-NGFF 0.4 and 0.5, "axes" and "multiscales" metadata; 0.6, "coordinateSystems".

import { asList, asText, isObject, type Json } from '../../containers/zarr/json.js';
import type { Report } from '../report.js';
import type { AxisFacts } from '../zarr/context.js';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));
export const LENGTHS = words(
  `angstrom attometer centimeter decimeter exameter femtometer foot gigameter hectometer inch kilometer megameter meter micrometer mile
  millimeter nanometer parsec petameter picometer terameter yard yoctometer yottameter zeptometer zettameter`,
);
export const TIMES = words(
  `attosecond centisecond day decisecond exasecond femtosecond gigasecond hectosecond hour kilosecond megasecond microsecond millisecond
  minute nanosecond petasecond picosecond second terasecond yoctosecond yottasecond zeptosecond zettasecond`,
);
/** Types of 0.4 and 0.5 that are not custom; 0.6 has a few more. */
const KNOWN = new Set(['space', 'time', 'channel']);

/** Check an `axes` list; the axes that could be read, or undefined where there is no list. */
export function checkAxes(
  value: Json | undefined,
  where: string,
  report: Report,
  limits = true,
): readonly AxisFacts[] | undefined {
  if (!Array.isArray(value)) {
    report.add('NGFF_AXES', where, value === undefined ? '"axes" is missing' : '"axes" is no list');
    return undefined;
  }
  const axes: AxisFacts[] = [];
  for (const [i, axis] of asList(value).entries()) {
    const name = isObject(axis) ? asText(axis.name) : undefined;
    if (!isObject(axis) || name === undefined || name === '') {
      report.add('NGFF_AXES', where, `axis ${i} has no name`);
      axes.push({ name: `${i}`, type: isObject(axis) ? asText(axis.type) : undefined, unit: undefined });
      continue;
    }
    for (const key of ['type', 'unit'] as const) {
      if (axis[key] !== undefined && typeof axis[key] !== 'string')
        report.add('NGFF_AXES', where, `${key} of axis ${name} is no string`);
    }
    axes.push({ name, type: asText(axis.type), unit: asText(axis.unit) });
  }
  checkNames(axes, where, report);
  for (const axis of axes) checkUnit(axis, where, report);
  if (limits) checkTypes(axes, where, report);
  return axes;
}

function checkNames(axes: readonly AxisFacts[], where: string, report: Report): void {
  const seen = new Set<string>();
  for (const { name } of axes) {
    if (seen.has(name)) report.add('NGFF_AXES_DUPLICATE', where, `two axes are named ${name}`);
    seen.add(name);
  }
}

function checkUnit({ name, type, unit }: AxisFacts, where: string, report: Report): void {
  if (unit === undefined) {
    if (type === 'space' || type === 'time') report.add('NGFF_UNIT_MISSING', where, `axis ${name} has no unit`);
    return;
  }
  if (type === 'space' || type === 'time') {
    const wanted = type === 'space' ? LENGTHS : TIMES;
    const other = type === 'space' ? TIMES : LENGTHS;
    if (other.has(unit)) report.add('NGFF_UNIT_KIND', where, `${unit} is no unit of axis ${name}, which is ${type}`);
    else if (!wanted.has(unit))
      report.add('NGFF_UNIT', where, `${JSON.stringify(unit)} of axis ${name} is no unit of the specification`);
  }
}

function checkTypes(axes: readonly AxisFacts[], where: string, report: Report): void {
  if (axes.length < 2 || axes.length > 5) report.add('NGFF_AXES', where, `${axes.length} axes, expected 2 to 5`);
  const count = (type: string): number => axes.filter((axis) => axis.type === type).length;
  const others = axes.filter(({ type }) => type !== 'space' && type !== 'time');
  const space = count('space');
  if (space < 2 || space > 3) report.add('NGFF_AXES_TYPES', where, `${space} axes of type space, expected 2 or 3`);
  if (count('time') > 1) report.add('NGFF_AXES_TYPES', where, `${count('time')} axes of type time, expected at most 1`);
  if (others.length > 1)
    report.add(
      'NGFF_AXES_TYPES',
      where,
      `${others.length} channel or custom axes (${others.map((axis) => axis.name).join(', ')}), expected at most 1`,
    );
  for (const { name, type } of axes)
    if (type === undefined) report.add('NGFF_AXIS_TYPE', where, `axis ${name} has no type`);
  const rank = ({ type }: AxisFacts): number => (type === 'time' ? 0 : type === 'space' ? 2 : 1);
  const wrong = axes.findIndex((axis, i) => i > 0 && rank(axis) < rank(axes[i - 1]!));
  if (wrong > 0) {
    report.add(
      'NGFF_AXES_ORDER',
      where,
      `axis ${axes[wrong]!.name} (${axes[wrong]!.type ?? 'no type'}) comes after ${axes[wrong - 1]!.name}`,
    );
    return;
  }
  const names = axes.filter(({ type }) => type === 'space').map(({ name }) => name);
  if (names.length >= 2 && names.every((name) => 'zyx'.includes(name)) && names.join('') !== 'zyx'.slice(-names.length))
    report.add('NGFF_AXES_ZYX', where, `space axes are in the order ${names.join(', ')}`);
}

/** Axes whose type counts as channel. */
export function isChannel({ type, name }: AxisFacts): boolean {
  return type === 'channel' || (!KNOWN.has(type ?? '') && /^c$/i.test(name));
}
