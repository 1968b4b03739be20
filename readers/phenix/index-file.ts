// The index: a small description of plate and channels, and one Image element a plane, hundreds of thousands in a large measurement.
// It is read in pieces; Image elements become records as they end, and only the rest is parsed as a document.

import { TextDecoder } from 'node:util';
import { unescapeXml, type XmlElement } from '../../src/containers/xml/element.js';
import { parseXml } from '../../src/containers/xml/parse.js';
import type { ByteSource, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';

/** Leaf elements of an Image, by name. */
export type Leaves = ReadonlyMap<string, string>;

export interface PhenixIndex {
  /** The document without its Image elements. */
  readonly root: XmlElement;
  readonly images: readonly Leaves[];
}

const PIECE = 4 * 2 ** 20;
/** Characters of one Image element. */
const LARGEST = 2 ** 20;
const LEAF = /<(?:\w+:)?(\w+)(\s[^<>]*)?>([^<]*)<\//g;
const BUFFER = /\bBufferNo\s*=\s*["'](\d+)["']/;

/** Texts of leaves repeat from plane to plane: one string for all. */
class Shared {
  private readonly known = new Map<string, string>();

  get(text: string): string {
    const found = this.known.get(text);
    if (found !== undefined) return found;
    // A copy of its own, so that the piece it was cut from can go.
    const own = Buffer.from(text).toString();
    if (this.known.size < 100_000) this.known.set(own, own);
    return own;
  }
}

function leavesOf(text: string, shared: Shared): Leaves {
  const leaves = new Map<string, string>();
  for (const [, name, attributes, value] of text.matchAll(LEAF)) {
    const key = shared.get(name!);
    if (!leaves.has(key)) leaves.set(key, shared.get(unescapeXml(value!.trim())));
    const page = name === 'URL' && attributes ? BUFFER.exec(attributes) : null;
    if (page) leaves.set('BufferNo', page[1]!);
  }
  return leaves;
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
  const shared = new Shared();
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
        images.push(leavesOf(text.slice(open + 1, close), shared));
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
