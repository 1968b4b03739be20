// JSON of Zarr metadata. Native parsing where it is exact; otherwise a small parser that keeps integers beyond 2^53 (int64 fill values)
// as BigInt and takes the bare NaN and Infinity that Python's json writes.

import { formatError } from '../../core/errors.js';

export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

const MAX_DEPTH = 256;
const NUMBER = /-?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|Infinity)|NaN/y;
const LITERALS: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

class Parser {
  #at = 0;
  constructor(
    private readonly text: string,
    private readonly name: string,
  ) {}

  document(): Json {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.text.length) this.#fail('more text after the end');
    return value;
  }

  #fail(what: string): never {
    throw formatError('ZARR_JSON', `${this.name}: not valid JSON at character ${this.#at}: ${what}`, {
      file: this.name,
      offset: this.#at,
    });
  }

  #space(): void {
    while (' \n\r\t'.includes(this.text[this.#at] ?? '#')) this.#at++;
  }

  #take(character: string): boolean {
    this.#space();
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #value(depth: number): Json {
    if (depth > MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH}`);
    this.#space();
    const next = this.text[this.#at];
    if (next === '{') return this.#object(depth);
    if (next === '[') return this.#array(depth);
    if (next === '"') return this.#string();
    for (const [word, value] of LITERALS) {
      if (!this.text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#number();
  }

  #number(): number | bigint {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.text)?.[0];
    if (match === undefined) return this.#fail('a value was expected');
    this.#at += match.length;
    const value = Number(match);
    return /^-?\d+$/.test(match) && !Number.isSafeInteger(value) ? BigInt(match) : value;
  }

  #string(): string {
    let end = this.#at + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    try {
      const value: unknown = JSON.parse(this.text.slice(this.#at, end + 1));
      if (typeof value !== 'string') return this.#fail('a string was expected');
      this.#at = end + 1;
      return value;
    } catch {
      return this.#fail('a broken string');
    }
  }

  #array(depth: number): Json {
    const items: Json[] = [];
    this.#at++;
    if (this.#take(']')) return items;
    do items.push(this.#value(depth + 1));
    while (this.#take(','));
    if (!this.#take(']')) this.#fail("',' or ']' was expected");
    return items;
  }

  #object(depth: number): Json {
    const entries: [string, Json][] = [];
    this.#at++;
    if (this.#take('}')) return {};
    do {
      this.#space();
      if (this.text[this.#at] !== '"') this.#fail('a key was expected');
      const key = this.#string();
      if (!this.#take(':')) this.#fail("':' was expected");
      entries.push([key, this.#value(depth + 1)]);
    } while (this.#take(','));
    if (!this.#take('}')) this.#fail("',' or '}' was expected");
    return Object.fromEntries(entries); // defines own properties, '__proto__' included
  }
}

/** True if brackets nest so deep that walking the value could exhaust the stack. */
function tooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (character === '{' || character === '[') {
      if (++depth > MAX_DEPTH) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
}

/** Parse one JSON document. Integers that a double cannot hold become BigInt. `name` is for messages. Error: format ZARR_JSON. */
export function parseJson(bytes: Uint8Array, name: string): Json {
  const text = new TextDecoder().decode(bytes);
  if (tooDeep(text)) throw formatError('ZARR_JSON', `${name}: JSON nested deeper than ${MAX_DEPTH}`, { file: name });
  if (!/\d{16}/.test(text)) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      // The parser below takes more, and says where it stopped.
    }
  }
  return new Parser(text, name).document();
}

/** Compact text; BigInt as digits, non-finite numbers as the words that Python writes. */
export function printJson(value: Json | undefined): string {
  if (value === undefined) return 'null';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(printJson).join(',')}]`;
  if (isObject(value)) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${printJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The list, or an empty one. */
export function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asNumber(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;
}

/** List of numbers, or undefined where it is anything else. */
export function asNumbers(value: Json | undefined): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const numbers = (value as readonly Json[]).map(asNumber);
  return numbers.every((n) => n !== undefined) ? (numbers as number[]) : undefined;
}
