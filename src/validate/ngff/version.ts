// Which version a group's metadata is of, and where in its attributes it stands.

import { asList, asObject, asText, isObject, type Json, type JsonObject } from '../../containers/zarr/json.js';
import type { ZarrNode } from '../../containers/zarr/node.js';
import type { Report } from '../report.js';

/** Keys that make a group part of an OME-Zarr. */
const NGFF_KEYS = [
  'multiscales',
  'omero',
  'plate',
  'well',
  'labels',
  'image-label',
  'bioformats2raw.layout',
  'series',
  'scene',
];

export interface OmeGroup {
  readonly path: string;
  readonly zarr: 2 | 3;
  /** The object that holds `multiscales` and the like. */
  readonly ome: JsonObject;
  /** As said here or above, or the one that the layout stands for. */
  readonly version: string;
  /** What is said here or above: groups below must say the same. */
  readonly said: string | undefined;
}

export function isDraft(version: string): boolean {
  return version.startsWith('0.6');
}

const OLD = ['0.1', '0.2', '0.3'];

/** First version that Zarr v2 metadata says anywhere in the group. */
function said(ome: JsonObject): Json | undefined {
  const places = [...asList(ome.multiscales), ome.plate, ome.well, ome['image-label']].map(
    (each) => asObject(each).version,
  );
  return places.find((version) => version !== undefined);
}

/** True if the group has OME-NGFF metadata, at the right place or not. */
export function hasNgff({ attributes }: ZarrNode): boolean {
  return isObject(attributes.ome) || NGFF_KEYS.some((key) => attributes[key] !== undefined);
}

/**
 * The OME-NGFF metadata of a group; undefined where it has none. Says what is wrong with the version.
 * @param expected version of the hierarchy, where it is known
 */
export function omeGroup(node: ZarrNode, expected: string | undefined, report: Report): OmeGroup | undefined {
  return node.version === 3 ? groupV3(node, expected, report) : groupV2(node, expected, report);
}

function groupV3(node: ZarrNode, expected: string | undefined, report: Report): OmeGroup | undefined {
  const { attributes, path } = node;
  const misplaced = NGFF_KEYS.filter((key) => attributes[key] !== undefined);
  if (!isObject(attributes.ome)) {
    if (attributes.ome !== undefined) report.add('NGFF_KEY', path, '"ome" is no object');
    if (misplaced.length === 0) return undefined;
    report.add('NGFF_OME_KEY', path, `"${misplaced[0]}" stands at the top of the attributes, not in "ome"`);
    return { path, zarr: 3, ome: attributes, version: expected ?? '0.5', said: expected };
  }
  const { ome } = attributes;
  const version = ome.version;
  if (version === undefined) {
    report.add('NGFF_VERSION_MISSING', path, '"ome" has no "version"');
  } else if (typeof version !== 'string' || !/^0\.(5|6)(\.|rc|\.dev|$)/.test(version)) {
    report.add('NGFF_VERSION', path, `version is ${JSON.stringify(version)}, Zarr v3 holds 0.5 or later`);
  } else if (isDraft(version) && version !== '0.6') {
    report.add('NGFF_VERSION_DRAFT', path, `version ${version} is a draft`);
  }
  const own = asText(version) ?? expected ?? '0.5';
  if (expected !== undefined && version !== undefined && own !== expected)
    report.add('NGFF_VERSION_MIXED', path, `version is ${own}, that of the hierarchy ${expected}`);
  return { path, zarr: 3, ome, version: own, said: asText(version) ?? expected };
}

function groupV2(node: ZarrNode, expected: string | undefined, report: Report): OmeGroup | undefined {
  const { attributes, path } = node;
  if (isObject(attributes.ome) && NGFF_KEYS.some((key) => asObject(attributes.ome)[key] !== undefined)) {
    report.add('NGFF_OME_KEY', path, '"ome" in the attributes of Zarr v2: version 0.4 has its keys at the top');
    return { path, zarr: 2, ome: asObject(attributes.ome), version: expected ?? '0.4', said: expected };
  }
  if (!NGFF_KEYS.some((key) => attributes[key] !== undefined)) return undefined;
  const version = said(attributes);
  for (const multiscale of asList(attributes.multiscales)) checkV2(asObject(multiscale).version, path, report);
  for (const key of ['plate', 'well', 'image-label']) checkV2(asObject(attributes[key]).version, path, report);
  const own = asText(version);
  if (own === undefined && (attributes.multiscales ?? attributes.plate) !== undefined && expected === undefined)
    report.add('NGFF_VERSION_UNSAID', path, 'no version');
  if (expected !== undefined && own !== undefined && own !== expected)
    report.add('NGFF_VERSION_MIXED', path, `version is ${own}, that of the hierarchy ${expected}`);
  return { path, zarr: 2, ome: attributes, version: own ?? expected ?? '0.4', said: own ?? expected };
}

function checkV2(version: Json | undefined, path: string, report: Report): void {
  if (version === undefined || version === '0.4') return;
  if (typeof version === 'string' && OLD.includes(version)) report.add('NGFF_VERSION_OLD', path, `version ${version}`);
  else report.add('NGFF_VERSION', path, `version is ${JSON.stringify(version)}, Zarr v2 holds 0.4`);
}
