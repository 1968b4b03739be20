// Subblock segments: where the pixels of each start, and the tags that describe its acquisition.

import type { ByteSource } from '../../src/core/contracts.js';
import { type Entry, SEGMENT_HEADER } from './segments.js';

const FIXED_PART = 256;
/** Read at once: header, tags and the first bytes of the pixels of most subblocks. */
const WITH_TAGS = 4096;
const WITHOUT_TAGS = 512;
const LANES = 32;
/** Most subblocks whose tags are read in full. */
const MAX_TAGS = 20_000;
/** First bytes of the pixels that are looked at. */
const PEEK = 4;

export const COMPRESSION = { none: 0, jpeg: 1, lzw: 2, jpegXr: 4, zstd: 5, zstdPacked: 6 } as const;

export interface Tags {
  /** µm. */
  readonly stageX?: number;
  readonly stageY?: number;
  readonly focus?: number;
  /** As written: ISO 8601. */
  readonly time?: string;
  /** All of them, as found. */
  readonly text: string;
}

export interface Subblock extends Entry {
  /** Absolute offset of the encoded pixels; -1 where the file has none. */
  readonly offset: number;
  readonly bytes: number;
  /** Zstd1: high and low bytes are stored apart. */
  readonly packed: boolean;
  /** Which pixels are valid, one bit each: position of the bits, bytes of a row. */
  readonly mask?: { readonly offset: number; readonly stride: number };
  /** It has a mask of a kind that is not known, or of another size. */
  readonly oddMask?: boolean;
  readonly tags?: Tags;
}

function number(text: string, name: string): number | undefined {
  const match = new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(text);
  const value = match?.[1] ? Number(match[1]) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function parseTags(text: string): Tags | undefined {
  if (text.length < 40) return undefined;
  return {
    stageX: number(text, 'StageXPosition'),
    stageY: number(text, 'StageYPosition'),
    focus: number(text, 'FocusPosition'),
    time: /<AcquisitionTime>\s*([^<]*?)\s*<\/AcquisitionTime>/.exec(text)?.[1],
    text,
  };
}

/** Zstd1 starts with its own length and chunks of which only number 1 (byte packing) is defined. */
function zstdHeader(first: Uint8Array): { skip: number; packed: boolean } {
  if (first[0] === 3 && first[1] === 1) return { skip: 3, packed: (first[2]! & 1) === 1 };
  return { skip: first[0] === 1 ? 1 : 0, packed: false };
}

const MASK_CHUNK = '67eae3cbfc5b2b49a16aece378031448';
const CHUNK_HEAD = 20;
/** Chunks of an attachment that are looked at. */
const MOST_CHUNKS = 16;

/**
 * The mask of valid pixels in a subblock's attachment: chunks of an identifier (16 bytes), a length, and for a mask its width, height, kind
 * (0: bits), bytes of a row, bits.
 */
async function readMask(
  source: ByteSource,
  start: number,
  length: number,
  { storedWidth, storedHeight }: Entry,
): Promise<Pick<Subblock, 'mask' | 'oddMask'>> {
  const end = Math.min(start + length, source.size);
  for (let at = start, i = 0; i < MOST_CHUNKS && at + CHUNK_HEAD + 16 <= end; i++) {
    const head = Buffer.from(await source.read(at, CHUNK_HEAD + 16));
    const bytes = head.readUInt32LE(16);
    if (head.toString('hex', 0, 16) === MASK_CHUNK) {
      const [width, height, kind, stride] = [20, 24, 28, 32].map((field) => head.readUInt32LE(field)) as [
        number,
        number,
        number,
        number,
      ];
      const fits = width === storedWidth && height === storedHeight && kind === 0 && stride * 8 >= width;
      const offset = at + CHUNK_HEAD + 16;
      return fits && 16 + stride * height <= bytes && offset + stride * height <= end
        ? { mask: { offset, stride } }
        : { oddMask: true };
    }
    at += CHUNK_HEAD + bytes;
  }
  return {};
}

/** Broken or absent subblocks get offset -1. */
async function readOne(source: ByteSource, entry: Entry, withTags: boolean): Promise<Subblock> {
  const absent: Subblock = { ...entry, offset: -1, bytes: 0, packed: false };
  const { position } = entry;
  const window = Math.min(withTags ? WITH_TAGS : WITHOUT_TAGS, source.size - position);
  if (position < 0 || window < SEGMENT_HEADER + FIXED_PART) return absent;
  const head = await source.read(position, window);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (Buffer.from(head.subarray(0, 14)).toString('latin1') !== 'ZISRAWSUBBLOCK') return absent;
  const metadataBytes = view.getInt32(SEGMENT_HEADER, true);
  const attachmentBytes = view.getInt32(SEGMENT_HEADER + 4, true);
  const dataBytes = Number(view.getBigInt64(SEGMENT_HEADER + 8, true));
  const dimensions = view.getInt32(SEGMENT_HEADER + 16 + 28, true);
  if (metadataBytes < 0 || dataBytes < 0 || dimensions < 0 || dimensions > 64) return absent;
  const fixed = SEGMENT_HEADER + Math.max(FIXED_PART, 16 + 32 + 20 * dimensions);
  const at = fixed + metadataBytes;
  if (position + at >= source.size || dataBytes === 0) return absent;
  let tags: Tags | undefined;
  if (withTags && metadataBytes > 0 && metadataBytes < 2 ** 20) {
    const text = at <= head.length ? head.subarray(fixed, at) : await source.read(position + fixed, metadataBytes);
    tags = parseTags(Buffer.from(text).toString('utf8'));
  }
  let { compression } = entry;
  let skip = 0;
  let packed = false;
  if (compression === COMPRESSION.zstdPacked || compression === COMPRESSION.jpegXr) {
    const peek = Math.min(PEEK, source.size - position - at);
    const first = at + peek <= head.length ? head.subarray(at, at + peek) : await source.read(position + at, peek);
    if (compression === COMPRESSION.zstdPacked) ({ skip, packed } = zstdHeader(first));
    // Some writers leave pixels as they are under the name of JPEG XR, which always starts with 'II' and 0x01BC.
    else if (!(first[0] === 0x49 && first[1] === 0x49 && first[2] === 0xbc)) compression = COMPRESSION.none;
  }
  const bytes = Math.min(dataBytes - skip, source.size - position - at - skip);
  if (bytes <= 0) return absent;
  return {
    ...entry,
    compression,
    offset: position + at + skip,
    bytes,
    packed,
    ...(attachmentBytes > 0 ? await readMask(source, position + at + dataBytes, attachmentBytes, entry) : {}),
    tags,
  };
}

/** Every subblock, in the order of the entries. `sourceOf`: undefined for a part that does not exist. */
export async function readSubblocks(
  entries: readonly Entry[],
  sourceOf: (part: number) => ByteSource | undefined,
): Promise<Subblock[]> {
  const out = new Array<Subblock>(entries.length);
  const full = entries.filter((each) => each.width === each.storedWidth).length;
  const step = Math.max(1, Math.ceil(full / MAX_TAGS));
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < entries.length) {
      const i = next++;
      const entry = entries[i]!;
      const source = sourceOf(entry.part);
      const withTags = entry.width === entry.storedWidth && i % step === 0;
      out[i] = source ? await readOne(source, entry, withTags) : { ...entry, offset: -1, bytes: 0, packed: false };
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return out;
}
