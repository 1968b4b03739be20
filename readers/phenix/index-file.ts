// The index: a small description of plate and channels, and one Image element a plane, hundreds of thousands in a large measurement.
// It is read in pieces; Image elements become records as they end, and only the rest is parsed as a document.

import { TextDecoder } from 'node:util';
import { unescapeXml, type XmlElement } from '../../src/containers/xml/element.js';
import { parseXml } from '../../src/containers/xml/parse.js';
import type { ByteSource, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';

/** Leaf elements of one element, by name. */
export interface Leaves extends Iterable<readonly [name: string, value: string]> {
  get(name: string): string | undefined;
}

export interface PhenixIndex {
  /** The document without its Image elements. */
  readonly root: XmlElement;
  readonly images: readonly Leaves[];
}

const PIECE = 4 * 2 ** 20;
/** Characters of one Image element. */
const LARGEST = 2 ** 20;
const BUFFER = /\bBufferNo\s*=\s*["'](\d+)["']/;
const NAME_END = /[\s/>]/;

/** White space, '/' or '>'. */
const endsName = (code: number): boolean => code === 62 || code === 47 || code === 32 || (code >= 9 && code <= 13);

/** A copy of its own, so that the piece it was cut from can go. */
const detached = (text: string): string => Buffer.from(text).toString();

/** Names of an element's leaves, the same for nearly all elements of a document. */
class Shape {
  readonly #index: ReadonlyMap<string, number>;

  constructor(readonly names: readonly string[]) {
    // The first of several leaves of one name counts.
    this.#index = new Map([...names.entries()].reverse().map(([i, name]) => [name, i]));
  }

  at(name: string): number {
    return this.#index.get(name) ?? -1;
  }
}

/** Values beside a shared list of names: a plate of 100,000 planes has millions of them. */
class Row implements Leaves {
  constructor(
    private readonly shape: Shape,
    private readonly values: readonly string[],
  ) {}

  get(name: string): string | undefined {
    return this.values[this.shape.at(name)];
  }

  *[Symbol.iterator](): Iterator<readonly [string, string]> {
    for (const [i, name] of this.shape.names.entries()) yield [name, this.values[i]!];
  }
}

/** Turns the insides of Image elements into rows. What repeats from one to the next, names and most values, is kept once. */
class RowReader {
  readonly #shapes = new Map<string, Shape>();
  #last: Shape = new Shape([]);
  /** Names and texts, as written, of the row that is read; beyond it those of the row before. */
  readonly #names: string[] = [];
  readonly #raw: string[] = [];
  /** Texts of the row before, as they are meant. */
  #values: readonly string[] = [];

  /** The leaves between two positions. */
  read(text: string, from: number, to: number): Leaves {
    // Sized like the row before: lists that grow leave much behind.
    const values = new Array<string>(this.#last.names.length);
    let count = 0;
    const add = (name: string, start: number, end: number): void => {
      const i = count++;
      const known = this.#raw[i];
      const same = known !== undefined && known.length === end - start && text.startsWith(known, start);
      const written = same ? known : detached(text.slice(start, end));
      this.#names[i] = name;
      this.#raw[i] = written;
      values[i] = same ? this.#values[i]! : unescapeXml(written.trim());
    };
    for (let at = text.indexOf('<', from); at >= 0 && at < to; ) {
      const end = text.indexOf('>', at);
      if (end < 0 || end >= to) break;
      const close = text.indexOf('<', end);
      const isLeaf = text[at + 1] !== '/' && text[end - 1] !== '/' && text[close + 1] === '/' && close <= to;
      if (!isLeaf) {
        at = close;
        continue;
      }
      const name = this.#name(text, at + 1, count);
      add(name, end + 1, close);
      if (name === 'URL' && end > at + 4) {
        // `<URL BufferNo="2">`: the page of a file with several.
        const page = BUFFER.exec(text.slice(at, end));
        const last = page ? at + page.index + page[0].length - 1 : 0;
        if (page) add('BufferNo', last - page[1]!.length, last);
      }
      at = text.indexOf('<', close + 1);
    }
    values.length = count;
    this.#raw.length = count;
    this.#values = values;
    return new Row(this.#shapeOf(count), values);
  }

  /** Name of the element that starts at `at`, without its prefix. */
  #name(text: string, at: number, i: number): string {
    const expected = this.#last.names[i];
    if (expected !== undefined && text.startsWith(expected, at) && endsName(text.charCodeAt(at + expected.length))) {
      return expected;
    }
    const length = text.slice(at, at + 256).search(NAME_END);
    const name = text.slice(at, at + Math.max(0, length));
    return detached(name.slice(name.indexOf(':') + 1));
  }

  #shapeOf(count: number): Shape {
    const last = this.#last.names;
    if (count === last.length && last.every((name, i) => name === this.#names[i])) return this.#last;
    const names = this.#names.slice(0, count);
    const key = names.join(' ');
    this.#last = this.#shapes.get(key) ?? new Shape(names);
    this.#shapes.set(key, this.#last);
    return this.#last;
  }
}

function decoderFor(start: Uint8Array): TextDecoder {
  if (start[0] === 0xff && start[1] === 0xfe) return new TextDecoder('utf-16le');
  if (start[0] === 0xfe && start[1] === 0xff) return new TextDecoder('utf-16be');
  return new TextDecoder('utf-8');
}

/** Errors: format PHENIX_INDEX, XML errors of the rest; limit METADATA_SIZE, DIRECTORIES. */
export async function readIndex(source: ByteSource, options: OpenOptions): Promise<PhenixIndex> {
  const file = source.name;
  const { limits } = options;
  const decoder = decoderFor(await source.read(0, Math.min(2, source.size)));
  const rows = new RowReader();
  const images: Leaves[] = [];
  const rest: string[] = [];
  let restLength = 0;
  let text = '';
  const keep = (part: string): void => {
    restLength += part.length;
    if (restLength > limits.metadataBytes) {
      const message = `${file}: more than ${limits.metadataBytes} bytes besides the list of images`;
      throw new ImgconvError('limit', 'METADATA_SIZE', message, { file });
    }
    rest.push(part);
  };
  /** Take what is complete; returns what has to wait for more. */
  const scan = (last: boolean): string => {
    let at = 0;
    for (;;) {
      const start = text.indexOf('<Image', at);
      if (start < 0) {
        const end = last ? text.length : Math.max(at, text.length - 8);
        keep(text.slice(at, end));
        return text.slice(end);
      }
      const after = text.charCodeAt(start + 6);
      const isImage = after === 62 || after === 32 || after === 47 || (after >= 9 && after <= 13);
      if (!isImage && start + 6 < text.length) {
        keep(text.slice(at, start + 6));
        at = start + 6;
        continue;
      }
      const open = text.indexOf('>', start);
      const empty = open > 0 && text[open - 1] === '/';
      const close = open < 0 || empty ? open : text.indexOf('</Image>', open);
      if (close < 0) {
        if (last || text.length - start > LARGEST) {
          if (!last) throw formatError('PHENIX_INDEX', `${file}: an Image element does not end`, { file });
          keep(text.slice(at, start));
          options.notice({
            code: 'TRUNCATED',
            rank: 'damage',
            text: `${file}: ends inside an Image element after ${images.length} of them`,
          });
          return '';
        }
        keep(text.slice(at, start));
        return text.slice(start);
      }
      keep(text.slice(at, start));
      // Wells refer to images by empty elements.
      if (!empty) {
        if (images.length >= limits.directories) {
          throw new ImgconvError('limit', 'DIRECTORIES', `${file}: more than ${limits.directories} images`, { file });
        }
        images.push(rows.read(text, open + 1, close));
      }
      at = close + (empty ? 1 : 8);
    }
  };
  for (let offset = 0; offset < source.size; offset += PIECE) {
    options.signal?.throwIfAborted();
    const length = Math.min(PIECE, source.size - offset);
    text += decoder.decode(await source.read(offset, length), { stream: true });
    text = scan(false);
  }
  text += decoder.decode();
  scan(true);
  const root = parseXml(rest.join(''), { file, lenient: true, maxBytes: limits.metadataBytes });
  if (root.name !== 'EvaluationInputData') {
    throw formatError('PHENIX_INDEX', `${file}: the root element is ${root.name}, expected EvaluationInputData`, {
      file,
    });
  }
  return { root, images };
}
