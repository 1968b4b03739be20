// Decoders of the other LZ77 formats found in Blosc frames.

import { copyLiterals, copyMatch, prepareMatches } from './match';

/**
 * BloscLZ: a control byte below 32 starts a run of control + 1 literals; else its top three bits are the match length - 2 (7: more bytes
 * follow, each added, until one is not 255), its low five bits the high part of the distance - 1. Distance code 31·256 + 255 means that a
 * 16-bit big-endian distance beyond 8191 follows. The first control byte has the level in its top bits.
 */
export function blosclzDecompress(dst: usize, capacity: i32, src: usize, bytes: i32): i32 {
  prepareMatches();
  if (bytes <= 0) return -1;
  let ip = src;
  let op = dst;
  const inEnd = src + bytes;
  const outEnd = dst + capacity;
  let control = <usize>load<u8>(ip++) & 31;
  while (true) {
    if (control < 32) {
      const n = control + 1;
      if (n > inEnd - ip || n > outEnd - op) return -1;
      copyLiterals(op, ip, n, outEnd, inEnd);
      ip += n;
      op += n;
    } else {
      let n = (control >> 5) + 2;
      if (n == 9) {
        let more: usize;
        do {
          if (ip >= inEnd) return -1;
          more = load<u8>(ip++);
          n += more;
        } while (more == 255);
      }
      if (ip >= inEnd) return -1;
      let distance = ((control & 31) << 8) + load<u8>(ip++) + 1;
      if (distance == 8192) {
        if (inEnd - ip < 2) return -1;
        distance = ((<usize>load<u8>(ip) << 8) | load<u8>(ip, 1)) + 8192;
        ip += 2;
      }
      if (distance > op - dst || n > outEnd - op) return -1;
      copyMatch(op, distance, n, outEnd);
      op += n;
    }
    if (ip >= inEnd) break;
    control = load<u8>(ip++);
  }
  return <i32>(op - dst);
}

/** Snappy raw format (format_description.txt of the Snappy project): varint length, then literals and copies. */
export function snappyDecompress(dst: usize, capacity: i32, src: usize, bytes: i32): i32 {
  prepareMatches();
  let ip = src;
  let op = dst;
  const inEnd = src + bytes;
  let size: u64 = 0;
  for (let shift: u64 = 0; ; shift += 7) {
    if (ip >= inEnd || shift > 28) return -1;
    const b = <u64>load<u8>(ip++);
    size |= (b & 127) << shift;
    if (b < 128) break;
  }
  if (size > <u64>capacity) return -1;
  const outEnd = dst + <usize>size;
  while (ip < inEnd) {
    const tag = <usize>load<u8>(ip++);
    const kind = tag & 3;
    if (kind == 0) {
      let n = tag >> 2;
      if (n >= 60) {
        const extra = n - 59;
        if (inEnd - ip < extra) return -1;
        n = 0;
        for (let k: usize = 0; k < extra; k++) n |= <usize>load<u8>(ip + k) << (8 * k);
        ip += extra;
      }
      n++;
      if (n == 0 || n > inEnd - ip || n > outEnd - op) return -1;
      copyLiterals(op, ip, n, outEnd, inEnd);
      ip += n;
      op += n;
      continue;
    }
    let n = (tag >> 2) + 1;
    let offset: usize;
    if (kind == 1) {
      if (ip >= inEnd) return -1;
      n = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | load<u8>(ip++);
    } else if (kind == 2) {
      if (inEnd - ip < 2) return -1;
      offset = load<u16>(ip);
      ip += 2;
    } else {
      if (inEnd - ip < 4) return -1;
      offset = load<u32>(ip);
      ip += 4;
    }
    if (offset == 0 || offset > op - dst || n > outEnd - op) return -1;
    copyMatch(op, offset, n, outEnd);
    op += n;
  }
  return op == outEnd ? <i32>size : -1;
}
