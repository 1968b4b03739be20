import { tiffSignature } from '../../src/containers/tiff/file.js';
import { peekText } from '../../src/containers/tiff/open.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';

export const ionpathMibi: FormatReader = {
  id: 'ionpath-mibi',
  name: 'Ionpath MIBI TIFF',
  extensions: ['.tiff', '.tif'],
  structure: 'One file: a page a mass channel; optical and label pages become images of their own.',
  reads: ['channels with mass and target, pixel size, date; all entries of the descriptions'],
  gaps: [],
  probe({ head, isFolder }): Verdict {
    return !isFolder && tiffSignature(head)
      ? { score: 50, why: 'TIFF signature' }
      : { score: 0, why: 'no TIFF signature' };
  },
  async identify(input): Promise<Verdict> {
    const software = await peekText(input, TAG.Software);
    return software?.startsWith('IonpathMIBI')
      ? { score: 75, why: 'written by IonpathMIBI' }
      : { score: 0, why: 'not written by IonpathMIBI' };
  },
  async open(input, options) {
    const { openMibi } = await import('./reader.js');
    return openMibi(input, options);
  },
};
