// Where NGFF metadata is in a group, and what it says that the group is.
// 0.5 and later: attributes.ome of zarr.json; earlier: the top level of .zattrs. Both are taken from either place.

import { asList, asObject, asText, isObject, type JsonObject } from '../../src/containers/zarr/json.js';
import type { ZarrNode } from '../../src/containers/zarr/node.js';

export type GroupKind = 'plate' | 'image' | 'well' | 'collection' | 'labels' | 'scene';

const KEYS = [
  'plate',
  'multiscales',
  'well',
  'bioformats2raw.layout',
  'labels',
  'series',
  'scene',
  'image-label',
  'omero',
];

/** The object that holds `multiscales`, `plate` … of a node. */
export function ngffContent(node: ZarrNode): JsonObject {
  const { attributes } = node;
  if (isObject(attributes.ome)) return attributes.ome;
  return KEYS.some((key) => attributes[key] !== undefined) ? attributes : {};
}

/** Kind of a group; undefined where its metadata does not say. A plate may also say that it is a collection, an image as well. */
export function groupKind(node: ZarrNode): GroupKind | undefined {
  if (node.kind !== 'group') return undefined;
  const content = ngffContent(node);
  if (isObject(content.plate)) return 'plate';
  if (asList(content.multiscales).length > 0) return 'image';
  if (isObject(content.well)) return 'well';
  if (content['bioformats2raw.layout'] !== undefined) return 'collection';
  if (Array.isArray(content.labels)) return 'labels';
  if (isObject(content.scene)) return 'scene';
  return undefined;
}

/** NGFF version as stated, for messages; undefined where nothing states it. */
export function ngffVersion(node: ZarrNode): string | undefined {
  const content = ngffContent(node);
  const nested = [asList(content.multiscales)[0], content.plate, content.well].map((part) =>
    asText(asObject(part).version),
  );
  return asText(content.version) ?? nested.find((version) => version !== undefined);
}
