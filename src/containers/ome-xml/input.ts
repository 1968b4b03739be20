// An OME-XML file that a user named: read and parsed once for all probes and readers.

import type { InputTree } from '../../core/contracts.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import { decodeXml } from '../xml/encoding.js';
import type { OmeDocument } from './document.js';
import { readOmeXml } from './read.js';

export interface OmeXmlFile {
  readonly document: OmeDocument;
  /** Absolute path or URL. */
  readonly name: string;
  /** Bytes before the text (byte order mark), and whether its characters are bytes: then positions in it are positions in the file. */
  readonly mark: number;
  readonly bytewise: boolean;
}

/** ImgconvError where the file is too large or no OME-XML. */
export async function openOmeXml(input: InputTree, limits: Limits = DEFAULT_LIMITS): Promise<OmeXmlFile> {
  return input.once(`ome-xml ${limits.metadataBytes}`, async () => {
    const source = await input.open();
    try {
      const head = await source.read(0, Math.min(4, source.size));
      const wide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
      const mark = head[0] === 0xef ? 3 : 0;
      const length = Math.min(source.size, limits.metadataBytes + 1);
      // The bytes are let go before the document is read.
      const text = decodeXml(await source.read(0, length));
      const document = readOmeXml(text, { file: source.name, maxBytes: limits.metadataBytes });
      return { document, name: source.name, mark, bytewise: !wide && head[0] !== 0 && head[1] !== 0 };
    } finally {
      await source.close();
    }
  });
}
