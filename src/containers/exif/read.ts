// Exif: a small TIFF structure inside JPEG, PNG and WebP files (CIPA DC-008). Read whole, from memory; what is broken is left out.

import { EXIF_TAGS, GPS_TAGS, IMAGE_TAGS } from './tags.js';

export type ExifValue = string | readonly number[];
/** Values by tag name, in file order; rationals as numbers. */
export type Exif = ReadonlyMap<string, ExifValue>;

const SIZES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
};
/** Longest value kept: maker notes and thumbnails are left out. */
const MAX_BYTES = 4096;

/** `bytes` starts with the TIFF header ('II' or 'MM'), with or without 'Exif\0\0' before it. */
export function readExif(bytes: Uint8Array): Exif {
  const at = bytes[0] === 0x45 && bytes[1] === 0x78 ? 6 : 0;
  const data = bytes.subarray(at);
  const found = new Map<string, ExifValue>();
  const order = data[0] === 0x49 ? true : data[0] === 0x4d ? false : undefined;
  if (order === undefined || data.length < 8) return found;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const walk = (offset: number, names: Readonly<Record<number, string>>): void => {
    if (offset + 2 > data.length) return;
    const count = view.getUint16(offset, order);
    for (let i = 0, entry = offset + 2; i < count && entry + 12 <= data.length; i++, entry += 12) {
      const tag = view.getUint16(entry, order);
      if (names === IMAGE_TAGS && (tag === 0x8769 || tag === 0x8825)) {
        walk(view.getUint32(entry + 8, order), tag === 0x8769 ? EXIF_TAGS : GPS_TAGS);
        continue;
      }
      const value = names[tag] === undefined ? undefined : readValue(view, entry, order);
      if (value !== undefined) found.set(names[tag]!, value);
    }
  };
  walk(view.getUint32(4, order), IMAGE_TAGS);
  return found;
}

function readValue(view: DataView, entry: number, little: boolean): ExifValue | undefined {
  const type = view.getUint16(entry + 2, little);
  const count = view.getUint32(entry + 4, little);
  const bytes = (SIZES[type] ?? 0) * count;
  const at = bytes <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
  if (bytes === 0 || bytes > MAX_BYTES || at + bytes > view.byteLength) return undefined;
  if (type === 2 || type === 7) {
    const text = Buffer.from(view.buffer, view.byteOffset + at, bytes)
      .toString('latin1')
      .split('\0')[0]!
      .trim();
    return text === '' ? undefined : text;
  }
  return Array.from({ length: count }, (_, i) => number(view, at + i * SIZES[type]!, type, little));
}

function number(view: DataView, at: number, type: number, little: boolean): number {
  switch (type) {
    case 1:
      return view.getUint8(at);
    case 3:
      return view.getUint16(at, little);
    case 4:
      return view.getUint32(at, little);
    case 5:
      return view.getUint32(at, little) / view.getUint32(at + 4, little);
    case 6:
      return view.getInt8(at);
    case 8:
      return view.getInt16(at, little);
    case 9:
      return view.getInt32(at, little);
    case 10:
      return view.getInt32(at, little) / view.getInt32(at + 4, little);
    case 11:
      return view.getFloat32(at, little);
    default:
      return view.getFloat64(at, little);
  }
}

/** First number of a value. */
export function exifNumber(exif: Exif, name: string): number | undefined {
  const value = exif.get(name);
  const first = typeof value === 'object' ? value[0] : undefined;
  return first !== undefined && Number.isFinite(first) ? first : undefined;
}

/** 'YYYY:MM:DD hh:mm:ss' of DateTimeOriginal as xsd:dateTime, with its zone where one is given. */
export function exifDate(exif: Exif): string | undefined {
  const text = exif.get('DateTimeOriginal');
  const parts = typeof text === 'string' ? /^(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(text) : null;
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  if (month === '00' || day === '00' || Number(month) > 12 || Number(day) > 31 || Number(hour) > 23) return undefined;
  const zone = exif.get('OffsetTimeOriginal');
  const offset = typeof zone === 'string' && /^[+-]\d\d:\d\d$/.test(zone) ? zone : '';
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`;
}

/** Pixels per metre from XResolution, YResolution and ResolutionUnit. */
export function exifDensity(exif: Exif): { readonly x?: number; readonly y?: number } {
  const unit = exifNumber(exif, 'ResolutionUnit') === 3 ? 100 : 1 / 0.0254;
  const x = exifNumber(exif, 'XResolution');
  const y = exifNumber(exif, 'YResolution');
  return { x: x === undefined ? undefined : x * unit, y: y === undefined ? undefined : y * unit };
}
