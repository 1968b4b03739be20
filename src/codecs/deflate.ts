// zlib streams (RFC 1950; TIFF compressions 8 and 32946), raw deflate (RFC 1951) and gzip (RFC 1952).
// Decoded by Node's zlib: it takes what follows the stream as padding, and gives what a cut stream holds. Encoded by our kernel.
//
// Parameters: level 0–9 (encode, default 4; 6 and above are several times slower) · raw: no zlib header (id `deflate` only)

import { constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';
import { checkSize, inputPointer, outputPointer, result } from './memory.js';
import { flag, whole } from './parameters.js';
import { streamRoom, type Wrapper, writeStream } from './zlib-stream.js';

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

function encode(input: Uint8Array, step: CodecStep, context: CodecContext, wrapper: Wrapper): Uint8Array {
  const { length } = input;
  const effort = whole(step, 'level', 4, 0, 9);
  const src = inputPointer(input, context);
  const dst = outputPointer(context, src, length, streamRoom(length));
  return result(context, dst, writeStream(context.kernels, dst, src, length, effort, wrapper));
}

function encodeZlib(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  return encode(input, step, context, flag(step, 'raw') ? 'raw' : 'zlib');
}

export const deflate: Codec = { id: 'deflate', decode: decodeZlib, encode: encodeZlib };
export const zlib: Codec = { id: 'zlib', decode: decodeZlib, encode: encodeZlib };
export const gzip: Codec = {
  id: 'gzip',
  decode: (input, _step, context) => inflate(input, context, 'gzip', gunzipSync),
  encode: (input, step, context) => encode(input, step, context, 'gzip'),
};
