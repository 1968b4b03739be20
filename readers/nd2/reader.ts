// Nikon ND2. Layout and sources: NOTES.md.

import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { openLegacy } from './legacy.js';
import { openModern } from './modern.js';

export async function openNd2(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const head = source.size >= 8 ? await source.read(4, 4) : new Uint8Array(4);
    const isLegacy = Buffer.from(head).toString('latin1') === 'jP  ';
    return await (isLegacy ? openLegacy : openModern)(source, input.name, options);
  } finally {
    await source.close();
  }
}
