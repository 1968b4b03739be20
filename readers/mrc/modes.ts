// What one voxel is, by the header's mode.

import type { CodecStep } from '../../src/core/blocks.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import type { MrcHeader } from './header.js';

export interface Mode {
  readonly type: PixelType;
  /** Stored bits of one sample. */
  readonly bits: number;
  /** Samples of a voxel, interleaved. */
  readonly samples: number;
  /** Names of the samples where they are channels of their own; absent: one channel. */
  readonly names?: readonly string[];
  /** After byte order. */
  readonly codecs?: readonly CodecStep[];
}

const COMPLEX = ['Real', 'Imaginary'] as const;

export function modeOf(header: MrcHeader): Mode {
  const { mode, statistics, imodFlags } = header;
  switch (mode) {
    case 0:
      return { type: header.signedBytes ? 'int8' : 'uint8', bits: 8, samples: 1 };
    case 1:
      // EMAN2 and others wrote unsigned values as mode 1: a maximum that int16 cannot hold gives them away.
      return { type: statistics.min >= 0 && statistics.max > 32767 ? 'uint16' : 'int16', bits: 16, samples: 1 };
    case 3:
      return { type: 'int16', bits: 16, samples: 2, names: COMPLEX };
    case 4:
      return { type: 'float', bits: 32, samples: 2, names: COMPLEX };
    case 6:
      return { type: 'uint16', bits: 16, samples: 1 };
    case 7:
      return { type: 'int32', bits: 32, samples: 1 };
    case 12:
      return { type: 'float', bits: 16, samples: 1, codecs: [{ id: 'half' }] };
    case 16:
      return { type: 'uint8', bits: 8, samples: 3 };
    case 101:
      // Two voxels a byte, the first in the low four bits, unless bit 4 of IMOD's flags says otherwise.
      return { type: 'uint8', bits: 4, samples: 1, codecs: nibbles(imodFlags !== undefined && (imodFlags & 16) !== 0) };
    default:
      return { type: 'float', bits: 32, samples: 1 };
  }
}

function nibbles(highFirst: boolean): readonly CodecStep[] {
  return [{ id: 'bits', bits: 4, order: highFirst ? 'msb' : 'lsb' }];
}
