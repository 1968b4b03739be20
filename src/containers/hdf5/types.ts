// Datatype and dataspace messages. HDF5 File Format Specification 3.0, IV.A.2.b and IV.A.2.d.

import { formatError } from '../../core/errors.js';
import type { PixelType } from '../../core/pixel-type.js';
import type { Cursor } from './cursor.js';

export interface Datatype {
  readonly kind: 'integer' | 'float' | 'text' | 'variable-text' | 'reference' | 'compound' | 'other';
  /** Bytes of one element. */
  readonly size: number;
  readonly bigEndian: boolean;
  readonly signed: boolean;
  /** All bits of the element are its value. */
  readonly whole: boolean;
  /** Class of the specification, for messages. */
  readonly number: number;
}

export function parseDatatype(body: Cursor, depth = 0): Datatype {
  const first = body.u8();
  const number = first & 15;
  const bits = body.uint(3);
  const size = body.u32();
  const base = { size, number, bigEndian: (bits & 1) === 1, signed: (bits & 8) !== 0, whole: true };
  if (depth > 8) throw body.error('HDF5_DATATYPE', 'a datatype is nested too deep');
  switch (number) {
    case 0: {
      const [offset, precision] = [body.u16(), body.u16()];
      return { ...base, kind: 'integer', whole: offset === 0 && precision === size * 8 };
    }
    case 1:
      return { ...base, kind: 'float', whole: (bits & 0x40) === 0 };
    case 3:
      return { ...base, kind: 'text' };
    case 7:
      return { ...base, kind: 'reference' };
    case 6:
      return { ...base, kind: 'compound' };
    // Enumerations are numbers of their base type.
    case 8:
      return parseDatatype(body, depth + 1);
    case 9:
      return { ...base, kind: (bits & 15) === 1 ? 'variable-text' : 'other' };
    default:
      return { ...base, kind: 'other' };
  }
}

export interface Dataspace {
  /** Slowest first; empty for a single value. */
  readonly shape: readonly number[];
  /** Infinity where unlimited. */
  readonly most: readonly number[];
  readonly empty: boolean;
}

const MAX_RANK = 32;

export function parseDataspace(body: Cursor): Dataspace {
  const version = body.u8();
  const rank = body.u8();
  const flags = body.u8();
  if (version !== 1 && version !== 2) throw body.error('HDF5_DATASPACE', `dataspace version ${version}`);
  if (rank > MAX_RANK) throw body.error('HDF5_DATASPACE', `${rank} dimensions`);
  const kind = version === 1 ? body.skip(5) : body.u8();
  const shape = Array.from({ length: rank }, () => body.length());
  const unlimited = 2 ** (8 * body.widths.length) - 1;
  const most =
    flags & 1
      ? Array.from({ length: rank }, () => body.length()).map((n) => (n >= unlimited ? Number.POSITIVE_INFINITY : n))
      : shape;
  return { shape, most, empty: kind === 2 };
}

/** Pixels that elements of a type are; `half`: 16-bit floats, which decoding widens. Undefined for everything else. */
export function pixelTypeOf(type: Datatype): { readonly type: PixelType; readonly half: boolean } | undefined {
  const { kind, size, signed, whole } = type;
  if (!whole) return undefined;
  if (kind === 'float') {
    if (size === 2) return { type: 'float', half: true };
    return size === 4 ? { type: 'float', half: false } : size === 8 ? { type: 'double', half: false } : undefined;
  }
  if (kind !== 'integer' || ![1, 2, 4, 8].includes(size)) return undefined;
  return { type: `${signed ? '' : 'u'}int${size * 8}` as PixelType, half: false };
}

/** Numbers of a type as they lie in `bytes`; 64-bit integers beyond 2^53 are rounded. Undefined for other types. */
export function readNumbers(bytes: Uint8Array, type: Datatype, count: number): number[] | undefined {
  const { kind, size, signed } = type;
  if (kind !== 'integer' && kind !== 'float') return undefined;
  if (bytes.length < count * size) {
    throw formatError('HDF5_TRUNCATED', `${count} values of ${size} bytes in ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = !type.bigEndian;
  const one = (at: number): number => {
    if (kind === 'float') return size === 4 ? view.getFloat32(at, little) : view.getFloat64(at, little);
    if (size === 1) return signed ? view.getInt8(at) : view.getUint8(at);
    if (size === 2) return signed ? view.getInt16(at, little) : view.getUint16(at, little);
    if (size === 4) return signed ? view.getInt32(at, little) : view.getUint32(at, little);
    return Number(signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little));
  };
  const known = kind === 'float' ? size === 4 || size === 8 : [1, 2, 4, 8].includes(size);
  return known ? Array.from({ length: count }, (_, i) => one(i * size)) : undefined;
}
