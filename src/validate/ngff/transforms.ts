// coordinateTransformations of 0.4 and 0.5: a scale, then perhaps a translation.

import { asList, asNumbers, asText, isObject, type Json, printJson } from '../../containers/zarr/json.js';
import type { Report } from '../report.js';

export interface Placement {
  readonly scale: readonly number[] | undefined;
  readonly translation: readonly number[] | undefined;
}

/** Check one list. `rank`: number of axes, where it is known. */
export function checkTransforms(
  value: Json | undefined,
  rank: number | undefined,
  where: string,
  report: Report,
): Placement {
  if (!Array.isArray(value) || value.length === 0) {
    report.add(
      'NGFF_TRANSFORM',
      where,
      value === undefined ? 'coordinateTransformations is missing' : 'coordinateTransformations is no list, or empty',
    );
    return { scale: undefined, translation: undefined };
  }
  const types: string[] = [];
  let scale: readonly number[] | undefined;
  let translation: readonly number[] | undefined;
  for (const each of asList(value)) {
    const type = isObject(each) ? asText(each.type) : undefined;
    if (!isObject(each) || (type !== 'scale' && type !== 'translation')) {
      report.add(
        'NGFF_TRANSFORM_TYPE',
        where,
        `a transformation of type ${isObject(each) ? printJson(each.type) : 'none'}`,
      );
      continue;
    }
    types.push(type);
    const vector = checkVector(each[type], type, rank, where, report);
    if (type === 'scale') scale ??= vector;
    else translation ??= vector;
  }
  const count = (type: string): number => types.filter((each) => each === type).length;
  if (count('scale') !== 1)
    report.add('NGFF_TRANSFORM', where, `${count('scale')} transformations of type scale, expected 1`);
  if (count('translation') > 1)
    report.add('NGFF_TRANSFORM', where, `${count('translation')} translations, expected at most 1`);
  if (types[0] === 'translation' && types.includes('scale'))
    report.add('NGFF_TRANSFORM_ORDER', where, 'the translation comes before the scale');
  return { scale, translation };
}

export function checkVector(
  value: Json | undefined,
  type: string,
  rank: number | undefined,
  where: string,
  report: Report,
): readonly number[] | undefined {
  const vector = asNumbers(value);
  if (!vector) {
    report.add('NGFF_TRANSFORM', where, `${type} holds no list of numbers`);
    return undefined;
  }
  if (rank !== undefined && vector.length !== rank) {
    report.add('NGFF_TRANSFORM_LENGTH', where, `${type} has ${vector.length} numbers for ${rank} axes`);
    return undefined;
  }
  const wrong = vector.find((n) => !Number.isFinite(n) || (type === 'scale' && n <= 0));
  if (wrong !== undefined) {
    // A mirrored axis is legal nowhere, but zero is what breaks every reader.
    report.add(
      'NGFF_SCALE_VALUE',
      where,
      `${type} holds ${wrong}`,
      wrong < 0 && Number.isFinite(wrong) ? 'warning' : undefined,
    );
    return undefined;
  }
  return vector;
}
