// Groups and arrays of a hierarchy: which metadata files say so. Where v2 and v3 metadata lie side by side, v3 wins.

import { formatError } from '../../core/errors.js';
import { asObject, asText, isObject, type JsonObject, parseJson } from './json.js';
import { joinKey, type ZarrStore } from './store.js';

export interface ZarrNode {
  readonly kind: 'group' | 'array';
  readonly version: 2 | 3;
  /** Key of the node's folder; '' is the root. */
  readonly path: string;
  readonly attributes: JsonObject;
  /** Content of `zarr.json` or `.zarray`; empty for v2 groups. */
  readonly metadata: JsonObject;
}

async function readObject(store: ZarrStore, key: string): Promise<JsonObject | undefined> {
  const bytes = await store.get(key);
  if (!bytes) return undefined;
  const name = `${store.name}/${key}`;
  const value = parseJson(bytes, name);
  if (!isObject(value)) throw formatError('ZARR_JSON', `${name}: an object was expected`, { file: name });
  return value;
}

function checkVersion(metadata: JsonObject, expected: 2 | 3, name: string): void {
  const found = metadata.zarr_format;
  if (found === expected) return;
  throw formatError('ZARR_VERSION', `${name}: zarr_format is ${String(found)}, expected ${expected}`, { file: name });
}

/** The node at `path`, or undefined where there is none. */
export async function readNode(store: ZarrStore, path: string): Promise<ZarrNode | undefined> {
  const v3 = await readObject(store, joinKey(path, 'zarr.json'));
  if (v3) {
    checkVersion(v3, 3, `${store.name}/${joinKey(path, 'zarr.json')}`);
    const kind =
      asText(v3.node_type) === 'array' || (v3.node_type === undefined && v3.shape !== undefined) ? 'array' : 'group';
    return { kind, version: 3, path, attributes: asObject(v3.attributes), metadata: v3 };
  }
  const array = await readObject(store, joinKey(path, '.zarray'));
  if (array) {
    checkVersion(array, 2, `${store.name}/${joinKey(path, '.zarray')}`);
    const attributes = await readObject(store, joinKey(path, '.zattrs'));
    return { kind: 'array', version: 2, path, attributes: attributes ?? {}, metadata: array };
  }
  const attributes = await readObject(store, joinKey(path, '.zattrs'));
  if (!attributes && !(await store.get(joinKey(path, '.zgroup')))) return undefined;
  return { kind: 'group', version: 2, path, attributes: attributes ?? {}, metadata: {} };
}

/** Child groups and arrays, in the order of their names, numbers by value. */
export async function readChildren(store: ZarrStore, path: string): Promise<readonly ZarrNode[]> {
  const folders = (await store.list(path)).filter((entry) => entry.folder && !entry.name.startsWith('.'));
  const names = folders.map((entry) => entry.name).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const nodes: ZarrNode[] = [];
  for (const name of names) {
    const node = await readNode(store, joinKey(path, name));
    if (node) nodes.push(node);
  }
  return nodes;
}
