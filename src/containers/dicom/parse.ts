// The data set parser (DICOM PS3.5 chapter 7): explicit and implicit VR, both byte orders, sequences and items of defined and undefined
// length. Stops at the pixel data, whose place it reports. Files that mix the encodings, as several writers' do, are followed where the
// bytes are unambiguous.

import { formatError, ImgconvError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import { type Cursor, Ended } from './cursor.js';
import { DataSet, type Element } from './data-set.js';
import { lookUp } from './dictionary.js';
import { TAG, tagText } from './tags.js';

export const UNDEFINED = 0xffffffff;
/** Values above this size are read when they are asked for. */
const KEPT = 64 * 2 ** 10;
const DEEPEST = 48;
/** Most places where a data set is taken up again after a wrong length. */
const STRAYS = 8;

const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const SHORT = new Set([
  'AE',
  'AS',
  'AT',
  'CS',
  'DA',
  'DS',
  'DT',
  'FD',
  'FL',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'SL',
  'SS',
  'ST',
  'TM',
  'UI',
  'UL',
  'US',
]);

export interface ParseOptions {
  readonly limits: Pick<Limits, 'directories'>;
  readonly explicit: boolean;
  /** Stop before the first element of the top level that comes after this one. */
  readonly until?: number;
  /** Stop where the file meta information ends. */
  readonly meta?: boolean;
}

export interface ParseResult {
  readonly data: DataSet;
  /** Float, double or plain pixel data of the top level. */
  readonly pixels?: Element;
  /** What broke the data set off. */
  readonly damage?: string;
}

interface Header {
  readonly tag: number;
  readonly vr: string;
  readonly length: number;
  /** Bytes before the value. */
  readonly bytes: number;
  /** The element has a VR of its own. */
  readonly explicit: boolean;
  /** Items are implicit little-endian, whatever surrounds them: the element was written as UN. */
  readonly unknown?: boolean;
}

export class Parser {
  #count = 0;
  #pixels: Element | undefined;

  constructor(
    readonly cursor: Cursor,
    readonly options: ParseOptions,
  ) {}

  /** Parse from the cursor's place on. Errors: format DICOM_DEPTH; limit DIRECTORIES, METADATA_SIZE. A data set that breaks off is no error. */
  async run(littleEndian: boolean): Promise<ParseResult> {
    const data = new DataSet(littleEndian);
    let damage: string | undefined;
    try {
      await this.#elements(data, this.cursor.source.size, this.options.explicit, 0);
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      damage = `the data set breaks off at byte ${this.cursor.at}`;
    }
    return { data, pixels: this.#pixels, damage };
  }

  /** Elements up to `end`, a delimiter, or what the options say. */
  async #elements(set: DataSet, end: number, startsExplicit: boolean, depth: number): Promise<void> {
    const { cursor, options } = this;
    if (depth > DEEPEST) {
      const { name: file } = cursor.source;
      throw formatError('DICOM_DEPTH', `${file}: sequences nest more than ${DEEPEST} deep`, {
        file,
        offset: cursor.at,
      });
    }
    let explicit = startsExplicit;
    let strays = 0;
    while (cursor.at < end) {
      if (depth === 0 && cursor.at + 8 > end) return;
      if (!cursor.has(12)) await cursor.load(Math.min(12, Math.max(8, end - cursor.at)));
      const header = this.#header(set, explicit, end);
      const { tag } = header;
      if (tag === TAG.ItemDelimitation || tag === TAG.SequenceDelimitation) {
        cursor.at += 8;
        if (depth > 0) return;
        continue;
      }
      if (depth === 0) {
        if (options.meta && tag >>> 16 !== 2) return;
        if (options.until !== undefined && tag > options.until) return;
        if (tag === 0 && set.elements.length > 0) {
          // Zeros to the end of the file are padding; four of them are what a sequence of wrong length left behind.
          if (header.length === 0) return;
          cursor.at += 4;
          if (++strays > STRAYS) return;
          continue;
        }
      }
      if (++this.#count > options.limits.directories) {
        const { name: file } = cursor.source;
        const text = `${file}: more than ${options.limits.directories} elements`;
        throw new ImgconvError('limit', 'DIRECTORIES', text, { file, offset: cursor.at });
      }
      // Items of implicit sequences that are explicit inside exist.
      if (depth > 0 && header.explicit) explicit = true;
      cursor.at += header.bytes;
      if (await this.#value(set, header, end, explicit, depth)) return;
    }
  }

  /** True where parsing ends here. */
  async #value(set: DataSet, header: Header, end: number, explicit: boolean, depth: number): Promise<boolean> {
    const { cursor } = this;
    const { tag, vr, length } = header;
    const offset = cursor.at;
    if (depth === 0 && (tag === TAG.PixelData || tag === TAG.FloatPixelData || tag === TAG.DoubleFloatPixelData)) {
      this.#pixels = { tag, vr, offset, length };
      return true;
    }
    const itemsExplicit = explicit && !header.unknown;
    if (length === UNDEFINED && vr === 'SQ') {
      await this.#sequence(set, header, cursor.source.size, itemsExplicit, depth);
      return false;
    }
    if (length === UNDEFINED) {
      await this.#skipFragments();
      return false;
    }
    const stop = offset + length;
    if (stop > end) throw new Ended();
    if (vr === 'SQ') {
      await this.#sequence(set, header, stop, itemsExplicit, depth);
      cursor.at = stop;
      return false;
    }
    if (length > KEPT) {
      set.elements.push({ tag, vr, offset, length });
    } else {
      if (!cursor.has(length)) await cursor.load(length);
      set.elements.push({ tag, vr, offset, length, memory: cursor.memory, at: cursor.local });
    }
    cursor.at = stop;
    return false;
  }

  async #sequence(set: DataSet, header: Header, end: number, explicit: boolean, depth: number): Promise<void> {
    const { cursor } = this;
    const items: DataSet[] = [];
    const { tag, length } = header;
    set.elements.push({ tag, vr: 'SQ', offset: cursor.at, length, items });
    while (cursor.at + 8 <= end) {
      if (!cursor.has(8)) await cursor.load(8);
      const little = set.littleEndian;
      const item = this.#tag(little);
      const bytes = cursor.view.getUint32(cursor.local + 4, little);
      if (item === TAG.SequenceDelimitation) {
        cursor.at += 8;
        return;
      }
      if (item !== TAG.Item) {
        // Not an item: a sequence of known length is left, one of unknown length has lost its end.
        if (length !== UNDEFINED) return;
        throw new Ended();
      }
      cursor.at += 8;
      const child = new DataSet(little, set);
      items.push(child);
      const stop = bytes === UNDEFINED ? end : Math.min(end, cursor.at + bytes);
      await this.#elements(child, stop, explicit, depth + 1);
      if (bytes !== UNDEFINED) cursor.at = stop;
    }
  }

  /** Encapsulated data of an icon or of a private element. */
  async #skipFragments(): Promise<void> {
    const { cursor } = this;
    for (;;) {
      if (!cursor.has(8)) await cursor.load(8);
      const tag = this.#tag(true);
      const length = cursor.view.getUint32(cursor.local + 4, true);
      cursor.at += 8;
      if (tag === TAG.SequenceDelimitation) return;
      if (tag !== TAG.Item || length === UNDEFINED || cursor.at + length > cursor.source.size) throw new Ended();
      if (++this.#count > this.options.limits.directories) throw new Ended();
      cursor.at += length;
    }
  }

  #tag(little: boolean): number {
    const { view, local } = this.cursor;
    return view.getUint16(local, little) * 65536 + view.getUint16(local + 2, little);
  }

  #header(set: DataSet, explicit: boolean, end: number): Header {
    const { view, local, at } = this.cursor;
    const little = set.littleEndian;
    const tag = this.#tag(little);
    const length32 = view.getUint32(local + 4, little);
    if (tag >= TAG.Item && tag <= TAG.SequenceDelimitation) {
      return { tag, vr: 'UN', length: length32, bytes: 8, explicit: false };
    }
    const letters = String.fromCharCode(view.getUint8(local + 4), view.getUint8(local + 5));
    const long = LONG.has(letters);
    const known = long || SHORT.has(letters);
    if (
      explicit ? known || /^[A-Z]{2}$/.test(letters) : known && this.#meantExplicit(tag, letters, length32, end - at)
    ) {
      if (!long) return { tag, vr: letters, length: view.getUint16(local + 6, little), bytes: 8, explicit: true };
      if (local + 12 > view.byteLength) throw new Ended();
      const length = view.getUint32(local + 8, little);
      if (letters !== 'UN') return { tag, vr: letters, length, bytes: 12, explicit: true };
      // Rewritten by software that did not know the element, or of undefined length: a sequence (PS3.5 6.2.2).
      const vr = length === UNDEFINED ? 'SQ' : this.#impliedVr(set, tag);
      return { tag, vr, length, bytes: 12, explicit: true, unknown: true };
    }
    const vr = length32 === UNDEFINED && tag !== TAG.PixelData ? 'SQ' : this.#impliedVr(set, tag);
    return { tag, vr, length: length32, bytes: 8, explicit: false };
  }

  /** An element of an implicit data set that has a VR nevertheless. */
  #meantExplicit(tag: number, letters: string, length32: number, room: number): boolean {
    return lookUp(tag)?.vr === letters || length32 > room;
  }

  #impliedVr(set: DataSet, tag: number): string {
    const element = tag & 0xffff;
    if (element === 0) return 'UL';
    const entry = lookUp(tag);
    if (entry) {
      if (entry.vr !== 'XS') return entry.vr;
      return set.number(TAG.PixelRepresentation) === 1 ? 'SS' : 'US';
    }
    const isPrivate = ((tag >>> 16) & 1) === 1;
    return isPrivate && element >= 0x10 && element <= 0xff ? 'LO' : 'UN';
  }
}

/** 'Modality', or '0009,1001' for elements without a keyword. */
export function elementName(tag: number): string {
  return lookUp(tag)?.keyword ?? tagText(tag);
}
