// NRRD header: 'field: value' and 'key:=value' lines up to an empty line. Teem, "Definition of NRRD File Format".

import type { ByteSource } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';
import type { PixelType } from '../../src/core/pixel-type.js';

export interface NrrdHeader {
  readonly fields: ReadonlyMap<string, string>;
  /** Fields and key/value pairs as found, in order. */
  readonly original: readonly (readonly [key: string, value: string])[];
  /** Bytes of the header, the empty line included; the whole file for a detached one. */
  readonly bytes: number;
  /** Names that follow `data file: LIST`. */
  readonly list: readonly string[];
  readonly sizes: readonly number[];
  readonly type: PixelType;
  readonly littleEndian: boolean;
  readonly encoding: 'raw' | 'gzip' | 'bzip2' | 'ascii' | 'hex';
  readonly lineSkip: number;
  /** -1: the data are the last bytes. */
  readonly byteSkip: number;
}

/** Other spellings of field names. */
const ALIASES: Readonly<Record<string, string>> = {
  datafile: 'data file',
  lineskip: 'line skip',
  byteskip: 'byte skip',
  centerings: 'centers',
  sampleunits: 'sample units',
  axismins: 'axis mins',
  axismaxs: 'axis maxs',
};

const TYPES: Readonly<Record<string, PixelType>> = {};
{
  const table: Record<string, PixelType> = TYPES as Record<string, PixelType>;
  const names: readonly (readonly [PixelType, string])[] = [
    ['int8', 'signed char|int8|int8_t'],
    ['uint8', 'uchar|unsigned char|uint8|uint8_t'],
    ['int16', 'short|short int|signed short|signed short int|int16|int16_t'],
    ['uint16', 'ushort|unsigned short|unsigned short int|uint16|uint16_t'],
    ['int32', 'int|signed int|int32|int32_t'],
    ['uint32', 'uint|unsigned int|uint32|uint32_t'],
    ['int64', 'longlong|long long|long long int|signed long long|signed long long int|int64|int64_t'],
    ['uint64', 'ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t'],
    ['float', 'float'],
    ['double', 'double'],
  ];
  for (const [type, list] of names) for (const name of list.split('|')) table[name] = type;
}

const ENCODINGS: Readonly<Record<string, NrrdHeader['encoding']>> = {
  raw: 'raw',
  txt: 'ascii',
  text: 'ascii',
  ascii: 'ascii',
  hex: 'hex',
  gz: 'gzip',
  gzip: 'gzip',
  bz2: 'bzip2',
  bzip2: 'bzip2',
};

const STEP = 65536;
const MAX_HEADER = 16 * 2 ** 20;

/** The header's lines; grows the read until the empty line or the end of the file. */
async function readLines(source: ByteSource): Promise<{ lines: string[]; bytes: number }> {
  for (let length = Math.min(STEP, source.size); ; length = Math.min(length * 4, source.size)) {
    const bytes = await source.read(0, length);
    const text = Buffer.from(bytes).toString('latin1');
    const end = /\r?\n\r?\n/.exec(text);
    const list = /^data ?file:\s*LIST/im.exec(end ? text.slice(0, end.index) : text);
    if (end && !list) {
      const head = Buffer.from(bytes.subarray(0, end.index)).toString('utf8');
      return { lines: head.split(/\r?\n/), bytes: end.index + end[0].length };
    }
    if (length === source.size) return { lines: Buffer.from(bytes).toString('utf8').split(/\r?\n/), bytes: length };
    if (length >= MAX_HEADER) {
      const text = `${source.name}: no end of the header within ${MAX_HEADER} bytes`;
      throw new ImgconvError('limit', 'METADATA_SIZE', text, { file: source.name });
    }
  }
}

function unescapeValue(value: string): string {
  return value.replace(/\\(n|\\)/g, (_, c: string) => (c === 'n' ? '\n' : '\\'));
}

/** Errors: format NRRD_HEADER, unsupported NRRD_TYPE, NRRD_ENCODING. */
export async function readHeader(source: ByteSource): Promise<NrrdHeader> {
  const file = source.name;
  const { lines, bytes } = await readLines(source);
  const fields = new Map<string, string>();
  const original: [string, string][] = [];
  const list: string[] = [];
  let inList = false;
  for (const line of lines.slice(1)) {
    if (inList) {
      if (line.trim()) list.push(line.trim());
      continue;
    }
    if (line.startsWith('#') || !line.trim()) continue;
    const match = /^([^:]+?)\s*:(=|\s|$)\s?(.*)$/.exec(line);
    if (!match)
      throw formatError('NRRD_HEADER', `${file}: not a header line: ${JSON.stringify(line.slice(0, 80))}`, { file });
    const [, name, mark, rest] = match as unknown as [string, string, string, string];
    const value = mark === '=' ? unescapeValue(rest) : rest.trim();
    original.push([name, value]);
    if (mark === '=') continue;
    const lower = name.toLowerCase();
    const key = ALIASES[lower.replaceAll(' ', '')] ?? lower;
    fields.set(key, value);
    if (key === 'data file' && /^LIST\b/i.test(value)) inList = true;
  }
  const need = (key: string): string => {
    const value = fields.get(key);
    if (value === undefined) throw formatError('NRRD_HEADER', `${file}: the field '${key}' is missing`, { file });
    return value;
  };
  const sizes = need('sizes').split(/\s+/).map(Number);
  const dimension = Number(need('dimension'));
  if (sizes.length !== dimension || sizes.length > 16 || !sizes.every((n) => Number.isInteger(n) && n > 0)) {
    throw formatError('NRRD_HEADER', `${file}: sizes do not fit ${dimension} dimensions: ${sizes.join(' ')}`, { file });
  }
  const typeName = need('type').toLowerCase().replace(/\s+/g, ' ');
  const type = TYPES[typeName];
  if (!type) throw unsupported('NRRD_TYPE', `${file}: type '${typeName}' is not supported`, { file });
  const encodingName = need('encoding').toLowerCase();
  const encoding = ENCODINGS[encodingName];
  if (!encoding) throw unsupported('NRRD_ENCODING', `${file}: encoding '${encodingName}' is not supported`, { file });
  return {
    fields,
    original,
    bytes,
    list,
    sizes,
    type,
    littleEndian: fields.get('endian')?.toLowerCase() !== 'big',
    encoding,
    lineSkip: Math.max(0, Number(fields.get('line skip') ?? 0) || 0),
    byteSkip: Number(fields.get('byte skip') ?? 0) || 0,
  };
}
