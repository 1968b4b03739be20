// An OME-XML file that a user named: read and parsed once for all probes and readers.

import type { InputTree } from '../../core/contracts.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
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
      const bytes = await source.read(0, Math.min(source.size, limits.metadataBytes + 1));
      const wide =
        (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff) || bytes[0] === 0;
      const mark = bytes[0] === 0xef ? 3 : 0;
      const document = readOmeXml(bytes, { file: source.name, maxBytes: limits.metadataBytes });
      return { document, name: source.name, mark, bytewise: !wide && bytes[1] !== 0 };
    } finally {
      await source.close();
    }
  });
}
