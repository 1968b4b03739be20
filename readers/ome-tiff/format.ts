import { headText, looksLikeOmeXml } from '../../src/containers/ome-xml/detect.js';
import { tiffSignature } from '../../src/containers/tiff/file.js';
import { peekTiff } from '../../src/containers/tiff/open.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { INK } from '../../src/core/reader-options.js';

export const omeTiff: FormatReader = {
  id: 'ome-tiff',
  name: 'OME-TIFF',
  extensions: ['.companion.ome', '.ome.tiff', '.ome.tif', '.ome.tf2', '.ome.tf8', '.ome.btf'],
  structure:
    'One TIFF, or a set of TIFFs in one folder that name each other in their OME-XML, with or without a companion file. Open any of them.',
  reads: [
    'all OME-XML schemas from 2003-FC to 2016-06',
    'multi-file sets by file name or UUID, BinaryOnly members, companion files',
    'sub-resolutions in SubIFDs, and in the main chain as early raw2ometiff wrote them',
    'plates, regions of interest, instruments, annotations',
    'every compression that plain TIFF reads',
  ],
  gaps: ['planes of one image that differ in size or pixel type: those unlike the first count as missing'],
  options: { ink: INK },
  probe({ head, name, isFolder }): Verdict {
    if (isFolder) return { score: 0, why: 'a folder' };
    if (tiffSignature(head)) return { score: 50, why: 'TIFF signature; OME-XML would be in its first directory' };
    if (!looksLikeOmeXml(headText(head))) return { score: 0, why: 'neither TIFF nor OME-XML' };
    if (name.toLowerCase().endsWith('.companion.ome')) return { score: 100, why: 'OME-XML in a companion file' };
    return { score: 50, why: 'OME-XML; its pixels may be in TIFF files' };
  },
  async identify(input): Promise<Verdict> {
    if (tiffSignature(input.head)) {
      const file = await peekTiff(input);
      const ifd = file?.ifds[0];
      const text = ifd?.has(TAG.ImageDescription) ? await ifd.text(TAG.ImageDescription) : undefined;
      if (text && looksLikeOmeXml(text)) return { score: 100, why: 'OME-XML in the first directory of a TIFF' };
      return { score: 0, why: 'TIFF without OME-XML in its first directory' };
    }
    try {
      const { openOmeXml } = await import('../../src/containers/ome-xml/input.js');
      const { document } = await openOmeXml(input);
      const tiff = document.binaryOnly !== undefined || document.storage.some((each) => each.tiffData.length > 0);
      return tiff
        ? { score: 100, why: 'OME-XML that names TIFF files' }
        : { score: 0, why: 'OME-XML without TiffData' };
    } catch (error) {
      return { score: 0, why: `OME-XML that cannot be read: ${error instanceof Error ? error.message : error}` };
    }
  },
  async open(input, options) {
    const { openOmeTiff } = await import('./reader.js');
    return openOmeTiff(input, options);
  },
};
