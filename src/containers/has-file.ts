// Whether a file lies beside the one that was named.

import type { InputTree } from '../core/contracts.js';

/** By the listing of its folder, which is cached; folders on servers are asked for the file itself. */
export async function hasFile(tree: InputTree, name: string): Promise<boolean> {
  if (tree.has) return tree.has(name);
  return (await tree.list('')).some((entry) => entry.name === name);
}
