// Opens N5 data sets and containers. See NOTES.md for the layout.

import { isObject, parseJson } from '../../src/containers/zarr/json.js';
import { openStore } from '../../src/containers/zarr/open.js';
import { attributeRows, type PlainImage, plainDataset, plainName } from '../../src/containers/zarr/plain.js';
import { joinKey, type ZarrStore } from '../../src/containers/zarr/store.js';
import type { Dataset, InputTree, OpenOptions, OriginalMetadata, Verdict } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { isDataset, type N5Node, parseDataset } from './dataset.js';

const SEARCH_DEPTH = 8;

async function readNode(store: ZarrStore, path: string): Promise<N5Node | undefined> {
  const key = joinKey(path, 'attributes.json');
  const bytes = await store.get(key);
  if (!bytes) return undefined;
  const attributes = parseJson(bytes, `${store.name}/${key}`);
  return isObject(attributes) ? { path, attributes } : undefined;
}

export async function identifyN5(input: InputTree): Promise<Verdict> {
  try {
    const store = await openStore(input, DEFAULT_LIMITS);
    const node = store && (await readNode(store, ''));
    if (!node) return { score: 0, why: 'no attributes.json' };
    if (isDataset(node)) return { score: 75, why: 'attributes of an N5 data set' };
    if (node.attributes.n5 !== undefined)
      return { score: 75, why: `N5 container, version ${String(node.attributes.n5)}` };
    return { score: 25, why: 'attributes.json without a version of N5' };
  } catch (error) {
    if (error instanceof ImgconvError) return { score: 25, why: error.message };
    throw error;
  }
}

interface Found {
  /** Data sets; those of one series (s0, s1, …) together, largest first. */
  readonly series: N5Node[][];
  readonly rows: OriginalMetadata[];
}

async function collect(
  store: ZarrStore,
  path: string,
  depth: number,
  found: Found,
  options: OpenOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  const node = await readNode(store, path);
  if (node && isDataset(node)) {
    found.series.push([node]);
    if (found.series.length > options.limits.images) {
      throw new ImgconvError('limit', 'IMAGE_COUNT', `${store.name}: more than ${options.limits.images} data sets`, {
        file: store.name,
      });
    }
    return;
  }
  if (node) found.rows.push(...attributeRows(path, node.attributes));
  if (depth === 0) return;
  const folders = (await store.list(path)).filter((entry) => entry.folder && !entry.name.startsWith('.'));
  const names = folders.map((entry) => entry.name).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const scales = await readScales(store, path, names);
  if (scales) found.series.push(scales);
  const rest = scales ? names.filter((name) => !/^s\d+$/.test(name)) : names;
  for (const name of rest) await collect(store, joinKey(path, name), depth - 1, found, options);
}

/** Data sets s0, s1, … of a group; undefined where they are no series. */
async function readScales(store: ZarrStore, path: string, names: readonly string[]): Promise<N5Node[] | undefined> {
  const scales = names.filter((name) => /^s\d+$/.test(name));
  if (scales.length === 0 || scales.some((name, i) => name !== `s${i}`)) return undefined;
  const nodes: N5Node[] = [];
  for (const name of scales) {
    const node = await readNode(store, joinKey(path, name));
    if (!node || !isDataset(node)) return undefined;
    nodes.push(node);
  }
  return nodes;
}

export async function openN5(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const store = await openStore(input, options.limits);
  if (!store) throw formatError('N5_METADATA', `${input.path}: no N5 attributes found`, { file: input.path });
  const found: Found = { series: [], rows: [] };
  await collect(store, '', SEARCH_DEPTH, found, options);
  if (found.series.length === 0) throw formatError('N5_EMPTY', `${input.path}: no N5 data set`, { file: input.path });
  const images = found.series.map((series) => (): PlainImage => {
    const [full, ...others] = series as [N5Node, ...N5Node[]];
    const image = parseDataset(full, store.name, options.limits);
    const path = others.length > 0 ? full.path.replace(/\/?s0$/, '') : full.path;
    return {
      ...image,
      name: plainName(path, store),
      levels: others.map((node) => parseDataset(node, store.name, options.limits).array),
    };
  });
  return plainDataset('n5', images, found.rows, store, options);
}
