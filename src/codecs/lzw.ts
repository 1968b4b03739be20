// LZW as in TIFF (TIFF 6.0 section 13). `lzw` also recognises the older bit order (a first code of 256, lowest bits first: bytes 00, odd).
//
// Parameters: bytes: most that a block decodes to (default: the block's bytes)

import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';
import { inputPointer, outputPointer, result, run } from './memory.js';
import { whole } from './parameters.js';

const DECODE_TABLE = 65_536;
const ENCODE_TABLE = 131_072;

function decode(input: Uint8Array, step: CodecStep, context: CodecContext, old: boolean): Uint8Array {
  const { kernels } = context;
  const { x } = kernels;
  const capacity = whole(step, 'bytes', context.block.bytes, 0, Number.MAX_SAFE_INTEGER);
  const kernel = old || (input[0] === 0 && (input[1]! & 1) === 1) ? x.lzwDecodeOld : x.lzwDecode;
  const src = inputPointer(input, context);
  const length = input.length;
  const table = kernels.scratch('lzw.table', DECODE_TABLE);
  const placed = kernels.view(src, length);
  const out = run(placed, context, capacity, (dst, room, from, bytes) => kernel(dst, room, from, bytes, table));
  if (!out) throw formatError('LZW', `broken LZW stream of ${length} bytes`);
  return out;
}

function encode(input: Uint8Array, _step: CodecStep, context: CodecContext): Uint8Array {
  const { kernels } = context;
  const length = input.length;
  const src = inputPointer(input, context);
  const table = kernels.scratch('lzw.table', ENCODE_TABLE);
  // Noise takes 12 bits a byte, and every 3,800 codes another one.
  const capacity = Math.ceil(length * 1.51) + 64;
  const dst = outputPointer(context, src, length, capacity);
  return result(context, dst, kernels.x.lzwEncode(dst, capacity, src, length, table));
}

export const lzw: Codec = { id: 'lzw', decode: (i, s, c) => decode(i, s, c, false), encode };
export const lzwOld: Codec = { id: 'lzw-old', decode: (i, s, c) => decode(i, s, c, true) };
