// The outside of Zstandard frames (RFC 8878 section 3.1): how many bytes a stream holds at most, where it ends, and its checksum.

import { formatError, unsupported } from '../core/errors.js';

const MAGIC = 0xfd2fb528;
const LARGEST_BLOCK = 1 << 17;

export interface FrameBounds {
  /** Bytes of whole frames, skippable ones included; what follows is padding. */
  readonly length: number;
  /** Upper bound of the decoded bytes. */
  readonly decoded: number;
}

class Cut extends Error {}

/** Bounds of all frames at the start of `input`. Errors: format ZSTD for what is no frame or is cut short. */
export function frameBounds(input: Uint8Array): FrameBounds {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  let at = 0;
  let decoded = 0;
  try {
    while (input.length - at >= 8) {
      const magic = view.getUint32(at, true);
      if (magic >>> 4 === 0x184d2a5) {
        const next = at + 8 + view.getUint32(at + 4, true);
        if (next > input.length) throw new Cut();
        at = next;
      } else if (magic === MAGIC) {
        const frame = oneFrame(view, at);
        at = frame.length;
        decoded += frame.decoded;
      } else {
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof Cut) && !(error instanceof RangeError)) throw error;
    throw formatError('ZSTD', `zstd frame at byte ${at} is cut short: the block has ${input.length} bytes`);
  }
  if (at === 0) throw formatError('ZSTD', 'no zstd frame at the start of the block');
  return { length: at, decoded };
}

function oneFrame(view: DataView, start: number): FrameBounds {
  const descriptor = view.getUint8(start + 4);
  const single = (descriptor & 0x20) !== 0;
  if ((descriptor & 3) !== 0) throw unsupported('ZSTD_DICTIONARY', 'zstd with a dictionary is not supported');
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  let at = start + 5 + (single ? 0 : 1);
  const declared = contentSize(view, at, sizeBytes);
  at += sizeBytes;
  let bound = 0;
  for (let last = false; !last; ) {
    const header = view.getUint8(at) | (view.getUint16(at + 1, true) << 8);
    at += 3;
    const size = header >> 3;
    const type = (header >> 1) & 3;
    last = (header & 1) === 1;
    if (type === 3) throw formatError('ZSTD', `zstd block of reserved type at byte ${at - 3}`);
    at += type === 1 ? 1 : size;
    bound += type === 2 ? LARGEST_BLOCK : size;
    if (at > view.byteLength) throw new Cut();
  }
  if (descriptor & 4) at += 4;
  if (at > view.byteLength) throw new Cut();
  return { length: at, decoded: declared === undefined ? bound : Math.min(declared, bound) };
}

function contentSize(view: DataView, at: number, bytes: number): number | undefined {
  switch (bytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    case 8:
      return Number(view.getBigUint64(at, true));
    default:
      return undefined;
  }
}

/** `frame` with a content checksum: a bit in the descriptor, and the low half of XXH64 at the end. */
export function withChecksum(frame: Uint8Array, checksum: number): Uint8Array {
  const out = new Uint8Array(frame.length + 4);
  out.set(frame);
  out[4]! |= 4;
  new DataView(out.buffer).setUint32(frame.length, checksum, true);
  return out;
}
