import type { FormatReader, Verdict } from '../../src/core/contracts.js';

/** First chunk of modern files; JPEG 2000 signature box of legacy ones, which NIS-Elements marks in a box of its own further on. */
const MODERN = 'ND2 FILE SIGNATURE CHUNK NAME01!';
const JP2 = '\0\0\0\u000cjP  ';

export const nd2: FormatReader = {
  id: 'nd2',
  name: 'Nikon NIS-Elements ND2',
  extensions: ['.nd2'],
  structure: 'One .nd2 file, modern (chunks) or legacy (JPEG 2000 boxes).',
  reads: [
    'time, z and lambda loops as axes, stage positions as images',
    'uncompressed and zlib frames, JPEG 2000 frames of legacy files, colour frames',
    'files whose chunk map is lost (rebuilt from the chunks), missing frames',
    'channels, objective, camera, stage positions, times, regions of interest; all metadata as original metadata',
  ],
  gaps: ['binary layers and polygons are kept as metadata only', 'event streams are not decoded'],
  options: {
    chunkmap: { values: ['true', 'false'], help: 'false: look for all chunks instead of trusting the map at the end' },
  },
  probe({ head, name, isFolder }): Verdict {
    const text = isFolder ? '' : Buffer.from(head.subarray(0, 4096)).toString('latin1');
    const extension = name.toLowerCase().endsWith('.nd2');
    if (text.slice(16, 48) === MODERN) return { score: 100, why: 'ND2 signature chunk' };
    if (text.startsWith(JP2) && (extension || text.includes('LABORATORY IMAGING')))
      return { score: extension ? 100 : 75, why: 'JPEG 2000 boxes of a legacy ND2' };
    if (extension) return { score: 25, why: 'extension .nd2 without a signature' };
    return { score: 0, why: 'no ND2 signature' };
  },
  async open(input, options) {
    const { openNd2 } = await import('./reader.js');
    return openNd2(input, options);
  },
};
