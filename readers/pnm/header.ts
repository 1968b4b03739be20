// Netpbm headers: numbers and words separated by white space, '#' comments up to the end of a line.

import { formatError } from '../../src/core/errors.js';
import type { PixelType } from '../../src/core/pixel-type.js';

export interface PnmHeader {
  /** '1' … '7', 'F', 'f'. */
  readonly kind: string;
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  /** Highest value; for PFM the scale, negative for little-endian. */
  readonly max: number;
  /** PAM tuple type. */
  readonly tuple?: string;
  readonly comments: readonly string[];
  /** Bytes of the header. */
  readonly length: number;
}

/** Pixels are text. */
export function isPlain({ kind }: PnmHeader): boolean {
  return kind === '1' || kind === '2' || kind === '3';
}

export function isFloat({ kind }: PnmHeader): boolean {
  return kind === 'F' || kind === 'f';
}

export function isBitmap({ kind }: PnmHeader): boolean {
  return kind === '1' || kind === '4';
}

export function typeOf(header: PnmHeader): PixelType {
  return isFloat(header) ? 'float' : header.max > 255 ? 'uint16' : 'uint8';
}

/** Stored bits of one sample. */
export function bitsOf(header: PnmHeader): number {
  return isFloat(header) ? 32 : isBitmap(header) ? 1 : header.max > 255 ? 16 : 8;
}

/** Parse the header at the start of `data`; undefined where no picture starts. `offset`: position in the file, for messages. */
export function parseHeader(data: Uint8Array, file: string, offset: number): PnmHeader | undefined {
  const kind = String.fromCharCode(data[1] ?? 0);
  if (data[0] !== 0x50 || !/[1-7Ff]/.test(kind)) return undefined;
  const comments: string[] = [];
  let at = 2;
  const fail = (what: string) => formatError('PNM_HEADER', `${file}: ${what} in the Netpbm header`, { file, offset });
  const word = (): string => {
    for (;;) {
      while (at < data.length && data[at]! <= 32) at++;
      if (data[at] !== 0x23) break;
      const start = at + 1;
      while (at < data.length && data[at] !== 10) at++;
      comments.push(latin(data.subarray(start, at)).trim());
    }
    const start = at;
    while (at < data.length && data[at]! > 32 && data[at] !== 0x23) at++;
    if (at === start) throw fail('a value is missing');
    return latin(data.subarray(start, at));
  };
  const number = (name: string, low: number, high: number): number => {
    const text = word();
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high) throw fail(`${name} is ${text}`);
    return value;
  };
  const fields = { width: 0, height: 0, samples: 1, max: 1, tuple: undefined as string | undefined };
  if (kind === '7') {
    for (let name = word(); name !== 'ENDHDR'; name = word()) {
      if (name === 'WIDTH') fields.width = number('WIDTH', 1, 2 ** 31);
      else if (name === 'HEIGHT') fields.height = number('HEIGHT', 1, 2 ** 31);
      else if (name === 'DEPTH') fields.samples = number('DEPTH', 1, 65_535);
      else if (name === 'MAXVAL') fields.max = number('MAXVAL', 1, 65_535);
      else if (name === 'TUPLTYPE') fields.tuple = word();
      else throw fail(`'${name.slice(0, 20)}' is not a PAM field`);
    }
    if (fields.width === 0 || fields.height === 0) throw fail('no size');
    while (at < data.length && data[at] !== 10) at++;
  } else {
    fields.width = number('the width', 1, 2 ** 31);
    fields.height = number('the height', 1, 2 ** 31);
    fields.samples = kind === '3' || kind === '6' || kind === 'F' ? 3 : 1;
    if (kind === 'F' || kind === 'f') {
      fields.max = Number(word());
      if (!Number.isFinite(fields.max) || fields.max === 0) throw fail('the scale is not a number');
    } else if (kind !== '1' && kind !== '4') {
      fields.max = number('the maximum value', 1, 65_535);
    }
  }
  // One white space ends the header.
  return { kind, ...fields, comments, length: at + 1 };
}

function latin(data: Uint8Array): string {
  return Buffer.from(data).toString('latin1');
}
