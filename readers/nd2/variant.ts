// Trees of named values, which ND2 stores in two ways: binary "lite variants" and XML with runtype and value attributes. NOTES.md, "Variants".

import { inflateSync } from 'node:zlib';
import type { XmlElement } from '../../src/containers/xml/element.js';
import { parseXml } from '../../src/containers/xml/parse.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';

export type Scalar = string | number | boolean | Uint8Array;

export class Variant {
  readonly children: Variant[] = [];

  constructor(
    /** As stored, with its type prefix: 'uiWidth'. */
    readonly name: string,
    readonly value?: Scalar,
  ) {}

  /** The name without the lower-case prefix that tells the type: 'Width'. */
  get key(): string {
    return this.name.replace(/^[_a-z]+/, '') || this.name;
  }

  /** First child along 'Width' or 'PicturePlanes/Count', names without prefixes. */
  find(path: string): Variant | undefined {
    let at: Variant | undefined = this;
    for (const key of path.split('/')) at = at?.children.find((each) => each.key === key);
    return at;
  }

  number(path: string): number | undefined {
    const value = this.find(path)?.value;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'boolean') return number ? 1 : 0;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
  }

  /** A number above zero: -1 and 0 stand for unknown. */
  positive(path: string): number | undefined {
    const value = this.number(path);
    return value !== undefined && value > 0 ? value : undefined;
  }

  text(path: string): string | undefined {
    const value = this.find(path)?.value;
    return value === undefined || value instanceof Uint8Array ? undefined : String(value).trim() || undefined;
  }

  /** Undefined where it is not said. */
  flag(path: string): boolean | undefined {
    const value = this.find(path)?.value;
    if (typeof value === 'string') return value.toLowerCase() === 'true' || value === '1';
    return value === undefined || value instanceof Uint8Array ? undefined : Boolean(value);
  }

  /** Children of the child along a path. */
  list(path: string): readonly Variant[] {
    return this.find(path)?.children ?? [];
  }
}

const MAX_DEPTH = 64;
const MAX_ITEMS = 5_000_000;

/** Root with the top-level items as children. Broken data end the tree where they break. */
export function parseVariant(bytes: Uint8Array, maxBytes: number): Variant {
  const root = new Variant('');
  const first = bytes.findIndex((byte) => byte !== 32 && byte !== 10 && byte !== 13);
  if (bytes[first] === 0x3c || (bytes[0] === 0xef && bytes[1] === 0xbb) || bytes[0] === 0xff || bytes[0] === 0xfe)
    readXml(root, bytes, maxBytes);
  else new LiteParser(maxBytes).run(bytes, root);
  return root;
}

class LiteParser {
  private items = 0;

  constructor(private readonly maxBytes: number) {}

  run(bytes: Uint8Array, root: Variant): void {
    this.level(bytes, 0, bytes.length, 1, root, 0);
  }

  /** Records of type, length of the name in characters, name (UTF-16, with its zero), value. */
  private level(bytes: Uint8Array, from: number, to: number, count: number, into: Variant, depth: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = from;
    for (let i = 0; i < count && at + 2 <= to && this.items < MAX_ITEMS; i++) {
      this.items++;
      const start = at;
      const type = bytes[at]!;
      if (type === 76) {
        const packed = bytes.subarray(at + 12, to);
        const plain = inflate(packed, this.maxBytes);
        if (plain && depth < MAX_DEPTH) this.level(plain, 0, plain.length, 1, into, depth + 1);
        return to;
      }
      const nameBytes = bytes[at + 1]! * 2;
      at += 2 + nameBytes;
      if (at > to) return to;
      const name = utf16(bytes.subarray(start + 2, at));
      if (type === 11) {
        if (at + 12 > to || depth >= MAX_DEPTH) return to;
        const items = view.getUint32(at, true);
        const end = Math.min(start + Number(view.getBigUint64(at + 4, true)), to);
        const child = new Variant(name);
        into.children.push(child);
        if (end < at + 12) return to;
        this.level(bytes, at + 12, end, items, child, depth + 1);
        // A table of the items' positions follows.
        at = end + 8 * items;
        continue;
      }
      const read = this.scalar(view, bytes, type, at, to);
      if (!read) return to;
      into.children.push(new Variant(name, read.value));
      at = read.end;
    }
    return at;
  }

  private scalar(
    view: DataView,
    bytes: Uint8Array,
    type: number,
    at: number,
    to: number,
  ): { value: Scalar; end: number } | undefined {
    const room = (size: number): boolean => at + size <= to;
    switch (type) {
      case 1:
        return room(1) ? { value: bytes[at] !== 0, end: at + 1 } : undefined;
      case 2:
        return room(4) ? { value: view.getInt32(at, true), end: at + 4 } : undefined;
      case 3:
        return room(4) ? { value: view.getUint32(at, true), end: at + 4 } : undefined;
      case 4:
        return room(8) ? { value: Number(view.getBigInt64(at, true)), end: at + 8 } : undefined;
      case 5:
      case 7:
        return room(8) ? { value: Number(view.getBigUint64(at, true)), end: at + 8 } : undefined;
      case 6:
        return room(8) ? { value: view.getFloat64(at, true), end: at + 8 } : undefined;
      case 8: {
        let end = at;
        while (end + 2 <= to && (bytes[end] !== 0 || bytes[end + 1] !== 0)) end += 2;
        return { value: utf16(bytes.subarray(at, Math.min(end, to))), end: Math.min(end + 2, to) };
      }
      case 9: {
        if (!room(8)) return undefined;
        const length = Number(view.getBigUint64(at, true));
        return length <= to - at - 8
          ? { value: bytes.subarray(at + 8, at + 8 + length), end: at + 8 + length }
          : undefined;
      }
      default:
        return undefined;
    }
  }
}

function inflate(packed: Uint8Array, maxBytes: number): Uint8Array | undefined {
  try {
    return inflateSync(packed, { maxOutputLength: maxBytes });
  } catch {
    return undefined;
  }
}

export function utf16(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength & ~1).toString('utf16le');
  const end = text.indexOf('\0');
  return end >= 0 ? text.slice(0, end) : text;
}

/** UTF-8 or UTF-16 as the bytes tell: the declaration says UTF-16 of UTF-8 text, too. */
function xmlText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const marked = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = buffer.toString(marked || bytes[1] === 0 ? 'utf16le' : 'utf8');
  return text.replace(/^\ufeff?\s*(<\?xml[^>]*\?>)?/, '').replace(/\0+$/, '');
}

/** XML: `<uiWidth runtype="lx_uint32" value="512"/>`; legacy files hold values in attributes of the parent, too. */
function readXml(root: Variant, bytes: Uint8Array, maxBytes: number): void {
  let element: XmlElement;
  try {
    element = parseXml(xmlText(bytes), { lenient: true, maxBytes });
  } catch {
    return;
  }
  addElement(element, root);
}

function addElement(element: XmlElement, into: Variant): void {
  const { attributes } = element;
  const type = attributes.runtype;
  if (element.children.length === 0 && attributes.value !== undefined) {
    into.children.push(new Variant(element.name, cast(attributes.value, type)));
    return;
  }
  const text = element.children.length === 0 ? element.text.trim() : '';
  const item = new Variant(element.name, text || undefined);
  // The list that wraps everything says nothing.
  const wrapper = element.name === 'variant' || (element.name === 'no_name' && into.name === 'variant');
  const target = wrapper ? into : item;
  if (!wrapper) into.children.push(item);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'runtype' || name === 'version' || name === '_VERSION') continue;
    target.children.push(new Variant(name, value));
  }
  for (const child of element.children) {
    if (element.name === 'variant' && child.name === 'no_name')
      for (const each of child.children) addElement(each, target);
    else addElement(child, target);
  }
}

function cast(value: string, type: string | undefined): Scalar {
  if (type === 'bool') return value.toLowerCase() === 'true' || value === '1';
  if (type === 'double' || type === 'float' || type?.startsWith('lx_')) {
    const number = Number(value);
    return value.trim() !== '' && Number.isFinite(number) ? number : value;
  }
  return value;
}

const ROW_LIMIT = 1_000_000;

/** Every value with its path of stored names: 'ImageAttributes/uiWidth'. Byte strings are left out but for short ones (hexadecimal). */
export function flattenVariant(prefix: string, root: Variant, rows: OriginalMetadata[]): void {
  const visit = (item: Variant, key: string): void => {
    if (rows.length >= ROW_LIMIT) return;
    const { value } = item;
    if (value instanceof Uint8Array) {
      if (value.length > 0 && value.length <= 64) rows.push({ key, value: Buffer.from(value).toString('hex') });
    } else if (value !== undefined && value !== '') rows.push({ key, value: String(value) });
    for (const [i, child] of item.children.entries()) visit(child, `${key}/${child.name || i}`);
  };
  for (const [i, child] of root.children.entries()) visit(child, `${prefix}/${child.name || i}`);
}
