// Levels against each other and against what the metadata says: number of axes, sizes, types, scales, translations, names of dimensions.

import type { Report } from '../report.js';
import type { AxisFacts, LevelFacts } from '../zarr/context.js';
import type { OmeGroup } from './version.js';

interface Place {
  readonly group: OmeGroup;
  readonly where: string;
  readonly isLabel: boolean;
}

export function checkLevels(
  levels: readonly LevelFacts[],
  axes: readonly AxisFacts[] | undefined,
  type: string | undefined,
  place: Place,
  report: Report,
): void {
  for (const level of levels) checkArray(level, axes, place, report);
  const fits = axes ? levels.filter(({ array }) => array.shape.length === axes.length || axes.length === 0) : levels;
  const [first, ...rest] = fits;
  if (!first) return;
  let last = first;
  for (const level of rest) {
    checkShape(level, last, axes, report);
    if (level.array.type.ome !== first.array.type.ome) {
      const text = `elements of type ${level.array.type.ome}, those of ${first.path} are ${first.array.type.ome}`;
      report.add('NGFF_LEVEL_TYPE', level.path, text, place.group.version.startsWith('0.6') ? 'error' : undefined);
    }
    checkScale(level, first, axes, report);
    checkTranslation(level, first, axes, type, place.isLabel, report);
    last = level;
  }
}

function checkArray(
  { path, node, array }: LevelFacts,
  axes: readonly AxisFacts[] | undefined,
  { group, isLabel }: Place,
  report: Report,
): void {
  if (axes && axes.length > 0 && array.shape.length !== axes.length) {
    report.add(
      'NGFF_AXES_COUNT',
      path,
      `the array has ${array.shape.length} dimensions, the image ${axes.length} axes`,
    );
  }
  if (group.zarr === 3 && axes) {
    const names = node.metadata.dimension_names;
    const expected = axes.map(({ name }) => name);
    const severity = group.version.includes('dev') ? 'warning' : undefined;
    if (names === undefined) report.add('NGFF_DIMENSION_NAMES', path, 'no dimension_names', severity);
    else if (array.dimensionNames && array.dimensionNames.join('\0') !== expected.join('\0'))
      report.add(
        'NGFF_DIMENSION_NAMES',
        path,
        `dimension_names are ${array.dimensionNames.join(', ')}, the axes ${expected.join(', ')}`,
      );
  }
  if (group.zarr === 2 && group.version !== '0.1' && array.key.separator === '.' && array.shape.length > 1)
    report.add('NGFF_SEPARATOR', path, 'dimension_separator is "."');
  const { pixel, parts, ome } = array.type;
  if (isLabel && (pixel === 'float' || pixel === 'double' || parts === 2))
    report.add('NGFF_LABEL_TYPE', path, `labels of type ${ome}`);
}

function checkShape(level: LevelFacts, last: LevelFacts, axes: readonly AxisFacts[] | undefined, report: Report): void {
  const [a, b] = [last.array.shape, level.array.shape];
  const grows = b.findIndex((n, i) => n > a[i]!);
  const name = (i: number): string => axes?.[i]?.name ?? `dimension ${i}`;
  if (grows >= 0) {
    report.add(
      'NGFF_LEVEL_SHAPE',
      level.path,
      `${b[grows]} along ${name(grows)}, but only ${a[grows]} in ${last.path}, the level before`,
    );
    const pixels = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
    if (pixels(b) > pixels(a))
      report.add('NGFF_LEVEL_ORDER', level.path, `larger than ${last.path}, which is listed before it`);
  } else if (b.every((n, i) => n === a[i]))
    report.add('NGFF_LEVEL_SHAPE', level.path, `the same size as ${last.path}, the level before`, 'info');
  if (last.scale && level.scale) {
    const shrinks = level.scale.findIndex((s, i) => s < last.scale![i]! * (1 - 1e-6));
    if (shrinks >= 0)
      report.add(
        'NGFF_LEVEL_ORDER',
        level.path,
        `finer along ${name(shrinks)} than ${last.path}, which is listed before it`,
      );
  }
}

/**
 * The extent n · scale of a level is that of the first, but for what rounding of sizes adds or takes: up to one pixel of the level a halving,
 * which is less than one pixel of it in all.
 */
function checkScale(
  level: LevelFacts,
  first: LevelFacts,
  axes: readonly AxisFacts[] | undefined,
  report: Report,
): void {
  const [s0, s] = [first.scale, level.scale];
  if (!s0 || !s) return;
  for (const [i, n] of level.array.shape.entries()) {
    const n0 = first.array.shape[i]!;
    const factor = s[i]! / s0[i]!;
    const name = axes?.[i]?.name ?? `dimension ${i}`;
    if (n === n0) {
      if (Math.abs(factor - 1) > 1e-3 && n > 1)
        report.add(
          'NGFF_SCALE_SHAPE',
          level.path,
          `as large as ${first.path} along ${name}, but its scale is ${round(factor)} times as large`,
        );
    } else if (Math.abs(n * factor - n0) > Math.max(factor, n0 / n) * 1.001) {
      report.add(
        'NGFF_SCALE_SHAPE',
        level.path,
        `${n} of ${n0} pixels along ${name}, but the scale is ${round(factor)} times that of ${first.path}`,
      );
    } else if (Math.abs(n * factor - n0) > 0.5 && Math.abs(factor - Math.round(factor)) > 1e-3) {
      report.add(
        'NGFF_SCALE_UNEVEN',
        level.path,
        `${n} of ${n0} pixels along ${name}, scale ${round(factor)} times that of ${first.path}`,
      );
    }
  }
}

function checkTranslation(
  level: LevelFacts,
  first: LevelFacts,
  axes: readonly AxisFacts[] | undefined,
  type: string | undefined,
  isLabel: boolean,
  report: Report,
): void {
  const [s0, s] = [first.scale, level.scale];
  if (!s0 || !s) return;
  const zero = s.map(() => 0);
  const t0 = first.translation ?? zero;
  const t = level.translation ?? zero;
  let none = false;
  for (const [i, scale] of s.entries()) {
    const shift = t[i]! - t0[i]!;
    const half = (scale - s0[i]!) / 2;
    const tolerance = 0.02 * scale;
    if (Math.abs(half) <= tolerance && Math.abs(shift) <= tolerance) continue;
    if (Math.abs(shift) <= tolerance) none = true;
    else if (Math.abs(shift - half) > tolerance && Math.abs(shift) > tolerance)
      report.add(
        'NGFF_TRANSLATION',
        level.path,
        `shifted by ${round(shift)} along ${axes?.[i]?.name ?? i} against ${first.path}, expected ${half === 0 ? '' : `${round(half)} or `}0`,
      );
  }
  // Picked pixels stay where they were.
  const picked = isLabel || /nearest|subsampl|stride|decimat/i.test(type ?? '');
  if (none && !picked) report.add('NGFF_TRANSLATION_NONE', level.path, 'no translation against the first level');
}

function round(n: number): string {
  return String(Number(n.toPrecision(6)));
}
