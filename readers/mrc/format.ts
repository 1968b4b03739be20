import { bunzipStart, isBzip2 } from '../../src/containers/bzip2/head.js';
import { gunzipStart, isGzip } from '../../src/containers/gzip/head.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';
import { looksLikeMrc } from './header.js';

const EXTENSIONS = ['.mrc', '.mrcs', '.map', '.ccp4', '.rec', '.ali', '.preali', '.st'] as const;

export const mrc: FormatReader = {
  id: 'mrc',
  name: 'MRC / CCP4 map',
  extensions: [...EXTENSIONS.flatMap((e) => [`${e}.bz2`, `${e}.gz`]), ...EXTENSIONS].sort(
    (a, b) => b.length - a.length,
  ),
  structure: 'One file: header, optional extended header, pixels. May be compressed with gzip or bzip2 as a whole.',
  reads: [
    'MRC2014, CCP4, IMOD, SerialEM, FEI/Thermo Fisher and Agard flavours',
    'modes 0, 1, 2, 3, 4, 6, 7, 12, 16 and 101; both byte orders',
    'image stacks, volumes, stacks of volumes',
  ],
  gaps: ['rows stay in file order (voxel indices are those of the file)'],
  probe({ head, name, isFolder }): Verdict {
    if (isFolder || head.length < 64) return { score: 0, why: 'too short for an MRC header' };
    if (isBzip2(head) && EXTENSIONS.some((e) => name.toLowerCase().endsWith(`${e}.bz2`))) {
      return { score: 50, why: 'bzip2 stream named like a map' };
    }
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
  async identify(input): Promise<Verdict> {
    const source = await input.open();
    try {
      const kind = looksLikeMrc((await bunzipStart(source)) ?? new Uint8Array(0));
      if (kind === 'stamped') return { score: 100, why: "MRC header with 'MAP' stamp inside bzip2" };
      return kind === 'plausible'
        ? { score: 75, why: 'plausible old MRC header inside bzip2' }
        : { score: 0, why: 'no MRC header inside bzip2' };
    } finally {
      await source.close();
    }
  },
  async open(input, options) {
    const { openMrc } = await import('./reader.js');
    return openMrc(input, options);
  },
};
