// DataSet/ResolutionLevel k/TimePoint t/Channel c/Data: which data set is what, and how much of it counts.

import { numberOf } from '../../src/containers/hdf5/attributes.js';
import { datasetLevel, type Part, pixelsOf } from '../../src/containers/hdf5/level.js';
import type { Object5, Objects } from '../../src/containers/hdf5/object.js';
import type { Level, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { PixelType } from '../../src/core/pixel-type.js';

/** Dimensions of `Data`: z, y, x. */
const AXES = [2, 3, 4];
const MOST = 1_000_000;

/** Numbers of links named 'Prefix 12'. */
function numbered(group: Object5 | undefined, prefix: string): number[] {
  const found: number[] = [];
  for (const { name } of group?.links ?? []) {
    const match = name.startsWith(`${prefix} `) ? /^\d{1,7}$/.exec(name.slice(prefix.length + 1)) : null;
    if (match && Number(match[0]) < MOST) found.push(Number(match[0]));
  }
  return found.sort((a, b) => a - b);
}

interface FoundLevel {
  readonly parts: readonly Part[];
  /** t, c, z, y, x. */
  readonly shape: Tczyx;
  readonly missing: number;
  /** First channel of the first time point. */
  readonly first: Object5;
}

async function findLevel(
  objects: Objects,
  path: string,
  counts: { t: number; c: number },
): Promise<FoundLevel | undefined> {
  const parts: Part[] = [];
  let first: Object5 | undefined;
  for (let t = 0; t < counts.t; t++) {
    for (let c = 0; c < counts.c; c++) {
      const channel = await objects.get(`${path}/TimePoint ${t}/Channel ${c}`);
      const data = channel && (await objects.get(`${channel.path}/Data`));
      if (data?.dataset?.space.shape.length !== 3) continue;
      first ??= channel;
      parts.push({ file: objects.file, dataset: data.dataset, t, c });
    }
  }
  const [part] = parts;
  if (!first || !part) return undefined;
  const [z, y, x] = part.dataset.space.shape as [number, number, number];
  // Chunks are filled up with padding: the attributes say what counts. They are optional.
  const extent = (name: string, stored: number): number => {
    const size = Math.round(numberOf(first.attributes.get(name)) ?? stored);
    return size >= 1 && size <= stored ? size : stored;
  };
  const shape: Tczyx = [counts.t, counts.c, extent('ImageSizeZ', z), extent('ImageSizeY', y), extent('ImageSizeX', x)];
  return { parts, shape, missing: counts.t * counts.c - parts.length, first };
}

export interface ImsLayout {
  readonly type: PixelType;
  readonly levels: readonly [Level, ...Level[]];
  /** Group of the first channel: histogram range, sizes. */
  readonly first: Object5;
}

export async function readLayout(objects: Objects, folder: string, options: OpenOptions): Promise<ImsLayout> {
  const file = objects.file.name;
  const root = await objects.get(folder);
  const [base] = numbered(root, 'ResolutionLevel');
  const full = `${folder}/ResolutionLevel ${base ?? 0}`;
  const times = numbered(await objects.get(full), 'TimePoint');
  const t = (times.at(-1) ?? -1) + 1;
  const channels = numbered(await objects.get(`${full}/TimePoint ${times[0] ?? 0}`), 'Channel');
  const c = (channels.at(-1) ?? -1) + 1;
  if (!(t * c <= options.limits.directories) || t > 10 * times.length + 1000 || c > 10 * channels.length + 1000) {
    throw new ImgconvError('limit', 'DIRECTORIES', `${file}: ${t} time points of ${c} channels`, { file });
  }
  const found = await findLevel(objects, full, { t, c });
  if (!found) throw formatError('IMS_DATA', `${file}: no pixels below ${full}`, { file, part: full });
  if (found.missing > 0) {
    const text = `${found.missing} of ${t * c} volumes are missing and hold the fill value`;
    options.notice({ code: 'IMS_MISSING', rank: 'damage', text });
  }
  const [part] = found.parts as readonly [Part];
  const levels: [Level, ...Level[]] = [
    await datasetLevel(found.parts, AXES, found.shape, found.missing > 0 ? 'missing' : 'sparse'),
  ];
  const flat: number[] = [];
  for (const k of numbered(root, 'ResolutionLevel').slice(1)) {
    const level = await findLevel(objects, `${folder}/ResolutionLevel ${k}`, { t, c });
    const last = levels.at(-1)!.shape;
    const shrinks =
      level &&
      level.missing === 0 &&
      level.shape[2] === last[2] &&
      level.shape[3] <= last[3] &&
      level.shape[4] <= last[4] &&
      level.shape[3] * level.shape[4] < last[3] * last[4] &&
      pixelsOf(objects.file, level.parts[0]!.dataset) === pixelsOf(objects.file, part.dataset);
    if (shrinks) levels.push(await datasetLevel(level.parts, AXES, level.shape));
    else flat.push(k);
  }
  if (flat.length > 0) {
    const text = `resolution levels ${flat.join(', ')} do not shrink along x and y alone and are left out; they can be computed`;
    options.notice({ code: 'IMS_LEVEL', rank: 'info', text });
  }
  return { type: pixelsOf(objects.file, part.dataset), levels, first: found.first };
}
