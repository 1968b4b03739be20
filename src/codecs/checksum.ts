// Checksums stored with a block: verified and taken off, or put on.
//
// checksum: kind 'crc32c' | 'crc32' | 'adler32' | 'fletcher32'; at 'end' (default) | 'start'. `crc32c` and `fletcher32` are short for kinds.
// 4 bytes, little-endian. Fletcher-32 is HDF5's: 16-bit words read big-endian.

import { crc32 } from 'node:zlib';
import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';
import { inputPointer } from './memory.js';
import { word } from './parameters.js';

const KINDS = ['crc32c', 'crc32', 'adler32', 'fletcher32'] as const;
type Kind = (typeof KINDS)[number];

const ADLER = 65_521;
/** Most bytes before sums must be reduced (RFC 1950 in zlib's reading). */
const ADLER_RUN = 5552;

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let start = 0; start < data.length; start += ADLER_RUN) {
    const end = Math.min(data.length, start + ADLER_RUN);
    for (let i = start; i < end; i++) {
      a += data[i]!;
      b += a;
    }
    a %= ADLER;
    b %= ADLER;
  }
  return b * 65_536 + a;
}

function compute(kind: Kind, data: Uint8Array, context: CodecContext): number {
  const { x } = context.kernels;
  switch (kind) {
    case 'crc32c':
      return x.crc32c(inputPointer(data, context), data.length) >>> 0;
    case 'fletcher32':
      return x.fletcher32(inputPointer(data, context), data.length) >>> 0;
    case 'crc32':
      return crc32(data);
    case 'adler32':
      return adler32(data);
  }
}

function swapPairs(value: number): number {
  return (((value & 0x00ff00ff) << 8) | ((value >>> 8) & 0x00ff00ff)) >>> 0;
}

function decode(input: Uint8Array, step: CodecStep, context: CodecContext, usual: Kind): Uint8Array {
  const kind = word(step, 'kind', KINDS, usual);
  const start = word(step, 'at', ['start', 'end'], 'end') === 'start';
  if (input.length < 4) throw formatError('CHECKSUM', `block of ${input.length} bytes has no ${kind} checksum`);
  const data = start ? input.subarray(4) : input.subarray(0, -4);
  const at = start ? 0 : input.length - 4;
  const found = new DataView(input.buffer, input.byteOffset, input.byteLength).getUint32(at, true);
  const expected = compute(kind, data, context);
  // HDF5 before 1.6.3 stored Fletcher sums with swapped bytes on little-endian machines (H5Zfletcher32.c accepts both).
  if (found === expected || (kind === 'fletcher32' && found === swapPairs(expected))) return data;
  const hex = (value: number) => value.toString(16).padStart(8, '0');
  throw formatError(
    'CHECKSUM',
    `${kind} checksum is ${hex(found)}, the block's ${data.length} bytes give ${hex(expected)}`,
  );
}

function encode(input: Uint8Array, step: CodecStep, context: CodecContext, usual: Kind): Uint8Array {
  const start = word(step, 'at', ['start', 'end'], 'end') === 'start';
  const sum = compute(word(step, 'kind', KINDS, usual), input, context);
  const out = new Uint8Array(input.length + 4);
  out.set(input, start ? 4 : 0);
  new DataView(out.buffer).setUint32(start ? 0 : input.length, sum, true);
  return out;
}

function codec(id: string, usual: Kind): Codec {
  return {
    id,
    decode: (input, step, context) => decode(input, step, context, usual),
    encode: (input, step, context) => encode(input, step, context, usual),
  };
}

export const checksum = codec('checksum', 'crc32c');
export const crc32c = codec('crc32c', 'crc32c');
export const fletcher32 = codec('fletcher32', 'fletcher32');
