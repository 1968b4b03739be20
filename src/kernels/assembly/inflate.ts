// Deflate decompression (RFC 1951): blocks, their headers, stored bytes. What zlib refuses is refused at the same place, and a stream that
// ends early gives as many bytes as it does there.

import { prepareMatches } from './match';
import {
  BAD_BLOCK, BAD_LENGTHS, BAD_STORED, BUFFER, COUNT, decodeBlock, DONE, FULL, INPUT, OUTPUT, SHORT, STATE,
} from './inflate-block';
import { fixedTables, LENGTHS, makeTables } from './inflate-tables';

const ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
const CODE_LENGTHS = memory.data(32, 16);
/** Codes of code lengths by their next seven bits: bits << 5 | symbol. */
const CODES = memory.data(128, 16);

/** Make `n` bits (at most 48) available. False at the end of the input. */
function need(n: u32, inEnd: usize): bool {
  let bits = load<u32>(STATE, COUNT);
  if (bits >= n) return true;
  let ip = <usize>load<u32>(STATE, INPUT);
  let buffer = load<u64>(STATE, BUFFER);
  while (bits <= 48 && ip < inEnd) {
    buffer |= <u64>load<u8>(ip++) << <u64>bits;
    bits += 8;
  }
  store<u32>(STATE, <u32>ip, INPUT);
  store<u32>(STATE, bits, COUNT);
  store<u64>(STATE, buffer, BUFFER);
  return bits >= n;
}

function take(n: u32): u32 {
  const buffer = load<u64>(STATE, BUFFER);
  store<u64>(STATE, buffer >> <u64>n, BUFFER);
  store<u32>(STATE, load<u32>(STATE, COUNT) - n, COUNT);
  return <u32>buffer & ((1 << n) - 1);
}

/** Give whole bytes back to the input, drop the rest. */
function align(): void {
  store<u32>(STATE, load<u32>(STATE, INPUT) - (load<u32>(STATE, COUNT) >> 3), INPUT);
  store<u32>(STATE, 0, COUNT);
  store<u64>(STATE, 0, BUFFER);
}

function stored(outEnd: usize, inEnd: usize): i32 {
  align();
  const ip = <usize>load<u32>(STATE, INPUT);
  const op = <usize>load<u32>(STATE, OUTPUT);
  if (inEnd - ip < 4) return SHORT;
  const length = <usize>load<u16>(ip);
  if ((length ^ load<u16>(ip, 2)) != 0xffff) return BAD_STORED;
  const there = min(length, inEnd - ip - 4);
  const n = min(there, outEnd - op);
  memory.copy(op, ip + 4, n);
  store<u32>(STATE, <u32>(ip + 4 + n), INPUT);
  store<u32>(STATE, <u32>(op + n), OUTPUT);
  return n < there ? FULL : there < length ? SHORT : DONE;
}

/** Lookup of the code lengths' own code. Without any symbol each bit is a length of 0, as in zlib. */
function makeCodes(): bool {
  let left = 128;
  let any: u32 = 0;
  for (let i: usize = 0; i < 19; i++) {
    const length = load<u8>(CODE_LENGTHS + i);
    any |= length;
    if (length) left -= 128 >> length;
  }
  if (!any) {
    memory.fill(CODES, 1 << 5, 128);
    return true;
  }
  if (left != 0) return false;
  let code: u32 = 0;
  for (let length: u32 = 1; length <= 7; length++) {
    for (let symbol: u32 = 0; symbol < 19; symbol++) {
      if (load<u8>(CODE_LENGTHS + symbol) != length) continue;
      for (let i = code; i < 128; i += 1 << length) store<u8>(CODES + i, <u8>((length << 5) | symbol));
      let bit: u32 = 1 << (length - 1);
      for (; code & bit; bit >>= 1) code ^= bit;
      code |= bit;
    }
  }
  return true;
}

/** Header of a block with codes of its own (RFC 1951 section 3.2.7). */
function dynamicTables(inEnd: usize): i32 {
  if (!need(14, inEnd)) return SHORT;
  const literals = take(5) + 257;
  const distances = take(5) + 1;
  const lengths = take(4) + 4;
  if (literals > 286 || distances > 30) return BAD_LENGTHS;
  v128.store(CODE_LENGTHS, i32x4.splat(0));
  v128.store(CODE_LENGTHS, i32x4.splat(0), 16);
  for (let i: usize = 0; i < lengths; i++) {
    if (!need(3, inEnd)) return SHORT;
    store<u8>(CODE_LENGTHS + load<u8>(ORDER + i), <u8>take(3));
  }
  if (!makeCodes()) return BAD_LENGTHS;
  const total = literals + distances;
  let ip = <usize>load<u32>(STATE, INPUT);
  let bits = load<u32>(STATE, COUNT);
  let buffer = load<u64>(STATE, BUFFER);
  let at: u32 = 0;
  while (at < total) {
    if (bits < 14) {
      while (bits <= 48 && ip < inEnd) {
        buffer |= <u64>load<u8>(ip++) << <u64>bits;
        bits += 8;
      }
    }
    const e = <u32>load<u8>(CODES + (<usize>buffer & 127));
    const code = e >> 5;
    const symbol = e & 31;
    const extra: u32 = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (code + extra > bits) return SHORT;
    buffer >>= <u64>code;
    if (symbol < 16) {
      store<u8>(LENGTHS + at++, <u8>symbol);
    } else {
      if (symbol == 16 && at == 0) return BAD_LENGTHS;
      const times = (symbol == 18 ? 11 : 3) + (<u32>buffer & ((1 << extra) - 1));
      if (at + times > total) return BAD_LENGTHS;
      memory.fill(LENGTHS + at, symbol == 16 ? load<u8>(LENGTHS + at - 1) : 0, times);
      at += times;
      buffer >>= <u64>extra;
    }
    bits -= code + extra;
  }
  store<u32>(STATE, <u32>ip, INPUT);
  store<u32>(STATE, bits, COUNT);
  store<u64>(STATE, buffer, BUFFER);
  if (load<u8>(LENGTHS + 256) == 0) return BAD_LENGTHS;
  return makeTables(literals, distances) ? DONE : BAD_LENGTHS;
}

/**
 * A raw deflate stream. Returns 0 done, 1 the input ends first, 2 there is more than `capacity` bytes, above: broken (inflate-block.ts says
 * how). `out`: bytes written and bytes read, two u32.
 */
export function inflate(dst: usize, capacity: i32, src: usize, bytes: i32, out: usize): i32 {
  prepareMatches();
  const inEnd = src + bytes;
  const outEnd = dst + capacity;
  store<u32>(STATE, <u32>src, INPUT);
  store<u32>(STATE, <u32>dst, OUTPUT);
  store<u32>(STATE, 0, COUNT);
  store<u64>(STATE, 0, BUFFER);
  let status = DONE;
  let last: u32 = 0;
  while (status == DONE && !last) {
    if (!need(3, inEnd)) {
      status = SHORT;
      break;
    }
    last = take(1);
    const type = take(2);
    if (type == 0) {
      status = stored(outEnd, inEnd);
    } else if (type == 3) {
      status = BAD_BLOCK;
    } else {
      if (type == 1) fixedTables();
      else status = dynamicTables(inEnd);
      if (status == DONE) status = decodeBlock(dst, outEnd, inEnd);
    }
  }
  align();
  store<u32>(out, <u32>(<usize>load<u32>(STATE, OUTPUT) - dst));
  store<u32>(out, <u32>(<usize>load<u32>(STATE, INPUT) - src), 4);
  return status;
}
