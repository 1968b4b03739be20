// The frame of LIF and LOF files: blocks that begin with 0x70, parts that begin with 0x2A, text in UTF-16. readers/lif/NOTES.md, "Blocks".

import type { ByteSource } from '../../core/contracts.js';
import { formatError, ImgconvError } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import type { XmlElement } from '../xml/element.js';
import { parseXml } from '../xml/parse.js';

const BLOCK = 0x70;
const PART = 0x2a;

/** Pixels of one image. */
export interface MemoryBlock {
  readonly offset: number;
  /** Bytes as stated; the file may end earlier. */
  readonly length: number;
}

export interface LeicaFile {
  readonly root: XmlElement;
  /** By the identifiers that elements name; of a LOF there is one. */
  readonly memory: ReadonlyMap<string, MemoryBlock>;
  /** Why the list of memory blocks ends early. */
  readonly broken?: string;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function utf16(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf16le');
}

interface TextBlock {
  readonly text: string;
  readonly end: number;
}

/** Block of text: 0x70, uint32 length of the block, 0x2A, uint32 characters, UTF-16. */
async function readText(source: ByteSource, at: number, limits: Limits): Promise<TextBlock> {
  const bad = (what: string): ImgconvError =>
    formatError('LEICA_BLOCK', `${source.name}: ${what} at byte ${at}`, { file: source.name, offset: at });
  if (at + 13 > source.size) throw bad('the file ends where a block of text should be,');
  const view = viewOf(await source.read(at, 13));
  if (view.getUint32(0, true) !== BLOCK || view.getUint8(8) !== PART) throw bad('no block of text');
  const bytes = 2 * view.getUint32(9, true);
  if (bytes > limits.metadataBytes) {
    const text = `${source.name}: metadata of ${bytes} bytes are more than the limit of ${limits.metadataBytes}`;
    throw new ImgconvError('limit', 'METADATA_SIZE', text, { file: source.name, offset: at });
  }
  if (at + 13 + bytes > source.size) throw bad('the file ends in the metadata that begin');
  return { text: utf16(await source.read(at + 13, bytes)), end: at + 13 + bytes };
}

function parse(text: string, source: ByteSource, limits: Limits): XmlElement {
  return parseXml(text.replace(/\0+$/, ''), { lenient: true, file: source.name, maxBytes: limits.metadataBytes });
}

/** The root's version decides the width of the sizes: 1 has uint32, 2 uint64. */
async function readMemory(
  source: ByteSource,
  start: number,
  version: number,
  limits: Limits,
): Promise<{ memory: Map<string, MemoryBlock>; broken?: string }> {
  const memory = new Map<string, MemoryBlock>();
  const wide = version >= 2;
  const head = wide ? 22 : 18;
  let at = start;
  while (at + head <= source.size) {
    const view = viewOf(await source.read(at, head));
    const second = wide ? 17 : 13;
    if (view.getUint32(0, true) !== BLOCK || view.getUint8(8) !== PART || view.getUint8(second) !== PART)
      return { memory, broken: `no memory block at byte ${at}` };
    const length = wide ? Number(view.getBigUint64(9, true)) : view.getUint32(9, true);
    const name = 2 * view.getUint32(second + 1, true);
    if (name > 2 ** 16 || at + head + name > source.size)
      return { memory, broken: `a memory block at byte ${at} is cut` };
    if (memory.size >= limits.directories) return { memory, broken: `more than ${limits.directories} memory blocks` };
    const offset = at + head + name;
    memory.set(utf16(await source.read(at + head, name)), { offset, length });
    at = offset + length;
  }
  return at > source.size ? { memory, broken: 'the last memory block reaches beyond the file' } : { memory };
}

/** Errors: format LEICA_BLOCK, LEICA_XML. */
export async function readLif(source: ByteSource, limits: Limits): Promise<LeicaFile> {
  const { text, end } = await readText(source, 0, limits);
  const root = parse(text, source, limits);
  return { root, ...(await readMemory(source, end, Number(root.attribute('Version') ?? 2), limits)) };
}

const LOF_TYPE = 'LMS_Object_File';

/** One image: type, versions and size of its memory, memory, XML. */
export async function readLof(source: ByteSource, limits: Limits): Promise<LeicaFile> {
  const bad = (what: string): ImgconvError =>
    formatError('LEICA_BLOCK', `${source.name}: ${what}`, { file: source.name });
  const type = await readText(source, 0, limits);
  if (type.text !== LOF_TYPE)
    throw bad(`the file calls itself ${JSON.stringify(type.text.slice(0, 40))}, not ${LOF_TYPE}`);
  if (type.end + 19 > source.size) throw bad('the file ends before its memory');
  const view = viewOf(await source.read(type.end, 19));
  if ([0, 5, 10].some((at) => view.getUint8(at) !== PART))
    throw bad('versions and memory size are not where they should be');
  const offset = type.end + 19;
  const length = Number(view.getBigUint64(11, true));
  const { text } = await readText(source, offset + length, limits);
  return { root: parse(text, source, limits), memory: new Map([['', { offset, length }]]) };
}

/** XLEF, XLCF, XLIF: the XML alone, in UTF-8 or UTF-16. */
export async function readXlef(source: ByteSource, limits: Limits): Promise<XmlElement> {
  if (source.size > limits.metadataBytes) {
    const text = `${source.name}: metadata of ${source.size} bytes are more than the limit of ${limits.metadataBytes}`;
    throw new ImgconvError('limit', 'METADATA_SIZE', text, { file: source.name });
  }
  const bytes = await source.read(0, source.size);
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0x3c && bytes[1] === 0);
  if (isWide) return parse(utf16(bytes).replace(/^\ufeff/, ''), source, limits);
  return parseXml(bytes, { lenient: true, file: source.name, maxBytes: limits.metadataBytes });
}
