import type { FormatReader, Verdict } from '../../src/core/contracts.js';

/** 0x70, length, 0x2A, length, then UTF-16 text. */
function textOf(head: Uint8Array): string | undefined {
  if (head.length < 15 || head[0] !== 0x70 || head[1] !== 0 || head[8] !== 0x2a) return undefined;
  return Buffer.from(head.subarray(13, 413)).toString('utf16le');
}

export const lif: FormatReader = {
  id: 'lif',
  name: 'Leica LIF',
  extensions: ['.lif'],
  structure: 'One .lif file with any number of images.',
  reads: [
    'any order of dimensions and channels; xz and xt scans; colour pictures',
    '8- to 64-bit integers, half, single and double precision',
    'mosaics, one image a tile; wavelengths, rotations and loops as time',
    'objective, detectors, laser lines, spectral bands, pinhole, stage, time stamps; all metadata',
  ],
  gaps: ['photon records of FLIM (their intensity images are read)', 'tiles are not stitched', '.lifext'],
  options: {
    old_physical_size: {
      values: ['false', 'true'],
      help: 'true: divide lengths by the number of pixels, as Bio-Formats did before 5.5',
    },
  },
  probe({ head, name, isFolder }): Verdict {
    const text = isFolder ? undefined : textOf(head);
    if (text && /^(<\?xml[^>]*\?>\s*)?<LMSDataContainerHeader/.test(text))
      return { score: 100, why: 'Leica data container' };
    if (name.toLowerCase().endsWith('.lif')) return { score: 25, why: 'extension .lif without a Leica header' };
    return { score: 0, why: 'no Leica header' };
  },
  async open(input, options) {
    const { openLif } = await import('./reader.js');
    return openLif(input, options);
  },
};
