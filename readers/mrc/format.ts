import { gunzipStart, isGzip } from '../../src/containers/gzip/head.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { looksLikeMrc } from './header.js';

const EXTENSIONS = ['.mrc', '.mrcs', '.map', '.ccp4', '.rec', '.ali', '.preali', '.st'] as const;

export const mrc: FormatReader = {
  id: 'mrc',
  name: 'MRC / CCP4 map',
  extensions: [...EXTENSIONS.map((e) => `${e}.gz`), ...EXTENSIONS].sort((a, b) => b.length - a.length),
  structure: 'One file: header, optional extended header, pixels. May be compressed with gzip as a whole.',
  reads: [
    'MRC2014, CCP4, IMOD, SerialEM, FEI/Thermo Fisher and Agard flavours',
    'modes 0, 1, 2, 3, 4, 6, 7, 12, 16 and 101; both byte orders',
    'image stacks, volumes, stacks of volumes',
  ],
  gaps: ['rows stay in file order (voxel indices are those of the file)'],
  probe({ head, name, isFolder }): Verdict {
    if (isFolder || head.length < 64) return { score: 0, why: 'too short for an MRC header' };
    const packed = isGzip(head);
    const bytes = packed ? gunzipStart(head) : head;
    const kind = bytes && looksLikeMrc(bytes);
    const inside = packed ? ' inside gzip' : '';
    if (kind === 'stamped') return { score: 100, why: `MRC header with 'MAP' stamp${inside}` };
    if (kind === 'plausible') {
      const known = EXTENSIONS.some((e) => name.toLowerCase().endsWith(packed ? `${e}.gz` : e));
      return known
        ? { score: 75, why: `plausible old MRC header${inside}` }
        : { score: 25, why: `may be an old MRC header${inside}` };
    }
    return { score: 0, why: 'no MRC header' };
  },
  async open(input, options) {
    const { openMrc } = await import('./reader.js');
    return openMrc(input, options);
  },
};
