// Files → images: which ones are planes of a stack, parts of a concatenation, tiles and levels of a slide, or pictures of their own.

import { TAG } from '../../src/containers/dicom/tags.js';
import type { ImageSource } from '../../src/core/contracts.js';
import { orientationOf, positionOf } from './frame.js';
import type { Instance } from './instance.js';
import { isTiled, type Tiled, tile } from './tiles.js';

/** Files of one image. */
export interface Stack {
  readonly kind: 'stack';
  readonly instances: readonly Instance[];
}

/** A slide: total pixel matrices of falling size that show the same. */
export interface Slide {
  readonly kind: 'slide';
  readonly instances: readonly Instance[];
  readonly levels: readonly [Tiled, ...Tiled[]];
  readonly role: ImageSource['role'];
}

export type Group = Stack | Slide;

/** Modalities whose single pictures are planes, even where they say nothing of their place. */
const VOLUMES = new Set(['CT', 'MR', 'PT', 'NM', 'OPT']);

function keyOf(instance: Instance): string {
  const { data, format, chain } = instance;
  const { rows, columns, samples, photometric } = format;
  return [data.text(TAG.SeriesInstanceUID) ?? '', rows, columns, samples, chain.type, photometric].join('|');
}

function orientationKey(instance: Instance): string {
  const values = orientationOf({ instance, index: 0 });
  return values ? values.map((n) => (Math.round(n * 1000) / 1000 + 0).toFixed(3)).join() : '';
}

function groupBy<T>(list: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const k = key(item);
    const group = groups.get(k);
    if (group) group.push(item);
    else groups.set(k, [item]);
  }
  return [...groups.values()];
}

/** By series, then by what the files say of their order. */
function inOrder(instances: readonly Instance[]): Instance[] {
  const number = (instance: Instance, tag: number): number => instance.data.number(tag) ?? Number.POSITIVE_INFINITY;
  const text = (instance: Instance): string => instance.data.text(TAG.SeriesInstanceUID) ?? '';
  const order = (a: number, b: number): number => (a === b ? 0 : a - b);
  return [...instances].sort(
    (a, b) =>
      order(number(a, TAG.SeriesNumber), number(b, TAG.SeriesNumber)) ||
      (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0) ||
      order(number(a, TAG.InstanceNumber), number(b, TAG.InstanceNumber)) ||
      order(number(a, TAG.ConcatenationFrameOffsetNumber), number(b, TAG.ConcatenationFrameOffsetNumber)) ||
      (a.file.name < b.file.name ? -1 : 1),
  );
}

export function groupInstances(instances: readonly Instance[]): Group[] {
  const groups: Group[] = [];
  for (const series of groupBy(inOrder(instances), (each) => each.data.text(TAG.SeriesInstanceUID) ?? each.file.name)) {
    groups.push(...slides(series.filter(isTiled)), ...stacks(series.filter((each) => !isTiled(each))));
  }
  return groups;
}

function stacks(instances: readonly Instance[]): Stack[] {
  const concatenated = groupBy(instances, (each) => each.data.text(TAG.ConcatenationUID) ?? '');
  const result: Stack[] = [];
  for (const group of concatenated) {
    if (group[0]!.data.text(TAG.ConcatenationUID)) result.push({ kind: 'stack', instances: group });
    else result.push(...planes(group));
  }
  return result;
}

/** Single pictures that lie somewhere are planes of a stack; films and pictures without a place stand alone. */
function planes(instances: readonly Instance[]): Stack[] {
  return groupBy(instances, (each) => {
    const alone = each.format.frames > 1 || !isPlane(each);
    return alone ? each.file.name : `${keyOf(each)}|${orientationKey(each)}`;
  }).map((group) => ({ kind: 'stack', instances: group }));
}

function isPlane(instance: Instance): boolean {
  return (
    positionOf({ instance, index: 0 }) !== undefined ||
    instance.data.number(TAG.SliceLocation) !== undefined ||
    VOLUMES.has(instance.data.text(TAG.Modality) ?? '')
  );
}

const ROLES: Readonly<Record<string, ImageSource['role']>> = {
  LABEL: 'label',
  OVERVIEW: 'macro',
  LOCALIZER: 'macro',
  THUMBNAIL: 'thumbnail',
};

/** Images of a slide, largest first, then label, overview and thumbnail. */
function slides(instances: readonly Instance[]): Slide[] {
  const flavour = (each: Instance): string => each.data.texts(TAG.ImageType)[2] ?? '';
  const associated = instances.filter((each) => ROLES[flavour(each)]);
  const volumes = instances.filter((each) => !ROLES[flavour(each)]);
  const pyramids = groupBy(volumes, pyramidKey).flatMap(pyramid);
  const others = groupBy(
    associated,
    (each) => `${flavour(each)}|${each.data.text(TAG.ConcatenationUID) ?? each.file.name}`,
  );
  return [
    ...pyramids,
    ...others.flatMap((group): Slide[] => {
      const tiled = tile(group);
      const role = ROLES[flavour(group[0]!)]!;
      return tiled ? [{ kind: 'slide', instances: group, levels: [tiled], role }] : [];
    }),
  ];
}

function pyramidKey({ data, format, chain }: Instance): string {
  const uid = data.text(TAG.PyramidUID) ?? data.text(TAG.FrameOfReferenceUID) ?? '';
  // A segmentation is never a level of what it was drawn on.
  const segments = data.get(TAG.SegmentSequence) ? data.text(TAG.SOPInstanceUID) : '';
  return [uid, format.samples, chain.type, segments].join('|');
}

/** Matrices of one size are one level, where their tiles do not meet; those that do stand alone. */
function pyramid(instances: readonly Instance[]): Slide[] {
  const sizes = groupBy(
    instances,
    ({ data }) => `${data.number(TAG.TotalPixelMatrixColumns)}|${data.number(TAG.TotalPixelMatrixRows)}`,
  );
  const matrices = sizes
    .flatMap(separate)
    .flatMap((group) => {
      const tiled = tile(group);
      return tiled ? [{ group, tiled }] : [];
    })
    .sort((a, b) => b.tiled.columns * b.tiled.rows - a.tiled.columns * a.tiled.rows);
  const result: { instances: Instance[]; levels: [Tiled, ...Tiled[]] }[] = [];
  for (const { group, tiled } of matrices) {
    const home = result.find(({ levels }) => continues(levels, tiled));
    if (home) {
      home.levels.push(tiled);
      home.instances.push(...group);
    } else result.push({ instances: [...group], levels: [tiled] });
  }
  return result.map((each) => ({ kind: 'slide', role: 'pixels', ...each }));
}

/** Parts that fill different tiles, channels or planes of one matrix; else each file for itself. */
function separate(group: Instance[]): Instance[][] {
  if (group.length === 1) return [group];
  const parts = groupBy(group, (each) => each.data.text(TAG.ConcatenationUID) ?? each.file.name);
  if (parts.length === 1) return parts;
  const tiled = tile(group);
  if (!tiled) return parts;
  const seen = new Set(tiled.frames.map(({ c, z, y, x }) => `${c},${z},${y},${x}`));
  return seen.size === tiled.frames.length ? [group] : parts;
}

/** True if `next` is a smaller picture of the same: channels, planes and proportions agree. */
function continues(levels: readonly Tiled[], next: Tiled): boolean {
  const [full] = levels;
  const last = levels[levels.length - 1];
  if (!full || !last || next.channels !== full.channels || next.sizeZ !== full.sizeZ) return false;
  if (next.channelKeys.some((key, i) => key !== full.channelKeys[i])) return false;
  if (next.columns >= last.columns || next.rows >= last.rows) return false;
  const across = full.columns / next.columns;
  const down = full.rows / next.rows;
  // Rounding may add or take a pixel on either side.
  return (
    Math.abs(full.columns - next.columns * down) <= 2 * down || Math.abs(full.rows - next.rows * across) <= 2 * across
  );
}
