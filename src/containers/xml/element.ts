// A light tree over the text of the document. An element is a handful of positions; attributes and text are cut out when asked for,
// so that a 100 MB plate costs its text plus about 100 bytes an element.

import { decodeUtf8Value } from './encoding.js';

/** What all elements of a document share. */
export interface XmlDocument {
  readonly text: string;
  readonly bytewise: boolean;
}

const NONE: readonly XmlElement[] = Object.freeze([]);

export class XmlElement {
  /** Child elements in document order. */
  children: readonly XmlElement[] = NONE;
  /** Positions in the text: first character of the content, first after it, first after the whole element. */
  contentStart: number;
  contentEnd: number;
  end: number;

  constructor(
    private readonly document: XmlDocument,
    /** Without prefix. */
    readonly name: string,
    /** URI that the prefix (or the default) stands for; '' for none. */
    readonly namespace: string,
    readonly start: number,
    private readonly attributesStart: number,
    private readonly attributesEnd: number,
  ) {
    this.contentStart = attributesEnd;
    this.contentEnd = attributesEnd;
    this.end = attributesEnd;
  }

  /** Value of one attribute, by its name without prefix. */
  attribute(name: string): string | undefined {
    let found: string | undefined;
    this.eachAttribute((local, value) => {
      if (local === name) found ??= value;
    });
    return found;
  }

  /** All attributes by their names without prefix, namespace declarations left out. Made anew at each call. */
  get attributes(): Record<string, string> {
    const all: Record<string, string> = {};
    this.eachAttribute((local, value) => {
      if (!Object.hasOwn(all, local)) all[local] = value;
    });
    return all;
  }

  /** In document order; `qualified` has the prefix. `declaration` marks xmlns and xmlns:… */
  eachAttribute(visit: (local: string, value: string, qualified: string) => void, declarations = false): void {
    scanAttributes(this.document.text, this.attributesStart, this.attributesEnd, (from, to, valueFrom, valueTo) => {
      const qualified = this.document.text.slice(from, to);
      const declaration = qualified === 'xmlns' || qualified.startsWith('xmlns:');
      if (declaration && !declarations) return;
      const local = declaration ? qualified : qualified.slice(qualified.indexOf(':') + 1);
      visit(local, this.attributeValue(valueFrom, valueTo), qualified);
    });
  }

  /** Attribute-value normalisation (XML 1.0 §3.3.3): written white space is space, references are resolved after. */
  private attributeValue(from: number, to: number): string {
    const { text, bytewise } = this.document;
    let value = text.slice(from, to);
    let high = false;
    let white = false;
    for (let i = from; i < to; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) high = true;
      else if (code < 32) white = true;
    }
    if (high && bytewise) value = decodeUtf8Value(value);
    if (white) value = value.replace(/[\t\n\r]/g, ' ');
    return unescapeXml(value);
  }

  /** Character data of the element itself, CDATA included, white space as it stands; white space between child elements is dropped. */
  get text(): string {
    if (this.contentStart === this.contentEnd) return '';
    if (this.children.length === 0) return this.characters(this.contentStart, this.contentEnd);
    let text = '';
    for (const node of this.nodes) if (typeof node === 'string' && /\S/.test(node)) text += node;
    return text;
  }

  /** Child elements and the character data between them. */
  get nodes(): (XmlElement | string)[] {
    const nodes: (XmlElement | string)[] = [];
    let at = this.contentStart;
    const add = (to: number): void => {
      const text = to > at ? this.characters(at, to) : '';
      if (text) nodes.push(text);
    };
    for (const child of this.children) {
      add(child.start);
      nodes.push(child);
      at = child.end;
    }
    add(this.contentEnd);
    return nodes;
  }

  /** The element as written, tags included. Prefixes may be declared further up. */
  get raw(): string {
    return this.cut(this.start, this.end);
  }

  /** The start tag as written. */
  get startTag(): string {
    const end =
      this.contentStart === this.end && this.document.text[this.attributesEnd] === '/'
        ? this.end
        : this.attributesEnd + 1;
    return this.cut(this.start, end);
  }

  /** The pieces of content around child elements as written: comments, CDATA and references unresolved. */
  rawTexts(): string[] {
    const bounds = [this.contentStart, ...this.children.flatMap((each) => [each.start, each.end]), this.contentEnd];
    const texts: string[] = [];
    for (let i = 0; i < bounds.length; i += 2)
      if (bounds[i + 1]! > bounds[i]!) texts.push(this.cut(bounds[i]!, bounds[i + 1]!));
    return texts;
  }

  private cut(from: number, to: number): string {
    const piece = this.document.text.slice(from, to);
    return this.document.bytewise && hasHigh(piece) ? decodeUtf8Value(piece) : piece;
  }

  /** Text between two positions that has no elements in it: comments and instructions are dropped, CDATA and entities resolved. */
  private characters(from: number, to: number): string {
    const piece = this.cut(from, to);
    if (!piece.includes('<')) return unescapeXml(piece.includes('\r') ? piece.replace(/\r\n?/g, '\n') : piece);
    let out = '';
    let at = 0;
    for (const part of piece.matchAll(/<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<\/[^>]*>/g)) {
      out += unescapeXml(piece.slice(at, part.index)) + (part[1] ?? '');
      at = part.index + part[0].length;
    }
    return (out + unescapeXml(piece.slice(at))).replace(/\r\n?/g, '\n');
  }
}

/** First child of that name. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((each) => each.name === name);
}

/** All children of that name. */
export function children(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((each) => each.name === name) ?? NONE;
}

/** First element along 'A/B/C', children only: tries every A and B on the way. */
export function path(element: XmlElement | undefined, names: string): XmlElement | undefined {
  return paths(element, names)[0];
}

/** All elements along 'A/B/C' in document order; '*' stands for any name. */
export function paths(element: XmlElement | undefined, names: string): readonly XmlElement[] {
  let level: readonly XmlElement[] = element ? [element] : NONE;
  for (const name of names.split('/')) {
    level = level.flatMap((each) => each.children.filter((one) => name === '*' || one.name === name));
  }
  return level;
}

/** Every element of that name below `element`, in document order. */
export function* descendants(element: XmlElement, name: string): Generator<XmlElement> {
  const stack = [...element.children].reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next.name === name) yield next;
    for (let i = next.children.length - 1; i >= 0; i--) stack.push(next.children[i]!);
  }
}

/** Trimmed text of the first element along 'A/B/C'; undefined where it is absent or empty. */
export function textAt(element: XmlElement | undefined, names: string): string | undefined {
  return path(element, names)?.text.trim() || undefined;
}

/** Text along 'A/B/C' as a finite number; undefined where it is absent or no number. */
export function numberAt(element: XmlElement | undefined, names: string): number | undefined {
  return toNumber(textAt(element, names));
}

/** Attribute as a finite number; undefined where it is absent or no number. */
export function numberAttribute(element: XmlElement | undefined, name: string): number | undefined {
  return toNumber(element?.attribute(name));
}

function toNumber(text: string | undefined): number | undefined {
  const value = text?.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Resolve character references and the five entities of XML; anything else stays as it is written. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));/g, (all, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? all;
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}

/** Calls back with the positions of each name and value in a start tag. Unquoted and missing values (vendors) are taken as they are. */
export function scanAttributes(
  text: string,
  start: number,
  end: number,
  visit: (from: number, to: number, valueFrom: number, valueTo: number, quoted: boolean) => void,
): void {
  let at = start;
  while (at < end) {
    if (isSpace(text.charCodeAt(at)) || text[at] === '/') {
      at++;
      continue;
    }
    const from = at;
    while (at < end && text[at] !== '=' && !isSpace(text.charCodeAt(at))) at++;
    const to = at;
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    if (text[at] !== '=' || at >= end) {
      visit(from, to, to, to, false);
      continue;
    }
    at++;
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    const quote = text[at];
    if (quote === '"' || quote === "'") {
      const close = text.indexOf(quote, at + 1);
      const stop = close < 0 || close > end ? end : close;
      visit(from, to, at + 1, stop, close === stop);
      at = stop + 1;
    } else {
      const valueFrom = at;
      while (at < end && !isSpace(text.charCodeAt(at))) at++;
      visit(from, to, valueFrom, at, false);
    }
  }
}

export function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 9 || code === 13;
}

function hasHigh(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return true;
  return false;
}
