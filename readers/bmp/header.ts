// BITMAPFILEHEADER and what follows it (Windows SDK wingdi.h; OS/2 Presentation Manager).

import { formatError, unsupported } from '../../src/core/errors.js';

export interface BmpHeader {
  readonly headerBytes: number;
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  /** 0 none, 1 RLE8, 2 RLE4, 4 JPEG, 5 PNG; bit fields count as none. */
  readonly compression: number;
  /** Masks of red, green, blue and alpha for 16 and 32 bits. */
  readonly masks: readonly number[];
  /** RGB triplets. */
  readonly palette?: Uint8Array;
  /** Pixels per metre. */
  readonly density: readonly [x: number, y: number];
  /** Offset of the pixels. */
  readonly offset: number;
}

/** Headers, masks and palette fit into this. */
export const HEAD_BYTES = 14 + 124 + 16 + 1024;

export function parseBmp(data: Uint8Array, file: string): BmpHeader {
  const fail = (what: string, offset: number) => formatError('BMP_HEADER', `${file}: ${what}`, { file, offset });
  if (data.length < 26) throw fail('too short for a bitmap', 0);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const headerBytes = view.getUint32(14, true);
  if (headerBytes < 12 || headerBytes > 124 || 14 + headerBytes > data.length) {
    throw fail(`the bitmap header has ${headerBytes} bytes`, 14);
  }
  const core = headerBytes === 12;
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const rawHeight = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(core ? 24 : 28, true);
  const field = (at: number) => (14 + headerBytes >= at + 4 ? view.getUint32(at, true) : 0);
  const declared = core ? 0 : field(30);
  const height = Math.abs(rawHeight);
  if (width <= 0 || height === 0) throw fail(`size ${width} × ${height}`, 18);
  const os2 = headerBytes === 64 || headerBytes === 16;
  if (os2 && declared > 2)
    throw unsupported('BMP_COMPRESSION', `${file}: OS/2 bitmap compression ${declared} is not supported`);
  if (declared > 6) throw fail(`compression ${declared} is not defined`, 30);
  const compression = declared === 3 || declared === 6 ? 0 : declared;
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits) && compression < 4)
    throw fail(`${bits} bits a pixel are not defined`, 28);
  if ((compression === 1 && bits !== 8) || (compression === 2 && bits !== 4)) {
    throw fail(`run-length coding ${compression} with ${bits} bits a pixel`, 30);
  }
  const inside = headerBytes >= 52 && !os2;
  const fields = declared === 3 || declared === 6;
  const outside = fields && !inside ? (declared === 6 ? 16 : 12) : 0;
  const maskCount = inside ? (headerBytes >= 56 ? 4 : 3) : outside / 4;
  if (fields && data.length < 54 + 4 * maskCount) throw fail('the file ends inside its bit fields', 54);
  const masks = fields
    ? Array.from({ length: maskCount }, (_, i) => view.getUint32(54 + 4 * i, true))
    : standardMasks(bits);
  const tableAt = 14 + headerBytes + outside;
  const palette =
    bits <= 8 ? readPalette(data, tableAt, core ? 3 : 4, Math.min(field(46) || 2 ** bits, 2 ** bits)) : undefined;
  // A file of this kind without an offset holds its pixels right behind the palette.
  const offset = view.getUint32(10, true) || tableAt + (bits <= 8 ? (field(46) || 2 ** bits) * (core ? 3 : 4) : 0);
  return {
    headerBytes,
    width,
    height,
    topDown: rawHeight < 0,
    bits,
    compression,
    masks: masks[3] === 0 ? masks.slice(0, 3) : masks,
    palette,
    density: core ? [0, 0] : [field(38), field(42)],
    offset,
  };
}

/** Without bit fields: 5 bits a colour, or 8 and an unused byte, which is kept. */
function standardMasks(bits: number): readonly number[] {
  return bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff, 0xff000000];
}

function readPalette(data: Uint8Array, at: number, step: number, count: number): Uint8Array {
  const present = Math.max(0, Math.min(count, Math.floor((data.length - at) / step)));
  const rgb = new Uint8Array(present * 3);
  for (let i = 0; i < present; i++) {
    for (let s = 0; s < 3; s++) rgb[i * 3 + s] = data[at + i * step + 2 - s]!;
  }
  return rgb;
}
