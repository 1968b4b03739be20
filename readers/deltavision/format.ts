import type { FormatReader, Verdict } from '../../src/core/contracts.js';

const EXTENSIONS = ['.r3d_d3d', '.d3d', '.r3d', '.dv', '.otf'] as const;

/** 0xC0A0 at byte 96 in either byte order, sizes that make sense, and no MRC stamp. */
function isDeltaVision(head: Uint8Array): boolean {
  if (head.length < 224) return false;
  const v = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const mark = v.getUint16(96, true);
  if (mark !== 0xc0a0 && mark !== 0xa0c0) return false;
  const little = mark === 0xc0a0;
  if (head[208] === 0x4d && head[209] === 0x41 && head[210] === 0x50) return false;
  const mode = v.getInt32(12, little);
  return [0, 4, 8].every((at) => v.getInt32(at, little) > 0) && mode >= 0 && mode <= 7;
}

export const deltavision: FormatReader = {
  id: 'deltavision',
  name: 'DeltaVision',
  extensions: EXTENSIONS,
  structure: 'One .dv, .r3d or .d3d file; NAME.dv.log (or NAME.log) and NAME_log.txt beside it are read for metadata.',
  reads: ['all sequences of Z, wavelength, time and panels', 'both byte orders', 'extended header', 'lens numbers'],
  gaps: ['rows are turned upside down, as every OME tool shows them'],
  probe({ head, name, isFolder }): Verdict {
    if (!isFolder && isDeltaVision(head)) return { score: 100, why: 'DeltaVision header (0xC0A0 at byte 96)' };
    if (EXTENSIONS.some((e) => name.toLowerCase().endsWith(e))) {
      return { score: 25, why: 'DeltaVision extension without its header' };
    }
    return { score: 0, why: 'no DeltaVision header' };
  },
  async open(input, options) {
    const { openDeltaVision } = await import('./reader.js');
    return openDeltaVision(input, options);
  },
};
