// Checksums of 4 little-endian bytes before or after the data (Zarr v3 crc32c; numcodecs crc32c, crc32, adler32, fletcher32): checked, taken off.
//
// Parameters: kind 'crc32c' | 'crc32' | 'adler32' | 'fletcher32' · at 'start' | 'end'

import { crc32 } from 'node:zlib';
import type { CodecStep } from '../core/blocks.js';
import { formatError } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';

const ADLER = 65521;
/** Sums of this many bytes stay below 2^32 before they are reduced (zlib's NMAX). */
const RUN = 5552;

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let from = 0; from < bytes.length; from += RUN) {
    for (const byte of bytes.subarray(from, from + RUN)) {
      a += byte;
      b += a;
    }
    a %= ADLER;
    b %= ADLER;
  }
  return ((b << 16) | a) >>> 0;
}

/** Fletcher-32 as HDF5 computes it: 16-bit big-endian words, modulo 65535, an odd last byte as the high byte of a word. */
function fletcher32(bytes: Uint8Array): number {
  let a = 0;
  let b = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    a = (a + ((bytes[i]! << 8) | (bytes[i + 1] ?? 0))) % 65535;
    b = (b + a) % 65535;
  }
  return ((b << 16) | a) >>> 0;
}

function compute(kind: string, bytes: Uint8Array, { kernels }: CodecContext): number {
  if (kind === 'crc32c') return kernels.x.crc32c(kernels.place(bytes, 'checksum'), bytes.length) >>> 0;
  if (kind === 'crc32') return crc32(bytes);
  return kind === 'adler32' ? adler32(bytes) : fletcher32(bytes);
}

function decode(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const kind = String(step.kind);
  if (input.length < 4)
    throw formatError('CHECKSUM', `${kind}: a block of ${input.length} bytes has no room for its checksum`);
  const first = step.at === 'start';
  const data = first ? input.subarray(4) : input.subarray(0, -4);
  const sum = first ? input.subarray(0, 4) : input.subarray(-4);
  const expected = new DataView(sum.buffer, sum.byteOffset, 4).getUint32(0, true);
  const found = compute(kind, data, context);
  if (found === expected) return data;
  const hex = (n: number): string => n.toString(16).padStart(8, '0');
  throw formatError(
    'CHECKSUM',
    `${kind} of the block is ${hex(found)}, stored is ${hex(expected)}: the data are damaged`,
  );
}

export const checksum: Codec = { id: 'checksum', decode };
