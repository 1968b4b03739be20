// zlib (RFC 1950), raw deflate (RFC 1951) and gzip (RFC 1952) streams by the deflate kernel. Node's zlib would not do: its bytes
// depend on the processor and on Node's version.

import { crc32 } from 'node:zlib';
import { ImgconvError } from '../core/errors.js';
import type { Kernels } from '../kernels/kernels.js';

const GZIP_HEADER = 10;
const GZIP_TRAILER = 8;

export type Wrapper = 'raw' | 'zlib' | 'gzip';

/** Bytes that suffice for the stream of `length` bytes, whatever they are. */
export function streamRoom(length: number): number {
  return length + Math.ceil(length / 2000) + 64 + GZIP_HEADER + GZIP_TRAILER;
}

/** The stream of the bytes at `src` to `dst`, where streamRoom(length) bytes are free; its length. Levels 0–9. Memory may grow. */
export function writeStream(
  kernels: Kernels,
  dst: number,
  src: number,
  length: number,
  level: number,
  wrapper: Wrapper,
): number {
  const { x } = kernels;
  const work = kernels.scratch('deflate.work', x.deflateWork());
  const room = streamRoom(length) - GZIP_HEADER - GZIP_TRAILER;
  const head = wrapper === 'raw' ? 0 : wrapper === 'zlib' ? 2 : GZIP_HEADER;
  const packed = x.deflate(dst + head, room, src, length, level, work);
  if (packed === 0) throw new ImgconvError('internal', 'DEFLATE_ROOM', `${length} bytes did not fit into ${room}`);
  const view = new DataView(x.memory.buffer, dst, head + packed + GZIP_TRAILER);
  if (wrapper === 'zlib') {
    zlibHeader(view, level);
    view.setUint32(head + packed, x.adler32(src, length));
    return head + packed + 4;
  }
  if (wrapper === 'gzip') {
    gzipHeader(view, level);
    view.setUint32(head + packed, crc32(kernels.view(src, length)), true);
    view.setUint32(head + packed + 4, length, true);
    return head + packed + GZIP_TRAILER;
  }
  return packed;
}

/** Window of 32 KiB, a hint at the effort, and a check that makes the two bytes a multiple of 31. */
function zlibHeader(view: DataView, level: number): void {
  const effort = level < 2 ? 0 : level < 6 ? 1 : level === 6 ? 2 : 3;
  const bytes = 0x7800 | (effort << 6);
  view.setUint16(0, bytes + 31 - (bytes % 31));
}

/** No name, no time, unknown system: the same bytes everywhere. */
function gzipHeader(view: DataView, level: number): void {
  view.setUint32(0, 0x1f8b0800);
  view.setUint32(4, 0);
  view.setUint8(8, level === 9 ? 2 : level <= 1 ? 4 : 0);
  view.setUint8(9, 255);
}
