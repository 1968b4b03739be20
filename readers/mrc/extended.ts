// Extended headers: CCP4 symmetry records, FEI1/FEI2 blocks, SerialEM and Agard (old FEI) records. All of it becomes original metadata;
// what OME knows (stage position, exposure) becomes planes.

import { fixedText } from '../../src/containers/raw/text.js';
import { FEI_FIELDS } from './fei-fields.js';
import type { MrcHeader } from './header.js';

/** What is known of one section. */
export interface SectionMetadata {
  readonly values: readonly (readonly [key: string, value: string])[];
  /** µm. */
  readonly stage?: { readonly x?: number; readonly y?: number; readonly z?: number };
  /** Seconds. */
  readonly exposure?: number;
}

export interface ExtendedHeader {
  readonly global: readonly (readonly [key: string, value: string])[];
  readonly sections: readonly SectionMetadata[];
  /** Pixel size of the first section, m (FEI). */
  readonly pixelSize?: readonly [x: number, y: number];
}

/** Bytes per field of SerialEM's flags, lowest bit first. */
const SERIAL_EM = [
  { name: 'TiltAngle', shorts: 1, scale: 100 },
  { name: 'PieceCoordinates', shorts: 3, scale: 1 },
  { name: 'StagePosition', shorts: 2, scale: 25 },
  { name: 'Magnification', shorts: 1, scale: 0.01 },
  { name: 'Intensity', shorts: 1, scale: 25000 },
  { name: 'ExposureDose', shorts: 2, scale: 0 },
] as const;

const AGARD = [
  'AlphaTilt',
  'BetaTilt',
  'StageX',
  'StageY',
  'StageZ',
  'ImageShiftX',
  'ImageShiftY',
  'Defocus',
  'ExposureTime',
  'MeanIntensity',
  'TiltAxis',
  'PixelSize',
  'Magnification',
  'HighTension',
  'Binning',
  'AppliedDefocus',
] as const;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** CCP4: records of 80 characters. */
function symmetry(bytes: Uint8Array): ExtendedHeader {
  const records: [string, string][] = [];
  for (let at = 0; at + 80 <= bytes.length; at += 80) {
    const text = fixedText(bytes, at, 80).trim();
    if (text && !/[^\x20-\x7e]/.test(text)) records.push([`Symmetry ${records.length}`, text]);
  }
  return { global: records, sections: [] };
}

/** FEI1/FEI2: a block a section that starts with its own length and lists its fields in fixed order, unaligned. Always little-endian. */
function fei(bytes: Uint8Array, sections: number): ExtendedHeader {
  const v = viewOf(bytes);
  const out: SectionMetadata[] = [];
  let pixelSize: [number, number] | undefined;
  let at = 0;
  for (let i = 0; i < sections && at + 12 <= bytes.length; i++) {
    const length = v.getInt32(at, true);
    if (length < 12 || at + length > bytes.length) break;
    const values: [string, string][] = [];
    const numbers = new Map<string, number>();
    let p = at;
    for (const [name, type] of FEI_FIELDS) {
      const size = type === 'f8' || type === 'i8' ? 8 : type === 'bool' ? 1 : typeof type === 'number' ? type : 4;
      if (p + size > at + length) break;
      if (typeof type === 'number') {
        const text = fixedText(bytes, p, type);
        if (text) values.push([name, text]);
      } else {
        const value =
          type === 'f8'
            ? v.getFloat64(p, true)
            : type === 'i8'
              ? Number(v.getBigInt64(p, true))
              : type === 'bool'
                ? bytes[p]!
                : v.getInt32(p, true);
        numbers.set(name, value);
        values.push([name, String(value)]);
      }
      p += size;
    }
    const size = numbers.get('Pixel size X');
    if (i === 0 && size !== undefined) pixelSize = [size, numbers.get('Pixel size Y') ?? size];
    const micro = (name: string): number | undefined => {
      const meters = numbers.get(name);
      return meters === undefined ? undefined : meters * 1e6;
    };
    out.push({
      values,
      stage: { x: micro('X-Stage'), y: micro('Y-Stage'), z: micro('Z-Stage') },
      exposure: numbers.get('Integration time') || undefined,
    });
    at += length;
  }
  return { global: [], sections: out, pixelSize };
}

/** SerialEM: `perSection` is (bytes, flags); shorts in the order of the flag bits, the dose as two shorts that are mantissa and exponent. */
function serialEm(bytes: Uint8Array, header: MrcHeader): ExtendedHeader | undefined {
  const [recordBytes, flags] = header.perSection;
  const fields = SERIAL_EM.filter((_, bit) => flags & (1 << bit));
  const needed = fields.reduce((n, field) => n + field.shorts * 2, 0);
  if (recordBytes <= 0 || needed !== recordBytes) return undefined;
  const v = viewOf(bytes);
  const sections: SectionMetadata[] = [];
  for (let at = 0, i = 0; i < header.size[2] && at + recordBytes <= bytes.length; i++, at += recordBytes) {
    const values: [string, string][] = [];
    let stage: { x: number; y: number } | undefined;
    let p = at;
    for (const field of fields) {
      const shorts = Array.from({ length: field.shorts }, (_, k) => v.getInt16(p + 2 * k, header.littleEndian));
      p += field.shorts * 2;
      const numbers = field.scale === 0 ? [serialEmFloat(shorts[0]!, shorts[1]!)] : shorts.map((s) => s / field.scale);
      if (field.name === 'StagePosition') stage = { x: numbers[0]!, y: numbers[1]! };
      values.push([field.name, numbers.join(' ')]);
    }
    sections.push({ values, stage });
  }
  return { global: [], sections };
}

/** IMOD's pair of shorts for one number: sign and 8 + 15 bits of mantissa, sign and 7 bits of binary exponent. */
function serialEmFloat(s1: number, s2: number): number {
  const value = Math.abs(s1) * 256 + (Math.abs(s2) % 256);
  const exponent = (s2 < 0 ? -1 : 1) * Math.floor(Math.abs(s2) / 256);
  return (s1 < 0 ? -1 : 1) * value * 2 ** exponent;
}

/** Agard and old FEI: `integers` and `floats` of 4 bytes a section; stage and shifts in m. */
function agard(bytes: Uint8Array, header: MrcHeader, integers: number, floats: number): ExtendedHeader | undefined {
  const record = 4 * (integers + floats);
  if (integers < 0 || floats <= 0 || floats > 256 || record > bytes.length) return undefined;
  const v = viewOf(bytes);
  const sections: SectionMetadata[] = [];
  for (let at = 0, i = 0; i < header.size[2] && at + record <= bytes.length; i++, at += record) {
    const numbers = Array.from({ length: floats }, (_, k) =>
      v.getFloat32(at + 4 * (integers + k), header.littleEndian),
    );
    // Blocks are allotted for 1,024 sections; unused ones are zero.
    if (numbers.every((n) => n === 0)) continue;
    sections[i] = {
      values: numbers.map((n, k) => [AGARD[k] ?? `Float ${k}`, String(n)]),
    };
  }
  return { global: [], sections: Array.from(sections, (s) => s ?? { values: [] }) };
}

/** `bytes`: the extended header as stored. */
export function parseExtended(bytes: Uint8Array, header: MrcHeader): ExtendedHeader {
  const none: ExtendedHeader = { global: [], sections: [] };
  if (bytes.length === 0) return none;
  const [first, second] = header.perSection;
  switch (header.extendedType) {
    case 'FEI1':
    case 'FEI2':
      return fei(bytes, header.size[2]);
    case 'CCP4':
    case 'MRCO':
      return symmetry(bytes);
    case 'SERI':
      return serialEm(bytes, header) ?? none;
    case 'AGAR':
      return agard(bytes, header, first, second) ?? none;
    default:
      if (header.spaceGroup > 1 && header.spaceGroup <= 230 && bytes.length % 80 === 0) return symmetry(bytes);
      if (first === 0 && second > 0) return agard(bytes, header, 0, second) ?? none;
      return serialEm(bytes, header) ?? none;
  }
}
