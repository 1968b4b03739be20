// RIFF chunks of a WebP file (RFC 9649).

import { formatError } from '../../core/errors.js';

export interface WebpFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** ms. */
  readonly duration: number;
  /** Laid over what is below by its alpha; else it replaces it. */
  readonly blend: boolean;
  /** Its area is cleared afterwards. */
  readonly dispose: boolean;
  /** Offset and bytes of its chunks. */
  readonly start: number;
  readonly end: number;
}

export interface WebpStream {
  readonly width: number;
  readonly height: number;
  /** Pixels may be transparent. */
  readonly alpha: boolean;
  readonly frames: readonly WebpFrame[];
  readonly exif?: Uint8Array;
  readonly xmp?: Uint8Array;
}

const u16 = (d: Uint8Array, at: number) => d[at]! | (d[at + 1]! << 8);
const u24 = (d: Uint8Array, at: number) => u16(d, at) | (d[at + 2]! << 16);
const u32 = (d: Uint8Array, at: number) => u24(d, at) + d[at + 3]! * 2 ** 24;

/** Chunks between two offsets: name, offset and bytes of the data. */
function* chunksOf(data: Uint8Array, from: number, to: number): Generator<[name: string, at: number, length: number]> {
  for (let at = from; at + 8 <= to; ) {
    const length = u32(data, at + 4);
    const name = String.fromCharCode(...data.subarray(at, at + 4));
    yield [name, at + 8, Math.min(length, to - at - 8)];
    at += 8 + length + (length & 1);
  }
}

export function readWebp(data: Uint8Array): WebpStream {
  let size: { width: number; height: number } | undefined;
  let alpha = false;
  let exif: Uint8Array | undefined;
  let xmp: Uint8Array | undefined;
  const frames: WebpFrame[] = [];
  for (const [name, at, length] of chunksOf(data, 12, data.length)) {
    if (name === 'VP8X' && length >= 10) {
      size = { width: u24(data, at + 4) + 1, height: u24(data, at + 7) + 1 };
      alpha = (data[at]! & 0x10) !== 0;
    } else if (name === 'VP8 ' && length >= 10) {
      size ??= { width: u16(data, at + 6) & 0x3fff, height: u16(data, at + 8) & 0x3fff };
    } else if (name === 'VP8L' && length >= 5) {
      const bits = u32(data, at + 1);
      if (!size) alpha = ((bits >>> 28) & 1) !== 0;
      size ??= { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    } else if (name === 'ANMF' && length >= 16) {
      const flags = data[at + 15]!;
      frames.push({
        x: 2 * u24(data, at),
        y: 2 * u24(data, at + 3),
        width: u24(data, at + 6) + 1,
        height: u24(data, at + 9) + 1,
        duration: u24(data, at + 12),
        blend: (flags & 2) === 0,
        dispose: (flags & 1) !== 0,
        start: at + 16,
        end: at + length,
      });
    } else if (name === 'EXIF') exif = data.subarray(at, at + length);
    else if (name === 'XMP ') xmp = data.subarray(at, at + length);
  }
  if (!size || size.width === 0 || size.height === 0)
    throw formatError('WEBP_STREAM', 'broken WebP stream: no image chunk');
  return { ...size, alpha, frames, exif, xmp };
}

/** A frame of an animation as a file of its own. */
export function stillFile(data: Uint8Array, { start, end, width, height }: WebpFrame): Uint8Array {
  const body = data.subarray(start, end);
  const hasAlpha = [...chunksOf(data, start, end)].some(([name]) => name === 'ALPH');
  const extended = hasAlpha ? 18 : 0;
  const out = new Uint8Array(12 + extended + body.length);
  const put = (at: number, text: string) => out.set(Buffer.from(text, 'latin1'), at);
  const number = (at: number, value: number, bytes: number) => {
    for (let i = 0; i < bytes; i++) out[at + i] = (value >>> (8 * i)) & 255;
  };
  put(0, 'RIFF');
  number(4, out.length - 8, 4);
  put(8, 'WEBP');
  if (hasAlpha) {
    put(12, 'VP8X');
    number(16, 10, 4);
    out[20] = 0x10;
    number(24, width - 1, 3);
    number(27, height - 1, 3);
  }
  out.set(body, 12 + extended);
  return out;
}
