import { tiffSignature } from '../../src/containers/tiff/file.js';
import { peekTiff } from '../../src/containers/tiff/open.js';
import type { FormatReader, Verdict } from '../../src/core/contracts.js';

/** CZ_LSMINFO. */
const LSM_TAG = 34412;

export const lsm: FormatReader = {
  id: 'lsm',
  name: 'Zeiss LSM',
  extensions: ['.lsm'],
  structure: 'One file. Positions and tiles of one file become images of their own.',
  reads: [
    '8, 12, 16 bit and 32-bit floating point; uncompressed and LZW with predictor',
    'stacks, time series, lambda stacks, x-z, line and point scans, positions and tiles; files above 4 GB',
    'channel names and colours, time stamps, stage positions, lasers, detectors, filters, objective, overlays and ROIs',
  ],
  gaps: ['.mdb data bases that group files', 'further recordings in the same file', 'texts and scale bars of overlays'],
  probe({ head, isFolder }): Verdict {
    return !isFolder && tiffSignature(head)
      ? { score: 50, why: 'TIFF signature' }
      : { score: 0, why: 'no TIFF signature' };
  },
  async identify(input): Promise<Verdict> {
    const file = await peekTiff(input);
    return file?.ifds[0]?.has(LSM_TAG) ? { score: 100, why: 'CZ_LSMINFO tag' } : { score: 0, why: 'no CZ_LSMINFO tag' };
  },
  async open(input, options) {
    const { openLsm } = await import('./reader.js');
    return openLsm(input, options);
  },
};
