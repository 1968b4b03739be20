// TIFF 6.0 and BigTIFF directories to bytes, little-endian. The caller places them: a directory's position and the next one's are given.

import { TYPE_BYTES } from './tags.js';

export const FIELD = { ASCII: 2, SHORT: 3, LONG: 4, RATIONAL: 5, UNDEFINED: 7, LONG8: 16, IFD8: 18 } as const;

/** One field. Numbers, or bytes for ASCII and UNDEFINED; a RATIONAL takes two numbers each. */
export interface TiffField {
  readonly tag: number;
  readonly type: number;
  readonly values: Uint8Array | Float64Array | readonly number[];
}

/** ASCII with its NUL; UTF-8 is what OME-TIFF stores there. */
export function asciiField(tag: number, text: string | Uint8Array): TiffField {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const values = new Uint8Array(bytes.length + 1);
  values.set(bytes);
  return { tag, type: FIELD.ASCII, values };
}

export function shortField(tag: number, ...values: number[]): TiffField {
  return { tag, type: FIELD.SHORT, values };
}

export function longField(tag: number, ...values: number[]): TiffField {
  return { tag, type: FIELD.LONG, values };
}

/** Offsets or byte counts: LONG8 in BigTIFF, LONG in classic files. */
export function sizeField(tag: number, values: Float64Array | readonly number[], big: boolean): TiffField {
  return { tag, type: big ? FIELD.LONG8 : FIELD.LONG, values };
}

/** Nearest rational with 32-bit parts. */
export function rationalField(tag: number, value: number): TiffField {
  let denominator = 1;
  while (denominator < 1e6 && value * denominator * 10 < 2 ** 32 && !Number.isInteger(value * denominator))
    denominator *= 10;
  const numerator = Math.min(2 ** 32 - 1, Math.round(value * denominator));
  return { tag, type: FIELD.RATIONAL, values: [numerator, denominator] };
}

/** Header with the position of the first directory: 8 bytes, or 16 for BigTIFF. */
export function encodeHeader(firstIfd: number, big: boolean): Uint8Array {
  const bytes = new Uint8Array(big ? 16 : 8);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x49;
  bytes[1] = 0x49;
  view.setUint16(2, big ? 43 : 42, true);
  if (big) {
    view.setUint16(4, 8, true);
    view.setBigUint64(8, BigInt(firstIfd), true);
  } else {
    view.setUint32(4, firstIfd, true);
  }
  return bytes;
}

/**
 * A directory that starts at `at` bytes of the file (even), its long values right behind it.
 * @param next position of the next directory, 0 for none, 'follows' for right behind this one
 * @returns bytes, padded to an even length
 */
export function encodeIfd(
  fields: readonly TiffField[],
  at: number,
  next: number | 'follows',
  big: boolean,
): Uint8Array {
  const sorted = [...fields].sort((a, b) => a.tag - b.tag);
  const [countBytes, entryBytes, pointerBytes] = big ? [8, 20, 8] : [2, 12, 4];
  const tableBytes = countBytes + entryBytes * sorted.length + pointerBytes;
  const size = (field: TiffField): number => (TYPE_BYTES[field.type] ?? 1) * fieldCount(field);
  const even = (n: number): number => n + (n % 2);
  const total = sorted.reduce(
    (sum, field) => sum + (size(field) > pointerBytes ? even(size(field)) : 0),
    even(tableBytes),
  );
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  const pointer = (offset: number, value: number): void => {
    if (big) view.setBigUint64(offset, BigInt(value), true);
    else view.setUint32(offset, value, true);
  };
  if (big) view.setBigUint64(0, BigInt(sorted.length), true);
  else view.setUint16(0, sorted.length, true);
  let behind = even(tableBytes);
  for (const [i, field] of sorted.entries()) {
    const entry = countBytes + entryBytes * i;
    view.setUint16(entry, field.tag, true);
    view.setUint16(entry + 2, field.type, true);
    pointer(entry + 4, fieldCount(field));
    const place = entry + 4 + pointerBytes;
    if (size(field) <= pointerBytes) {
      putValues(view, place, field);
    } else {
      pointer(place, at + behind);
      putValues(view, behind, field);
      behind += even(size(field));
    }
  }
  pointer(tableBytes - pointerBytes, next === 'follows' ? at + total : next);
  return bytes;
}

function fieldCount(field: TiffField): number {
  return field.type === FIELD.RATIONAL ? field.values.length / 2 : field.values.length;
}

function putValues(view: DataView, at: number, { type, values }: TiffField): void {
  const step = type === FIELD.RATIONAL ? 4 : (TYPE_BYTES[type] ?? 1);
  for (let i = 0; i < values.length; i++) {
    const offset = at + i * step;
    const value = values[i] as number;
    if (step === 1) view.setUint8(offset, value);
    else if (step === 2) view.setUint16(offset, value, true);
    else if (step === 4) view.setUint32(offset, value, true);
    else view.setBigUint64(offset, BigInt(value), true);
  }
}
