// zlib streams (RFC 1950; TIFF compressions 8 and 32946), raw deflate (RFC 1951) and gzip (RFC 1952), both ways by our kernels.
//
// Parameters: level 0–9 (encode, default 4: four fifths of level 1's speed; 6 and above are several times slower) · raw: no zlib header (id `deflate` only)

import type { CodecStep } from '../core/blocks.js';
import type { Codec, CodecContext } from './contract.js';
import { mostInflated, readStream } from './inflate.js';
import { checkSize, inputPointer, outputPointer, result } from './memory.js';
import { flag, whole } from './parameters.js';
import { streamRoom, type Wrapper, writeStream } from './zlib-stream.js';

/** Room behind the block: the kernel is slow where less than a longest match is left, and some chains begin with a header to skip. */
const SLACK = 1024;

function decode(input: Uint8Array, context: CodecContext, wrapper: Wrapper): Uint8Array {
  const { length } = input;
  if (length === 0) return input;
  const { kernels, block, maxBytes } = context;
  // The limit is that of the output: noise grows a little when it is packed.
  const src = inputPointer(input, { ...context, maxBytes: Number.POSITIVE_INFINITY });
  const most = mostInflated(length);
  // Streams rarely hold more than their block; those that do are decoded anew.
  for (let room = block.bytes + SLACK; ; room *= 2) {
    const capacity = Math.min(room, most, maxBytes);
    checkSize(capacity, context);
    const dst = outputPointer(context, src, length, capacity);
    const found = readStream(kernels, dst, capacity, src, length, wrapper);
    if (found) return result(context, dst, found.bytes);
    checkSize(capacity + 1, context);
  }
}

function decodeZlib(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  return decode(input, context, flag(step, 'raw') ? 'raw' : 'zlib');
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
  decode: (input, _step, context) => decode(input, context, 'gzip'),
  encode: (input, step, context) => encode(input, step, context, 'gzip'),
};
