// Opens arrays and groups of arrays that carry no OME-NGFF metadata. Dimensions are named by dimension_names (v3) or xarray's
// _ARRAY_DIMENSIONS; without names the last ones are taken for t, c, z, y, x.

import { parseArray } from '../../src/containers/zarr/array.js';
import { asList } from '../../src/containers/zarr/json.js';
import { readChildren, readNode, type ZarrNode } from '../../src/containers/zarr/node.js';
import { openStore } from '../../src/containers/zarr/open.js';
import { attributeRows, plainDataset, plainName } from '../../src/containers/zarr/plain.js';
import type { ZarrStore } from '../../src/containers/zarr/store.js';
import type { Dataset, InputTree, OpenOptions, OriginalMetadata, Verdict } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';

const SEARCH_DEPTH = 6;

export async function identifyZarr(input: InputTree): Promise<Verdict> {
  try {
    const store = await openStore(input, DEFAULT_LIMITS);
    const root = store && (await readNode(store, ''));
    if (!root) return { score: 0, why: 'no Zarr metadata' };
    // An OME-Zarr is a Zarr too: its own reader knows better.
    return { score: 50, why: `Zarr v${root.version} ${root.kind}` };
  } catch (error) {
    if (error instanceof ImgconvError) return { score: 25, why: error.message };
    throw error;
  }
}

/** Arrays below a node, in order, and the attributes of the groups above them. */
async function collect(
  store: ZarrStore,
  node: ZarrNode,
  options: OpenOptions,
  depth: number,
): Promise<{ arrays: ZarrNode[]; rows: OriginalMetadata[] }> {
  if (node.kind === 'array') return { arrays: [node], rows: [] };
  const arrays: ZarrNode[] = [];
  const rows = attributeRows(node.path, node.attributes);
  if (depth === 0) return { arrays, rows };
  for (const child of await readChildren(store, node.path)) {
    options.signal?.throwIfAborted();
    const below = await collect(store, child, options, depth - 1);
    arrays.push(...below.arrays);
    rows.push(...below.rows);
    if (arrays.length > options.limits.images) {
      throw new ImgconvError('limit', 'IMAGE_COUNT', `${store.name}: more than ${options.limits.images} arrays`, {
        file: store.name,
      });
    }
  }
  return { arrays, rows };
}

/** xarray stores the coordinates of a dimension as an array of one dimension with the same name. */
function isCoordinate(node: ZarrNode): boolean {
  const names = asList(node.version === 3 ? node.metadata.dimension_names : node.attributes._ARRAY_DIMENSIONS);
  return names.length === 1 && names[0] === node.path.split('/').at(-1);
}

export async function openZarr(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const store = await openStore(input, options.limits);
  const root = store && (await readNode(store, ''));
  if (!store || !root)
    throw formatError('ZARR_METADATA', `${input.path}: no Zarr metadata found`, { file: input.path });
  const { arrays, rows } = await collect(store, root, options, SEARCH_DEPTH);
  const pixels = arrays.filter((node) => !isCoordinate(node));
  const chosen = pixels.length > 0 ? pixels : arrays;
  if (chosen.length < arrays.length) {
    const names = arrays.filter((node) => !chosen.includes(node)).map((node) => node.path);
    options.notice({
      code: 'ZARR_COORDINATES',
      rank: 'loss',
      text: `coordinates of dimensions are left out: ${names.join(', ')}`,
    });
  }
  const images = chosen.map((node) => () => ({
    name: plainName(node.path, store),
    array: parseArray(node, store, options.limits),
  }));
  return plainDataset('zarr', images, rows, store, options);
}
