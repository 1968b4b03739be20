// .xz streams (TIFF Compression 34925): The .xz File Format 1.0.4 (tukaani.org), filters LZMA2 and Delta. Decode only.
// Not handled: executable-code filters, which no image has.

import { formatError, unsupported } from '../core/errors.js';
import type { Codec } from './contract.js';
import { checkMatches } from './xz/checks.js';
import { LzmaDecoder } from './xz/lzma.js';
import { Output } from './xz/output.js';

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0];
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

const broken = (what: string): Error => formatError('XZ_STREAM', `broken .xz stream: ${what}`);

class Reader {
  at = 0;

  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    if (this.at >= this.bytes.length) throw formatError('TRUNCATED', 'the .xz stream is cut short');
    return this.bytes[this.at++]!;
  }

  /** Variable-length integer of up to 9 bytes, 7 bits each, least significant first. */
  number(): number {
    let value = 0;
    for (let i = 0; i < 9; i++) {
      const b = this.byte();
      value += (b & 127) * 2 ** (7 * i);
      if (b < 128) return value;
    }
    throw broken('an over-long number');
  }
}

/** Distances of the Delta filters around the LZMA2 data, outermost first. */
function blockHeader(reader: Reader): number[] {
  const start = reader.at - 1;
  const end = start + (reader.bytes[start]! + 1) * 4;
  const flags = reader.byte();
  if (flags & 0x40) reader.number();
  if (flags & 0x80) reader.number();
  const deltas: number[] = [];
  for (let i = 0; i <= (flags & 3); i++) {
    const id = reader.number();
    const size = reader.number();
    if (id === 3 && size === 1) deltas.push(reader.byte() + 1);
    else if (id === 0x21 && size === 1 && i === (flags & 3)) reader.byte();
    else throw unsupported('XZ_FILTER', `.xz filter ${id} is not handled`);
  }
  if (reader.at > end - 4 || end > reader.bytes.length) throw broken('a block header of wrong size');
  reader.at = end;
  return deltas;
}

function lzma2(reader: Reader, output: Output): void {
  const decoder = new LzmaDecoder();
  let origin = -1;
  for (;;) {
    const control = reader.byte();
    if (control === 0) return;
    if (control === 1 || control >= 0xe0) origin = output.length;
    if (origin < 0) throw broken('no dictionary reset at the start');
    const low = (reader.byte() << 8) | reader.byte();
    if (control < 0x80) {
      if (control > 2) throw broken(`control byte ${control}`);
      const size = low + 1;
      if (reader.at + size > reader.bytes.length) throw formatError('TRUNCATED', 'the .xz stream is cut short');
      output.reserve(size);
      output.bytes.set(reader.bytes.subarray(reader.at, reader.at + size), output.length);
      output.length += size;
      reader.at += size;
      continue;
    }
    const size = ((control & 31) << 16) + low + 1;
    const packed = ((reader.byte() << 8) | reader.byte()) + 1;
    if (control >= 0xc0) decoder.setProperties(reader.byte());
    if (control >= 0xa0) decoder.resetState();
    if (reader.at + packed > reader.bytes.length) throw formatError('TRUNCATED', 'the .xz stream is cut short');
    decoder.run(reader.bytes, reader.at, reader.at + packed, output, size, origin);
    reader.at += packed;
  }
}

/** Add to each byte the byte `distance` before it. */
function undoDelta(bytes: Uint8Array, distance: number): void {
  for (let i = distance; i < bytes.length; i++) bytes[i] = bytes[i]! + bytes[i - distance]!;
}

export const xz: Codec = {
  id: 'xz',
  decode(input, _step, { block, maxBytes }) {
    if (!MAGIC.every((byte, i) => input[i] === byte)) throw broken('no signature');
    const reader = new Reader(input);
    reader.at = 7;
    const check = reader.byte() & 15;
    reader.at = 12;
    const output = new Output(block.bytes, maxBytes);
    while (reader.byte() !== 0) {
      const deltas = blockHeader(reader);
      const from = output.length;
      const start = reader.at;
      lzma2(reader, output);
      const decoded = output.bytes.subarray(from, output.length);
      for (const distance of deltas.reverse()) undoDelta(decoded, distance);
      reader.at += (4 - ((reader.at - start) & 3)) & 3;
      const bytes = CHECK_BYTES[check]!;
      if (reader.at + bytes > input.length) throw formatError('TRUNCATED', 'the .xz stream is cut short');
      if (!checkMatches(check, decoded, new DataView(input.buffer, input.byteOffset + reader.at, bytes))) {
        throw formatError('CHECKSUM', 'the checksum of an .xz block does not match');
      }
      reader.at += bytes;
    }
    return output.bytes.subarray(0, output.length);
  },
};
