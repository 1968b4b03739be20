// MetaImage header: 'key = value' lines that end with ElementDataFile. ITK's MetaIO documentation.

import type { ByteSource } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';
import type { PixelType } from '../../src/core/pixel-type.js';

export interface MetaHeader {
  readonly fields: ReadonlyMap<string, string>;
  /** As found, in order. */
  readonly original: readonly (readonly [key: string, value: string])[];
  /** Bytes up to the end of the line ElementDataFile. */
  readonly bytes: number;
  /** Lines that follow `ElementDataFile = LIST`. */
  readonly list: readonly string[];
  readonly sizes: readonly number[];
  readonly channels: number;
  readonly type: PixelType;
  readonly littleEndian: boolean;
  readonly compressed: boolean;
  readonly ascii: boolean;
  /** Bytes of a foreign header before the pixels; -1: the pixels are the last bytes. */
  readonly skip: number;
  readonly dataFile: string;
}

const MAX_HEADER = 2 ** 20;
/** MET_LONG has 4 bytes on every platform. */
const TYPES: Readonly<Record<string, PixelType>> = {
  CHAR: 'int8',
  ASCII_CHAR: 'int8',
  UCHAR: 'uint8',
  SHORT: 'int16',
  USHORT: 'uint16',
  INT: 'int32',
  UINT: 'uint32',
  LONG: 'int32',
  ULONG: 'uint32',
  LONG_LONG: 'int64',
  ULONG_LONG: 'uint64',
  FLOAT: 'float',
  DOUBLE: 'double',
};

/** Errors: format META_HEADER, unsupported META_TYPE, limit METADATA_SIZE. */
export async function readHeader(source: ByteSource): Promise<MetaHeader> {
  const file = source.name;
  const start = await source.read(0, Math.min(MAX_HEADER, source.size));
  const text = Buffer.from(start).toString('latin1');
  const data = /^ElementDataFile[ \t]*=[ \t]*([^\r\n]*)(\r?\n|$)/m.exec(text);
  if (!data) {
    if (source.size > MAX_HEADER) {
      const message = `${file}: no ElementDataFile within ${MAX_HEADER} bytes`;
      throw new ImgconvError('limit', 'METADATA_SIZE', message, { file });
    }
    throw formatError('META_HEADER', `${file}: there is no line ElementDataFile; the file may be cut short`, { file });
  }
  const bytes = data.index + data[0].length;
  const fields = new Map<string, string>();
  const original: [string, string][] = [];
  for (const line of Buffer.from(start.subarray(0, bytes)).toString('utf8').split(/\r?\n/)) {
    const match = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(line);
    if (!match) continue;
    original.push([match[1]!, match[2]!]);
    fields.set(match[1]!, match[2]!);
  }
  const need = (key: string): string => {
    const value = fields.get(key);
    if (value === undefined) throw formatError('META_HEADER', `${file}: the field ${key} is missing`, { file });
    return value;
  };
  const isTrue = (key: string): boolean => /^(true|t|1)$/i.test(fields.get(key) ?? '');
  const count = Number(need('NDims'));
  const sizes = need('DimSize').split(/\s+/).map(Number);
  if (sizes.length !== count || count > 8 || !sizes.every((n) => Number.isInteger(n) && n > 0)) {
    throw formatError('META_HEADER', `${file}: DimSize does not fit ${count} dimensions: ${sizes.join(' ')}`, { file });
  }
  const channels = Number(fields.get('ElementNumberOfChannels') ?? 1);
  if (!(Number.isInteger(channels) && channels > 0)) {
    throw formatError('META_HEADER', `${file}: ElementNumberOfChannels is ${channels}`, { file });
  }
  const typeName = need('ElementType');
  const type = TYPES[typeName.replace(/^MET_/, '').replace(/_ARRAY$/, '')];
  if (!type) throw unsupported('META_TYPE', `${file}: elements of type ${typeName} are not supported`, { file });
  const dataFile = data[1]!.trim();
  const isList = /^LIST\b/.test(dataFile);
  return {
    fields,
    original,
    bytes,
    list: isList
      ? text
          .slice(bytes)
          .split(/\r?\n/)
          .map((line) => line.trim())
          .filter(Boolean)
      : [],
    sizes,
    channels,
    type,
    littleEndian: !isTrue('BinaryDataByteOrderMSB') && !isTrue('ElementByteOrderMSB'),
    compressed: isTrue('CompressedData'),
    ascii: fields.has('BinaryData') && !isTrue('BinaryData'),
    skip: Math.trunc(Number(fields.get('HeaderSize') ?? 0)) || 0,
    dataFile,
  };
}
