import { tiffSignature } from '../../src/containers/tiff/file.js';
import { peekText } from '../../src/containers/tiff/open.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const qptiff: FormatReader = {
  id: 'qptiff',
  name: 'PerkinElmer and Akoya QPTIFF',
  extensions: ['.qptiff', '.tiff', '.tif'],
  structure: 'One file: a page a channel and level, then thumbnail, overview and label.',
  reads: [
    'pyramids of fluorescence channels and of RGB',
    'channel names, colours, exposure, objective, stage position',
  ],
  gaps: [],
  probe({ head, isFolder }): Verdict {
    return !isFolder && tiffSignature(head)
      ? { score: 50, why: 'TIFF signature' }
      : { score: 0, why: 'no TIFF signature' };
  },
  async identify(input): Promise<Verdict> {
    const text = await peekText(input, TAG.ImageDescription);
    return text?.slice(0, 400).includes('<PerkinElmer-QPI-ImageDescription')
      ? { score: 75, why: 'PerkinElmer-QPI description' }
      : { score: 0, why: 'no PerkinElmer-QPI description' };
  },
  async open(input, options) {
    const { openQptiff } = await import('./reader.js');
    return openQptiff(input, options);
  },
};
