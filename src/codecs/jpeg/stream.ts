// Marker segments of a JPEG stream (ITU-T T.81 Annex B): what stands before the entropy-coded data.

import { formatError, unsupported } from '../../core/errors.js';
import { ZIGZAG } from './standard.js';

export interface JpegComponent {
  readonly id: number;
  /** Sampling factors, 1–4. */
  readonly h: number;
  readonly v: number;
  /** Number of its quantisation table. */
  readonly quant: number;
}

export interface JpegFrame {
  readonly process: 'sequential' | 'progressive' | 'lossless';
  /** Bits a sample. */
  readonly precision: number;
  /** Pixels. 0 rows: a DNL segment says it later. */
  readonly width: number;
  readonly height: number;
  readonly components: readonly JpegComponent[];
}

export interface JpegScan {
  /** Index into the frame's components, and the entropy tables of each. */
  readonly components: readonly { readonly index: number; readonly dc: number; readonly ac: number }[];
  /** Ss, Se, Ah, Al; in lossless frames Ss is the predictor and Al the point transform. */
  readonly start: number;
  readonly end: number;
  readonly high: number;
  readonly low: number;
  /** First entropy-coded byte. */
  readonly offset: number;
}

/** What the segments read so far have defined. Kept across streams where a container stores tables apart. */
export interface JpegTables {
  /** 64 values in row order. */
  readonly quant: (Uint16Array | undefined)[];
  /** 16 code counts and the symbols. */
  readonly dc: (Uint8Array | undefined)[];
  readonly ac: (Uint8Array | undefined)[];
  /** MCUs between restart markers, 0 = none. */
  restart: number;
  jfif: boolean;
  /** Adobe colour transform: 0 none, 1 YCbCr, 2 YCCK. */
  adobe?: number;
  frame?: JpegFrame;
}

export function emptyTables(): JpegTables {
  return { quant: [], dc: [], ac: [], restart: 0, jfif: false };
}

const broken = (what: string, offset: number) => formatError('JPEG_STREAM', `broken JPEG stream: ${what}`, { offset });

/**
 * Read segments from `at` up to the next SOS, which is returned, or EOI or the end of the data (undefined). Bytes between segments are
 * skipped, as every decoder does.
 */
export function readSegments(data: Uint8Array, at: number, tables: JpegTables): JpegScan | undefined {
  for (;;) {
    while (at + 1 < data.length && !(data[at] === 0xff && isMarker(data[at + 1]!))) at++;
    if (at + 1 >= data.length) return undefined;
    const marker = data[at + 1]!;
    const start = at;
    at += 2;
    if (marker === 0xd9) return undefined;
    if (marker === 0xd8 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    if (at + 2 > data.length) throw broken('it ends inside a segment', start);
    const length = word(data, at);
    if (length < 2 || at + length > data.length) throw broken('a segment is longer than the stream', start);
    const body = data.subarray(at + 2, at + length);
    at += length;
    if (marker === 0xdb) readQuantisation(body, tables, start);
    else if (marker === 0xc4) readHuffman(body, tables, start);
    else if (marker === 0xdd && body.length >= 2) tables.restart = word(body, 0);
    else if (marker === 0xe0 && ascii(body, 4) === 'JFIF') tables.jfif = true;
    else if (marker === 0xee && ascii(body, 5) === 'Adobe' && body.length >= 12) tables.adobe = body[11]!;
    else if (marker === 0xda) return readScan(body, tables, at, start);
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) {
      tables.frame = readFrame(marker, body, start);
    }
  }
}

/** The frame of a stream, its tables and scans unread; undefined where there is none. Errors: format, unsupported. */
export function readFrameAlone(data: Uint8Array): JpegFrame | undefined {
  for (let at = 2; at + 4 <= data.length; ) {
    if (data[at] !== 0xff || !isMarker(data[at + 1]!)) {
      at++;
      continue;
    }
    const marker = data[at + 1]!;
    if (marker === 0xda || marker === 0xd9) return undefined;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    const end = at + 2 + word(data, at + 2);
    if (isFrame) return readFrame(marker, data.subarray(at + 4, end), at);
    at = end;
  }
  return undefined;
}

const shared = new WeakMap<Uint8Array, JpegTables>();

/** What an abbreviated stream defines: read once, since the tiles of an image share it. A copy that may be changed. */
export function tablesOf(stream: Uint8Array | undefined): JpegTables {
  if (!stream) return emptyTables();
  let known = shared.get(stream);
  if (!known) {
    known = emptyTables();
    readSegments(stream, 0, known);
    known.frame = undefined;
    shared.set(stream, known);
  }
  return { ...known, quant: [...known.quant], dc: [...known.dc], ac: [...known.ac] };
}

/** Number of lines from a DNL segment, for frames whose header says 0. */
export function linesFromDnl(data: Uint8Array, at: number): number {
  for (; at + 6 <= data.length; at++) {
    if (data[at] === 0xff && data[at + 1] === 0xdc && word(data, at + 2) === 4) return word(data, at + 4);
  }
  return 0;
}

function isMarker(byte: number): boolean {
  return byte !== 0 && byte !== 0xff;
}

function word(data: Uint8Array, at: number): number {
  return (data[at]! << 8) | data[at + 1]!;
}

function ascii(data: Uint8Array, n: number): string {
  return String.fromCharCode(...data.subarray(0, n));
}

function readQuantisation(body: Uint8Array, tables: JpegTables, offset: number): void {
  for (let at = 0; at < body.length; ) {
    const wide = body[at]! >> 4 !== 0;
    const slot = body[at]! & 15;
    at++;
    if (slot > 3 || at + (wide ? 128 : 64) > body.length) throw broken('bad quantisation table', offset);
    const table = new Uint16Array(64);
    for (let k = 0; k < 64; k++) table[ZIGZAG[k]!] = wide ? word(body, at + 2 * k) : body[at + k]!;
    tables.quant[slot] = table;
    at += wide ? 128 : 64;
  }
}

function readHuffman(body: Uint8Array, tables: JpegTables, offset: number): void {
  for (let at = 0; at + 17 <= body.length; ) {
    const slot = body[at]! & 15;
    const list = body[at]! >> 4 === 0 ? tables.dc : tables.ac;
    let symbols = 0;
    for (let i = 1; i <= 16; i++) symbols += body[at + i]!;
    const end = at + 17 + symbols;
    if (slot > 3 || symbols > 256 || end > body.length) throw broken('bad Huffman table', offset);
    list[slot] = body.slice(at + 1, end);
    at = end;
  }
}

function readFrame(marker: number, body: Uint8Array, offset: number): JpegFrame {
  const kind = marker & 3;
  if (marker > 0xc8) throw unsupported('JPEG_ARITHMETIC', 'JPEG with arithmetic coding is not supported', { offset });
  if (marker > 0xc3) throw unsupported('JPEG_HIERARCHICAL', 'hierarchical JPEG is not supported', { offset });
  const process = kind === 2 ? 'progressive' : kind === 3 ? 'lossless' : 'sequential';
  const count = body[5] ?? 0;
  if (count < 1 || count > 4 || body.length < 6 + 3 * count) throw broken('bad frame header', offset);
  const precision = body[0]!;
  const fits = process === 'lossless' ? precision >= 2 && precision <= 16 : precision === 8 || precision === 12;
  if (!fits) throw broken(`${precision} bits a sample are not defined for ${process} frames`, offset);
  const components = Array.from({ length: count }, (_, i) => {
    const at = 6 + 3 * i;
    const h = body[at + 1]! >> 4;
    const v = body[at + 1]! & 15;
    if (h < 1 || h > 4 || v < 1 || v > 4) throw broken('bad sampling factors', offset);
    // With one component the factors mean nothing: its scan has no MCUs.
    return { id: body[at]!, h: count === 1 ? 1 : h, v: count === 1 ? 1 : v, quant: body[at + 2]! & 3 };
  });
  const width = word(body, 3);
  if (width === 0) throw broken('the image is 0 pixels wide', offset);
  return { process, precision, width, height: word(body, 1), components };
}

function readScan(body: Uint8Array, tables: JpegTables, data: number, offset: number): JpegScan {
  const frame = tables.frame;
  if (!frame) throw broken('a scan without a frame', offset);
  const count = body[0] ?? 0;
  if (count < 1 || count > 4 || body.length < 4 + 2 * count) throw broken('bad scan header', offset);
  const seen = new Set<number>();
  const components = Array.from({ length: count }, (_, i) => {
    const id = body[1 + 2 * i]!;
    // Streams whose components all have one number exist: the n-th is meant.
    const match = frame.components.findIndex((c, j) => c.id === id && !seen.has(j));
    const index = match >= 0 ? match : count === frame.components.length ? i : -1;
    if (index < 0 || seen.has(index)) throw broken(`a scan names component ${id}, which the frame lacks`, offset);
    seen.add(index);
    const selectors = body[2 + 2 * i]!;
    return { index, dc: (selectors >> 4) & 3, ac: selectors & 3 };
  });
  const at = 1 + 2 * count;
  const approximation = body[at + 2]!;
  return {
    components,
    start: body[at]!,
    end: body[at + 1]!,
    high: approximation >> 4,
    low: approximation & 15,
    offset: data,
  };
}
