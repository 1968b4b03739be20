// Segments of a ZISRAW file: file header, subblock directory, attachment directory, metadata. ZEISS, "CZI File Format" (DV-schema); byte
// layouts: NOTES.md. All numbers are little-endian. A directory that is missing or wrong is rebuilt from the segments themselves.

import { fixedText } from '../../src/containers/raw/text.js';
import type { ByteSource } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { Limits } from '../../src/core/limits.js';

export const SEGMENT_HEADER = 32;
const ALIGN = 32;
/** Fixed part of a directory entry; 20 bytes a dimension follow. */
const ENTRY_BYTES = 32;
const DIMENSION_BYTES = 20;
const MAX_DIMENSIONS = 40;
const DIRECTORY_DATA = 128;
const ATTACHMENT_ENTRY = 128;

/** Dimensions other than X and Y. */
const DIMENSIONS = ['C', 'Z', 'T', 'S', 'B', 'V', 'I', 'H', 'R', 'M'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface Entry {
  /** Number of the file of a split document. */
  readonly part: number;
  /** Start of the subblock segment. */
  readonly position: number;
  readonly pixelType: number;
  readonly compression: number;
  /** Pixels of the full-size coordinate system. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Pixels that are stored; fewer in pyramid levels. */
  readonly storedWidth: number;
  readonly storedHeight: number;
  readonly at: Readonly<Record<Dimension, number>>;
  readonly hasMosaicIndex: boolean;
}

export interface AttachmentEntry {
  readonly part: number;
  readonly position: number;
  readonly type: string;
  readonly name: string;
}

export interface FileHeader {
  readonly primaryGuid: string;
  readonly guid: string;
  readonly part: number;
  readonly directory: number;
  readonly metadata: number;
  readonly attachments: number;
}

export interface Contents {
  readonly entries: readonly Entry[];
  readonly attachments: readonly AttachmentEntry[];
  /** Position of the metadata segment; 0 for none. */
  readonly metadata: number;
  /** The directory was rebuilt. */
  readonly rebuilt?: string;
}

export interface Segment {
  readonly id: string;
  /** Bytes after the segment header that belong to it. */
  readonly allocated: number;
  readonly used: number;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function int64(view: DataView, at: number): number {
  return Number(view.getBigInt64(at, true));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function parseSegment(bytes: Uint8Array, at = 0): Segment {
  const view = viewOf(bytes);
  return { id: fixedText(bytes, at, 16), allocated: int64(view, at + 16), used: int64(view, at + 24) };
}

/** Errors: format CZI_SEGMENT. */
async function readSegment(source: ByteSource, position: number): Promise<Segment> {
  if (!(position >= 0) || position + SEGMENT_HEADER > source.size) {
    const text = `${source.name}: a segment at ${position} lies outside the file of ${source.size} bytes`;
    throw formatError('CZI_SEGMENT', text, { file: source.name });
  }
  return parseSegment(await source.read(position, SEGMENT_HEADER));
}

export async function readFileHeader(source: ByteSource): Promise<FileHeader> {
  if (source.size < SEGMENT_HEADER + 80) {
    throw formatError('CZI_HEADER', `${source.name}: ${source.size} bytes are too few for a CZI file`, {
      file: source.name,
    });
  }
  const bytes = await source.read(0, SEGMENT_HEADER + 80);
  if (parseSegment(bytes).id !== 'ZISRAWFILE') {
    throw formatError('CZI_HEADER', `${source.name}: no ZISRAWFILE segment at its start`, {
      file: source.name,
      offset: 0,
    });
  }
  const data = bytes.subarray(SEGMENT_HEADER);
  const view = viewOf(data);
  return {
    primaryGuid: hex(data.subarray(16, 32)),
    guid: hex(data.subarray(32, 48)),
    part: view.getInt32(48, true),
    directory: int64(view, 52),
    metadata: int64(view, 60),
    attachments: int64(view, 72),
  };
}

/** A directory entry at `at`; undefined where it makes no sense. */
function parseEntry(bytes: Uint8Array, at: number): { entry: Entry; bytes: number } | undefined {
  if (at + ENTRY_BYTES > bytes.length || fixedText(bytes, at, 2) !== 'DV') return undefined;
  const view = viewOf(bytes);
  const count = view.getInt32(at + 28, true);
  const length = ENTRY_BYTES + DIMENSION_BYTES * count;
  if (count < 2 || count > MAX_DIMENSIONS || at + length > bytes.length) return undefined;
  const starts: Record<Dimension, number> = { C: 0, Z: 0, T: 0, S: 0, B: 0, V: 0, I: 0, H: 0, R: 0, M: 0 };
  const box = { X: { start: 0, size: 0, stored: 0 }, Y: { start: 0, size: 0, stored: 0 } };
  let hasMosaicIndex = false;
  for (let i = 0, p = at + ENTRY_BYTES; i < count; i++, p += DIMENSION_BYTES) {
    const name = fixedText(bytes, p, 4);
    const start = view.getInt32(p + 4, true);
    if (name === 'X' || name === 'Y') {
      const size = view.getInt32(p + 8, true);
      box[name] = { start, size, stored: view.getInt32(p + 16, true) || size };
    } else if (name in starts) {
      starts[name as Dimension] = start;
      if (name === 'M') hasMosaicIndex = true;
    }
  }
  const { X, Y } = box;
  if (!(X.size > 0 && Y.size > 0 && X.stored > 0 && Y.stored > 0)) return undefined;
  const entry: Entry = {
    pixelType: view.getInt32(at + 2, true),
    position: int64(view, at + 6),
    part: view.getInt32(at + 14, true),
    compression: view.getInt32(at + 18, true),
    x: X.start,
    y: Y.start,
    width: X.size,
    height: Y.size,
    storedWidth: X.stored,
    storedHeight: Y.stored,
    at: starts,
    hasMosaicIndex,
  };
  return { entry, bytes: length };
}

/** Entries of the subblock directory; a text where it is missing or broken. */
async function readDirectory(source: ByteSource, position: number, limits: Limits): Promise<Entry[] | string> {
  if (position <= 0 || position + SEGMENT_HEADER + DIRECTORY_DATA > source.size) return 'no subblock directory';
  const segment = await readSegment(source, position);
  if (segment.id !== 'ZISRAWDIRECTORY') return 'no subblock directory where the header points';
  const start = position + SEGMENT_HEADER;
  const length = Math.min(Math.max(segment.used, segment.allocated), source.size - start);
  const head = await source.read(start, 4);
  const count = viewOf(head).getInt32(0, true);
  if (count < 0 || count * (ENTRY_BYTES + 2 * DIMENSION_BYTES) > length)
    return `a directory of ${count} subblocks does not fit`;
  if (count > limits.directories) {
    const text = `${source.name}: ${count} subblocks, more than the limit of ${limits.directories}`;
    throw new ImgconvError('limit', 'DIRECTORIES', text, { file: source.name });
  }
  const bytes = await source.read(start + DIRECTORY_DATA, length - DIRECTORY_DATA);
  const entries: Entry[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    const parsed = parseEntry(bytes, at);
    if (!parsed) return `entry ${i} of ${count} in the subblock directory is broken`;
    entries.push(parsed.entry);
    at += parsed.bytes;
  }
  return entries;
}

export function parseAttachmentEntry(bytes: Uint8Array, at: number): AttachmentEntry {
  const view = viewOf(bytes);
  return {
    position: int64(view, at + 12),
    part: view.getInt32(at + 20, true),
    type: fixedText(bytes, at + 40, 8),
    name: fixedText(bytes, at + 48, 80),
  };
}

async function readAttachments(source: ByteSource, position: number): Promise<AttachmentEntry[]> {
  const start = position + SEGMENT_HEADER;
  if (position <= 0 || start + 256 > source.size) return [];
  if ((await readSegment(source, position)).id !== 'ZISRAWATTDIR') return [];
  const count = viewOf(await source.read(start, 4)).getInt32(0, true);
  if (count <= 0 || start + 256 + count * ATTACHMENT_ENTRY > source.size) return [];
  const bytes = await source.read(start + 256, count * ATTACHMENT_ENTRY);
  return Array.from({ length: count }, (_, i) => parseAttachmentEntry(bytes, i * ATTACHMENT_ENTRY));
}

const SCAN_WINDOW = 2 ** 20;

/** Position of the next segment at or after `from`, found by its name; -1 for none. */
async function findSegment(source: ByteSource, from: number): Promise<number> {
  for (let at = Math.ceil(from / ALIGN) * ALIGN; at + SEGMENT_HEADER <= source.size; at += SCAN_WINDOW) {
    const bytes = await source.read(at, Math.min(SCAN_WINDOW, source.size - at));
    for (let i = 0; i + SEGMENT_HEADER <= bytes.length; i += ALIGN) {
      if (bytes[i] === 0x5a && bytes[i + 1] === 0x49 && fixedText(bytes, i, 16).startsWith('ZISRAW')) return at + i;
    }
  }
  return -1;
}

/** Walk over all segments of a file whose directory cannot be used. */
async function scan(source: ByteSource, part: number, why: string, limits: Limits): Promise<Contents> {
  const entries: Entry[] = [];
  const attachments: AttachmentEntry[] = [];
  let metadata = 0;
  let at = 0;
  while (at >= 0 && at + SEGMENT_HEADER <= source.size) {
    const bytes = await source.read(at, Math.min(1024, source.size - at));
    const { id, allocated } = parseSegment(bytes);
    if (!id.startsWith('ZISRAW') && id !== 'DELETED') {
      at = await findSegment(source, at + ALIGN);
      continue;
    }
    const data = SEGMENT_HEADER;
    if (id === 'ZISRAWSUBBLOCK') {
      const parsed = parseEntry(bytes, data + 16);
      if (parsed) entries.push({ ...parsed.entry, position: at, part });
      if (entries.length > limits.directories) break;
    } else if (id === 'ZISRAWMETADATA') metadata = at;
    else if (id === 'ZISRAWATTACH' && bytes.length >= data + 16 + ATTACHMENT_ENTRY) {
      attachments.push({ ...parseAttachmentEntry(bytes, data + 16), position: at, part });
    }
    const next = at + SEGMENT_HEADER + Math.ceil(allocated / ALIGN) * ALIGN;
    at = allocated > 0 && next <= source.size ? next : await findSegment(source, at + ALIGN);
  }
  return { entries, attachments, metadata, rebuilt: why };
}

/** Does each of a few subblocks lie where the directory says? */
async function isTrue(source: ByteSource, entries: readonly Entry[]): Promise<boolean> {
  const own = entries.filter((each) => each.part === 0 || each.part === entries[0]?.part);
  const picks = [0, own.length >> 1, own.length - 1];
  for (const i of new Set(picks)) {
    const entry = own[i];
    if (!entry) continue;
    if (entry.position <= 0 || entry.position + SEGMENT_HEADER > source.size) return false;
    if ((await readSegment(source, entry.position)).id !== 'ZISRAWSUBBLOCK') return false;
  }
  return true;
}

/** What a file holds: by its directories, or by a walk over its segments. */
export async function readContents(source: ByteSource, header: FileHeader, limits: Limits): Promise<Contents> {
  const entries = await readDirectory(source, header.directory, limits);
  if (typeof entries === 'string') return scan(source, header.part, entries, limits);
  const own = entries.filter((each) => each.part === header.part);
  if (!(await isTrue(source, own))) return scan(source, header.part, 'the subblock directory points elsewhere', limits);
  return { entries, attachments: await readAttachments(source, header.attachments), metadata: header.metadata };
}

/** XML of the metadata segment; empty where there is none. */
export async function readXml(source: ByteSource, position: number, limits: Limits): Promise<Uint8Array> {
  const none = new Uint8Array(0);
  const start = position + SEGMENT_HEADER;
  if (position <= 0 || start + 256 > source.size) return none;
  if ((await readSegment(source, position)).id !== 'ZISRAWMETADATA') return none;
  const length = viewOf(await source.read(start, 4)).getInt32(0, true);
  if (length <= 0) return none;
  if (length > limits.metadataBytes) {
    const text = `${source.name}: metadata of ${length} bytes, more than the limit of ${limits.metadataBytes}`;
    throw new ImgconvError('limit', 'METADATA_SIZE', text, { file: source.name });
  }
  return source.read(start + 256, Math.min(length, source.size - start - 256));
}
