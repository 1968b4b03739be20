// ICS header: two separators, then lines 'category key value …' up to 'end'. Dean et al. 1990; ICS 2 as libics documents it.

import type { ByteSource } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';
import type { PixelType } from '../../src/core/pixel-type.js';

export interface IcsHeader {
  readonly version: 1 | 2;
  /** 'layout sizes' → values. First occurrence. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly original: readonly (readonly [key: string, value: string])[];
  /** Bytes up to the line after 'end'. */
  readonly bytes: number;
  /** Names and sizes, fastest first, bits left out. */
  readonly axes: readonly { readonly name: string; readonly size: number; readonly index: number }[];
  readonly type: PixelType;
  readonly complex: boolean;
  readonly littleEndian: boolean;
  readonly gzip: boolean;
  readonly significantBits: number | undefined;
}

const MAX_HEADER = 4 * 2 ** 20;

function pixelType(format: string, sign: string, bits: number, file: string): PixelType {
  const whole = /^integer$/i.test(format);
  if (whole && [8, 16, 32, 64].includes(bits)) return `${/^unsigned$/i.test(sign) ? 'u' : ''}int${bits}` as PixelType;
  const half = /^complex$/i.test(format) ? bits / 2 : bits;
  if (!whole && half === 32) return 'float';
  if (!whole && half === 64) return 'double';
  throw unsupported('ICS_TYPE', `${file}: ${format} numbers of ${bits} bits are not supported`, { file });
}

/** Errors: format ICS_HEADER; unsupported ICS_TYPE, ICS_COMPRESSION; limit METADATA_SIZE. */
export async function readHeader(source: ByteSource): Promise<IcsHeader> {
  const file = source.name;
  const start = await source.read(0, Math.min(MAX_HEADER, source.size));
  const text = Buffer.from(start).toString('latin1');
  // Field separator, then line separator; both stand on a line of their own.
  const field = text[0] ?? '\t';
  const line = text[1] === '\r' ? '\n' : (text[1] ?? '\n');
  const lines: string[] = [];
  let at = 0;
  let ended = false;
  while (at < text.length && !ended) {
    const next = text.indexOf(line, at);
    const stop = next < 0 ? text.length : next;
    const one = text.slice(at, stop).replace(/\r$/, '');
    at = stop + 1;
    ended = one.trim() === 'end';
    if (!ended) lines.push(one);
  }
  if (!ended && source.size > MAX_HEADER) {
    throw new ImgconvError('limit', 'METADATA_SIZE', `${file}: no end of the header within ${MAX_HEADER} bytes`, {
      file,
    });
  }
  const fields = new Map<string, readonly string[]>();
  const original: [string, string][] = [];
  for (const one of lines) {
    const parts = (one.includes(field) && field.trim() === '' ? one.split(field) : one.split(/[\t ]+/)).map((part) =>
      part.trim(),
    );
    const [category, key, ...values] = parts;
    if (!category || key === undefined) continue;
    const single = category === 'ics_version' || category === 'filename';
    const name = single ? category : `${category} ${key}`;
    const list = (single ? [key] : values).filter((value) => value !== '');
    if (!fields.has(name)) fields.set(name, list);
    original.push([name, list.join(' ')]);
  }
  const list = (name: string): readonly string[] => fields.get(name) ?? [];
  const need = (name: string): readonly string[] => {
    const found = fields.get(name);
    if (!found?.length) throw formatError('ICS_HEADER', `${file}: the field '${name}' is missing`, { file });
    return found;
  };
  const order = need('layout order').map((name) => name.toLowerCase());
  const sizes = need('layout sizes').map(Number);
  const bitsAt = order.indexOf('bits');
  if (
    order.length !== sizes.length ||
    bitsAt < 0 ||
    !sizes.every((n) => Number.isInteger(n) && n > 0) ||
    order.length > 10
  ) {
    throw formatError('ICS_HEADER', `${file}: order and sizes do not fit: ${order.join(' ')}; ${sizes.join(' ')}`, {
      file,
    });
  }
  const format = list('representation format')[0] ?? 'integer';
  const compression = list('representation compression')[0] ?? 'uncompressed';
  if (!/^(uncompressed|gzip)$/i.test(compression)) {
    throw unsupported('ICS_COMPRESSION', `${file}: compression '${compression}' is not supported`, { file });
  }
  const bytes = list('representation byte_order').map(Number);
  const significant = Number(list('layout significant_bits')[0]);
  return {
    version: list('ics_version')[0]?.startsWith('2') ? 2 : 1,
    fields,
    original,
    bytes: at,
    axes: order.map((name, index) => ({ name, size: sizes[index]!, index })).filter((each) => each.name !== 'bits'),
    type: pixelType(format, list('representation sign')[0] ?? 'unsigned', sizes[bitsAt]!, file),
    complex: /^complex$/i.test(format),
    // '1 2 …': the first byte is the lowest one.
    littleEndian: bytes.length < 2 || bytes[0]! < bytes.at(-1)!,
    gzip: /^gzip$/i.test(compression),
    significantBits: Number.isInteger(significant) && significant > 0 ? significant : undefined,
  };
}
