// An image group: its multiscales against themselves, then against the arrays. OME-NGFF 0.4 and 0.5, "multiscales" metadata.

import { asList, asText, isObject, type Json, type JsonObject } from '../../containers/zarr/json.js';
import { joinKey } from '../../containers/zarr/store.js';
import type { AxisFacts, ImageFacts, LevelFacts, ZarrContext } from '../zarr/context.js';
import { checkAxes, isChannel } from './axes.js';
import { checkLevels } from './levels.js';
import { checkOmero } from './omero.js';
import { checkSystems } from './systems.js';
import { checkTransforms, type Placement } from './transforms.js';
import { isDraft, type OmeGroup } from './version.js';

/** What a multiscale says, before any array is looked at. */
interface Described {
  readonly axes: readonly AxisFacts[] | undefined;
  readonly datasets: readonly { readonly path: string; readonly placement: Placement }[];
}

/** Check an image group. Facts of its first multiscale; undefined where they cannot be had. */
export async function checkImage(
  group: OmeGroup,
  context: ZarrContext,
  isLabel: boolean,
): Promise<ImageFacts | undefined> {
  const { report } = context;
  const { ome, path } = group;
  const multiscales = ome.multiscales;
  if (!Array.isArray(multiscales) || multiscales.length === 0) {
    report.add('NGFF_MULTISCALES', path, 'multiscales is no list, or empty');
    return undefined;
  }
  let first: ImageFacts | undefined;
  for (const [i, multiscale] of asList(multiscales).entries()) {
    const where = `${path}${path === '' ? '' : ' '}multiscales[${i}]`;
    if (!isObject(multiscale)) {
      report.add('NGFF_MULTISCALES', where, 'no object');
      continue;
    }
    const facts = await checkMultiscale(multiscale, group, where, context, isLabel);
    first ??= facts;
  }
  if (first) {
    const c = first.axes.findIndex(isChannel);
    const channels = first.levels.length === 0 ? undefined : c < 0 ? 1 : first.levels[0]!.array.shape[c];
    checkOmero(ome.omero, channels, path, report);
    context.images.push(first);
  } else checkOmero(ome.omero, undefined, path, report);
  return first;
}

async function checkMultiscale(
  multiscale: JsonObject,
  group: OmeGroup,
  where: string,
  context: ZarrContext,
  isLabel: boolean,
): Promise<ImageFacts | undefined> {
  const { report } = context;
  if (multiscale.name === undefined) report.add('NGFF_NAME', where, 'no name');
  else if (typeof multiscale.name !== 'string') report.add('NGFF_KEY', where, 'name is no string');
  if (asList(multiscale.datasets).length > 1 && multiscale.type === undefined)
    report.add('NGFF_TYPE', where, 'no "type": nothing tells how levels were made');
  const described = isDraft(group.version)
    ? describeSystems(multiscale, group, where, context)
    : group.zarr === 2 && ['0.1', '0.2', '0.3'].includes(group.version)
      ? describeOld(multiscale, group.version, where, context)
      : describe(multiscale, where, context);
  const levels: LevelFacts[] = [];
  for (const { path, placement } of described.datasets) {
    const key = resolve(group.path, path, where, context);
    const checked = key === undefined ? undefined : await context.array(key);
    if (key === undefined) continue;
    if (!checked) {
      const node = await context.node(key);
      if (node) report.add('ZARR_NODE', key, 'a group where the array of a level should be');
      else report.add('NGFF_LEVEL_MISSING', where, `there is no array ${path}`);
      continue;
    }
    if (checked.node.version !== group.zarr)
      report.add('NGFF_VERSION_MIXED', key, `a Zarr v${checked.node.version} array in a Zarr v${group.zarr} group`);
    if (checked.array) levels.push({ path: key, node: checked.node, array: checked.array, ...placement });
  }
  const { axes } = described;
  checkLevels(levels, axes, asText(multiscale.type), { group, where, isLabel }, report);
  if (!axes) return undefined;
  return { path: group.path, version: group.version, zarr: group.zarr, axes, levels, isLabel, ome: group.ome };
}

/** Key of a path that metadata names; undefined (reported) where it leaves the hierarchy. */
export function resolve(base: string, path: string, where: string, context: ZarrContext): string | undefined {
  try {
    return joinKey(base, path);
  } catch (error) {
    context.report.fault(error, where, 'PATH_ESCAPES');
    return undefined;
  }
}

function listDatasets(multiscale: JsonObject, where: string, context: ZarrContext): readonly JsonObject[] {
  const { datasets } = multiscale;
  if (!Array.isArray(datasets) || datasets.length === 0) {
    context.report.add(
      'NGFF_DATASETS',
      where,
      datasets === undefined ? '"datasets" is missing' : '"datasets" is no list, or empty',
    );
    return [];
  }
  const seen = new Set<string>();
  return asList(datasets).flatMap((dataset, i) => {
    const path = isObject(dataset) ? asText(dataset.path) : undefined;
    if (!isObject(dataset) || path === undefined || path === '') {
      context.report.add('NGFF_DATASETS', where, `datasets[${i}] has no path`);
      return isObject(dataset) ? [dataset] : [];
    }
    if (seen.has(path)) context.report.add('NGFF_DATASETS', where, `${path} is listed twice`);
    seen.add(path);
    return [dataset];
  });
}

function describe(multiscale: JsonObject, where: string, context: ZarrContext): Described {
  const { report } = context;
  const axes = checkAxes(multiscale.axes, where, report);
  const datasets = listDatasets(multiscale, where, context).map((dataset, i) => {
    const place = `${where}.datasets[${i}]`;
    const placement = checkTransforms(dataset.coordinateTransformations, axes?.length, place, report);
    return { path: asText(dataset.path) ?? '', placement };
  });
  const common = multiscale.coordinateTransformations;
  if (common !== undefined) checkTransforms(common, axes?.length, where, report);
  return { axes, datasets: datasets.filter(({ path }) => path !== '') };
}

/** Axes were fixed (0.1, 0.2) or names alone (0.3); there were no transformations. */
function describeOld(multiscale: JsonObject, version: string, where: string, context: ZarrContext): Described {
  const none = { scale: undefined, translation: undefined };
  const datasets = listDatasets(multiscale, where, context).flatMap((dataset) => {
    const path = asText(dataset.path);
    return path === undefined ? [] : [{ path, placement: none }];
  });
  const names = version === '0.3' ? multiscale.axes : undefined;
  if (version === '0.3' && !(Array.isArray(names) && names.every((name: Json) => typeof name === 'string')))
    context.report.add('NGFF_AXES', where, 'axes of version 0.3 are a list of names');
  const list = version === '0.3' ? asList(names).map((name) => asText(name) ?? '') : [...'tczyx'];
  const typeOf = (name: string): string => (name === 't' ? 'time' : name === 'c' ? 'channel' : 'space');
  return { axes: list.map((name) => ({ name, type: typeOf(name), unit: undefined })), datasets };
}

function describeSystems(multiscale: JsonObject, group: OmeGroup, where: string, context: ZarrContext): Described {
  if (
    multiscale.coordinateSystems === undefined &&
    multiscale.axes !== undefined &&
    group.version !== '0.6' &&
    !group.version.includes('rc')
  )
    return describe(multiscale, where, context);
  const datasets = listDatasets(multiscale, where, context);
  return checkSystems(multiscale, datasets, group.version, where, context.report);
}
