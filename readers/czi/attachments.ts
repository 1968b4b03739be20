// Attachments: time stamps, events, and pictures (slide label, slide preview, document thumbnail).

import type { ByteSource } from '../../src/core/contracts.js';
import { type AttachmentEntry, parseAttachmentEntry, SEGMENT_HEADER } from './segments.js';

export interface Attachment extends AttachmentEntry {
  readonly source: ByteSource;
  /** Absolute offset and length of the attached data. */
  readonly offset: number;
  readonly bytes: number;
}

const SMALL = 64 * 2 ** 20;

/** Undefined where the segment is broken or its part is missing. */
export async function openAttachment(
  source: ByteSource | undefined,
  entry: AttachmentEntry,
): Promise<Attachment | undefined> {
  const start = entry.position + SEGMENT_HEADER;
  if (!source || entry.position <= 0 || start + 256 > source.size) return undefined;
  const head = await source.read(entry.position, SEGMENT_HEADER + 256);
  if (!Buffer.from(head.subarray(0, 12)).toString('latin1').startsWith('ZISRAWATTACH')) return undefined;
  const declared = new DataView(head.buffer, head.byteOffset).getInt32(SEGMENT_HEADER, true);
  const bytes = Math.min(declared, source.size - start - 256);
  if (bytes <= 0) return undefined;
  // The entry beside the data is the truth where the directory has blanks.
  const own = parseAttachmentEntry(head, SEGMENT_HEADER + 16);
  return { ...entry, name: entry.name || own.name, type: entry.type || own.type, source, offset: start + 256, bytes };
}

async function read(attachment: Attachment): Promise<DataView | undefined> {
  if (attachment.bytes > SMALL) return undefined;
  const bytes = await attachment.source.read(attachment.offset, attachment.bytes);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Seconds since the start of the acquisition: size, count, doubles. */
export async function readTimeStamps(attachment: Attachment): Promise<readonly number[]> {
  const view = await read(attachment);
  if (!view || view.byteLength < 8) return [];
  const count = Math.min(Math.max(0, view.getInt32(4, true)), Math.floor((view.byteLength - 8) / 8));
  return Array.from({ length: count }, (_, i) => view.getFloat64(8 + 8 * i, true));
}

export interface CziEvent {
  /** Seconds since the start of the acquisition. */
  readonly time: number;
  readonly type: number;
  readonly text: string;
}

/** Size, count, then events of: size, time, type, length of the text, text. */
export async function readEvents(attachment: Attachment): Promise<readonly CziEvent[]> {
  const view = await read(attachment);
  const events: CziEvent[] = [];
  if (!view || view.byteLength < 8) return events;
  const count = view.getInt32(4, true);
  for (let i = 0, at = 8; i < count && at + 20 <= view.byteLength; i++) {
    const size = view.getInt32(at, true);
    const length = view.getInt32(at + 16, true);
    if (size < 20 || length < 0 || at + 20 + length > view.byteLength) break;
    const bytes = Buffer.from(view.buffer, view.byteOffset + at + 20, length);
    events.push({
      time: view.getFloat64(at + 4, true),
      type: view.getInt32(at + 12, true),
      text: bytes.toString('utf8').replace(/\0+$/, ''),
    });
    at += size;
  }
  return events;
}

export interface JpegSize {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
}

/** Frame header of a JPEG stream (ITU-T T.81 B.2.2), within its first bytes. */
export async function readJpegSize(attachment: Attachment): Promise<JpegSize | undefined> {
  const bytes = await attachment.source.read(attachment.offset, Math.min(attachment.bytes, 65536));
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const height = (bytes[at + 5]! << 8) | bytes[at + 6]!;
      const width = (bytes[at + 7]! << 8) | bytes[at + 8]!;
      const samples = bytes[at + 9]!;
      return bytes[at + 4] === 8 && width > 0 && height > 0 && (samples === 1 || samples === 3)
        ? { width, height, samples }
        : undefined;
    }
    at += 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
  }
  return undefined;
}
