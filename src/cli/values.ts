// From the text of an option to its value. Every parser throws one sentence that names the option, what was found and what is wanted.

import { ImgconvError } from '../core/errors.js';

export type Parse<T> = (text: string, flag: string) => T;

export function usage(message: string): ImgconvError {
  return new ImgconvError('usage', 'USAGE', message);
}

function wrong(flag: string, wanted: string, text: string): ImgconvError {
  return usage(`${flag}: needs ${wanted}, found: ${text === '' ? 'nothing' : text}`);
}

/** A whole number within bounds. */
export function whole(min: number, max = Number.MAX_SAFE_INTEGER): Parse<number> {
  return (text, flag) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw wrong(
      flag,
      max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`,
      text,
    );
  };
}

export const decimal: Parse<number> = (text, flag) => {
  const value = Number(text);
  if (text.trim() !== '' && (Number.isFinite(value) || /^(nan|[-+]?infinity)$/i.test(text))) return value;
  throw wrong(flag, 'a number', text);
};

/** One of a few words, any case; `also` maps other spellings. `null` in `also` marks a word that is refused with a sentence. */
export function word<T extends string>(
  choices: readonly T[],
  also: Readonly<Record<string, T>> = {},
  refused: Readonly<Record<string, string>> = {},
): Parse<T> {
  return (text, flag) => {
    const lower = text.toLowerCase();
    const why = refused[lower];
    if (why !== undefined) throw usage(`${flag} ${text}: ${why}`);
    const found = choices.find((choice) => choice.toLowerCase() === lower) ?? also[lower];
    if (found !== undefined) return found;
    throw wrong(flag, `one of ${choices.join(', ')}`, text);
  };
}

const FACTORS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 };

/** Bytes: `512M`, `1.5G`, `400MiB`, `1000000`. Factors are powers of 1024. */
export const byteSize: Parse<number> = (text, flag) => {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  const power = match ? FACTORS[match[2]!.toLowerCase()] : undefined;
  if (!match || power === undefined) throw wrong(flag, 'a size such as 512M or 2G', text);
  return Math.floor(Number(match[1]) * 1024 ** power);
};

/** Inclusive; `to` absent = to the end. 0-based. */
export interface IndexRange {
  readonly from: number;
  readonly to?: number;
}

/** `0,2-5,8-`: single numbers and inclusive ranges, 0-based. */
export const indexRanges: Parse<readonly IndexRange[]> = (text, flag) =>
  text.split(',').map((part) => {
    const match = /^(\d+)(-(\d*))?$/.exec(part.trim());
    if (!match) throw wrong(flag, 'numbers and ranges such as 0,2-5,8- (counted from 0)', text);
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : match[3] === '' ? undefined : Number(match[3]);
    if (to !== undefined && to < from) throw usage(`${flag}: range ends before it starts: ${part.trim()}`);
    return to === undefined ? { from } : { from, to };
  });

/** The indices below `count` that ranges name, each once, in the order given. */
export function listIndices(ranges: readonly IndexRange[], count: number, flag: string): readonly number[] {
  const found = new Set<number>();
  for (const { from, to } of ranges) {
    const last = to ?? count - 1;
    if (from >= count || last >= count) {
      throw usage(`${flag}: ${Math.max(from, last)} is out of range: the input has ${count}, counted from 0`);
    }
    for (let index = from; index <= last; index++) found.add(index);
  }
  return [...found];
}

export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const cropBox: Parse<Crop> = (text, flag) => {
  const parts = text.split(',').map((part) => part.trim());
  const [x, y, width, height] = parts.map(Number);
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part)) || width === 0 || height === 0) {
    throw wrong(flag, 'x,y,width,height in pixels', text);
  }
  return { x: x!, y: y!, width: width!, height: height! };
};

/** `key=value`, or several with `;`, `|` or `,` between (bioformats2raw's users write those); a comma parts only before another `key=`. */
export const keyValues: Parse<Readonly<Record<string, string>>> = (text, flag) => {
  const pairs = text.split(/[;|]|,(?=\s*[\w.-]+=)/).map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw wrong(flag, 'key=value', text);
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const;
  });
  return Object.fromEntries(pairs);
};

export const plainText: Parse<string> = (text, flag) => {
  if (text === '') throw wrong(flag, 'a value', text);
  return text;
};
