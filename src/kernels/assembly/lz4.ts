// LZ4 block format (LZ4 block format description, lz4.org): token, literals, 16-bit offset, match; the last five bytes are literals and
// the last match starts twelve bytes before the end or earlier.

import { copyLiterals, copyMatch, prepareMatches } from './match';

const LOG: u32 = 13;
/** Position of the last place with each hash: 16 bits where that suffices, so that the table stays in the first-level cache. */
const TABLE = memory.data(4 << 13, 16);

// @ts-ignore: decorator
@inline
function hash<T>(ip: usize): usize {
  if (sizeof<T>() == 2) return (load<u32>(ip) * 2654435761) >> (32 - LOG);
  // Five bytes: fewer false candidates in long inputs.
  return <usize>(((load<u64>(ip) << 24) * 889523592379) >> <u64>(64 - LOG));
}

/** Bytes that are equal at `a` and `b` up to `limit` (of a). */
// @ts-ignore: decorator
@inline
export function equalBytes(a: usize, b: usize, limit: usize): usize {
  const start = a;
  while (a + 8 <= limit) {
    const diff = load<u64>(a) ^ load<u64>(b);
    if (diff) return a - start + (<usize>ctz(diff) >> 3);
    a += 8;
    b += 8;
  }
  while (a < limit && load<u8>(a) == load<u8>(b)) {
    a++;
    b++;
  }
  return a - start;
}

// @ts-ignore: decorator
@inline
function putLength(op: usize, rest: usize): usize {
  while (rest >= 255) {
    store<u8>(op++, 255);
    rest -= 255;
  }
  store<u8>(op++, <u8>rest);
  return op;
}

// @ts-ignore: decorator
@inline
function compress<T>(dst: usize, capacity: usize, src: usize, bytes: usize, acceleration: u32): i32 {
  let op = dst;
  const outEnd = dst + capacity;
  const end = src + bytes;
  let anchor = src;
  if (bytes >= 13) {
    memory.fill(TABLE, 0, sizeof<T>() << LOG);
    const lastStart = end - 12;
    const matchEnd = end - 5;
    let ip = src + 1;
    let searching = true;
    while (searching) {
      let ref: usize = 0;
      let next = ip;
      let step: usize = 1;
      let tries = acceleration << 6;
      while (true) {
        ip = next;
        if (ip > lastStart) {
          searching = false;
          break;
        }
        next = ip + step;
        step = tries++ >> 6;
        const slot = TABLE + hash<T>(ip) * sizeof<T>();
        ref = src + <usize>load<T>(slot);
        store<T>(slot, <T>(ip - src));
        if (load<u32>(ref) == load<u32>(ip) && (sizeof<T>() == 2 || ip - ref <= 65535)) break;
      }
      if (!searching) break;
      while (ip > anchor && ref > src && load<u8>(ip - 1) == load<u8>(ref - 1)) {
        ip--;
        ref--;
      }
      const literals = ip - anchor;
      // Token, lengths, literals, offset, and the five last literals with their token.
      if (op + literals + literals / 255 + 11 > outEnd) return 0;
      let token = op++;
      if (literals >= 15) {
        store<u8>(token, 240);
        op = putLength(op, literals - 15);
      } else {
        store<u8>(token, <u8>(literals << 4));
      }
      copyLiterals(op, anchor, literals, outEnd, end);
      op += literals;
      while (true) {
        const more = equalBytes(ip + 4, ref + 4, matchEnd);
        if (op + more / 255 + 11 > outEnd) return 0;
        store<u16>(op, <u16>(ip - ref));
        op += 2;
        ip += 4 + more;
        if (more >= 15) {
          store<u8>(token, load<u8>(token) | 15);
          op = putLength(op, more - 15);
        } else {
          store<u8>(token, load<u8>(token) | <u8>more);
        }
        anchor = ip;
        if (ip > lastStart) {
          searching = false;
          break;
        }
        store<T>(TABLE + hash<T>(ip - 2) * sizeof<T>(), <T>(ip - 2 - src));
        // A match right here needs no literals.
        const slot = TABLE + hash<T>(ip) * sizeof<T>();
        ref = src + <usize>load<T>(slot);
        store<T>(slot, <T>(ip - src));
        if (load<u32>(ref) != load<u32>(ip) || (sizeof<T>() != 2 && ip - ref > 65535)) break;
        token = op++;
        store<u8>(token, 0);
      }
      ip++;
    }
  }
  const literals = end - anchor;
  if (op + literals + (literals + 240) / 255 + 1 > outEnd) return 0;
  if (literals >= 15) {
    store<u8>(op++, 240);
    op = putLength(op, literals - 15);
  } else {
    store<u8>(op++, <u8>(literals << 4));
  }
  memory.copy(op, anchor, literals);
  return <i32>(op + literals - dst);
}

/** Inputs of at most 64 KiB take the fast table. */
export function lz4Compress(dst: usize, capacity: i32, src: usize, bytes: i32, acceleration: i32): i32 {
  const speed = <u32>min(max(acceleration, 1), 65535);
  if (bytes <= 65536) return compress<u16>(dst, capacity, src, bytes, speed);
  return compress<u32>(dst, capacity, src, bytes, speed);
}

export function lz4Decompress(dst: usize, capacity: i32, src: usize, bytes: i32): i32 {
  prepareMatches();
  let ip = src;
  let op = dst;
  const inEnd = src + bytes;
  const outEnd = dst + capacity;
  while (ip < inEnd) {
    const token = <usize>load<u8>(ip++);
    let n = token >> 4;
    if (n == 15) {
      let more: usize;
      do {
        if (ip >= inEnd) return -1;
        more = load<u8>(ip++);
        n += more;
      } while (more == 255);
    }
    if (n > inEnd - ip || n > outEnd - op) return -1;
    if (n) copyLiterals(op, ip, n, outEnd, inEnd);
    op += n;
    ip += n;
    if (ip == inEnd) break;
    if (inEnd - ip < 2) return -1;
    const offset = <usize>load<u16>(ip);
    ip += 2;
    if (offset == 0 || offset > op - dst) return -1;
    n = (token & 15) + 4;
    if (n == 19) {
      let more: usize;
      do {
        if (ip >= inEnd) return -1;
        more = load<u8>(ip++);
        n += more;
      } while (more == 255);
    }
    if (n > outEnd - op) return -1;
    copyMatch(op, offset, n, outEnd);
    op += n;
  }
  return <i32>(op - dst);
}
