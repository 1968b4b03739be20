// Views as images: one data set for each time point, setup and resolution.

import { textOf } from '../../src/containers/hdf5/attributes.js';
import { datasetLevel, type Part, pixelsOf } from '../../src/containers/hdf5/level.js';
import type { Objects } from '../../src/containers/hdf5/object.js';
import type { Level, OpenOptions } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import type { Setup, SpimData } from './xml.js';

export interface ViewGroup {
  /** One a channel. */
  readonly setups: readonly Setup[];
}

export interface View {
  readonly group: ViewGroup;
  readonly levels: readonly [Level, ...Level[]];
  readonly type: PixelType;
}

const AXES = [2, 3, 4];

function pathOf(timepoint: number, setup: number, level: number): string {
  return `t${String(timepoint).padStart(5, '0')}/s${String(setup).padStart(2, '0')}/${level}/cells`;
}

/** Cells are unsigned in the viewer, but 16-bit ones are stored as signed numbers; newer files say so themselves. */
async function typeOf(objects: Objects, setup: Setup, part: Part): Promise<PixelType> {
  const stored = pixelsOf(part.file, part.dataset);
  const group = await objects.get(`s${String(setup.id).padStart(2, '0')}`);
  const said = textOf(group?.attributes.get('dataType'));
  if (stored === 'int16' && said !== 'int16') return 'uint16';
  if (stored === 'int8' && said === 'uint8') return 'uint8';
  if (stored === 'int32' && said === 'uint32') return 'uint32';
  return stored;
}

async function partsOf(objects: Objects, data: SpimData, group: ViewGroup, level: number): Promise<Part[]> {
  const parts: Part[] = [];
  for (const [t, timepoint] of data.timepoints.entries()) {
    for (const [c, { id }] of group.setups.entries()) {
      if (data.missing.has(`${timepoint} ${id}`)) continue;
      const object = await objects.get(pathOf(timepoint, id, level));
      if (object?.dataset?.space.shape.length === 3) parts.push({ file: object.file, dataset: object.dataset, t, c });
    }
  }
  return parts;
}

async function openView(
  objects: Objects,
  data: SpimData,
  group: ViewGroup,
  options: OpenOptions,
): Promise<View | undefined> {
  const [setup] = group.setups as readonly [Setup];
  const views = data.timepoints.length * group.setups.length;
  const full = await partsOf(objects, data, group, 0);
  const [part] = full;
  if (!part) return undefined;
  if (full.length < views) {
    const text = `${views - full.length} of ${views} views of setup ${setup.id} are missing and hold 0`;
    options.notice({ code: 'BDV_MISSING', rank: 'damage', text });
  }
  const shapeOf = (parts: readonly Part[]): Tczyx => {
    const size = (i: number): number => Math.max(...parts.map(({ dataset }) => dataset.space.shape[i]!));
    return [data.timepoints.length, group.setups.length, size(0), size(1), size(2)];
  };
  const absent = full.length < views ? 'missing' : 'sparse';
  const levels: [Level, ...Level[]] = [await datasetLevel(full, AXES, shapeOf(full), absent)];
  let left = 0;
  for (let k = 1; k < 32; k++) {
    const parts = await partsOf(objects, data, group, k);
    if (parts.length === 0) break;
    const shape = shapeOf(parts);
    const last = levels.at(-1)!.shape;
    const shrinks =
      parts.length === full.length &&
      shape[2] === last[2] &&
      shape[3] <= last[3] &&
      shape[4] <= last[4] &&
      shape[3] * shape[4] < last[3] * last[4];
    if (shrinks) levels.push(await datasetLevel(parts, AXES, shape, absent));
    else left++;
  }
  if (left > 0) {
    const text = `${left} resolutions of setup ${setup.id} do not shrink along x and y alone and are left out; they can be computed`;
    options.notice({ code: 'BDV_LEVEL', rank: 'info', text });
  }
  return { group, levels, type: await typeOf(objects, setup, part) };
}

/** Channels whose volumes differ in size or type: each becomes an image. */
async function split(objects: Objects, data: SpimData, group: ViewGroup): Promise<readonly ViewGroup[]> {
  const keys = new Map<string, Setup[]>();
  for (const setup of group.setups) {
    const [part] = await partsOf(objects, { ...data, timepoints: data.timepoints.slice(0, 1) }, { setups: [setup] }, 0);
    const layout = part?.dataset.layout;
    const chunk = layout?.kind === 'chunked' ? layout.chunk.join() : layout?.kind;
    const type = part && (await typeOf(objects, setup, part));
    const key = part ? `${part.dataset.space.shape.join()} ${chunk} ${type}` : 'absent';
    const same = keys.get(key) ?? (key === 'absent' ? [...keys.values()][0] : undefined);
    if (same) same.push(setup);
    else keys.set(key, [setup]);
  }
  return [...keys.values()].map((setups) => ({ setups }));
}

export async function openViews(
  objects: Objects,
  data: SpimData,
  groups: readonly ViewGroup[],
  options: OpenOptions,
): Promise<readonly View[]> {
  const views: View[] = [];
  for (const group of groups) {
    for (const each of await split(objects, data, group)) {
      options.signal?.throwIfAborted();
      const view = await openView(objects, data, each, options);
      if (view) views.push(view);
      else {
        const text = `setup ${each.setups.map(({ id }) => id).join(', ')} has no data and is left out`;
        options.notice({ code: 'BDV_MISSING', rank: 'damage', text });
      }
    }
  }
  const file = objects.file.name;
  if (views.length === 0) throw formatError('BDV_DATA', `${file}: none of the setups has data`, { file });
  return views;
}
