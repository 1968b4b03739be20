// LZMA in its containers: .xz (TIFF compression 34925, numcodecs, N5), .lzma, and bare LZMA2 chunks (numcodecs format 3).
//
// Parameters: raw: bare LZMA2 · delta: distances of delta filters before it (raw only)

import type { CodecStep } from '../core/blocks.js';
import type { Codec, CodecContext } from './contract.js';
import { LzmaDecoder } from './lzma/decoder.js';
import { decodeLzma2, decodeLzmaAlone, decodeXz, isXz, undoDelta } from './lzma/xz.js';

function decode(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const { bytes } = context.block;
  if (step.raw !== true) return (isXz(input) ? decodeXz : decodeLzmaAlone)(input, bytes, context.maxBytes);
  const decoder = new LzmaDecoder(bytes, context.maxBytes);
  decodeLzma2(input, decoder);
  const out = decoder.out.subarray(0, decoder.length);
  for (const distance of [...((step.delta as readonly number[] | undefined) ?? [])].reverse()) undoDelta(out, distance);
  return out;
}

export const xz: Codec = { id: 'xz', decode };
