// The ImageDescription of a file's first directory: where it is, and how to replace it in place. Classic TIFF and BigTIFF, both byte orders.
// Every step of an edit leaves a file that can be read, with the old text or the new one, so that a crash between two steps harms nothing.

import { ImgconvError } from '../../core/errors.js';
import type { TiffFile } from './file.js';
import { TAG } from './tags.js';

/** To be carried out in order, each on the disk before the next. */
export type EditStep =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number };

const ASCII = 2;
const CLASSIC_END = 2 ** 32 - 1;

/** Stored text without its NULs; undefined where the first directory has none. */
export async function readDescription(file: TiffFile): Promise<Uint8Array | undefined> {
  const bytes = await file.ifds[0]!.bytes(TAG.ImageDescription);
  if (!bytes) return undefined;
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

/** Steps that make `text` (UTF-8) the description. Errors: limit CLASSIC_TIFF where a classic file has no room for it. */
export async function replaceDescription(file: TiffFile, text: Uint8Array): Promise<EditStep[]> {
  if (!file.big && file.source.size > CLASSIC_END)
    throw new ImgconvError('unsupported', 'TIFF_LARGE', 'a classic TIFF beyond 4 GiB cannot be edited in place');
  const value = new Uint8Array(text.length + 1);
  value.set(text);
  const ifd = file.ifds[0]!;
  const index = ifd.list().findIndex(({ tag }) => tag === TAG.ImageDescription);
  if (index < 0) return addEntry(file, value);
  const old = ifd.list()[index]!;
  const entry = ifd.offset + file.countBytes + index * file.entryBytes;
  if (value.length <= file.inlineBytes) return [{ kind: 'write', offset: entry, bytes: entryBytes(file, value, 0) }];
  const size = file.source.size;
  const end = size + (size % 2);
  const appended: EditStep[] = [
    { kind: 'write', offset: size, bytes: behind(end - size, value) },
    { kind: 'write', offset: entry, bytes: entryBytes(file, value, end) },
  ];
  const fits = old.bytes > file.inlineBytes && value.length <= old.bytes && old.at + old.bytes <= size;
  const room = file.big || end + value.length <= CLASSIC_END;
  if (!fits) {
    if (!room) throw tooLarge(file);
    return appended;
  }
  const whole = new Uint8Array(old.bytes);
  whole.set(value);
  const inPlace: EditStep[] = [
    { kind: 'write', offset: old.at, bytes: whole },
    { kind: 'write', offset: entry, bytes: entryBytes(file, value, old.at) },
  ];
  // The new text stands at the end while its place is overwritten.
  return room ? [...appended, ...inPlace, { kind: 'truncate', size }] : inPlace;
}

function tooLarge(file: TiffFile): ImgconvError {
  return new ImgconvError('limit', 'CLASSIC_TIFF', 'the text does not fit: a classic TIFF ends at 4 GiB', {
    file: file.source.name,
  });
}

function behind(gap: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(gap + parts.reduce((sum, part) => sum + part.length, 0));
  let at = gap;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Entry of the description in the file's byte order; the value itself where it fits. */
function entryBytes(file: TiffFile, value: Uint8Array, offset: number): Uint8Array {
  const bytes = new Uint8Array(file.entryBytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, TAG.ImageDescription, file.littleEndian);
  view.setUint16(2, ASCII, file.littleEndian);
  putPointer(file, view, 4, value.length);
  const place = 4 + file.inlineBytes;
  if (value.length <= file.inlineBytes) bytes.set(value, place);
  else putPointer(file, view, place, offset);
  return bytes;
}

function putPointer(file: TiffFile, view: DataView, at: number, value: number): void {
  if (file.big) view.setBigUint64(at, BigInt(value), file.littleEndian);
  else view.setUint32(at, value, file.littleEndian);
}

/** A copy of the first directory with one entry more at the end of the file; the header's pointer to it comes last. */
async function addEntry(file: TiffFile, value: Uint8Array): Promise<EditStep[]> {
  const { countBytes: head, entryBytes: step, inlineBytes: pointer, littleEndian: le, source } = file;
  const ifd = file.ifds[0]!;
  const tags = ifd.list().map(({ tag }) => tag);
  const old = await source.read(ifd.offset, head + step * tags.length + pointer);
  const place = tags.filter((tag) => tag < TAG.ImageDescription).length;
  const start = source.size + ((8 - (source.size % 8)) % 8);
  const tableBytes = old.length + step;
  const valueAt = start + tableBytes + (tableBytes % 2);
  if (!file.big && valueAt + value.length > CLASSIC_END) throw tooLarge(file);
  const table = new Uint8Array(valueAt - start);
  const view = new DataView(table.buffer);
  if (file.big) view.setBigUint64(0, BigInt(tags.length + 1), le);
  else view.setUint16(0, tags.length + 1, le);
  const cut = head + place * step;
  table.set(old.subarray(head, cut), head);
  table.set(entryBytes(file, value, valueAt), cut);
  table.set(old.subarray(cut), cut + step);
  const first = new Uint8Array(pointer);
  putPointer(file, new DataView(first.buffer), 0, start);
  return [
    { kind: 'write', offset: source.size, bytes: behind(start - source.size, table, value) },
    { kind: 'write', offset: file.big ? 8 : 4, bytes: first },
  ];
}
