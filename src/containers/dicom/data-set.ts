// Elements of a data set, and their values (DICOM PS3.5 sections 6.2 and 7).

import { TAG } from './tags.js';
import { decodeText, encodingOf } from './text.js';

/** One fragment of encapsulated pixel data. */
export interface Fragment {
  /** Bytes from the start of the (inflated) file. */
  readonly offset: number;
  readonly length: number;
}

export interface Element {
  readonly tag: number;
  /** Two letters. */
  readonly vr: string;
  /** First byte of the value, from the start of the (inflated) file. */
  readonly offset: number;
  /** Bytes of the value as stated; 0xFFFFFFFF: undefined length. */
  readonly length: number;
  /** Memory that holds the value from `at` on; absent for large values and for pixels. */
  readonly memory?: Uint8Array;
  readonly at?: number;
  /** Items of a sequence. */
  readonly items?: readonly DataSet[];
}

const TEXT = new Set([
  'AE',
  'AS',
  'CS',
  'DA',
  'DS',
  'DT',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'ST',
  'TM',
  'UC',
  'UI',
  'UR',
  'UT',
]);
/** Text without several values. */
const SINGLE = new Set(['LT', 'ST', 'UR', 'UT']);
const NUMBER_BYTES: Readonly<Record<string, 1 | 2 | 4 | 8>> = {
  FD: 8,
  FL: 4,
  OB: 1,
  OD: 8,
  OF: 4,
  OL: 4,
  OV: 8,
  OW: 2,
  SL: 4,
  SS: 2,
  SV: 8,
  UL: 4,
  US: 2,
  UV: 8,
};

export class DataSet {
  readonly elements: Element[] = [];
  #index: Map<number, Element> | undefined;
  #encoding: string | undefined;

  constructor(
    readonly littleEndian: boolean,
    readonly parent?: DataSet,
  ) {}

  get(tag: number): Element | undefined {
    if (this.elements.length < 8) return this.elements.find((element) => element.tag === tag);
    if (!this.#index || this.#index.size !== this.elements.length) {
      // Where a tag stands twice, the first counts.
      this.#index = new Map([...this.elements].reverse().map((element) => [element.tag, element]));
    }
    return this.#index.get(tag);
  }

  /** Encoding of text: that of the data set, or of the one around it. */
  get encoding(): string {
    if (this.#encoding !== undefined) return this.#encoding;
    const own = this.get(TAG.SpecificCharacterSet);
    const bytes = own && bytesOf(own);
    if (own && bytes) this.#encoding = encodingOf(decodeText(bytes, 'CS', 'latin1').split('\\'));
    else this.#encoding = this.parent?.encoding ?? 'latin1';
    return this.#encoding;
  }

  items(tag: number): readonly DataSet[] {
    return this.get(tag)?.items ?? [];
  }

  /** Values as text, padding removed; empty where absent. */
  texts(tag: number): readonly string[] {
    const element = this.get(tag);
    return element ? textsOf(element, this) : [];
  }

  /** First value as text; undefined where absent or empty. */
  text(tag: number): string | undefined {
    return this.texts(tag)[0] || undefined;
  }

  /** Values as numbers; those that are none are left out. */
  numbers(tag: number): readonly number[] {
    const element = this.get(tag);
    return element ? numbersOf(element, this) : [];
  }

  number(tag: number): number | undefined {
    return this.numbers(tag)[0];
  }
}

/** Bytes of a value that was read with the header. */
export function bytesOf(element: Element): Uint8Array | undefined {
  const { memory, at = 0, length } = element;
  return memory?.subarray(at, at + length);
}

export function isText(vr: string): boolean {
  return TEXT.has(vr);
}

export function textsOf(element: Element, set: DataSet): readonly string[] {
  const bytes = bytesOf(element);
  if (!bytes) return [];
  if (!TEXT.has(element.vr)) {
    return element.vr === 'UN' || element.vr === 'AT'
      ? rawTexts(element, bytes, set)
      : numbersOf(element, set).map(String);
  }
  const text = decodeText(bytes, element.vr, set.encoding);
  const parts = SINGLE.has(element.vr) ? [text] : text.split('\\');
  // Spaces pad most text, NUL pads identifiers; leading spaces of free text count.
  const free = element.vr === 'LT' || element.vr === 'ST' || element.vr === 'UT';
  return parts.map((part) => (free ? trimEnd(part) : trimEnd(part).trimStart()));
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text.charCodeAt(end - 1) === 0 || text.charCodeAt(end - 1) === 32)) end--;
  return text.slice(0, end);
}

function rawTexts(element: Element, bytes: Uint8Array, set: DataSet): readonly string[] {
  if (element.vr === 'AT') return tagsOf(element, set).map((tag) => tag.toString(16).toUpperCase().padStart(8, '0'));
  const text = decodeText(bytes, 'LO', set.encoding);
  return text.split('\\').map((part) => trimEnd(part).trimStart());
}

/** Values of an AT element. */
export function tagsOf(element: Element, set: DataSet): readonly number[] {
  const bytes = bytesOf(element);
  if (!bytes) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from(
    { length: Math.floor(bytes.length / 4) },
    (_, i) => view.getUint16(4 * i, set.littleEndian) * 65536 + view.getUint16(4 * i + 2, set.littleEndian),
  );
}

export function numbersOf(element: Element, set: DataSet): readonly number[] {
  const bytes = bytesOf(element);
  if (!bytes) return [];
  const size = NUMBER_BYTES[element.vr];
  if (!size) {
    if (element.vr === 'AT') return tagsOf(element, set);
    if (!TEXT.has(element.vr) && element.vr !== 'UN') return [];
    return textsOf(element, set)
      .map((part) => (part.trim() === '' ? Number.NaN : Number(part.trim())))
      .filter(Number.isFinite);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = reader(element.vr, view, set.littleEndian);
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => read(i * size));
}

function reader(vr: string, view: DataView, little: boolean): (at: number) => number {
  switch (vr) {
    case 'FD':
    case 'OD':
      return (at) => view.getFloat64(at, little);
    case 'FL':
    case 'OF':
      return (at) => view.getFloat32(at, little);
    case 'SL':
      return (at) => view.getInt32(at, little);
    case 'SS':
      return (at) => view.getInt16(at, little);
    case 'SV':
      return (at) => Number(view.getBigInt64(at, little));
    case 'UV':
    case 'OV':
      return (at) => Number(view.getBigUint64(at, little));
    case 'UL':
    case 'OL':
      return (at) => view.getUint32(at, little);
    case 'OB':
      return (at) => view.getUint8(at);
    default:
      return (at) => view.getUint16(at, little);
  }
}
