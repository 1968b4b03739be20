// Steps that move bytes about: byte order, byte and bit shuffle, bit order within bytes.
//
// endian: size 2, 4, 8: swaps bytes, the same both ways · shuffle (alias unshuffle): size or elementsize · bitshuffle: size ·
// reverse-bits: none

import type { CodecStep } from '../core/blocks.js';
import { bytesPerSample } from '../core/pixel-type.js';
import type { Codec, CodecContext } from './contract.js';
import { editable, result, run } from './memory.js';
import { whole } from './parameters.js';

function swap(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const { x } = context.kernels;
  const size = whole(step, 'size', bytesPerSample(context.block.type), 1, 8);
  if (size === 1) return input;
  const length = input.length;
  const ptr = editable(input, context);
  (size === 2 ? x.swap16 : size === 4 ? x.swap32 : x.swap64)(ptr, length);
  return result(context, ptr, length);
}

export const endian: Codec = { id: 'endian', decode: swap, encode: swap };

type Shuffle = (dst: number, src: number, bytes: number, size: number) => void;

function shuffled(input: Uint8Array, step: CodecStep, context: CodecContext, kernel: Shuffle): Uint8Array {
  const usual = typeof step.elementsize === 'number' ? step.elementsize : bytesPerSample(context.block.type);
  const size = whole(step, 'size', usual, 1, 2 ** 16);
  return run(input, context, input.length, (dst, _room, src, bytes) => {
    kernel(dst, src, bytes, size);
    return bytes;
  })!;
}

function shuffleCodec(id: string): Codec {
  return {
    id,
    decode: (input, step, context) => shuffled(input, step, context, context.kernels.x.unshuffle),
    encode: (input, step, context) => shuffled(input, step, context, context.kernels.x.shuffle),
  };
}

export const shuffle = shuffleCodec('shuffle');
export const unshuffle = shuffleCodec('unshuffle');

export const bitshuffle: Codec = {
  id: 'bitshuffle',
  decode: (input, step, context) => shuffled(input, step, context, context.kernels.x.bitUnshuffle),
  encode: (input, step, context) => shuffled(input, step, context, context.kernels.x.bitShuffle),
};

function reverse(input: Uint8Array, _step: CodecStep, context: CodecContext): Uint8Array {
  const length = input.length;
  const ptr = editable(input, context);
  context.kernels.x.reverseBits(ptr, length);
  return result(context, ptr, length);
}

export const reverseBits: Codec = { id: 'reverse-bits', decode: reverse, encode: reverse };
