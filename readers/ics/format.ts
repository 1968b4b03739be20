import type { FormatReader, InputTree, Verdict } from '../../src/core/contracts.js';

function isHeader(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 256)).toString('latin1');
  return /^..?\r?\n?ics_version[^\w.]+[12]\.0/s.test(text);
}

/** The header of ICS 1 pixels, whatever its case. */
export async function headerName(input: InputTree): Promise<string | undefined> {
  const wanted = input.name.replace(/\.ids(\.gz)?$/i, '.ics').toLowerCase();
  return (await input.list('')).find((entry) => !entry.folder && entry.name.toLowerCase() === wanted)?.name;
}

export const ics: FormatReader = {
  id: 'ics',
  name: 'ICS (Image Cytometry Standard)',
  extensions: ['.ids.gz', '.ics', '.ids'],
  structure: 'ICS 2: one .ics file. ICS 1: a pair of .ics (header) and .ids (pixels): open either.',
  reads: [
    'versions 1 and 2',
    'integers, floating point, complex (two channels); both byte orders; gzip',
    'scales with units, history',
  ],
  gaps: ['LZW-compressed .ids.Z', 'lifetime axes are axes like any other'],
  probe({ head, name, isFolder }): Verdict {
    if (!isFolder && isHeader(head)) return { score: 100, why: 'ics_version in the header' };
    if (!isFolder && /\.ids(\.gz)?$/i.test(name)) return { score: 50, why: 'may be the pixels of an ICS 1 pair' };
    return { score: 0, why: 'no ICS header' };
  },
  async identify(input): Promise<Verdict> {
    const name = /\.ids(\.gz)?$/i.test(input.name) ? await headerName(input) : undefined;
    return name ? { score: 75, why: `its header is ${name}` } : { score: 0, why: 'no .ics beside it' };
  },
  async open(input, options) {
    const { openIcs } = await import('./reader.js');
    return openIcs(input, options);
  },
};
