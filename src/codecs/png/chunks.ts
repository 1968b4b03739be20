// Chunks of a PNG stream that matter for pixels (ISO/IEC 15948), APNG's included. Checksums of chunks are not looked at: the compressed
// data carries its own.

import { formatError } from '../../core/errors.js';

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha. */
  readonly colorType: number;
  readonly interlaced: boolean;
}

/** One image of an animation, placed on the canvas. */
export interface PngFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What happens to its area afterwards: 0 nothing, 1 cleared, 2 as before. */
  readonly dispose: number;
  /** 0 replaces, 1 is laid over by its alpha. */
  readonly blend: number;
  readonly data: Uint8Array[];
}

export interface PngStream {
  readonly header: PngHeader;
  /** Compressed data of the still image. */
  readonly data: readonly Uint8Array[];
  readonly frames: readonly PngFrame[];
  readonly palette?: Uint8Array;
  readonly transparency?: Uint8Array;
}

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Samples a pixel of a colour type. */
export function samplesOf(header: PngHeader): number {
  return SAMPLES[header.colorType]!;
}

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const broken = (what: string, offset: number) => formatError('PNG_STREAM', `broken PNG: ${what}`, { offset });

/** Check and read the 13 bytes of IHDR. */
export function readHeader(data: Uint8Array, offset: number): PngHeader {
  if (data.length < 13) throw broken('IHDR is too short', offset);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const header = {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth: data[8]!,
    colorType: data[9]!,
    interlaced: data[12] === 1,
  };
  if (header.width === 0 || header.height === 0 || header.width > 0x7fffffff || header.height > 0x7fffffff) {
    throw broken(`size ${header.width} × ${header.height}`, offset);
  }
  if (!DEPTHS[header.colorType]?.includes(header.depth)) {
    throw broken(`colour type ${header.colorType} with ${header.depth} bits is not defined`, offset);
  }
  if (data[10] !== 0 || data[11] !== 0 || data[12]! > 1)
    throw broken('unknown compression, filter or interlace', offset);
  return header;
}

/** Read all chunks; a stream that ends early gives what is there. */
export function readStream(data: Uint8Array): PngStream {
  if (!PNG_SIGNATURE.every((byte, i) => data[i] === byte)) throw broken('no signature', 0);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let header: PngHeader | undefined;
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  let frame: PngFrame | undefined;
  let still: PngFrame | undefined;
  const idat: Uint8Array[] = [];
  const frames: PngFrame[] = [];
  for (let at = 8; at + 8 <= data.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...data.subarray(at + 4, at + 8));
    const body = data.subarray(at + 8, Math.min(at + 8 + length, data.length));
    if (type === 'IHDR') header = readHeader(body, at + 8);
    else if (type === 'PLTE') palette = body;
    else if (type === 'tRNS') transparency = body;
    else if (type === 'fcTL' && body.length >= 26) {
      frame = readControl(body);
      frames.push(frame);
    } else if (type === 'IDAT') {
      idat.push(body);
      // A control chunk before IDAT makes the still image the first frame.
      if (frames.length === 1) still = frames[0];
    } else if (type === 'fdAT') frame?.data.push(body.subarray(4));
    else if (type === 'IEND') break;
    at += 12 + length;
  }
  if (!header) throw broken('no IHDR', 8);
  still?.data.push(...idat);
  return { header, data: idat, frames, palette, transparency };
}

function readControl(body: Uint8Array): PngFrame {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return {
    width: view.getUint32(4),
    height: view.getUint32(8),
    x: view.getUint32(12),
    y: view.getUint32(16),
    dispose: body[24]!,
    blend: body[25]!,
    data: [],
  };
}
