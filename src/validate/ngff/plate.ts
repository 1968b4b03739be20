// Plates, wells and fields. OME-NGFF 0.4 and 0.5, "plate" and "well" metadata.

import {
  asList,
  asNumber,
  asText,
  isObject,
  type Json,
  type JsonObject,
  printJson,
} from '../../containers/zarr/json.js';
import { joinKey } from '../../containers/zarr/store.js';
import type { ZarrContext } from '../zarr/context.js';
import { checkImage, resolve } from './image.js';
import { checkLabelsOf } from './labels.js';
import { type OmeGroup, omeGroup } from './version.js';

const NAME = /^[A-Za-z0-9]+$/;

interface PlateFacts {
  readonly version: string;
  /** Ids of acquisitions; undefined where the plate lists none. */
  readonly acquisitions: ReadonlySet<number> | undefined;
}

export async function checkPlate(group: OmeGroup, context: ZarrContext): Promise<void> {
  const { report } = context;
  const { path, ome } = group;
  const { plate } = ome;
  const where = joinPlace(path, 'plate');
  if (!isObject(plate)) return report.add('NGFF_PLATE', where, 'plate is no object');
  const rows = checkNames(plate.rows, 'rows', where, context);
  const columns = checkNames(plate.columns, 'columns', where, context);
  const acquisitions = checkAcquisitions(plate.acquisitions, where, context);
  if (typeof plate.name !== 'string') report.add('NGFF_PLATE_INFO', where, 'the plate has no name');
  const count = plate.field_count;
  const limit = asNumber(count);
  if (count !== undefined && !(Number.isInteger(limit) && limit! > 0))
    report.add('NGFF_PLATE', where, `field_count is ${printJson(count)}, expected a whole number above 0`);
  const { wells } = plate;
  if (!Array.isArray(wells) || wells.length === 0)
    return report.add('NGFF_PLATE', where, 'wells is missing, no list, or empty');
  const seen = new Set<string>();
  let most = 0;
  for (const [i, well] of asList(wells).entries()) {
    const place = `${where}.wells[${i}]`;
    const name = isObject(well)
      ? checkWellEntry(well, { rows, columns, version: group.version }, place, context)
      : undefined;
    if (!isObject(well)) report.add('NGFF_PLATE', place, 'no object');
    if (name === undefined) continue;
    if (seen.has(name)) report.add('NGFF_PLATE', place, `well ${name} is listed twice`);
    seen.add(name);
    most = Math.max(most, await checkListedWell(group, name, place, { version: group.version, acquisitions }, context));
  }
  if (limit !== undefined && most > 0 && most !== limit)
    report.add('NGFF_FIELD_COUNT', where, `field_count is ${limit}, the largest well has ${most} fields`);
  await checkUnlisted(group, rows, seen, context);
}

function joinPlace(path: string, what: string): string {
  return path === '' ? what : `${path} ${what}`;
}

/** Names of rows or columns, in order. */
function checkNames(value: Json | undefined, what: string, where: string, { report }: ZarrContext): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) {
    report.add('NGFF_PLATE', where, `${what} is missing, no list, or empty`);
    return [];
  }
  const names: string[] = [];
  for (const each of asList(value)) {
    const name = isObject(each) ? asText(each.name) : undefined;
    if (name === undefined) report.add('NGFF_PLATE', where, `an entry of ${what} has no name`);
    else if (!NAME.test(name))
      report.add('NGFF_PLATE_NAME', where, `${JSON.stringify(name)} of ${what} holds more than letters and digits`);
    else if (names.includes(name)) report.add('NGFF_PLATE_NAME', where, `${what} names ${name} twice`);
    else if (names.some((other) => other.toLowerCase() === name.toLowerCase()))
      report.add('NGFF_PLATE_NAME', where, `${what} names ${name} twice but for upper and lower case`, 'warning');
    names.push(name ?? '');
  }
  return names;
}

function checkAcquisitions(
  value: Json | undefined,
  where: string,
  { report }: ZarrContext,
): ReadonlySet<number> | undefined {
  if (value === undefined) return undefined;
  const ids = new Set<number>();
  const bad = (text: string): void => report.add('NGFF_PLATE', where, text);
  if (!Array.isArray(value)) {
    bad('acquisitions is no list');
    return undefined;
  }
  for (const [i, each] of asList(value).entries()) {
    const id = isObject(each) ? asNumber(each.id) : undefined;
    if (!isObject(each) || id === undefined || !Number.isInteger(id) || id < 0) {
      bad(`acquisitions[${i}] has no id from 0`);
      continue;
    }
    if (ids.has(id)) bad(`two acquisitions have id ${id}`);
    ids.add(id);
    const { maximumfieldcount: most } = each;
    if (most !== undefined && !(typeof most === 'number' && Number.isInteger(most) && most > 0))
      bad(`maximumfieldcount of acquisition ${id} is ${printJson(most)}`);
    for (const key of ['starttime', 'endtime']) {
      const time = each[key];
      if (time !== undefined && !(typeof time === 'number' && Number.isInteger(time) && time >= 0))
        bad(`${key} of acquisition ${id} is ${printJson(time)}, expected seconds since 1970`);
    }
    for (const key of ['name', 'description']) {
      if (each[key] !== undefined && typeof each[key] !== 'string') bad(`${key} of acquisition ${id} is no string`);
    }
    if (each.name === undefined) report.add('NGFF_PLATE_INFO', where, `acquisition ${id} has no name`);
  }
  return ids;
}

interface Grid {
  readonly version: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

/** Path of a well, if it can be followed. */
function checkWellEntry(
  well: JsonObject,
  { rows, columns, version }: Grid,
  where: string,
  { report }: ZarrContext,
): string | undefined {
  const path = asText(well.path);
  const indices = [well.rowIndex, well.columnIndex].map(asNumber);
  for (const [i, key] of ['rowIndex', 'columnIndex'].entries()) {
    const n = indices[i];
    if (n === undefined || !Number.isInteger(n) || n < 0)
      report.add('NGFF_PLATE', where, `${key} is ${printJson(well[key])}, expected a whole number from 0`);
  }
  if (path === undefined) {
    report.add('NGFF_WELL_PATH', where, 'no path');
    return undefined;
  }
  const [row, column, ...rest] = path.split('/');
  if (!row || !column || rest.length > 0 || !NAME.test(row) || !NAME.test(column)) {
    report.add('NGFF_WELL_PATH', where, `path is ${JSON.stringify(path)}`);
    return undefined;
  }
  const [r, c] = indices;
  if (rows[r ?? -1] !== row || columns[c ?? -1] !== column) {
    // Official examples of 0.4 and 0.6 are written this way round.
    const swapped = version !== '0.5' && rows[r ?? -1] === column && columns[c ?? -1] === row;
    const text = `path is ${path}, but row ${r} is ${rows[r ?? -1] ?? 'none'} and column ${c} is ${columns[c ?? -1] ?? 'none'}`;
    if (r !== undefined && c !== undefined) report.add(swapped ? 'NGFF_WELL_SWAPPED' : 'NGFF_WELL_INDEX', where, text);
  }
  return path;
}

/** Number of fields of a listed well. */
async function checkListedWell(
  plate: OmeGroup,
  name: string,
  where: string,
  facts: PlateFacts,
  context: ZarrContext,
): Promise<number> {
  const { report } = context;
  const key = joinKey(plate.path, name);
  const node = await context.node(key);
  if (node?.kind !== 'group') {
    report.add('NGFF_WELL_MISSING', where, `there is no well ${name}`);
    return 0;
  }
  const row = joinKey(plate.path, name.split('/')[0]!);
  if (!(await context.node(row))) report.add('ZARR_GROUP', row, 'the row is no group', 'warning');
  const group = omeGroup(node, plate.said, report);
  if (group?.ome.well === undefined) {
    report.add('NGFF_WELL', key, 'the group of the well has no "well"');
    return 0;
  }
  return checkWell(group, facts, context);
}

/** Check a well and its fields; number of fields. `plate`: undefined for a well that was named alone. */
export async function checkWell(group: OmeGroup, plate: PlateFacts | undefined, context: ZarrContext): Promise<number> {
  const { report } = context;
  const { path } = group;
  const where = joinPlace(path, 'well');
  const { well } = group.ome;
  const images = isObject(well) ? well.images : undefined;
  if (!Array.isArray(images) || images.length === 0) {
    report.add('NGFF_WELL', where, 'images is missing, no list, or empty');
    return 0;
  }
  const seen = new Set<string>();
  for (const [i, image] of asList(images).entries()) {
    const place = `${where}.images[${i}]`;
    const name = isObject(image) ? asText(image.path) : undefined;
    if (!isObject(image) || name === undefined || name === '') {
      report.add('NGFF_WELL', place, 'no path');
      continue;
    }
    const allowed = group.version.startsWith('0.6') ? /^(?!\.+$)(?!__)[A-Za-z0-9_.-]+$/ : NAME;
    if (!allowed.test(name)) report.add('NGFF_WELL', place, `path ${JSON.stringify(name)} is not allowed`);
    if (seen.has(name)) report.add('NGFF_WELL', place, `field ${name} is listed twice`);
    seen.add(name);
    checkAcquisition(image.acquisition, plate?.acquisitions, place, context);
    await checkField(group, name, place, context);
  }
  return seen.size;
}

function checkAcquisition(
  value: Json | undefined,
  known: ReadonlySet<number> | undefined,
  where: string,
  { report }: ZarrContext,
): void {
  if (value === undefined) {
    if (known && known.size > 1)
      report.add('NGFF_ACQUISITION_MISSING', where, `no acquisition, the plate has ${known.size}`);
    return;
  }
  const id = asNumber(value);
  if (id === undefined || !Number.isInteger(id))
    report.add('NGFF_WELL', where, `acquisition is ${printJson(value)}, expected a whole number`);
  else if (known && !known.has(id)) report.add('NGFF_ACQUISITION', where, `the plate has no acquisition ${id}`);
}

async function checkField(well: OmeGroup, name: string, where: string, context: ZarrContext): Promise<void> {
  const { report } = context;
  const key = resolve(well.path, name, where, context);
  if (key === undefined) return;
  const node = await context.node(key);
  const group = node?.kind === 'group' ? omeGroup(node, well.said, report) : undefined;
  if (!node) report.add('NGFF_FIELD_MISSING', where, `there is no field ${name}`);
  else if (group?.ome.multiscales === undefined) report.add('NGFF_MULTISCALES', key, 'the field has no multiscales');
  else await checkLabelsOf(group, await checkImage(group, context, false), context);
}

/** Wells on the disk that the plate does not name. */
async function checkUnlisted(
  plate: OmeGroup,
  rows: readonly string[],
  listed: ReadonlySet<string>,
  context: ZarrContext,
): Promise<void> {
  for (const row of new Set(rows)) {
    if (!NAME.test(row)) continue;
    for (const entry of await context.store.list(joinKey(plate.path, row))) {
      const name = `${row}/${entry.name}`;
      if (!entry.folder || entry.name.startsWith('.') || listed.has(name)) continue;
      const node = await context.node(joinKey(plate.path, name));
      if (node?.kind === 'group')
        context.report.add('NGFF_WELL_UNLISTED', joinPlace(plate.path, 'plate'), `well ${name} is not listed`);
    }
  }
}
