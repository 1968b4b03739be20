// Label images: the list in labels/, each label image against the image it belongs to, and "image-label". OME-NGFF 0.4 and 0.5, "labels".

import { asList, asNumber, asText, isObject, type Json } from '../../containers/zarr/json.js';
import { joinKey } from '../../containers/zarr/store.js';
import type { Report } from '../report.js';
import type { ImageFacts, ZarrContext } from '../zarr/context.js';
import { checkImage, resolve } from './image.js';
import { type OmeGroup, omeGroup } from './version.js';

/** The group `labels` below an image, if there is one. */
export async function checkLabelsOf(
  image: OmeGroup,
  facts: ImageFacts | undefined,
  context: ZarrContext,
): Promise<void> {
  const path = joinKey(image.path, 'labels');
  const node = await context.node(path);
  if (node?.kind !== 'group') {
    const entries = (await context.store.list(path)).filter((entry) => entry.folder);
    if (entries.length > 0 && !node) context.report.add('ZARR_GROUP', path, 'a folder with labels, but no group');
    return;
  }
  const { report } = context;
  const group = omeGroup(node, image.said, report);
  const list = group?.ome.labels;
  if (!Array.isArray(list) || !list.every((name) => typeof name === 'string')) {
    report.add(
      'NGFF_LABELS',
      path,
      list === undefined ? 'the group labels does not list its images' : '"labels" is no list of paths',
    );
    return;
  }
  await checkListed(list as readonly string[], path, { image, facts }, context);
}

interface Parent {
  readonly image: OmeGroup | undefined;
  readonly facts: ImageFacts | undefined;
}

export async function checkListed(
  names: readonly string[],
  path: string,
  parent: Parent,
  context: ZarrContext,
): Promise<void> {
  const { report } = context;
  for (const name of names) {
    const key = resolve(path, name, path, context);
    if (key === undefined) continue;
    const node = await context.node(key);
    const group = node?.kind === 'group' ? omeGroup(node, parent.image?.said, report) : undefined;
    if (!node) report.add('NGFF_LABEL_MISSING', path, `there is no label image ${name}`);
    else if (!group || group.ome.multiscales === undefined)
      report.add('NGFF_LABEL_MISSING', path, `${name} is no image`);
    else await checkLabel(group, parent, context);
  }
  const listed = new Set(names.map((name) => name.split('/')[0]));
  for (const entry of await context.store.list(path)) {
    if (!entry.folder || listed.has(entry.name) || entry.name.startsWith('.')) continue;
    if (await context.node(joinKey(path, entry.name)))
      report.add('NGFF_LABEL_UNLISTED', path, `${entry.name} is not listed`);
  }
}

async function checkLabel(group: OmeGroup, parent: Parent, context: ZarrContext): Promise<void> {
  const { report } = context;
  const facts = await checkImage(group, context, true);
  checkImageLabel(group.ome['image-label'], group, report);
  const image = parent.facts;
  if (!facts || !image || facts.levels.length === 0 || image.levels.length === 0) return;
  if (facts.levels.length !== image.levels.length) {
    const text = `${facts.levels.length} levels, its image has ${image.levels.length}`;
    report.add('NGFF_LABEL_LEVELS', group.path, text, group.zarr === 2 ? 'warning' : undefined);
  }
  const [a, b] = [facts.levels[0]!.array.shape, image.levels[0]!.array.shape];
  for (const [i, { name }] of facts.axes.entries()) {
    const other = image.axes.findIndex((axis) => axis.name === name);
    if (other < 0 || a[i] === b[other] || a[i] === 1) continue;
    report.add('NGFF_LABEL_SHAPE', group.path, `${a[i]} along ${name}, its image has ${b[other]}`);
  }
}

export function checkImageLabel(value: Json | undefined, group: OmeGroup, report: Report): void {
  const where = group.path;
  const bad = (text: string): void => report.add('NGFF_IMAGE_LABEL', where, text);
  if (value === undefined) {
    report.add('NGFF_IMAGE_LABEL_NONE', where, 'no "image-label"');
    return;
  }
  if (!isObject(value)) {
    bad('"image-label" is no object');
    return;
  }
  const { colors, properties, source, version } = value;
  if (version !== undefined && version !== group.version && group.zarr === 2)
    report.add('NGFF_VERSION_MIXED', where, `image-label has version ${JSON.stringify(version)}`);
  if (colors !== undefined) checkColors(colors, bad);
  if (properties !== undefined) {
    if (!Array.isArray(properties) || properties.length === 0) bad('properties is no list, or empty');
    for (const each of asList(properties)) {
      if (!isObject(each) || !Number.isInteger(asNumber(each['label-value'])))
        bad('a property has no whole number "label-value"');
    }
  }
  if (source !== undefined && (!isObject(source) || (source.image !== undefined && asText(source.image) === undefined)))
    report.add('NGFF_LABEL_SOURCE', where, 'source.image is no path');
}

function checkColors(colors: Json, bad: (text: string) => void): void {
  if (!Array.isArray(colors) || colors.length === 0) {
    bad('colors is no list, or empty');
    return;
  }
  const seen = new Set<number>();
  for (const color of asList(colors)) {
    const value = isObject(color) ? asNumber(color['label-value']) : undefined;
    if (!isObject(color) || value === undefined) {
      bad('a color has no number "label-value"');
      continue;
    }
    if (seen.has(value)) bad(`label ${value} has two colors`);
    seen.add(value);
    const { rgba } = color;
    const good =
      Array.isArray(rgba) &&
      rgba.length === 4 &&
      rgba.every((n: Json) => typeof n === 'number' && Number.isInteger(n) && n >= 0 && n <= 255);
    if (rgba !== undefined && !good) bad(`the color of label ${value} is no list of 4 whole numbers from 0 to 255`);
  }
}
