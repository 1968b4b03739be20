// What an OME-XML document holds besides the model: where its pixels are, and what the schema of today has no place for.

import type { Notice, OriginalMetadata } from '../../core/contracts.js';
import type { OmeModel } from '../../core/ome.js';
import type { XmlElement } from '../xml/element.js';

/** A parsed element, or one of an older schema brought into the shape of 2016-06. */
export interface XmlNode {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  readonly text: string;
  /** What it was made from, if it is not an element itself. */
  readonly source?: XmlElement;
}

/** TiffData as written; absent attributes are undefined. */
export interface TiffDataBlock {
  readonly ifd?: number;
  readonly firstZ?: number;
  readonly firstC?: number;
  readonly firstT?: number;
  readonly planeCount?: number;
  /** `urn:uuid:…` of the file that holds the planes. */
  readonly uuid?: string;
  readonly fileName?: string;
}

/** Base64 text in the document: positions of its first character and of the first after it. */
export interface BinDataBlock {
  readonly start: number;
  readonly end: number;
  readonly compression: string;
  /** Attribute `Length`: bytes (older writers: characters). */
  readonly length?: number;
  readonly bigEndian?: boolean;
}

/** How one image's pixels are stored. */
export interface PixelStorage {
  readonly bigEndian?: boolean;
  readonly interleaved?: boolean;
  readonly tiffData: readonly TiffDataBlock[];
  readonly binData: readonly BinDataBlock[];
  readonly metadataOnly: boolean;
}

export interface OmeDocument {
  readonly model: OmeModel;
  /** '2016-06', …, '2003-FC'; '' for an unknown namespace. */
  readonly schema: string;
  readonly uuid?: string;
  readonly binaryOnly?: { readonly metadataFile: string; readonly uuid: string };
  /** storage[i] belongs to model.Images[i]. */
  readonly storage: readonly PixelStorage[];
  /** OriginalMetadata annotations, and everything that the schema of today has no place for. */
  readonly original: readonly OriginalMetadata[];
  readonly notices: readonly Notice[];
}

/** Version in an OME namespace URI of any year; undefined for others. `OME`, `SA`, `SPW`, `ROI`, `BinaryFile` … were separate before 2016-06. */
export function schemaVersion(namespace: string): string | undefined {
  const found = /openmicroscopy\.org\/(?:XMLschemas|Schemas)\/(\w+)\/([^/\s]+)/i.exec(namespace);
  if (!found || found[1] === 'Additions') return undefined;
  return /^(?:FC|RC\d|\d{4}-FC)$/.test(found[2]!) ? '2003-FC' : found[2];
}
