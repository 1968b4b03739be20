// Leica LOF: one image, as in a LIF. Layout and sources: ../lif/NOTES.md.

import { makeDataset } from '../../src/containers/leica/dataset.js';
import { findImages } from '../../src/containers/leica/elements.js';
import { readLof } from '../../src/containers/leica/file.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';

export async function openLof(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const { root, memory } = await readLof(source, options.limits);
    const { images } = findImages(root, true);
    const [only] = memory.values();
    const fallback = input.name.replace(/\.lof$/i, '');
    const gathered = images.slice(0, 1).map((image) => ({
      image: { ...image, name: image.name || fallback },
      pixels: { file: source.name, memory: only },
    }));
    const made = await makeDataset('lof', gathered, options);
    if (made.images.length === 0)
      throw formatError('LOF_EMPTY', `${source.name}: no image can be read`, { file: source.name });
    return { ...made, files: [source.name] };
  } finally {
    await source.close();
  }
}
