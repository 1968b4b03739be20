import { tiffSignature } from '../../src/containers/tiff/file.js';
import { peekTiff } from '../../src/containers/tiff/open.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { INK } from '../../src/core/reader-options.js';

/** FEI (two generations), Zeiss. */
const TAGS: readonly (readonly [tag: number, name: string])[] = [
  [34680, 'FEI'],
  [34682, 'FEI'],
  [34118, 'Zeiss SEM'],
];

export const semTiff: FormatReader = {
  id: 'sem-tiff',
  name: 'FEI, Thermo Fisher and Zeiss SEM TIFF',
  extensions: ['.tiff', '.tif'],
  structure: 'One file, one image.',
  reads: ['pixel size, date, person, stage, microscope from the private tags; all of their entries'],
  gaps: [],
  options: { ink: INK },
  probe({ head, isFolder }): Verdict {
    return !isFolder && tiffSignature(head)
      ? { score: 50, why: 'TIFF signature' }
      : { score: 0, why: 'no TIFF signature' };
  },
  async identify(input): Promise<Verdict> {
    const ifd = (await peekTiff(input))?.ifds[0];
    const found = TAGS.find(([tag]) => ifd?.has(tag));
    return found ? { score: 75, why: `${found[1]} tag` } : { score: 0, why: 'no tag of an electron microscope' };
  },
  async open(input, options) {
    const { openSem } = await import('./reader.js');
    return openSem(input, options);
  },
};
