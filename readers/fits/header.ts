// Header units of 2,880 bytes: cards of 80 characters up to END. FITS Standard 4.0, Sections 3 and 4.

import type { ByteSource } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';

export const UNIT = 2880;
const CARD = 80;
/** 20,000 cards are more than any observatory writes. */
const MAX_UNITS = 556;

export interface Hdu {
  /** 'SIMPLE', 'IMAGE', 'BINTABLE' … */
  readonly kind: string;
  /** First value of each keyword, without quotes. */
  readonly values: ReadonlyMap<string, string>;
  /** As found, in order; texts that go on in CONTINUE cards are whole. */
  readonly cards: readonly (readonly [key: string, value: string])[];
  readonly bitpix: number;
  /** Fastest first. */
  readonly axes: readonly number[];
  /** Bytes from the start of the file to the data, and their length without padding. */
  readonly offset: number;
  readonly length: number;
}

/** Value field: text in quotes ('' stands for a quote), or anything up to the comment. */
function fieldValue(field: string): string {
  const text = field.trimStart();
  if (text[0] !== "'") return text.split('/')[0]!.trim();
  const match = /^'((?:[^']|'')*)'/.exec(text);
  return (match?.[1] ?? text.slice(1)).replaceAll("''", "'").trimEnd();
}

function parseCards(text: string): [string, string][] {
  const cards: [string, string][] = [];
  for (let at = 0; at + CARD <= text.length; at += CARD) {
    const card = text.slice(at, at + CARD);
    const key = card.slice(0, 8).trimEnd();
    if (key === 'END') break;
    const last = cards.at(-1);
    if (key === 'CONTINUE' && last?.[1].endsWith('&')) last[1] = last[1].slice(0, -1) + fieldValue(card.slice(8));
    else if (key === 'HIERARCH' && card.includes('=')) {
      const equals = card.indexOf('=');
      cards.push([card.slice(9, equals).trim(), fieldValue(card.slice(equals + 1))]);
    } else if (card.slice(8, 10) === '= ') cards.push([key, fieldValue(card.slice(10))]);
    else if (key || card.trim()) cards.push([key || 'COMMENT', card.slice(8).trim()]);
  }
  return cards;
}

const END = /(?:^|[\s\S])END {77}/;

function hasEnd(text: string): boolean {
  if (!END.test(text)) return false;
  for (let at = 0; at + CARD <= text.length; at += CARD) {
    if (text.startsWith('END', at) && text.slice(at + 3, at + CARD).trim() === '') return true;
  }
  return false;
}

/** The unit at `start`; undefined at the end of the file. Errors: format FITS_HEADER. */
export async function readHdu(source: ByteSource, start: number): Promise<Hdu | undefined> {
  const file = source.name;
  if (start >= source.size) return undefined;
  let text = '';
  let at = start;
  while (!hasEnd(text)) {
    const length = Math.min(UNIT, source.size - at);
    if (length === 0 || at - start >= MAX_UNITS * UNIT) {
      throw formatError('FITS_HEADER', `${file}: the header at ${start} has no END`, { file, offset: start });
    }
    text += Buffer.from(await source.read(at, length)).toString('latin1');
    at += length;
  }
  const cards = parseCards(text);
  const values = new Map<string, string>();
  for (const [key, value] of cards) if (!values.has(key)) values.set(key, value);
  const [first] = cards;
  const number = (key: string, missing: number): number => {
    const value = values.get(key);
    return value === undefined || value === '' ? missing : Number(value);
  };
  const bitpix = number('BITPIX', 8);
  const count = number('NAXIS', 0);
  const groups = values.get('GROUPS') === 'T' && number('NAXIS1', 1) === 0;
  const axes = Array.from({ length: count >= 0 && count <= 999 ? count : 0 }, (_, i) => number(`NAXIS${i + 1}`, -1));
  const [gcount, pcount] = [number('GCOUNT', 1), number('PCOUNT', 0)];
  const elements = (groups ? axes.slice(1) : axes).reduce((a, b) => a * b, axes.length > 0 ? 1 : 0);
  const length = (Math.abs(bitpix) / 8) * gcount * (pcount + elements);
  const sound = axes.every((n) => Number.isInteger(n) && n >= 0) && Number.isSafeInteger(length) && length >= 0;
  if (!sound || ![8, 16, 32, 64, -32, -64].includes(bitpix)) {
    const found = `BITPIX ${bitpix}, axes ${axes.join(' x ')}`;
    throw formatError('FITS_HEADER', `${file}: the header at ${start} makes no sense: ${found}`, {
      file,
      offset: start,
    });
  }
  const kind = first?.[0] === 'XTENSION' ? first[1].trim() : groups ? 'GROUPS' : 'SIMPLE';
  return { kind, values, cards, bitpix, axes, offset: at, length };
}
