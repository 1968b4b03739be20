// Containers of LZMA: .xz streams (The .xz File Format 1.2), LZMA2 chunks, and .lzma files. Filters: LZMA2, alone or after delta.

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { unsupported } from '../../core/errors.js';
import { brokenLzma, LzmaDecoder } from './decoder.js';

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const LZMA2 = 0x21;
const DELTA = 0x03;
/** Bytes of a block's check, by type (§2.1.1.2). */
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
const CRC32 = 1;
const CRC64 = 4;
const SHA256 = 10;

export function isXz(input: Uint8Array): boolean {
  return MAGIC.every((byte, i) => input[i] === byte);
}

/** CRC-64 of .xz (ECMA-182, reflected), as low and high halves. */
const CRC64_TABLE = Array.from({ length: 256 }, (_, i) => {
  let crc = BigInt(i);
  for (let k = 0; k < 8; k++) crc = crc & 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n;
  return [Number(crc & 0xffffffffn), Number(crc >> 32n)] as const;
});
const CRC64_LOW = Uint32Array.from(CRC64_TABLE, ([low]) => low);
const CRC64_HIGH = Uint32Array.from(CRC64_TABLE, ([, high]) => high);

function crc64(bytes: Uint8Array): Uint8Array {
  let low = 0xffffffff;
  let high = 0xffffffff;
  for (const byte of bytes) {
    const i = (low ^ byte) & 255;
    low = ((low >>> 8) | (high << 24)) ^ CRC64_LOW[i]!;
    high = (high >>> 8) ^ CRC64_HIGH[i]!;
  }
  const out = new Uint8Array(8);
  const view = new DataView(out.buffer);
  view.setUint32(0, ~low >>> 0, true);
  view.setUint32(4, ~high >>> 0, true);
  return out;
}

function checkOf(type: number, bytes: Uint8Array): Uint8Array | undefined {
  if (type === CRC64) return crc64(bytes);
  if (type === SHA256) return createHash('sha256').update(bytes).digest();
  if (type !== CRC32) return undefined;
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, crc32(bytes), true);
  return out;
}

/** LZMA2 chunks up to the end mark; returns the bytes used. */
export function decodeLzma2(input: Uint8Array, decoder: LzmaDecoder): number {
  let at = 0;
  const take = (bytes: number): Uint8Array => {
    if (at + bytes > input.length) throw brokenLzma('it ends early');
    at += bytes;
    return input.subarray(at - bytes, at);
  };
  for (;;) {
    const control = take(1)[0]!;
    if (control === 0) return at;
    if (control < 0x80) {
      if (control > 2) throw brokenLzma(`control byte ${control}`);
      if (control === 1) decoder.resetDictionary();
      const [high, low] = take(2) as unknown as [number, number];
      decoder.copy(take(high * 256 + low + 1));
      continue;
    }
    const [u1, u0, c1, c0] = take(4) as unknown as [number, number, number, number];
    const reset = (control >> 5) & 3;
    if (reset === 3) decoder.resetDictionary();
    if (reset >= 2) decoder.setProperties(take(1)[0]!);
    else if (!decoder.hasProperties) throw brokenLzma('no properties');
    else if (reset === 1) decoder.resetState();
    decoder.decode(take(c1 * 256 + c0 + 1), (control & 31) * 65536 + u1 * 256 + u0 + 1);
  }
}

/** Undo the delta filter in place: each byte was stored as the difference to the one `distance` before. */
export function undoDelta(bytes: Uint8Array, distance: number): void {
  for (let i = distance; i < bytes.length; i++) bytes[i] = bytes[i]! + bytes[i - distance]!;
}

interface Header {
  /** Distances of delta filters, in the order of encoding. */
  readonly deltas: readonly number[];
  readonly bytes: number;
}

function blockHeader(input: Uint8Array, at: number): Header {
  const bytes = 4 * (input[at]! + 1);
  const header = input.subarray(at, at + bytes);
  if (header.length < bytes) throw brokenLzma('a block header ends early');
  const stored = new DataView(header.buffer, header.byteOffset).getUint32(bytes - 4, true);
  if (crc32(header.subarray(0, -4)) !== stored) throw brokenLzma('the checksum of a block header');
  let p = 1;
  const number = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = header[p++];
      if (byte === undefined || p > bytes - 4 || shift > 2 ** 49) throw brokenLzma('a number in a block header');
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  const flags = header[p++]!;
  if (flags & 0x40) number();
  if (flags & 0x80) number();
  const deltas: number[] = [];
  const count = (flags & 3) + 1;
  for (let i = 0; i < count; i++) {
    const id = number();
    const length = number();
    const property = header[p] ?? 0;
    p += length;
    if (id === DELTA && i < count - 1) deltas.push(property + 1);
    else if (id !== LZMA2 || i !== count - 1) {
      throw unsupported('LZMA_FILTER', `the xz filter 0x${id.toString(16)} is not supported`);
    }
  }
  return { deltas, bytes };
}

/** All blocks of all streams. */
export function decodeXz(input: Uint8Array, expected: number, most: number): Uint8Array {
  const decoder = new LzmaDecoder(expected, most);
  let at = 0;
  while (at + 12 <= input.length && isXz(input.subarray(at))) {
    const check = input[at + 7]! & 15;
    at += 12;
    while (input[at] !== undefined && input[at] !== 0) {
      const header = blockHeader(input, at);
      at += header.bytes;
      const start = decoder.length;
      decoder.resetDictionary();
      const used = decodeLzma2(input.subarray(at), decoder);
      at += used + ((4 - (used % 4)) % 4);
      const block = decoder.out.subarray(start, decoder.length);
      for (const distance of [...header.deltas].reverse()) undoDelta(block, distance);
      const found = checkOf(check, block);
      const stored = input.subarray(at, at + CHECK_BYTES[check]!);
      if (found && !found.every((byte, i) => byte === stored[i])) throw brokenLzma('the checksum of a block');
      at += CHECK_BYTES[check]!;
    }
    at = afterIndex(input, at);
  }
  if (at === 0) throw brokenLzma('no xz signature');
  return decoder.out.subarray(0, decoder.length);
}

/** The next stream starts on a multiple of 4 bytes; index and footer say nothing that is needed. */
function afterIndex(input: Uint8Array, at: number): number {
  for (let next = at + 4; next + 12 <= input.length; next += 4) if (isXz(input.subarray(next))) return next;
  return input.length;
}

/** .lzma: properties byte, dictionary size (4 bytes), size (8 bytes, all ones: up to an end marker). */
export function decodeLzmaAlone(input: Uint8Array, expected: number, most: number): Uint8Array {
  if (input.length < 13) throw brokenLzma('its header ends early');
  const size = new DataView(input.buffer, input.byteOffset).getBigUint64(5, true);
  const known = size === 0xffffffffffffffffn ? undefined : Number(size);
  const decoder = new LzmaDecoder(Math.min(known ?? expected, most), most);
  decoder.setProperties(input[0]!);
  decoder.decode(input.subarray(13), known);
  return decoder.out.subarray(0, decoder.length);
}
