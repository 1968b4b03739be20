// zlib streams (RFC 1950; TIFF compressions 8 and 32946), raw deflate (RFC 1951) and gzip (RFC 1952).
// Decoded by Node's zlib: it takes what follows the stream as padding, and gives what a cut stream holds.
//
// Parameters: level 0–9 (encode) · raw: no zlib header (id `deflate` only)

import { constants, deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';
import { checkSize } from './memory.js';
import { flag, whole } from './parameters.js';

type Inflate = typeof inflateSync;

function inflate(input: Uint8Array, context: CodecContext, name: string, how: Inflate): Uint8Array {
  if (input.length === 0) return input;
  try {
    // One chunk of the expected size: growing costs a fifth of the time.
    const chunkSize = Math.max(64, Math.min(context.block.bytes, context.maxBytes) + 64);
    return how(input, { chunkSize, maxOutputLength: context.maxBytes, finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') checkSize(context.maxBytes + 1, context);
    throw formatError('DEFLATE', `broken ${name} stream: ${(error as Error).message}`, {}, error);
  }
}

function decodeZlib(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  return flag(step, 'raw')
    ? inflate(input, context, 'deflate', inflateRawSync)
    : inflate(input, context, 'zlib', inflateSync);
}

function level(step: CodecStep): number {
  return whole(step, 'level', 6, 0, 9);
}

function encodeZlib(input: Uint8Array, step: CodecStep): Uint8Array {
  return (flag(step, 'raw') ? deflateRawSync : deflateSync)(input, { level: level(step) });
}

export const deflate: Codec = { id: 'deflate', decode: decodeZlib, encode: encodeZlib };
export const zlib: Codec = { id: 'zlib', decode: decodeZlib, encode: encodeZlib };
export const gzip: Codec = {
  id: 'gzip',
  decode: (input, _step, context) => inflate(input, context, 'gzip', gunzipSync),
  encode: (input, step) => gzipSync(input, { level: level(step) }),
};
