import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';
import { MOSAIC } from '../../src/core/reader-options.js';

const INDEX = 'NDTiff.index';
/** At byte 8 of every NDTiff file, then the major version. */
const STAMP = 483729;

function word(head: Uint8Array, at: number): number {
  return head.length < at + 4 ? -1 : new DataView(head.buffer, head.byteOffset).getUint32(at, true);
}

async function holds(input: InputTree, folder: string): Promise<boolean> {
  return (await input.list(folder)).some((entry) => entry.name === INDEX && !entry.folder);
}

export const ndtiff: FormatReader = {
  id: 'ndtiff',
  name: 'NDTiff (Micro-Manager, Pycro-Manager)',
  extensions: ['.index', '.tif'],
  structure:
    'A folder with NDTiff.index and numbered TIFF files; tiled acquisitions hold them in "Full resolution". Open the folder, the index or one of the TIFFs.',
  reads: [
    'versions 2 and 3; time, channel, z, position and custom axes; aborted acquisitions',
    'tiled acquisitions (row, column), stitched by their overlap, or tile by tile with --option mosaic=tiles',
    '8 to 16 bits, RGB; metadata of the acquisition and of every plane',
  ],
  gaps: ['stored pyramids are not used: levels are computed', 'version 1'],
  options: { mosaic: MOSAIC },
  probe({ head, name, isFolder }): Verdict {
    if (isFolder) return { score: 25, why: 'a folder, which may hold an NDTiff.index' };
    if (head[0] === 0x49 && head[1] === 0x49 && word(head, 8) === STAMP && word(head, 12) >= 2) {
      return { score: 50, why: 'NDTiff stamp in a TIFF header' };
    }
    const axes = head[4] === 0x7b && word(head, 0) < 2 ** 16;
    if (axes && name === INDEX) return { score: 100, why: 'index of axes and offsets' };
    return { score: 0, why: 'neither NDTiff index nor NDTiff stamp' };
  },
  async identify(input): Promise<Verdict> {
    if (await holds(input, '')) return { score: 100, why: `${INDEX} is there` };
    if (input.isFolder && (await holds(input, 'Full resolution'))) {
      return { score: 100, why: `${INDEX} is in its folder "Full resolution"` };
    }
    return { score: 0, why: `no ${INDEX}` };
  },
  async open(input, options) {
    const { openNdtiff } = await import('./reader.js');
    return openNdtiff(input, options);
  },
};
