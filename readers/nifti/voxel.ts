// What one voxel is, by the datatype code.

import { unsupported } from '../../src/core/errors.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import type { NiftiHeader } from './header.js';

export interface Voxel {
  readonly type: PixelType;
  /** Stored bits of one sample. */
  readonly bits: number;
  /** Interleaved samples of a voxel. */
  readonly samples: number;
  /** They are one colour; otherwise channels of their own. */
  readonly color: boolean;
  readonly names?: readonly string[];
}

const PLAIN: Readonly<Record<number, PixelType>> = {
  2: 'uint8',
  4: 'int16',
  8: 'int32',
  16: 'float',
  64: 'double',
  256: 'int8',
  512: 'uint16',
  768: 'uint32',
  1024: 'int64',
  1280: 'uint64',
};
const BITS: Readonly<Record<PixelType, number>> = {
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  uint32: 32,
  int32: 32,
  uint64: 64,
  int64: 64,
  float: 32,
  double: 64,
};
const NAMES: Readonly<Record<number, string>> = { 1536: '128-bit floating point', 2048: '256-bit complex' };
const COMPLEX = ['Real', 'Imaginary'] as const;

/** Errors: unsupported NIFTI_TYPE. */
export function voxelOf(header: NiftiHeader, file: string): Voxel {
  const { datatype, dims } = header;
  const plain = PLAIN[datatype];
  if (plain) return { type: plain, bits: BITS[plain], samples: 1, color: false };
  if (datatype === 32) return { type: 'float', bits: 32, samples: 2, color: false, names: COMPLEX };
  if (datatype === 1792) return { type: 'double', bits: 64, samples: 2, color: false, names: COMPLEX };
  if (datatype === 128) return { type: 'uint8', bits: 8, samples: 3, color: true };
  if (datatype === 2304) return { type: 'uint8', bits: 8, samples: 4, color: true };
  // Bits are packed through all rows; rows that share a byte cannot be addressed.
  if (datatype === 1 && dims[0]! % 8 === 0) return { type: 'uint8', bits: 1, samples: 1, color: false };
  const name = NAMES[datatype] ?? (datatype === 1 ? `1 bit in rows of ${dims[0]} pixels` : `code ${datatype}`);
  throw unsupported('NIFTI_TYPE', `${file}: voxels of type ${name} are not supported`, { file, offset: 70 });
}
