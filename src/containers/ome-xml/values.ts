// Lexical rules of the schema's simple types (XML Schema part 2), for reading and validating.

import type { AttributeSpec, SimpleType } from './schema.js';
import { isId } from './schema.js';

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INT = /^[+-]?\d+$/;
const DATE =
  /^-?\d{4,}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)?$/;
/** A scheme before the first colon, or no colon in the first segment (RFC 2396, as XML Schema 1.0 has it). */
const URI = /^(?:[A-Za-z][A-Za-z0-9+.-]*:|[^:/?#]*(?:[/?#]|$))/;
const UUID = /^urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** xsd:dateTime with a day that exists in its month. */
export function isDateTime(text: string): boolean {
  if (!DATE.test(text)) return false;
  const [year, month, day] = text.split('T')[0]!.replace(/^-/, '').split('-').map(Number);
  return day! <= new Date(Date.UTC(2000 + (year! % 400), month!, 0)).getUTCDate();
}

/** `urn:uuid:` and 32 hexadecimal digits in groups. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

function isInteger(text: string, low: number, high: number): boolean {
  return INT.test(text) && Number(text) >= low && Number(text) <= high;
}

function isFloat(text: string, fits: (value: number) => boolean): boolean {
  if (text === 'NaN') return fits(Number.NaN);
  if (text === 'INF' || text === '-INF')
    return fits(text === 'INF' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
  return FLOAT.test(text) && fits(Number(text));
}

const MAX_INT = 2 ** 31 - 1;
const CHECKS: Readonly<Partial<Record<SimpleType, (text: string) => boolean>>> = {
  boolean: (text) => /^(?:true|false|0|1)$/.test(text),
  int: (text) => isInteger(text, -MAX_INT - 1, MAX_INT),
  long: (text) => INT.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text),
  nonNegativeInt: (text) => isInteger(text, 0, MAX_INT),
  positiveInt: (text) => isInteger(text, 1, MAX_INT),
  nonNegativeLong: (text) => isInteger(text, 0, 2 ** 63),
  float: (text) => isFloat(text, () => true),
  positiveFloat: (text) => isFloat(text, (value) => value > 0),
  nonNegativeFloat: (text) => isFloat(text, (value) => value >= 0),
  fraction: (text) => isFloat(text, (value) => value >= 0 && value <= 1),
  dateTime: isDateTime,
  uuid: isUuid,
  uri: (text) => URI.test(text) && !/%(?![0-9a-fA-F]{2})/.test(text),
  hex40: (text) => /^[0-9a-fA-F]{40}$/.test(text),
  base64: (text) => {
    const packed = text.replace(/\s+/g, '');
    return packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed);
  },
};

/** Whether text is a legal value of a simple type. White space at the ends counts only in strings and enumerations. */
export function isLegal(spec: Pick<AttributeSpec, 'type' | 'values' | 'target'>, text: string): boolean {
  switch (spec.type) {
    case 'enum':
      return spec.values!.includes(text);
    case 'list':
      return text.split(/\s+/).every((each) => each === '' || spec.values!.includes(each));
    case 'id':
    case 'ref':
      return isId(spec.target!, text);
    default:
      return CHECKS[spec.type]?.(text.trim()) ?? true;
  }
}

/** Number of a numeric type as the model keeps it: finite and inside the type's range, else undefined. */
export function legalNumber(type: SimpleType, value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  switch (type) {
    case 'positiveFloat':
      return value > 0 ? value : undefined;
    case 'nonNegativeFloat':
      return value >= 0 ? value : undefined;
    case 'fraction':
      return value >= 0 && value <= 1 ? value : undefined;
    case 'float':
      return value;
    case 'positiveInt':
      return Number.isInteger(value) && value >= 1 && value <= MAX_INT ? value : undefined;
    case 'nonNegativeInt':
      return Number.isInteger(value) && value >= 0 && value <= MAX_INT ? value : undefined;
    case 'int':
      return Number.isInteger(value) && Math.abs(value) <= MAX_INT + 1 ? value : undefined;
    default:
      return Number.isSafeInteger(value) ? value : undefined;
  }
}
