// A document: one file, or the parts of a split one. Names of parts are not stored; ZEN calls them NAME (1).czi, NAME (2).czi …, and their
// headers share the primary GUID.

import type { ByteSource, InputTree, OpenOptions } from '../../src/core/contracts.js';
import {
  type AttachmentEntry,
  type Entry,
  type FileHeader,
  readContents,
  readFileHeader,
  readXml,
} from './segments.js';
import { readSubblocks, type Subblock } from './subblocks.js';

export interface Document {
  /** Source of each part that exists. */
  readonly sources: ReadonlyMap<number, ByteSource>;
  readonly subblocks: readonly Subblock[];
  readonly attachments: readonly AttachmentEntry[];
  readonly xml: Uint8Array;
  readonly missing: readonly string[];
}

interface Part {
  readonly source: ByteSource;
  readonly header: FileHeader;
}

async function openPart(input: InputTree, name?: string): Promise<Part> {
  const source = await input.open(name);
  return { source, header: await readFileHeader(source) };
}

/** 'NAME (3).czi' and 'NAME(3).czi'. */
function splitName(name: string): { base: string; part: number } | undefined {
  const match = /^(.*?) ?\((\d+)\)\.czi$/i.exec(name);
  return match ? { base: match[1]!, part: Number(match[2]) } : undefined;
}

/** The first part and those beside it; a copy that merely is called 'NAME (1).czi' stands for itself. */
async function openParts(input: InputTree): Promise<{ master: Part; masterName: string; others: Part[] }> {
  const opened = await openPart(input);
  const names = (await input.list())
    .filter((entry) => !entry.folder && /\.czi$/i.test(entry.name))
    .map((entry) => entry.name);
  const { header } = opened;
  const own = splitName(input.name);
  let master = opened;
  let masterName = input.name;
  if (own && header.guid !== header.primaryGuid) {
    const candidate = names.find((name) => name.toLowerCase() === `${own.base}.czi`.toLowerCase());
    const first = candidate === undefined ? undefined : await openPart(input, candidate).catch(() => undefined);
    if (first && first.header.guid === header.primaryGuid) {
      await opened.source.close();
      master = first;
      masterName = candidate!;
    } else await first?.source.close();
  }
  const base = masterName.replace(/\.czi$/i, '');
  const others: Part[] = [];
  for (const name of names) {
    if (splitName(name)?.base !== base) continue;
    const part = await openPart(input, name).catch(() => undefined);
    if (!part) continue;
    const belongs = part.header.primaryGuid === master.header.primaryGuid && part.header.guid !== master.header.guid;
    if (belongs) others.push(part);
    else await part.source.close();
  }
  return { master, masterName, others };
}

/** Everything but pixels. The caller closes the sources. */
export async function readDocument(input: InputTree, options: OpenOptions): Promise<Document> {
  const { master, masterName, others } = await openParts(input);
  const sources = new Map<number, ByteSource>([[master.header.part, master.source]]);
  const contents = await readContents(master.source, master.header, options.limits);
  if (contents.rebuilt) {
    const text = `${master.source.name}: ${contents.rebuilt}; rebuilt from the segments, ${contents.entries.length} subblocks found`;
    options.notice({ code: 'CZI_DIRECTORY', rank: 'damage', text });
  }
  const entries: Entry[] = [...contents.entries];
  const known = new Set(entries.map((entry) => entry.part));
  for (const [i, { source, header }] of others.entries()) {
    const part = header.part > 0 ? header.part : (splitName(source.name)?.part ?? i + 1);
    if (sources.has(part)) continue;
    sources.set(part, source);
    if (known.has(part)) continue;
    const more = await readContents(source, header, options.limits);
    entries.push(...more.entries.map((entry) => ({ ...entry, part })));
  }
  const missing: string[] = [];
  for (const part of [...new Set(entries.map((entry) => entry.part))].sort((a, b) => a - b)) {
    if (sources.has(part)) continue;
    missing.push(masterName.replace(/\.czi$/i, ` (${part}).czi`));
    options.notice({ code: 'FILE_MISSING', rank: 'damage', text: `part ${part} of the split document is missing` });
  }
  return {
    sources,
    subblocks: await readSubblocks(entries, (part) => sources.get(part)),
    attachments: contents.attachments,
    xml: await readXml(master.source, contents.metadata, options.limits),
    missing,
  };
}

/** A document inside a file: offsets of its segments count from `offset`. */
export function innerSource(source: ByteSource, offset: number, size: number): ByteSource {
  return {
    name: source.name,
    size,
    read: (at, length) => source.read(offset + at, length),
    close: async () => undefined,
  };
}

/** An embedded document (label, preview): one part, no attachments. */
export async function readInner(source: ByteSource, options: OpenOptions): Promise<Document> {
  const header = await readFileHeader(source);
  const contents = await readContents(source, header, options.limits);
  const sources = new Map([[header.part, source]]);
  return {
    sources,
    subblocks: await readSubblocks(contents.entries, () => source),
    attachments: [],
    xml: await readXml(source, contents.metadata, options.limits),
    missing: [],
  };
}
