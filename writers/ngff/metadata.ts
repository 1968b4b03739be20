// Group metadata of a planned OME-Zarr, for Zarr v2 (0.4) and Zarr v3 (0.5).

import { VERSION } from '../../src/core/version.js';
import type { ChannelStats, Reduction } from '../../src/pipeline/contract.js';
import { axesMetadata, transforms } from './axes.js';
import { type PlannedPlate, plateMetadata, wellMetadata } from './hcs.js';
import { omeroMetadata } from './omero.js';
import type { NgffOptions, NgffVersion } from './options.js';
import type { NgffPlan, PlannedImage } from './plan.js';

type Json = Readonly<Record<string, unknown>>;

/** A group: path inside the output ('' = root), NGFF attributes, further attributes outside the NGFF namespace. */
export interface GroupDocument {
  readonly path: string;
  readonly ome?: Json;
  readonly other?: Json;
}

const METHODS: Readonly<Record<Reduction, string>> = {
  mean: 'mean of 2 × 2 pixels, integers rounded half up; blocks at the far edge average the pixels that exist',
  nearest: 'the first pixel of 2 × 2',
  mode: 'most frequent value of 2 × 2 pixels, the first in row order among equals',
};

function multiscales(image: PlannedImage, options: NgffOptions): Json {
  const reused = image.levels.flatMap((level, n) => (level.reuse ? [n] : []));
  const levels = reused.length > 0 ? `; levels ${reused.join(', ')} as stored in the source` : '';
  return {
    ...(options.ngffVersion === '0.4' && { version: '0.4' }),
    name: image.name,
    axes: axesMetadata(image.placement, image.axes),
    datasets: image.levels.map((level, n) => ({
      path: String(n),
      coordinateTransformations: transforms(image.placement, level, image.reduction, image.axes),
    })),
    type: image.reduction,
    metadata: {
      method: 'imgconv',
      version: VERSION,
      description: METHODS[image.reduction] + levels,
      args: { downsample: options.downsample },
    },
  };
}

function imageGroup(image: PlannedImage, options: NgffOptions, stats: readonly ChannelStats[]): GroupDocument {
  const { label, source } = image;
  if (label) {
    const version = options.ngffVersion === '0.4' ? { version: '0.4' } : {};
    return {
      path: image.path,
      ome: { multiscales: [multiscales(image, options)], 'image-label': { ...version, ...label.imageLabel } },
    };
  }
  const omero = omeroMetadata({ ...image, type: source.type, sizeZ: image.levels[0].shape[2], stats });
  const palette = source.palette && { imgconv: { palette: paletteJson(source.palette) } };
  return { path: image.path, ome: { multiscales: [multiscales(image, options)], omero }, other: palette };
}

/** Colour table as a list of [r, g, b]. */
function paletteJson({ depth, rgb }: NonNullable<PlannedImage['source']['palette']>): Json {
  const size = depth === 16 ? 2 : 1;
  const value = (i: number): number => (size === 2 ? rgb[2 * i]! | (rgb[2 * i + 1]! << 8) : rgb[i]!);
  const colors = Array.from({ length: Math.floor(rgb.length / (3 * size)) }, (_, i) =>
    [0, 1, 2].map((c) => value(3 * i + c)),
  );
  return { depth, colors };
}

const join = (...parts: string[]): string => parts.filter((part) => part !== '').join('/');

/**
 * Every group of the output, one at a time, inner ones first and the root last, so that an output cut short shows no image.
 * @param stats by position in `jobImages(plan)`; empty: none
 */
export function* groupDocuments(
  plan: NgffPlan,
  stats: readonly (readonly ChannelStats[])[],
): Generator<GroupDocument, void> {
  const { options, layout } = plan;
  const collection = layout.kind !== 'image';
  const home = { path: 'OME', ome: collection ? { series: layout.paths } : undefined };
  if (plan.omeXml && !collection) yield home;
  let next = 0;
  for (const image of plan.images) {
    const own = stats[next++] ?? [];
    for (const label of image.labels) yield imageGroup(label, options, stats[next++] ?? []);
    if (image.labels.length > 0) {
      const names = image.labels.map((label) => label.path.slice(label.path.lastIndexOf('/') + 1));
      yield { path: join(image.path, 'labels'), ome: { labels: names } };
    }
    yield imageGroup(image, options, own);
  }
  if (!collection) return;
  if (layout.plate) yield* wellGroups(layout.plate, options.ngffVersion);
  yield home;
  const plate = layout.plate && { plate: plateMetadata(layout.plate, options.ngffVersion) };
  yield { path: '', ome: { 'bioformats2raw.layout': 3, ...plate } };
}

function* wellGroups(plate: PlannedPlate, version: NgffVersion): Generator<GroupDocument, void> {
  for (const well of plate.wells) yield { path: well.path, ome: { well: wellMetadata(plate, well, version) } };
  for (const path of new Set(plate.wells.map((well) => well.path.split('/')[0]!))) yield { path };
}

/** How many files the groups of a plan take, without making them. */
export function groupFileCount(plan: NgffPlan): number {
  const { layout } = plan;
  const v2 = plan.options.ngffVersion === '0.4' ? 2 : 1;
  let files = layout.kind !== 'image' ? 2 * v2 : plan.omeXml ? 1 : 0;
  for (const { labels } of plan.images) files += v2 * (1 + labels.length + (labels.length > 0 ? 1 : 0));
  if (layout.plate) {
    const { wells } = layout.plate;
    files += wells.length * v2 + new Set(wells.map((well) => well.row)).size;
  }
  return files;
}

/** JSON as written: two spaces, one line end. Short lists of numbers stay on one line. */
export function jsonText(value: unknown): string {
  // Line ends inside JSON strings are escaped, so a list that holds one cannot lie inside a string.
  const numbers = /\[\n\s+(-?[\d.eE+-]+(?:,\n\s+-?[\d.eE+-]+)*)\n\s+\]/g;
  const text = JSON.stringify(value, undefined, 2);
  return `${text.replace(numbers, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)}\n`;
}

/** Files of a group, the one that makes it known last. */
export function groupFiles(document: GroupDocument, version: NgffVersion): [file: string, text: string][] {
  const { path, ome, other } = document;
  if (version === '0.4') {
    const attributes = { ...ome, ...other };
    const group: [string, string] = [join(path, '.zgroup'), jsonText({ zarr_format: 2 })];
    if (Object.keys(attributes).length === 0) return [group];
    return [group, [join(path, '.zattrs'), jsonText(attributes)]];
  }
  const attributes = { ...(ome && { ome: { version: '0.5', ...ome } }), ...other };
  return [[join(path, 'zarr.json'), jsonText({ zarr_format: 3, node_type: 'group', attributes })]];
}

/** Images and labels in the order in which the engine gets them. */
export function jobImages(plan: NgffPlan): PlannedImage[] {
  return plan.images.flatMap((image) => [image, ...image.labels]);
}
