// Leica LIF. Layout and sources: NOTES.md.

import { flattenLeica, makeDataset } from '../../src/containers/leica/dataset.js';
import { findImages } from '../../src/containers/leica/elements.js';
import { readLif } from '../../src/containers/leica/file.js';
import { child, path } from '../../src/containers/xml/element.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';

export async function openLif(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const { root, memory, broken } = await readLif(source, options.limits);
    if (broken) options.notice({ code: 'LIF_MEMORY', rank: 'damage', text: `${source.name}: ${broken}` });
    const { images, photons } = findImages(root);
    if (photons.length > 0) {
      const text = `${source.name}: ${photons.length} photon records (FLIM) are not read: ${photons.slice(0, 5).join(', ')}`;
      options.notice({ code: 'LEICA_PHOTONS', rank: 'loss', text });
    }
    if (images.length === 0)
      throw formatError('LIF_EMPTY', `${source.name}: the file describes no images`, { file: source.name });
    const gathered = images.map((image) => ({
      image,
      pixels: { file: source.name, memory: memory.get(image.memoryId) },
    }));
    const made = await makeDataset('lif', gathered, options);
    if (made.images.length === 0)
      throw formatError('LIF_EMPTY', `${source.name}: no image can be read`, { file: source.name });
    const experiment = path(child(root, 'Element'), 'Data/Experiment');
    return {
      ...made,
      original: [...(experiment ? flattenLeica(experiment) : []), ...made.original],
      files: [source.name],
    };
  } finally {
    await source.close();
  }
}
