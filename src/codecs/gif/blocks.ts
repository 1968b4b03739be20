// Structure of a GIF stream (GIF89a): screen, palettes, frames. Pixels stay compressed.

import { formatError } from '../../core/errors.js';

export interface GifFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  /** RGB triplets of its own, where it has them. */
  readonly palette?: Uint8Array;
  /** Index that shows what is below. */
  readonly transparent?: number;
  /** What happens to its area afterwards: 2 cleared, 3 as before, else nothing. */
  readonly dispose: number;
  /** 1/100 s. */
  readonly delay: number;
  /** Offsets: the image descriptor, the LZW code size byte that sub-blocks follow, and the end. */
  readonly start: number;
  readonly data: number;
  readonly end: number;
}

export interface GifStream {
  readonly width: number;
  readonly height: number;
  readonly palette?: Uint8Array;
  readonly background: number;
  /** Bytes 49 + n over 64: height of a pixel over its width is that; 0 unknown. */
  readonly aspect: number;
  readonly frames: readonly GifFrame[];
  readonly comments: readonly string[];
  readonly loops?: number;
  /** The stream ended where a block should be. */
  readonly cut: boolean;
}

export function isGif(head: Uint8Array): boolean {
  return /^GIF8[79]a$/.test(String.fromCharCode(...head.subarray(0, 6)));
}

/** Read everything but pixels. At most `maxFrames` frames. */
export function readGif(data: Uint8Array, maxFrames: number): GifStream {
  if (!isGif(data) || data.length < 13) throw formatError('GIF_STREAM', 'broken GIF: no GIF header', { offset: 0 });
  const u16 = (at: number) => data[at]! | (data[at + 1]! << 8);
  const flags = data[10]!;
  const width = u16(6);
  const height = u16(8);
  let at = 13;
  const table = (packed: number): Uint8Array | undefined => {
    if ((packed & 0x80) === 0) return undefined;
    const bytes = 3 << ((packed & 7) + 1);
    at += bytes;
    return data.subarray(at - bytes, at);
  };
  const palette = table(flags);
  const frames: GifFrame[] = [];
  const comments: string[] = [];
  let loops: number | undefined;
  let control = { transparent: undefined as number | undefined, dispose: 0, delay: 0 };
  let cut = true;
  while (at < data.length && frames.length < maxFrames) {
    const kind = data[at++]!;
    if (kind === 0x3b) {
      cut = false;
      break;
    }
    if (kind === 0x21) {
      const label = data[at++];
      const start = at;
      at = skipBlocks(data, at);
      if (label === 0xf9 && data[start] === 4) {
        const packed = data[start + 1]!;
        control = {
          transparent: (packed & 1) !== 0 ? data[start + 4] : undefined,
          dispose: (packed >> 2) & 7,
          delay: u16(start + 2),
        };
      } else if (label === 0xfe) {
        comments.push(Buffer.from(joinBlocks(data, start)).toString('latin1'));
      } else if (label === 0xff && data[start] === 11 && data[start + 12] === 3) {
        loops = u16(start + 14);
      }
    } else if (kind === 0x2c && at + 9 < data.length) {
      const frame = readFrame(data, at - 1);
      frames.push({ ...frame, ...control });
      control = { transparent: undefined, dispose: 0, delay: 0 };
      at = frame.end;
    }
    // Any other byte between blocks is stepped over, as other readers do.
  }
  return { width, height, palette, background: data[11]!, aspect: data[12]!, frames, comments, loops, cut };
}

/** A frame from its image descriptor at `start`; what an extension before it says is left out. */
export function readFrame(data: Uint8Array, start: number): Omit<GifFrame, 'transparent'> {
  const u16 = (at: number) => data[at]! | (data[at + 1]! << 8);
  const packed = data[start + 9]!;
  const colors = (packed & 0x80) !== 0 ? 3 << ((packed & 7) + 1) : 0;
  const at = start + 10 + colors;
  return {
    x: u16(start + 1),
    y: u16(start + 3),
    width: u16(start + 5),
    height: u16(start + 7),
    interlaced: (packed & 0x40) !== 0,
    palette: colors > 0 ? data.subarray(start + 10, at) : undefined,
    dispose: 0,
    delay: 0,
    start,
    data: at,
    end: Math.min(skipBlocks(data, at + 1), data.length),
  };
}

/** Offset behind a chain of sub-blocks. */
function skipBlocks(data: Uint8Array, at: number): number {
  while (at < data.length && data[at] !== 0) at += data[at]! + 1;
  return at + 1;
}

/** Contents of a chain of sub-blocks. */
export function joinBlocks(data: Uint8Array, at: number): Uint8Array {
  const end = Math.min(skipBlocks(data, at), data.length);
  const out = new Uint8Array(Math.max(0, end - at));
  let length = 0;
  while (at < data.length && data[at] !== 0) {
    const part = data.subarray(at + 1, at + 1 + data[at]!);
    out.set(part, length);
    length += part.length;
    at += data[at]! + 1;
  }
  return out.subarray(0, length);
}
