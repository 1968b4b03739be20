// Whether a folder or archive is an OME-Zarr: metadata of its root, or of groups close below it.

import { readChildren, readNode, type ZarrNode } from '../../src/containers/zarr/node.js';
import { openStore } from '../../src/containers/zarr/open.js';
import type { ZarrStore } from '../../src/containers/zarr/store.js';
import type { InputTree, Verdict } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { groupKind, ngffVersion } from './groups.js';

/** As deep as the collector searches. */
async function holdsImages(store: ZarrStore, node: ZarrNode, depth: number): Promise<boolean> {
  for (const child of await readChildren(store, node.path)) {
    if (groupKind(child)) return true;
    if (depth > 1 && child.kind === 'group' && (await holdsImages(store, child, depth - 1))) return true;
  }
  return false;
}

export async function identifyNgff(input: InputTree): Promise<Verdict> {
  try {
    const store = await openStore(input, DEFAULT_LIMITS);
    const root = store && (await readNode(store, ''));
    if (!root) return { score: 0, why: 'no Zarr metadata' };
    const kind = groupKind(root);
    if (kind) return { score: 100, why: `OME-NGFF ${ngffVersion(root) ?? 'without version'}: ${kind}` };
    if (root.kind === 'array') return { score: 0, why: 'a Zarr array without OME-NGFF metadata' };
    if (await holdsImages(store, root, 3)) return { score: 100, why: 'a Zarr group that holds OME-NGFF images' };
    return { score: 0, why: 'a Zarr group without OME-NGFF metadata' };
  } catch (error) {
    if (error instanceof ImgconvError) return { score: 25, why: error.message };
    throw error;
  }
}
