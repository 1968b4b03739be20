// NDTiff.index: one entry a plane, in the order of acquisition. Layout: NOTES.md.

import { parseObject } from '../../src/containers/micromanager/json.js';
import { formatError, unsupported } from '../../src/core/errors.js';
import type { PixelType } from '../../src/core/pixel-type.js';

export interface IndexEntry {
  readonly axes: ReadonlyMap<string, string | number>;
  readonly file: string;
  readonly offset: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: Pixels;
  readonly metadataOffset: number;
  readonly metadataLength: number;
}

export interface Pixels {
  readonly type: PixelType;
  readonly samples: 1 | 3;
  readonly bits: number;
}

/** By the code of the index. */
const PIXELS: readonly Pixels[] = [
  { type: 'uint8', samples: 1, bits: 8 },
  { type: 'uint16', samples: 1, bits: 16 },
  { type: 'uint8', samples: 3, bits: 8 },
  { type: 'uint16', samples: 1, bits: 10 },
  { type: 'uint16', samples: 1, bits: 12 },
  { type: 'uint16', samples: 1, bits: 14 },
  { type: 'uint16', samples: 1, bits: 11 },
];
const NUMBERS = 32;

/** Bytes of one plane. */
export function planeBytes({ width, height, pixels }: IndexEntry): number {
  return width * height * pixels.samples * (pixels.type === 'uint16' ? 2 : 1);
}

/**
 * Entries up to the end, or to the zero length that an unfinished index may end in; `cut`: it ends inside an entry.
 * Errors: format NDTIFF_INDEX, unsupported NDTIFF_PIXELS.
 */
export function parseIndex(bytes: Uint8Array, file: string, most: number): { entries: IndexEntry[]; cut: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: IndexEntry[] = [];
  const text = (at: number, length: number): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString();
  let at = 0;
  while (at + 4 <= bytes.length) {
    const start = at;
    const axesLength = view.getUint32(at, true);
    if (axesLength === 0) break;
    if (at + 8 + axesLength > bytes.length) return { entries, cut: true };
    const axes = parseObject(text(at + 4, axesLength));
    at += 4 + axesLength;
    const nameLength = view.getUint32(at, true);
    if (at + 4 + nameLength + NUMBERS > bytes.length) return { entries, cut: true };
    const name = text(at + 4, nameLength);
    at += 4 + nameLength;
    const [offset, width, height, code, packed, metadataOffset, metadataLength] = Array.from({ length: 7 }, (_, i) =>
      view.getUint32(at + 4 * i, true),
    ) as [number, number, number, number, number, number, number];
    at += NUMBERS;
    if (!axes || !name || width === 0 || height === 0 || entries.length >= most) {
      throw formatError('NDTIFF_INDEX', `${file}: the entry at ${start} makes no sense`, { file, offset: start });
    }
    const pixels = PIXELS[code];
    if (!pixels || packed !== 0) {
      const what = pixels ? `compression ${packed}` : `pixel type ${code}`;
      throw unsupported('NDTIFF_PIXELS', `${file}: ${what} is not supported`, { file, offset: start });
    }
    const values = Object.entries(axes).filter(
      (each): each is [string, string | number] => typeof each[1] === 'number' || typeof each[1] === 'string',
    );
    entries.push({ axes: new Map(values), file: name, offset, width, height, pixels, metadataOffset, metadataLength });
  }
  return { entries, cut: at < bytes.length && at + 4 > bytes.length };
}
