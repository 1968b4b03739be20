import { tiffSignature } from '../../src/containers/tiff/file.js';
import { peekText } from '../../src/containers/tiff/open.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const scanimageTiff: FormatReader = {
  id: 'scanimage-tiff',
  name: 'ScanImage TIFF',
  extensions: ['.tiff', '.tif'],
  structure: 'One file: a page a channel and frame, channels fastest.',
  reads: ['channels, slices and frames of ScanImage 3 to 2023', 'frame rate, time stamps, date; all settings'],
  gaps: ['several files of one acquisition are not joined', 'regions of one frame (mROI) stay in one picture'],
  probe({ head, isFolder }): Verdict {
    return !isFolder && tiffSignature(head)
      ? { score: 50, why: 'TIFF signature' }
      : { score: 0, why: 'no TIFF signature' };
  },
  async identify(input): Promise<Verdict> {
    const description = await peekText(input, TAG.ImageDescription);
    const software = await peekText(input, TAG.Software);
    const found =
      /^\s*state\.\w/.test(description ?? '') ||
      /\bscanimage\.SI/.test(description ?? '') ||
      /^\s*SI\.\w/.test(software ?? '');
    return found ? { score: 75, why: 'settings of ScanImage' } : { score: 0, why: 'no settings of ScanImage' };
  },
  async open(input, options) {
    const { openScanImage } = await import('./reader.js');
    return openScanImage(input, options);
  },
};
