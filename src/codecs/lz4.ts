// LZ4 blocks, bare or behind a 4-byte little-endian length (numcodecs).
//
// Parameters: sized (default true): the length is there · acceleration 1–65535 (encode) · bytes: most that a bare block decodes to
// (default: the block's bytes)

import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';
import { checkSize, inputPointer, outputPointer, result, run } from './memory.js';
import { whole } from './parameters.js';

function decode(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const sized = step.sized !== false;
  if (sized && input.length < 4) throw formatError('LZ4', `LZ4 block of ${input.length} bytes has no length`);
  const declared = input[0]! + input[1]! * 2 ** 8 + input[2]! * 2 ** 16 + input[3]! * 2 ** 24;
  const capacity = sized ? declared : whole(step, 'bytes', context.block.bytes, 0, Number.MAX_SAFE_INTEGER);
  checkSize(capacity, context);
  // Nothing shrinks below 1/255: a length beyond that is not worth the memory.
  if (sized && declared > input.length * 255 + 64)
    throw formatError('LZ4', `LZ4 block of ${input.length} bytes claims ${declared}`);
  const data = sized ? input.subarray(4) : input;
  const out = run(data, context, capacity, context.kernels.x.lz4Decompress);
  if (out && (!sized || out.length === declared)) return out;
  throw formatError('LZ4', `broken LZ4 stream of ${data.length} bytes`);
}

function encode(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const acceleration = whole(step, 'acceleration', 1, 1, 65_535);
  const head = step.sized === false ? 0 : 4;
  const bound = input.length + Math.ceil(input.length / 255) + 16;
  const src = inputPointer(input, context);
  const length = input.length;
  const dst = outputPointer(context, src, length, bound + head);
  const bytes = context.kernels.x.lz4Compress(dst + head, bound, src, length, acceleration);
  const out = result(context, dst, head + bytes);
  if (head) new DataView(out.buffer, out.byteOffset).setUint32(0, length, true);
  return out;
}

export const lz4: Codec = { id: 'lz4', decode, encode };
