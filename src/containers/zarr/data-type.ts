// Element types of Zarr v2 (numpy strings) and v3 (names), and their fill values.
// Zarr v2 specification, "Data type encoding" and "Fill value encoding"; Zarr core v3, "Data types" and "Fill value".
// Not handled: structured, text, object, date and time types, raw bits, types of fewer than 8 bits, bfloat16.

import { formatError, unsupported } from '../../core/errors.js';
import type { PixelType } from '../../core/pixel-type.js';
import { asText, isObject, type Json, printJson } from './json.js';

/** Numbers as they lie in a chunk, byte order aside. */
export interface ElementType {
  /** What decoding yields; half-precision floats are widened to 'float'. */
  readonly pixel: PixelType;
  /** Bytes of one number as stored: 2 for half precision; for complex types those of one part. */
  readonly size: 1 | 2 | 4 | 8;
  readonly half: boolean;
  /** Numbers an element: 2 for complex types (real, imaginary). */
  readonly parts: 1 | 2;
  /** PixelType of the OME schema, or 'uint64', 'int64'. */
  readonly ome: string;
}

function plain(pixel: PixelType, size: 1 | 2 | 4 | 8, ome: string = pixel): ElementType {
  return { pixel, size, half: false, parts: 1, ome };
}

const TYPES: Readonly<Record<string, ElementType>> = {
  bool: plain('uint8', 1, 'bit'),
  int8: plain('int8', 1),
  int16: plain('int16', 2),
  int32: plain('int32', 4),
  int64: plain('int64', 8),
  uint8: plain('uint8', 1),
  uint16: plain('uint16', 2),
  uint32: plain('uint32', 4),
  uint64: plain('uint64', 8),
  float16: { pixel: 'float', size: 2, half: true, parts: 1, ome: 'float' },
  float32: plain('float', 4),
  float64: plain('double', 8),
  complex64: { pixel: 'float', size: 4, half: false, parts: 2, ome: 'complex' },
  complex128: { pixel: 'double', size: 8, half: false, parts: 2, ome: 'double-complex' },
};

const NUMPY_KINDS: Readonly<Record<string, string>> = { b: 'bool', i: 'int', u: 'uint', f: 'float', c: 'complex' };

function refuse(what: string, name: string): never {
  throw unsupported('ZARR_DATA_TYPE', `${name}: elements of type ${what} are not pixels that imgconv can hold`, {
    file: name,
  });
}

/** Zarr v2 `dtype`, also used by numcodecs filters. */
export function parseNumpyType(value: Json | undefined, name: string): { type: ElementType; bigEndian: boolean } {
  if (Array.isArray(value)) return refuse(`a structure: ${printJson(value as Json).slice(0, 80)}`, name);
  const text = asText(value);
  if (text === undefined) throw formatError('ZARR_DATA_TYPE', `${name}: dtype is missing or no string`, { file: name });
  const match = /^([<>|=]?)([biufc])(\d{1,2})$/.exec(text);
  const kind = match && NUMPY_KINDS[match[2]!];
  const type =
    kind === 'bool' ? (match![3] === '1' ? TYPES.bool : undefined) : match && TYPES[`${kind}${Number(match[3]) * 8}`];
  // numcodecs also takes names such as 'float32' in its filters.
  const found = type ?? TYPES[text];
  if (!found) return refuse(JSON.stringify(text), name);
  return { type: found, bigEndian: text.startsWith('>') && found.size > 1 };
}

/** Zarr v3 `data_type`. */
export function parseDataType(value: Json | undefined, name: string): ElementType {
  const text = asText(value) ?? (isObject(value) ? asText(value.name) : undefined);
  if (text === undefined) {
    throw formatError('ZARR_DATA_TYPE', `${name}: data_type is missing or neither a name nor an object`, {
      file: name,
    });
  }
  return TYPES[text] ?? refuse(JSON.stringify(text), name);
}

/** Value of missing chunks. `exact`: set where a 64-bit integer does not fit a double. */
export interface Fill {
  readonly value: number;
  readonly exact?: bigint;
}

const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
  '+Infinity': Infinity,
};

/** IEEE half to number. */
function fromHalf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Infinity;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

function fromBits(bytes: Uint8Array, type: ElementType, little: boolean): number | bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type.half) return fromHalf(view.getUint16(0, little));
  switch (type.pixel) {
    case 'uint8':
      return view.getUint8(0);
    case 'int8':
      return view.getInt8(0);
    case 'uint16':
      return view.getUint16(0, little);
    case 'int16':
      return view.getInt16(0, little);
    case 'uint32':
      return view.getUint32(0, little);
    case 'int32':
      return view.getInt32(0, little);
    case 'uint64':
      return view.getBigUint64(0, little);
    case 'int64':
      return view.getBigInt64(0, little);
    case 'float':
      return view.getFloat32(0, little);
    case 'double':
      return view.getFloat64(0, little);
  }
}

/** Bit patterns: '0x7fc00000' (v3, most significant digit first) or base64 of the stored bytes (v2). */
function parsePattern(text: string, type: ElementType, bigEndian: boolean): number | bigint | undefined {
  if (/^0x[0-9a-fA-F]+$/.test(text) && text.length === 2 + 2 * type.size) {
    return fromBits(
      Uint8Array.from(text.slice(2).match(/../g)!, (pair) => Number.parseInt(pair, 16)),
      type,
      false,
    );
  }
  if (/^[A-Za-z0-9+/]+=*$/.test(text)) {
    const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
    if (bytes.length === type.size) return fromBits(bytes, type, !bigEndian);
  }
  return undefined;
}

function parseNumber(value: Json | undefined, type: ElementType, bigEndian: boolean): number | bigint | undefined {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value !== 'string') return undefined;
  if (value in WORDS) return WORDS[value];
  if (value === '') return 0;
  if (/^[+-]?\d+$/.test(value)) return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value);
  if (!value.startsWith('0x') && Number.isFinite(Number(value))) return Number(value);
  return parsePattern(value, type, bigEndian);
}

function inRange(value: number | bigint, type: ElementType): Fill | undefined {
  const { pixel } = type;
  if (pixel === 'float') return { value: Math.fround(Number(value)) };
  if (pixel === 'double') return { value: Number(value) };
  if (typeof value === 'number' && !Number.isInteger(value)) return undefined;
  const big = BigInt(value);
  const bits = type.size * 8;
  if ((pixel.startsWith('u') ? BigInt.asUintN(bits, big) : BigInt.asIntN(bits, big)) !== big) return undefined;
  const number = Number(big);
  return Number.isSafeInteger(number) ? { value: number } : { value: number, exact: big };
}

/** Parse `fill_value`; null stands for 0. Error: format ZARR_FILL_VALUE where the type cannot hold it. */
export function parseFill(value: Json | undefined, type: ElementType, bigEndian: boolean, name: string): Fill {
  const where = { file: name };
  if (type.parts === 2 && Array.isArray(value)) {
    const parts = (value as readonly Json[]).map((part) => parseFill(part, { ...type, parts: 1 }, bigEndian, name));
    if (parts.length === 2 && Object.is(parts[0]!.value, parts[1]!.value)) return parts[0]!;
    throw unsupported(
      'ZARR_FILL_VALUE',
      `${name}: a complex fill value with unequal parts is not supported: ${printJson(value as Json)}`,
      where,
    );
  }
  const number = parseNumber(value, type, bigEndian);
  const fill = number === undefined ? undefined : inRange(number, type);
  if (!fill) {
    throw formatError(
      'ZARR_FILL_VALUE',
      `${name}: fill value ${printJson(value).slice(0, 60)} does not fit elements of type ${type.ome}`,
      where,
    );
  }
  return fill;
}
