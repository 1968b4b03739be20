import { headText, looksLikeOmeXml } from '../../src/containers/ome-xml/detect.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const omeXml: FormatReader = {
  id: 'ome-xml',
  name: 'OME-XML',
  extensions: ['.ome.xml', '.ome'],
  structure: 'One XML file with the pixels inside, base64-encoded. A file that names TIFF files is opened as OME-TIFF.',
  reads: [
    'all schemas from 2003-FC to 2016-06',
    'uncompressed, zlib and bzip2 BinData',
    'plates, regions of interest, annotations',
  ],
  gaps: [
    'pixels of types bit and complex',
    'pixels in files encoded as UTF-16',
    'files larger than the limit for metadata',
  ],
  probe({ head, isFolder }): Verdict {
    if (isFolder || !looksLikeOmeXml(headText(head))) return { score: 0, why: 'no OME-XML' };
    return { score: 50, why: 'OME-XML' };
  },
  async identify(input): Promise<Verdict> {
    try {
      const { openOmeXml } = await import('../../src/containers/ome-xml/input.js');
      const { document } = await openOmeXml(input);
      const tiff = document.binaryOnly !== undefined || document.storage.some((each) => each.tiffData.length > 0);
      return tiff
        ? { score: 0, why: 'OME-XML that names TIFF files' }
        : { score: 100, why: 'OME-XML without TiffData' };
    } catch (error) {
      return { score: 50, why: `OME-XML that cannot be read: ${error instanceof Error ? error.message : error}` };
    }
  },
  async open(input, options) {
    const { openOmeXmlDataset } = await import('./reader.js');
    return openOmeXmlDataset(input, options);
  },
};
