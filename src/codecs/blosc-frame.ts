// Blosc-1 frame header and block starts (C-Blosc README_CHUNK_FORMAT).

import { formatError } from '../core/errors.js';

export const HEADER = 16;

export interface Frame {
  /** Inner compressor: 0 BloscLZ, 1 LZ4 (also HC), 2 Snappy, 3 zlib, 4 Zstandard. */
  readonly compressor: number;
  readonly shuffle: 'none' | 'byte' | 'bit';
  /** The bytes follow the header as they are. */
  readonly stored: boolean;
  /** Whole blocks are cut into one stream a byte of the type. */
  readonly split: boolean;
  readonly typeSize: number;
  /** Decoded bytes. */
  readonly bytes: number;
  readonly blockBytes: number;
  /** Bytes of the frame itself. */
  readonly frameBytes: number;
}

const STREAMS = 16;
const SMALLEST_STREAM = 128;

/** Errors: format BLOSC. */
export function readFrame(input: Uint8Array): Frame {
  if (input.length < HEADER) throw formatError('BLOSC', `Blosc frame of ${input.length} bytes has no header`);
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const version = view.getUint8(0);
  const flags = view.getUint8(2);
  const typeSize = view.getUint8(3) || 1;
  const bytes = view.getUint32(4, true);
  const blockBytes = view.getUint32(8, true);
  const frameBytes = view.getUint32(12, true);
  if (version < 1 || version > 2) {
    throw formatError('BLOSC', `Blosc frame of version ${version}, expected 2 (Blosc2 frames are another format)`);
  }
  if (frameBytes < HEADER || frameBytes > input.length) {
    throw formatError('BLOSC', `Blosc frame states ${frameBytes} bytes, the block has ${input.length}`);
  }
  const stored = (flags & 2) !== 0;
  if (bytes > 0 && !stored && (blockBytes === 0 || blockBytes > bytes)) {
    throw formatError('BLOSC', `Blosc block size ${blockBytes} does not suit ${bytes} bytes`);
  }
  if (stored && frameBytes < HEADER + bytes) {
    throw formatError('BLOSC', `stored Blosc frame of ${frameBytes} bytes cannot hold ${bytes}`);
  }
  return {
    compressor: flags >> 5,
    shuffle: flags & 1 ? 'byte' : flags & 4 ? 'bit' : 'none',
    stored,
    // Frames from before the flag existed split where it was worth it.
    split: (flags & 16) === 0 && typeSize <= STREAMS && blockBytes / typeSize >= SMALLEST_STREAM,
    typeSize,
    bytes,
    blockBytes,
    frameBytes,
  };
}

/** Header of a frame whose blocks are not split. */
export function writeHeader(view: DataView, frame: Omit<Frame, 'split'>): void {
  const shuffle = { none: 0, byte: 1, bit: 4 }[frame.shuffle];
  view.setUint8(0, 2);
  view.setUint8(1, 1);
  view.setUint8(2, (frame.compressor << 5) | 16 | shuffle | (frame.stored ? 2 : 0));
  view.setUint8(3, frame.typeSize);
  view.setUint32(4, frame.bytes, true);
  view.setUint32(8, frame.blockBytes, true);
  view.setUint32(12, frame.frameBytes, true);
}
