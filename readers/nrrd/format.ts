import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { UNIT } from '../../src/core/reader-options.js';

export const nrrd: FormatReader = {
  id: 'nrrd',
  name: 'NRRD (Nearly Raw Raster Data)',
  extensions: ['.nrrd', '.nhdr'],
  structure:
    'One .nrrd file, or an .nhdr header with the data files that it names (one, a numbered pattern or a list).',
  reads: [
    'attached and detached headers, NRRD0001 to NRRD0005',
    'encodings raw, gzip, bzip2, ASCII and hex; both byte orders; line and byte skip',
    'axis kinds (space, time, colour, vector, complex …), spacings and space directions',
  ],
  gaps: ['block types', 'orientation is kept as metadata, voxels are not resampled'],
  options: { unit: UNIT },
  probe({ head, name, isFolder }): Verdict {
    if (!isFolder && /^NRRD\d{4}\s/.test(Buffer.from(head.subarray(0, 9)).toString('latin1'))) {
      return { score: 100, why: 'NRRD magic' };
    }
    if (/\.(nrrd|nhdr)$/i.test(name)) return { score: 25, why: 'extension without NRRD magic' };
    return { score: 0, why: 'no NRRD magic' };
  },
  async open(input, options) {
    const { openNrrd } = await import('./reader.js');
    return openNrrd(input, options);
  },
};
