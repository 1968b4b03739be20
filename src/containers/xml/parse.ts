// The one XML door. Element structure is parsed in a single pass with bounds on size, depth and count; namespaces are resolved; document type
// declarations are skipped and may declare no entities, so there is nothing to expand (XML 1.0 §4.1). `lenient` forgives what vendors write:
// text around the root, end tags that do not match or are missing, NULs. checkWellFormed (wellformed.ts) is the strict judge.

import { formatError, ImgconvError } from '../../core/errors.js';
import { DEFAULT_LIMITS } from '../../core/limits.js';
import { isSpace, scanAttributes, unescapeXml, type XmlDocument, XmlElement } from './element.js';
import { decodeUtf8Value, decodeXml, detach, type XmlText } from './encoding.js';

export interface XmlOptions {
  /** Bytes (or characters); default: the limit for metadata. */
  readonly maxBytes?: number;
  /** Nesting; default 256. */
  readonly maxDepth?: number;
  /** Elements; default 20 million. */
  readonly maxElements?: number;
  /** Forgive broken structure where the meaning is clear. */
  readonly lenient?: boolean;
  /** For messages. */
  readonly file?: string;
  /**
   * Called when an element directly below the root is complete, with the root so far; true: it is dealt with and not kept in the tree (the
   * root's own text is then not to be used). For documents whose tree would be larger than what is made of it.
   */
  take?(element: XmlElement, root: XmlElement): boolean;
}

type Scope = ReadonlyMap<string, string>;
const XML_SCOPE: Scope = new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]);

/** Root element of a document. */
export function parseXml(input: Uint8Array | string | XmlText, options: XmlOptions = {}): XmlElement {
  const limit = options.maxBytes ?? DEFAULT_LIMITS.metadataBytes;
  const size = typeof input === 'object' && 'text' in input ? input.text.length : input.length;
  if (size > limit) {
    const text = `XML of ${size} bytes is larger than the limit of ${limit}`;
    throw new ImgconvError('limit', 'METADATA_SIZE', text, { file: options.file });
  }
  return new Parser(textOf(input), options).run();
}

function textOf(input: Uint8Array | string | XmlText): XmlText {
  if (typeof input === 'string') return { text: input.replace(/^\ufeff/, ''), bytewise: false };
  return 'text' in input ? input : decodeXml(input);
}

interface Frame {
  readonly element: XmlElement;
  readonly qualified: string;
  readonly children: XmlElement[];
  readonly scope: Scope;
}

class Parser {
  private readonly text: string;
  private readonly lenient: boolean;
  private readonly stack: Frame[] = [];
  private readonly names = new Map<string, string>();
  private root: XmlElement | undefined;
  private count = 0;

  constructor(
    private readonly document: XmlDocument,
    private readonly options: XmlOptions,
  ) {
    this.text = document.text;
    this.lenient = options.lenient ?? false;
  }

  run(): XmlElement {
    let at = 0;
    for (;;) {
      const open = this.text.indexOf('<', at);
      if (this.stack.length === 0) this.checkOutside(at, open < 0 ? this.text.length : open);
      if (open < 0) break;
      if (this.root && this.stack.length === 0 && this.lenient) break;
      at = this.markup(open);
    }
    if (this.stack.length > 0) {
      const { qualified, element } = this.stack[this.stack.length - 1]!;
      if (!this.lenient) throw this.error('XML_UNCLOSED', `<${qualified}> is never closed`, element.start);
      while (this.stack.length > 0) this.close(this.text.length, this.text.length);
    }
    if (!this.root) throw this.error('XML_EMPTY', 'no XML element found', 0);
    return this.root;
  }

  /** Handles what begins with '<' at `open`; returns the first position after it. */
  private markup(open: number): number {
    const next = this.text[open + 1];
    if (next === '/') return this.endTag(open);
    if (next === '?') return this.skip(open, '?>', 2);
    if (next === '!') {
      if (this.text.startsWith('<!--', open)) return this.skip(open, '-->', 4);
      if (this.text.startsWith('<![CDATA[', open)) return this.skip(open, ']]>', 9);
      if (this.text.startsWith('<!DOCTYPE', open)) return this.doctype(open);
      if (!this.lenient) throw this.error('XML_MARKUP', 'unknown markup declaration', open);
      return open + 2;
    }
    return this.startTag(open);
  }

  private startTag(open: number): number {
    const { text } = this;
    let at = open + 1;
    while (at < text.length && isNameCode(text.charCodeAt(at))) at++;
    if (at === open + 1) {
      if (!this.lenient) throw this.error('XML_MARKUP', "'<' that starts no tag", open);
      return at;
    }
    if (++this.count > (this.options.maxElements ?? 20_000_000)) {
      throw new ImgconvError('limit', 'XML_ELEMENTS', `more than ${this.count - 1} XML elements`, {
        file: this.options.file,
      });
    }
    if (this.root && this.stack.length === 0) throw this.error('XML_ROOTS', 'a second root element', open);
    const qualified = this.name(open + 1, at);
    const attributesStart = at;
    let declares = false;
    let quote = 0;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (quote !== 0) {
        if (code === quote) quote = 0;
      } else if (code === 34 || code === 39) quote = code;
      else if (code === 62) break;
      else if (code === 120 && !declares) declares = text.startsWith('xmlns', at);
      else if (code === 60 && !this.lenient) break;
    }
    if (text.charCodeAt(at) !== 62) throw this.error('XML_UNCLOSED', `the tag <${qualified} is never closed`, open);
    const empty = text.charCodeAt(at - 1) === 47;
    const attributesEnd = empty ? at - 1 : at;
    this.open(open, qualified, attributesStart, attributesEnd, declares, at + 1);
    if (empty) this.close(at + 1, at + 1);
    return at + 1;
  }

  private open(start: number, qualified: string, from: number, to: number, declares: boolean, content: number): void {
    if (this.stack.length >= (this.options.maxDepth ?? 256)) {
      throw new ImgconvError('limit', 'XML_DEPTH', `XML nested deeper than ${this.stack.length} elements`, {
        file: this.options.file,
        offset: start,
      });
    }
    const parent = this.stack[this.stack.length - 1];
    const outer = parent?.scope ?? XML_SCOPE;
    const scope = declares ? this.declare(outer, from, to) : outer;
    const colon = qualified.indexOf(':');
    const prefix = colon < 0 ? '' : qualified.slice(0, colon);
    const local = colon < 0 ? qualified : this.intern(qualified.slice(colon + 1));
    const element = new XmlElement(this.document, local, scope.get(prefix) ?? '', start, from, to);
    element.contentStart = content;
    this.stack.push({ element, qualified, children: [], scope });
  }

  private close(contentEnd: number, end: number): void {
    const { element, children } = this.stack.pop()!;
    element.contentEnd = Math.max(contentEnd, element.contentStart);
    element.end = end;
    // A grown array keeps room for 16 more; most elements have few children.
    if (children.length > 0) element.children = children.length < 32 ? children.slice() : children;
    const parent = this.stack[this.stack.length - 1];
    if (parent) {
      if (this.stack.length > 1 || !this.options.take?.(element, parent.element)) parent.children.push(element);
    } else this.root ??= element;
  }

  private endTag(open: number): number {
    const { text, stack } = this;
    const gt = text.indexOf('>', open);
    if (gt < 0) {
      if (!this.lenient) throw this.error('XML_UNCLOSED', 'an end tag is never closed', open);
      return text.length;
    }
    let to = gt;
    while (isSpace(text.charCodeAt(to - 1))) to--;
    const top = stack[stack.length - 1];
    const from = open + 2;
    if (top && to - from === top.qualified.length && text.startsWith(top.qualified, from)) {
      this.close(open, gt + 1);
      return gt + 1;
    }
    const name = this.name(from, to);
    if (top?.qualified === name) {
      this.close(open, gt + 1);
      return gt + 1;
    }
    if (!this.lenient) {
      throw this.error(
        'XML_MISMATCH',
        top ? `</${name}> where </${top.qualified}> belongs` : `</${name}> closes nothing`,
        open,
      );
    }
    const depth = stack.findLastIndex((frame) => frame.qualified === name);
    if (depth >= 0) {
      while (stack.length > depth + 1) this.close(open, open);
      this.close(open, gt + 1);
    }
    return gt + 1;
  }

  private skip(open: number, terminator: string, head: number): number {
    const end = this.text.indexOf(terminator, open + head);
    if (end >= 0) return end + terminator.length;
    if (!this.lenient)
      throw this.error('XML_UNCLOSED', `${this.text.slice(open, open + head)} without ${terminator}`, open);
    return this.text.length;
  }

  private doctype(open: number): number {
    const { text } = this;
    const gt = text.indexOf('>', open);
    const bracket = text.indexOf('[', open);
    if (bracket < 0 || (gt >= 0 && gt < bracket)) return gt < 0 ? text.length : gt + 1;
    const close = text.indexOf(']', bracket);
    const end = close < 0 ? -1 : text.indexOf('>', close);
    if (end < 0) throw this.error('XML_UNCLOSED', '<!DOCTYPE is never closed', open);
    if (text.slice(bracket, close).includes('<!ENTITY')) {
      throw this.error('XML_ENTITIES', 'entity declarations are refused', open);
    }
    return end + 1;
  }

  private declare(outer: Scope, from: number, to: number): Scope {
    const scope = new Map(outer);
    scanAttributes(this.text, from, to, (nameFrom, nameTo, valueFrom, valueTo) => {
      const name = this.text.slice(nameFrom, nameTo);
      const uri = (): string => detach(unescapeXml(this.text.slice(valueFrom, valueTo)).trim());
      if (name === 'xmlns') scope.set('', uri());
      else if (name.startsWith('xmlns:')) scope.set(detach(name.slice(6)), uri());
    });
    return scope;
  }

  private checkOutside(from: number, to: number): void {
    if (this.lenient || to === from) return;
    for (let at = from; at < to; at++) {
      const code = this.text.charCodeAt(at);
      // A string in a file often keeps its terminator: trailing NULs are no content.
      if (isSpace(code) || (code === 0 && this.root)) continue;
      throw this.error('XML_OUTSIDE', 'text outside the root element', at);
    }
  }

  private name(from: number, to: number): string {
    return this.intern(this.text.slice(from, to));
  }

  /** One string for each different name. */
  private intern(name: string): string {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    const own = detach(this.document.bytewise ? decodeUtf8Value(name) : name);
    this.names.set(detach(name), own);
    return own;
  }

  private error(code: string, message: string, offset: number): ImgconvError {
    return formatError(code, `XML is not well-formed: ${message}`, { file: this.options.file, offset });
  }
}

/** Close enough to NameChar (XML 1.0 §2.3): everything that cannot end a name. */
function isNameCode(code: number): boolean {
  if (code <= 32) return false;
  if (code < 65) return (code >= 48 && code <= 58) || code === 45 || code === 46;
  return (code <= 90 || code >= 97 || code === 95) && code !== 123 && code !== 124 && code !== 125 && code !== 126;
}
