// NIfTI-1 (348 bytes), NIfTI-2 (540 bytes) and Analyze 7.5 (348 bytes) headers. Sources: NOTES.md.

import { fixedText } from '../../src/containers/raw/text.js';
import { formatError } from '../../src/core/errors.js';

export type Flavour = 'nifti1' | 'nifti2' | 'analyze';

export interface NiftiHeader {
  readonly flavour: Flavour;
  readonly littleEndian: boolean;
  /** Header and pixels in one file. */
  readonly single: boolean;
  /** Bytes. */
  readonly size: 348 | 540;
  /** x, y, z, t, vector, 6th, 7th; at least 1 each. */
  readonly dims: readonly number[];
  readonly datatype: number;
  readonly bitpix: number;
  /** pixdim[1] to pixdim[7]. */
  readonly spacing: readonly number[];
  /** Bytes before the first pixel. */
  readonly offset: number;
  readonly slope: number;
  readonly intercept: number;
  /** xyzt_units; 0 in Analyze. */
  readonly units: number;
  readonly intent: number;
  readonly intentName: string;
  readonly description: string;
  /** Every field, in stored order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Offsets of the fields of one flavour: name, position, type, count. Text: type 's' with its length. */
type Field = readonly [name: string, at: number, type: 'i1' | 'i2' | 'i4' | 'i8' | 'f4' | 'f8' | 's', count: number];

// biome-ignore format: a table
const COMMON: readonly Field[] = [
  ['data_type', 4, 's', 10], ['db_name', 14, 's', 18], ['extents', 32, 'i4', 1], ['session_error', 36, 'i2', 1], ['regular', 38, 's', 1],
];

// biome-ignore format: a table
const NIFTI1: readonly Field[] = [
  ...COMMON, ['dim_info', 39, 'i1', 1], ['dim', 40, 'i2', 8], ['intent_p1', 56, 'f4', 1], ['intent_p2', 60, 'f4', 1],
  ['intent_p3', 64, 'f4', 1], ['intent_code', 68, 'i2', 1], ['datatype', 70, 'i2', 1], ['bitpix', 72, 'i2', 1],
  ['slice_start', 74, 'i2', 1], ['pixdim', 76, 'f4', 8], ['vox_offset', 108, 'f4', 1], ['scl_slope', 112, 'f4', 1],
  ['scl_inter', 116, 'f4', 1], ['slice_end', 120, 'i2', 1], ['slice_code', 122, 'i1', 1], ['xyzt_units', 123, 'i1', 1],
  ['cal_max', 124, 'f4', 1], ['cal_min', 128, 'f4', 1], ['slice_duration', 132, 'f4', 1], ['toffset', 136, 'f4', 1],
  ['glmax', 140, 'i4', 1], ['glmin', 144, 'i4', 1], ['descrip', 148, 's', 80], ['aux_file', 228, 's', 24],
  ['qform_code', 252, 'i2', 1], ['sform_code', 254, 'i2', 1], ['quatern_b', 256, 'f4', 1], ['quatern_c', 260, 'f4', 1],
  ['quatern_d', 264, 'f4', 1], ['qoffset_x', 268, 'f4', 1], ['qoffset_y', 272, 'f4', 1], ['qoffset_z', 276, 'f4', 1],
  ['srow_x', 280, 'f4', 4], ['srow_y', 296, 'f4', 4], ['srow_z', 312, 'f4', 4], ['intent_name', 328, 's', 16],
];

// biome-ignore format: a table
const NIFTI2: readonly Field[] = [
  ['datatype', 12, 'i2', 1], ['bitpix', 14, 'i2', 1], ['dim', 16, 'i8', 8], ['intent_p1', 80, 'f8', 1], ['intent_p2', 88, 'f8', 1],
  ['intent_p3', 96, 'f8', 1], ['pixdim', 104, 'f8', 8], ['vox_offset', 168, 'i8', 1], ['scl_slope', 176, 'f8', 1],
  ['scl_inter', 184, 'f8', 1], ['cal_max', 192, 'f8', 1], ['cal_min', 200, 'f8', 1], ['slice_duration', 208, 'f8', 1],
  ['toffset', 216, 'f8', 1], ['slice_start', 224, 'i8', 1], ['slice_end', 232, 'i8', 1], ['descrip', 240, 's', 80],
  ['aux_file', 320, 's', 24], ['qform_code', 344, 'i4', 1], ['sform_code', 348, 'i4', 1], ['quatern_b', 352, 'f8', 1],
  ['quatern_c', 360, 'f8', 1], ['quatern_d', 368, 'f8', 1], ['qoffset_x', 376, 'f8', 1], ['qoffset_y', 384, 'f8', 1],
  ['qoffset_z', 392, 'f8', 1], ['srow_x', 400, 'f8', 4], ['srow_y', 432, 'f8', 4], ['srow_z', 464, 'f8', 4],
  ['slice_code', 496, 'i4', 1], ['xyzt_units', 500, 'i4', 1], ['intent_code', 504, 'i4', 1], ['intent_name', 508, 's', 16],
  ['dim_info', 524, 'i1', 1],
];

// biome-ignore format: a table
const ANALYZE: readonly Field[] = [
  ...COMMON, ['dim', 40, 'i2', 8], ['vox_units', 56, 's', 4], ['cal_units', 60, 's', 8], ['datatype', 70, 'i2', 1],
  ['bitpix', 72, 'i2', 1], ['pixdim', 76, 'f4', 8], ['vox_offset', 108, 'f4', 1], ['funused1', 112, 'f4', 1],
  ['funused2', 116, 'f4', 1], ['funused3', 120, 'f4', 1], ['cal_max', 124, 'f4', 1], ['cal_min', 128, 'f4', 1],
  ['compressed', 132, 'f4', 1], ['verified', 136, 'f4', 1], ['glmax', 140, 'i4', 1], ['glmin', 144, 'i4', 1],
  ['descrip', 148, 's', 80], ['aux_file', 228, 's', 24], ['orient', 252, 'i1', 1], ['originator', 253, 's', 10],
  ['generated', 263, 's', 10], ['scannum', 273, 's', 10], ['patient_id', 283, 's', 10], ['exp_date', 293, 's', 10],
  ['exp_time', 303, 's', 10], ['views', 316, 'i4', 1], ['vols_added', 320, 'i4', 1], ['start_field', 324, 'i4', 1],
  ['field_skip', 328, 'i4', 1], ['omax', 332, 'i4', 1], ['omin', 336, 'i4', 1], ['smax', 340, 'i4', 1], ['smin', 344, 'i4', 1],
];

const TABLES = { nifti1: NIFTI1, nifti2: NIFTI2, analyze: ANALYZE } as const;
const SIZES = { i1: 1, i2: 2, i4: 4, i8: 8, f4: 4, f8: 8, s: 1 } as const;
const DATATYPES = new Set([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2304]);
const NIFTI2_TAIL = '\r\n\x1a\n';

/** What the first bytes are; undefined: none of the three. `bytes` holds at least the header's size. */
export function recognise(bytes: Uint8Array): { flavour: Flavour; littleEndian: boolean; single: boolean } | undefined {
  if (bytes.length < 348) return undefined;
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const littleEndian of [true, false]) {
    const size = v.getInt32(0, littleEndian);
    if (size === 540 && bytes.length >= 540) {
      const magic = fixedText(bytes, 4, 3);
      if ((magic === 'n+2' || magic === 'ni2') && latin(bytes, 8, 4) === NIFTI2_TAIL) {
        return { flavour: 'nifti2', littleEndian, single: magic === 'n+2' };
      }
    }
    // Some writers leave the size empty or in the other byte order: dim[0], from 1 to 7, decides.
    const rank = v.getInt16(40, littleEndian);
    if (rank < 1 || rank > 7) continue;
    const magic = latin(bytes, 344, 4);
    if (magic === 'n+1\0' || magic === 'ni1\0') return { flavour: 'nifti1', littleEndian, single: magic === 'n+1\0' };
    const dims = Array.from({ length: rank }, (_, i) => v.getInt16(42 + 2 * i, littleEndian));
    const plausible = dims.every((n) => n >= 0) && dims[0]! > 0 && DATATYPES.has(v.getInt16(70, littleEndian));
    if (size === 348 && plausible) return { flavour: 'analyze', littleEndian, single: false };
  }
  return undefined;
}

function latin(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.subarray(at, at + length)).toString('latin1');
}

function readField(v: DataView, bytes: Uint8Array, field: Field, le: boolean): number[] | string {
  const [, at, type, count] = field;
  if (type === 's') return fixedText(bytes, at, count);
  return Array.from({ length: count }, (_, i) => {
    const p = at + i * SIZES[type];
    switch (type) {
      case 'i1':
        return v.getUint8(p);
      case 'i2':
        return v.getInt16(p, le);
      case 'i4':
        return v.getInt32(p, le);
      case 'i8':
        return Number(v.getBigInt64(p, le));
      case 'f4':
        return v.getFloat32(p, le);
      default:
        return v.getFloat64(p, le);
    }
  });
}

/** Single precision as its shortest decimal number. */
function show(n: number, type: string): string {
  return type === 'f4' && Number.isFinite(n) ? String(Number(n.toPrecision(8))) : String(n);
}

/** Errors: format NIFTI_HEADER. */
export function parseHeader(bytes: Uint8Array, file: string): NiftiHeader {
  const found = recognise(bytes);
  if (!found) {
    const text = `${file}: no NIfTI or Analyze header: ${bytes.length < 348 ? `${bytes.length} bytes, expected at least 348` : 'size, dimensions and magic make no sense'}`;
    throw formatError('NIFTI_HEADER', text, { file, offset: 0 });
  }
  const { flavour, littleEndian, single } = found;
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Map<string, number[] | string>();
  const fields: [string, string][] = [];
  for (const field of TABLES[flavour]) {
    const value = readField(v, bytes, field, littleEndian);
    values.set(field[0], value);
    const text = typeof value === 'string' ? value : value.map((n) => show(n, field[2])).join(' ');
    if (text !== '') fields.push([field[0], text]);
  }
  const list = (name: string): number[] => (values.get(name) as number[] | undefined) ?? [];
  const number = (name: string): number => list(name)[0] ?? 0;
  const text = (name: string): string => (values.get(name) as string | undefined) ?? '';
  const dim = list('dim');
  const rank = dim[0]!;
  if (!(rank >= 1 && rank <= 7)) {
    throw formatError('NIFTI_HEADER', `${file}: ${rank} dimensions, expected 1 to 7`, { file, offset: 40 });
  }
  const dims = Array.from({ length: 7 }, (_, i) => (i < rank ? dim[i + 1]! : 1));
  // Zero stands for one in the dimensions that old programs leave out.
  const sizes = dims.map((n, i) => (n === 0 && i > 0 ? 1 : n));
  if (!sizes.every((n) => n >= 1 && n <= 2 ** 31)) {
    throw formatError('NIFTI_HEADER', `${file}: sizes make no sense: ${dims.join(' x ')}`, { file, offset: 40 });
  }
  const size = flavour === 'nifti2' ? 540 : 348;
  const stored = number('vox_offset');
  const offset = Number.isFinite(stored) ? Math.trunc(flavour === 'analyze' ? Math.abs(stored) : stored) : -1;
  if (offset < 0 || (single && offset > 0 && offset < size)) {
    throw formatError('NIFTI_HEADER', `${file}: pixels at ${stored}, expected behind the header of ${size} bytes`, {
      file,
      offset: flavour === 'nifti2' ? 168 : 108,
    });
  }
  return {
    flavour,
    littleEndian,
    single,
    size,
    dims: sizes,
    datatype: number('datatype'),
    bitpix: number('bitpix'),
    spacing: list('pixdim').slice(1),
    offset: single && offset === 0 ? size + 4 : offset,
    slope: flavour === 'analyze' ? 0 : number('scl_slope'),
    intercept: flavour === 'analyze' ? 0 : number('scl_inter'),
    units: number('xyzt_units'),
    intent: number('intent_code'),
    intentName: text('intent_name'),
    description: text('descrip'),
    fields,
  };
}
