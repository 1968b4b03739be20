// Coordinate systems and transformations of 0.6, as far as the release candidate of 2026-07 settles them. Drafts before it wrote input and
// output as bare strings; those are taken as they are.

import { asList, asNumbers, asText, isObject, type Json, type JsonObject } from '../../containers/zarr/json.js';
import type { Report } from '../report.js';
import type { AxisFacts } from '../zarr/context.js';
import { checkAxes } from './axes.js';
import { checkVector, type Placement } from './transforms.js';

interface Systems {
  readonly axes: readonly AxisFacts[] | undefined;
  readonly datasets: readonly { readonly path: string; readonly placement: Placement }[];
}

const NOWHERE: Placement = { scale: undefined, translation: undefined };

export function checkSystems(
  multiscale: JsonObject,
  datasets: readonly JsonObject[],
  version: string,
  where: string,
  report: Report,
): Systems {
  const strict = !version.includes('dev');
  const systems = listSystems(multiscale.coordinateSystems, where, strict, report);
  const placed = datasets.map((dataset, i) => {
    const place = `${where}.datasets[${i}]`;
    const list = asList(dataset.coordinateTransformations);
    const path = asText(dataset.path) ?? '';
    if (list.length !== 1) {
      report.add('NGFF_TRANSFORM', place, `${list.length} coordinateTransformations, expected 1`);
      return { path, placement: NOWHERE, output: undefined };
    }
    return { path, ...checkDataset(list[0]!, path, systems, place, strict, report) };
  });
  const outputs = new Set(placed.map(({ output }) => output).filter((output) => output !== undefined));
  if (outputs.size > 1)
    report.add('NGFF_TRANSFORM_ENDS', where, `levels end in several coordinate systems: ${[...outputs].join(', ')}`);
  const [output] = outputs;
  const intrinsic = output === undefined ? undefined : systems.get(output);
  for (const transform of asList(multiscale.coordinateTransformations))
    checkTransform(transform, where, true, strict, report);
  if (multiscale.coordinateTransformations !== undefined && !Array.isArray(multiscale.coordinateTransformations))
    report.add('NGFF_TRANSFORM', where, 'coordinateTransformations is no list');
  return {
    axes: intrinsic ?? [...systems.values()].at(0),
    datasets: placed.filter(({ path }) => path !== ''),
  };
}

function listSystems(
  value: Json | undefined,
  where: string,
  strict: boolean,
  report: Report,
): ReadonlyMap<string, readonly AxisFacts[]> {
  const systems = new Map<string, readonly AxisFacts[]>();
  if (!Array.isArray(value) || value.length === 0) {
    report.add('NGFF_SYSTEMS', where, 'coordinateSystems is missing, no list, or empty');
    return systems;
  }
  for (const [i, system] of asList(value).entries()) {
    const name = isObject(system) ? asText(system.name) : undefined;
    if (!isObject(system) || name === undefined || name === '') {
      report.add('NGFF_SYSTEMS', where, `coordinateSystems[${i}] has no name`);
      continue;
    }
    if (systems.has(name)) report.add('NGFF_SYSTEMS', where, `two coordinate systems are named ${name}`);
    const axes = checkAxes(system.axes, `${where}.coordinateSystems[${i}]`, report, strict && i === 0);
    if (axes) systems.set(name, axes);
  }
  return systems;
}

/** Name that an end of a transformation says, or the path of an array. */
function endOf(value: Json | undefined): { readonly name?: string; readonly path?: string } | undefined {
  if (typeof value === 'string') return { name: value };
  if (!isObject(value)) return undefined;
  const name = asText(value.name);
  const path = asText(value.path);
  return name === undefined && path === undefined ? undefined : { name, path };
}

function checkDataset(
  transform: Json,
  path: string,
  systems: ReadonlyMap<string, readonly AxisFacts[]>,
  where: string,
  strict: boolean,
  report: Report,
): { readonly placement: Placement; readonly output: string | undefined } {
  if (!isObject(transform)) {
    report.add('NGFF_TRANSFORM', where, 'a transformation is no object');
    return { placement: NOWHERE, output: undefined };
  }
  const type = asText(transform.type);
  const parts = type === 'sequence' ? asList(transform.transformations) : [transform];
  const types = parts.map((part) => (isObject(part) ? asText(part.type) : undefined)).join(' ');
  if (!['scale', 'identity', 'scale translation'].includes(types) && strict)
    report.add(
      'NGFF_TRANSFORM_TYPE',
      where,
      `${type ?? 'no type'}${type === 'sequence' ? ` of ${types}` : ''}: levels take scale, identity, or a sequence of scale and translation`,
    );
  const input = endOf(transform.input);
  const output = endOf(transform.output);
  if (!input || !output) report.add('NGFF_TRANSFORM_ENDS', where, 'input or output is missing');
  else if (strict) {
    if (typeof transform.input === 'string' || typeof transform.output === 'string' || input.path === undefined)
      report.add('NGFF_TRANSFORM_ENDS', where, 'input and output are no objects with path and name');
    else if (input.path !== path) report.add('NGFF_TRANSFORM_ENDS', where, `input is ${input.path}, the level ${path}`);
  }
  const name = output?.name;
  if (output && name === undefined) report.add('NGFF_TRANSFORM_ENDS', where, 'output names no coordinate system');
  const axes = name === undefined ? undefined : systems.get(name);
  if (name !== undefined && !axes)
    report.add('NGFF_TRANSFORM_ENDS', where, `output is ${name}, which is no coordinate system`);
  let placement = NOWHERE;
  for (const part of parts) {
    checkTransform(part, where, false, strict, report);
    if (!isObject(part)) continue;
    const vector = part.type === 'scale' || part.type === 'translation' ? part[part.type] : undefined;
    if (vector === undefined || axes === undefined) continue;
    const numbers = checkVector(vector, String(part.type), axes.length, where, report);
    placement = part.type === 'scale' ? { ...placement, scale: numbers } : { ...placement, translation: numbers };
  }
  if (types === 'identity' && axes) placement = { scale: axes.map(() => 1), translation: undefined };
  return { placement, output: name };
}

/** Parameters of any transformation. `ends`: it must name its input and output. */
function checkTransform(value: Json, where: string, ends: boolean, strict: boolean, report: Report): void {
  const bad = (text: string): void => report.add('NGFF_TRANSFORM_PARAMETERS', where, text);
  if (!isObject(value)) {
    bad('a transformation is no object');
    return;
  }
  const type = asText(value.type);
  if (ends) {
    for (const key of ['input', 'output'] as const) {
      const end = value[key];
      if (end === undefined || endOf(end) === undefined || (strict && typeof end === 'string'))
        report.add('NGFF_TRANSFORM_ENDS', where, `${key} of a transformation is missing or no object`);
    }
  }
  const nested = (list: Json | undefined): void => {
    if (!Array.isArray(list) || list.length === 0) {
      bad(`${type} has no transformations`);
      return;
    }
    for (const each of asList(list)) checkTransform(each, where, false, strict, report);
  };
  switch (type) {
    case 'identity':
      return;
    case 'scale':
    case 'translation':
      if (!asNumbers(value[type])) bad(`${type} holds no list of numbers`);
      else if (type === 'scale' && asNumbers(value.scale)!.some((n) => n === 0)) bad('scale holds 0');
      return;
    case 'mapAxis':
      checkMapAxis(value.mapAxis, strict, bad);
      return;
    case 'projectAxis':
      checkProjectAxis(value, bad);
      return;
    case 'affine':
    case 'rotation':
      checkMatrix(value, type, bad);
      return;
    case 'sequence':
      nested(value.transformations);
      return;
    case 'displacements':
    case 'coordinates':
      if (typeof value.path !== 'string') bad(`${type} has no path`);
      return;
    case 'bijection':
      for (const key of ['forward', 'inverse']) {
        const each = value[key];
        if (each === undefined) bad(`bijection has no ${key}`);
        else checkTransform(each, where, false, strict, report);
      }
      return;
    case 'byDimension':
      checkByDimension(value.transformations, where, strict, bad, report);
      return;
    default:
      report.add('NGFF_TRANSFORM_TYPE', where, `a transformation of type ${JSON.stringify(value.type) ?? 'none'}`);
  }
}

function isIndices(list: readonly number[] | undefined): list is readonly number[] {
  if (list === undefined) return false;
  return list.every((n) => Number.isInteger(n) && n >= 0) && new Set(list).size === list.length;
}

function checkMapAxis(value: Json | undefined, strict: boolean, bad: (text: string) => void): void {
  // Drafts mapped names to names.
  if (!strict && isObject(value)) return;
  const list = asNumbers(value);
  if (!isIndices(list) || list.length === 0 || list.some((n) => n >= list.length))
    bad('mapAxis is no permutation of 0, 1, 2 …');
}

function checkProjectAxis(value: JsonObject, bad: (text: string) => void): void {
  const { droppedInputs, createdOutputs } = value;
  if (droppedInputs === undefined && createdOutputs === undefined) {
    bad('projectAxis drops and creates nothing');
    return;
  }
  for (const [key, list] of Object.entries({ droppedInputs, createdOutputs })) {
    if (list === undefined) continue;
    const indices = asNumbers(list);
    if (!isIndices(indices) || indices.length === 0 || indices.length > 3 || indices.some((n) => n > 4))
      bad(`${key} of projectAxis is no list of axes, each once`);
  }
}

function checkMatrix(value: JsonObject, type: 'affine' | 'rotation', bad: (text: string) => void): void {
  if (value[type] === undefined && typeof value.path === 'string') return;
  const rows = asList(value[type]).map(asNumbers);
  const width = rows[0]?.length;
  if (!Array.isArray(value[type]) || rows.length === 0 || rows.some((row) => !row || row.length !== width)) {
    bad(`${type} is no matrix of numbers`);
    return;
  }
  if (type === 'affine') return;
  if (width !== rows.length) {
    bad(`rotation is a matrix of ${rows.length} × ${width}`);
    return;
  }
  const matrix = rows as readonly (readonly number[])[];
  const orthonormal = matrix.every((a, i) =>
    matrix.every((b, j) => Math.abs(a.reduce((sum, n, k) => sum + n * b[k]!, 0) - (i === j ? 1 : 0)) < 1e-2),
  );
  if (!orthonormal) bad('rotation is no orthonormal matrix');
}

function checkByDimension(
  value: Json | undefined,
  where: string,
  strict: boolean,
  bad: (text: string) => void,
  report: Report,
): void {
  if (!Array.isArray(value) || value.length === 0) {
    bad('byDimension has no transformations');
    return;
  }
  for (const each of asList(value)) {
    if (!isObject(each)) {
      bad('a part of byDimension is no object');
      return;
    }
    const inner = isObject(each.transformation) ? each.transformation : each;
    if (strict) {
      for (const key of ['inputAxes', 'outputAxes', 'input_axes', 'output_axes']
        .slice(each.input_axes === undefined ? 0 : 2)
        .slice(0, 2)) {
        const axes = asList(each[key]);
        const indices = axes.every((axis) => typeof axis === 'number' && Number.isInteger(axis) && axis >= 0);
        if (axes.length === 0 || !indices) bad(`${key} of byDimension is no list of axes`);
      }
    }
    checkTransform(inner, where, false, strict, report);
  }
}

/** `scene`: transformations between images. */
export function checkScene(value: Json | undefined, version: string, where: string, report: Report): void {
  const strict = !version.includes('dev');
  if (
    !isObject(value) ||
    !Array.isArray(value.coordinateTransformations) ||
    value.coordinateTransformations.length === 0
  ) {
    report.add('NGFF_SCENE', where, 'scene has no coordinateTransformations');
    return;
  }
  for (const each of asList(value.coordinateTransformations)) checkTransform(each, where, true, strict, report);
  for (const [i, system] of asList(value.coordinateSystems).entries()) {
    if (isObject(system) && asText(system.name))
      checkAxes(system.axes, `${where}.coordinateSystems[${i}]`, report, false);
    else report.add('NGFF_SYSTEMS', where, `coordinateSystems[${i}] has no name`);
  }
}
