// The root of a hierarchy: what kind of group it is, and everything below it.

import { asList, asText, isObject } from '../../containers/zarr/json.js';
import { readChildren, type ZarrNode } from '../../containers/zarr/node.js';
import { joinKey } from '../../containers/zarr/store.js';
import type { ZarrContext } from '../zarr/context.js';
import { checkCollection, isOmeFolder } from './collection.js';
import { checkImage } from './image.js';
import { checkImageLabel, checkLabelsOf, checkListed } from './labels.js';
import { checkPlate, checkWell } from './plate.js';
import { checkScene } from './systems.js';
import { hasNgff, omeGroup } from './version.js';

/** Groups without NGFF metadata are looked through this deep. */
const MAX_DEPTH = 6;
const MAX_GROUPS = 10_000;

/** True if any OME-NGFF metadata was found. */
export async function checkRoot(context: ZarrContext): Promise<boolean> {
  const { report } = context;
  const root = await context.node('');
  if (!root) {
    if (report.findings.length === 0) report.add('ZARR_NONE', '', 'no Zarr metadata at the root');
    return false;
  }
  const found = await checkGroup(root, context, 0, { left: MAX_GROUPS });
  if (!found)
    report.add(
      'NGFF_NONE',
      '',
      `a Zarr v${root.version} ${root.kind} without OME-NGFF metadata: only what Zarr asks for was checked`,
    );
  return found;
}

async function checkGroup(
  node: ZarrNode,
  context: ZarrContext,
  depth: number,
  budget: { left: number },
): Promise<boolean> {
  const { report } = context;
  if (node.kind === 'array') {
    await context.array(node.path);
    return false;
  }
  if (node.version === 3) await checkConsolidated(node, context);
  const group = hasNgff(node) ? omeGroup(node, undefined, report) : undefined;
  if (!group) {
    let any = false;
    if (depth >= MAX_DEPTH) return false;
    for (const child of await childrenOf(node, context)) {
      if (budget.left-- <= 0) break;
      any = (await checkGroup(child, context, depth + 1, budget)) || any;
    }
    return any;
  }
  const { ome } = group;
  if (ome.plate !== undefined) await checkPlate(group, context);
  if (ome.well !== undefined) await checkWell(group, undefined, context);
  if (ome.multiscales !== undefined) {
    const facts = await checkImage(group, context, ome['image-label'] !== undefined);
    if (ome['image-label'] !== undefined) checkImageLabel(ome['image-label'], group, report);
    await checkLabelsOf(group, facts, context);
    await checkUnlisted(node, context);
  } else if (ome['image-label'] !== undefined) {
    report.add('NGFF_MULTISCALES', node.path, 'a label image without multiscales');
    checkImageLabel(ome['image-label'], group, report);
  } else if (ome.omero !== undefined) report.add('NGFF_MULTISCALES', node.path, '"omero" without multiscales');
  if (ome.labels !== undefined) {
    const names = asList(ome.labels).map(asText);
    if (Array.isArray(ome.labels) && names.every((name) => name !== undefined))
      await checkListed(names as string[], node.path, { image: group, facts: undefined }, context);
    else report.add('NGFF_LABELS', node.path, '"labels" is no list of paths');
  }
  if (ome.coordinateSystems !== undefined && ome.scene === undefined)
    report.add('NGFF_SCENE', node.path, 'coordinateSystems outside of a scene or a multiscale');
  if (ome.scene !== undefined) {
    checkScene(ome.scene, group.version, node.path, report);
    for (const child of await childrenOf(node, context)) await checkGroup(child, context, depth + 1, budget);
  }
  const hasOme = (await context.store.list(node.path)).some((entry) => entry.folder && entry.name === 'OME');
  if (
    !isOmeFolder(group) &&
    (ome['bioformats2raw.layout'] !== undefined || (hasOme && (await context.node(joinKey(node.path, 'OME')))))
  )
    await checkCollection(group, context);
  return true;
}

async function childrenOf(node: ZarrNode, context: ZarrContext): Promise<readonly ZarrNode[]> {
  try {
    return await readChildren(context.store, node.path);
  } catch (error) {
    context.report.fault(error, node.path, 'ZARR_JSON');
    return [];
  }
}

/** Arrays beside the levels that no multiscale lists. */
async function checkUnlisted(node: ZarrNode, context: ZarrContext): Promise<void> {
  const used = new Set(context.images.flatMap((image) => image.levels.map((level) => level.path)));
  for (const entry of await context.store.list(node.path)) {
    if (!entry.folder || entry.name.startsWith('.') || ['labels', 'OME'].includes(entry.name)) continue;
    const key = joinKey(node.path, entry.name);
    if (used.has(key)) continue;
    const child = await context.node(key);
    if (child?.kind === 'array' && !context.report.findings.some((finding) => finding.where === key))
      context.report.add('NGFF_LEVEL_UNLISTED', node.path, `array ${entry.name} is no level`);
  }
}

/** Copies of metadata must be those of the nodes. */
async function checkConsolidated(node: ZarrNode, context: ZarrContext): Promise<void> {
  const copies = node.metadata.consolidated_metadata;
  if (!isObject(copies) || !isObject(copies.metadata)) return;
  for (const [path, copy] of Object.entries(copies.metadata)) {
    let key: string;
    try {
      key = joinKey(node.path, path);
    } catch {
      continue;
    }
    const real = await context.node(key);
    if (!real) context.report.add('ZARR_CONSOLIDATED', key, 'in the consolidated metadata, but not there');
    else if (isObject(copy) && differs(copy.shape, real.metadata.shape))
      context.report.add('ZARR_CONSOLIDATED', key, 'the consolidated metadata has another shape');
    else if (isObject(copy) && differs(copy.attributes, real.metadata.attributes))
      context.report.add('ZARR_CONSOLIDATED', key, 'the consolidated metadata has other attributes', 'warning');
  }
}

function differs(a: unknown, b: unknown): boolean {
  const text = (value: unknown): string =>
    JSON.stringify(value ?? {}, (_, each: unknown) =>
      typeof each === 'bigint'
        ? String(each)
        : each && typeof each === 'object' && !Array.isArray(each)
          ? Object.fromEntries(Object.entries(each).sort(([p], [q]) => (p < q ? -1 : 1)))
          : each,
    );
  return text(a) !== text(b);
}
