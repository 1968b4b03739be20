// zlib (RFC 1950), raw deflate (RFC 1951) and gzip (RFC 1952) streams decoded by the inflate kernel. What is taken and what is refused is
// what zlib takes and refuses: a stream that is cut short gives what it holds, bytes behind it are padding, gzip members follow each other.

import { crc32 } from 'node:zlib';
import { formatError, type ImgconvError } from '../core/errors.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Wrapper } from './zlib-stream.js';

export interface Inflated {
  readonly bytes: number;
  /** The stream came to its end, checksum included. */
  readonly whole: boolean;
}

const SHORT = 1;
const FULL = 2;
/** By the kernel's results from 3 on. */
const REASONS = [
  'unknown type of block',
  'lengths of a stored block disagree',
  'impossible code lengths',
  'a code that stands for nothing',
  'a distance that reaches beyond its start',
];

/** Deflate packs at most 1032 to 1. */
export function mostInflated(packed: number): number {
  return packed * 1032 + 64;
}

function broken(wrapper: Wrapper, reason: string): ImgconvError {
  return formatError('DEFLATE', `broken ${wrapper === 'raw' ? 'deflate' : wrapper} stream: ${reason}`);
}

/**
 * Decode the stream of `length` bytes at `src` to `dst`, where `capacity` bytes are free. Undefined if it holds more. Errors: DEFLATE.
 * All lies in kernel memory, which may grow.
 */
export function readStream(
  kernels: Kernels,
  dst: number,
  capacity: number,
  src: number,
  length: number,
  wrapper: Wrapper,
): Inflated | undefined {
  const reader = new StreamReader(kernels, src, length, wrapper);
  if (wrapper === 'gzip') return reader.members(dst, capacity);
  return wrapper === 'zlib' ? reader.zlib(dst, capacity) : reader.body(dst, capacity);
}

class StreamReader {
  private readonly input: DataView;
  private readonly counts: number;
  /** Where in the stream the next part begins. */
  private at = 0;

  constructor(
    private readonly kernels: Kernels,
    private readonly src: number,
    private readonly length: number,
    private readonly wrapper: Wrapper,
  ) {
    this.counts = kernels.scratch('inflate.counts', 8);
    this.input = new DataView(kernels.x.memory.buffer, src, length);
  }

  /** The deflate stream at the current place. */
  body(dst: number, capacity: number): Inflated | undefined {
    const { x } = this.kernels;
    const status = x.inflate(dst, capacity, this.src + this.at, this.length - this.at, this.counts);
    if (status === FULL) return undefined;
    if (status > FULL) throw broken(this.wrapper, REASONS[status - 3]!);
    const counts = new DataView(x.memory.buffer, this.counts, 8);
    this.at += counts.getUint32(4, true);
    return { bytes: counts.getUint32(0, true), whole: status !== SHORT };
  }

  zlib(dst: number, capacity: number): Inflated | undefined {
    if (this.length < 2) return NOTHING;
    const head = this.input.getUint16(0);
    if (head % 31 !== 0) throw broken('zlib', 'no zlib header');
    if ((head & 0x0f00) !== 0x0800) throw broken('zlib', 'unknown method of compression');
    if (head >> 12 > 7) throw broken('zlib', 'a window beyond 32 KiB');
    if ((head & 0x20) !== 0) {
      if (this.length < 6) return NOTHING;
      throw broken('zlib', 'it needs a dictionary');
    }
    this.at = 2;
    const body = this.body(dst, capacity);
    if (!body?.whole) return body;
    if (this.at + 4 > this.length) return { ...body, whole: false };
    const sum = this.kernels.x.adler32(dst, body.bytes) >>> 0;
    if (this.input.getUint32(this.at) !== sum) throw broken('zlib', 'its checksum does not match');
    return body;
  }

  /** Members one after the other. Zeros behind one end the file, anything else must be another one. */
  members(dst: number, capacity: number): Inflated | undefined {
    let bytes = 0;
    let whole = true;
    do {
      const member = this.member(dst + bytes, capacity - bytes);
      if (!member) return undefined;
      bytes += member.bytes;
      whole = member.whole;
    } while (whole && this.at < this.length && this.input.getUint8(this.at) !== 0);
    return { bytes, whole };
  }

  private member(dst: number, capacity: number): Inflated | undefined {
    if (!this.gzipHeader()) return NOTHING;
    const body = this.body(dst, capacity);
    if (!body?.whole) return body;
    if (this.at + 4 > this.length) return { ...body, whole: false };
    const sum = crc32(this.kernels.view(dst, body.bytes));
    if (this.input.getUint32(this.at, true) !== sum) throw broken('gzip', 'its checksum does not match');
    if (this.at + 8 > this.length) return { ...body, whole: false };
    if (this.input.getUint32(this.at + 4, true) !== body.bytes) throw broken('gzip', 'its length does not match');
    this.at += 8;
    return body;
  }

  /** Go behind the header of a member; false if the stream ends in it. */
  private gzipHeader(): boolean {
    const { input, length } = this;
    const start = this.at;
    if (start + 2 > length) return false;
    if (input.getUint16(start) !== 0x1f8b) throw broken('gzip', 'no gzip header');
    if (start + 4 > length) return false;
    if (input.getUint8(start + 2) !== 8) throw broken('gzip', 'unknown method of compression');
    const flags = input.getUint8(start + 3);
    if ((flags & 0xe0) !== 0) throw broken('gzip', 'unknown flags');
    let at = start + 10;
    if ((flags & 4) !== 0) {
      if (at + 2 > length) return false;
      at += 2 + input.getUint16(at, true);
    }
    // Name and comment, each ended by a zero.
    for (const flag of [8, 16]) {
      if ((flags & flag) === 0) continue;
      while (at < length && input.getUint8(at) !== 0) at++;
      at++;
    }
    if ((flags & 2) !== 0) {
      if (at + 2 > length) return false;
      const sum = crc32(this.kernels.view(this.src + start, at - start)) & 0xffff;
      if (input.getUint16(at, true) !== sum) throw broken('gzip', 'the checksum of its header does not match');
      at += 2;
    }
    this.at = at;
    return at <= length;
  }
}

const NOTHING: Inflated = { bytes: 0, whole: false };
