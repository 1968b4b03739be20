import type { FormatReader, Verdict } from '../../src/core/contracts.js';

function isLof(head: Uint8Array): boolean {
  if (head.length < 43 || head[0] !== 0x70 || head[8] !== 0x2a) return false;
  return Buffer.from(head.subarray(13, 43)).toString('utf16le') === 'LMS_Object_File';
}

export const lof: FormatReader = {
  id: 'lof',
  name: 'Leica LOF',
  extensions: ['.lof'],
  structure: 'One .lof file with one image; often part of an .xlef project.',
  reads: ['as LIF'],
  gaps: ['photon records of FLIM', 'tiles are not stitched'],
  options: {
    old_physical_size: {
      values: ['false', 'true'],
      help: 'true: divide lengths by the number of pixels, as Bio-Formats did before 5.5',
    },
  },
  probe({ head, name, isFolder }): Verdict {
    if (!isFolder && isLof(head)) return { score: 100, why: 'LMS_Object_File' };
    if (name.toLowerCase().endsWith('.lof')) return { score: 25, why: 'extension .lof without LMS_Object_File' };
    return { score: 0, why: 'no LMS_Object_File' };
  },
  async open(input, options) {
    const { openLof } = await import('./reader.js');
    return openLof(input, options);
  },
};
