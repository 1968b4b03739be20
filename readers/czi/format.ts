import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { MOSAIC, THUMBNAILS } from '../../src/core/reader-options.js';

export const czi: FormatReader = {
  id: 'czi',
  name: 'Zeiss CZI',
  extensions: ['.czi'],
  structure: 'One .czi file; the parts of a split document (NAME (1).czi, NAME (2).czi …) lie beside the first one.',
  reads: [
    'all dimensions; scenes as images; mosaics stitched by their order and masks of valid pixels, or tile by tile with --option mosaic=tiles',
    'uncompressed, JPEG, JPEG XR, LZW, Zstandard with and without byte packing',
    'Gray8, Gray16, Gray32, Gray32Float, Gray64Float, Gray64ComplexFloat, Bgr24, Bgr48, Bgr96Float, Bgra32',
    'stored pyramids, slide label and preview, split documents, documents without a valid directory',
    'acquisition metadata, stage positions, time stamps, drawn regions, wells, all XML',
  ],
  gaps: [
    'complex colours and camera raw compressions are refused',
    'the document thumbnail is left out unless --option thumbnails=true',
  ],
  options: {
    mosaic: MOSAIC,
    thumbnails: THUMBNAILS,
    masks: {
      values: ['apply', 'ignore'],
      help: 'ignore: invalid pixels of a tile cover valid ones of the tiles below',
    },
  },
  probe({ head, name, isFolder }): Verdict {
    const magic = Buffer.from(head.subarray(0, 10)).toString('latin1');
    if (!isFolder && magic === 'ZISRAWFILE') return { score: 100, why: 'ZISRAWFILE segment' };
    if (name.toLowerCase().endsWith('.czi')) return { score: 25, why: 'extension .czi without ZISRAWFILE' };
    return { score: 0, why: 'no ZISRAWFILE segment' };
  },
  async open(input, options) {
    const { openCzi } = await import('./reader.js');
    return openCzi(input, options);
  },
};
