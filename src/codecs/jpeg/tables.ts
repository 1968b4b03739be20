// Tables that an encoder uses: quantisation scaled by quality as libjpeg does it, Huffman codes of Annex K. Pure.

import { STANDARD_AC, STANDARD_DC, STANDARD_QUANTISATION, ZIGZAG } from './standard.js';

/** Quantisation steps in row order, 1–255. `quality`: 1–100, 50 the table of the standard; index 0 luminance, 1 chrominance. */
export function quantisation(quality: number, index: 0 | 1): Uint8Array {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return STANDARD_QUANTISATION[index].map((step) =>
    Math.max(1, Math.min(255, Math.floor((step * percent + 50) / 100))),
  );
}

/** Codes of a DHT table by symbol: code << 8 | length. */
export function huffmanCodes(table: Uint8Array, symbols: 16 | 256): Uint32Array {
  const codes = new Uint32Array(symbols);
  let code = 0;
  let at = 16;
  for (let length = 1; length <= 16; length++) {
    for (let n = table[length - 1]!; n > 0; n--) codes[table[at++]!] = (code++ << 8) | length;
    code <<= 1;
  }
  return codes;
}

function segment(marker: number, ...parts: readonly (Uint8Array | readonly number[])[]): number[] {
  const body = parts.flatMap((part) => [...part]);
  return [0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body];
}

/** DQT and DHT segments: one set for gray, two with chroma. */
export function tableSegments(quality: number, chroma: boolean): number[] {
  const kinds = chroma ? ([0, 1] as const) : ([0] as const);
  return kinds.flatMap((index) => [
    ...segment(
      0xdb,
      [index],
      ZIGZAG.map((place) => quantisation(quality, index)[place]!),
    ),
    ...segment(0xc4, [index], STANDARD_DC[index]),
    ...segment(0xc4, [16 + index], STANDARD_AC[index]),
  ]);
}

/** The abbreviated stream that TIFF keeps in JPEGTables (TIFF Technical Note 2). */
export function jpegTables(quality: number, chroma: boolean): Uint8Array {
  return Uint8Array.from([0xff, 0xd8, ...tableSegments(quality, chroma), 0xff, 0xd9]);
}

export interface FrameComponent {
  readonly id: number;
  readonly h: number;
  readonly v: number;
  /** Of its quantisation and Huffman tables. */
  readonly table: 0 | 1;
}

/** Everything before the scan's data. `tables`: segments to put in, for a stream that stands alone. */
export function streamHead(
  width: number,
  height: number,
  components: readonly FrameComponent[],
  tables: readonly number[],
  marker: 'jfif' | 'adobe-rgb' | 'none',
): Uint8Array {
  const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
  const kind = {
    jfif: segment(0xe0, ascii('JFIF\0'), [1, 1, 0, 0, 1, 0, 1, 0, 0]),
    'adobe-rgb': segment(0xee, ascii('Adobe'), [0, 100, 0, 0, 0, 0, 0]),
    none: [],
  }[marker];
  const frame = components.flatMap(({ id, h, v, table }) => [id, (h << 4) | v, table]);
  const scan = components.flatMap(({ id, table }) => [id, (table << 4) | table]);
  return Uint8Array.from([
    0xff,
    0xd8,
    ...kind,
    ...tables,
    ...segment(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, components.length], frame),
    ...segment(0xda, [components.length], scan, [0, 63, 0]),
  ]);
}
