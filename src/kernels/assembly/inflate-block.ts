// Symbols of one deflate block (RFC 1951 section 3.2.3) to bytes. While there is room on both sides, bits are taken in eight bytes at a
// time and literals and matches are stored beyond their end; the last bytes go symbol by symbol.

import { copyMatch, copyRoomy } from './match';
import { DISTANCE_ROOT, DISTANCES, END, LITERALS, LONGER, mostlyLiterals, MULTIPLE, ROOT, SINGLE, SPECIAL } from './inflate-tables';

/** Between blocks: next byte of input and output, whole valid bits and nothing above them. */
export const STATE = memory.data(32, 16);
export const INPUT: usize = 0;
export const OUTPUT: usize = 4;
export const COUNT: usize = 8;
export const BUFFER: usize = 16;

/** What a stream comes to. */
export const DONE: i32 = 0;
/** The input ends first. */
export const SHORT: i32 = 1;
/** There is more than the output has room for. */
export const FULL: i32 = 2;
export const BAD_BLOCK: i32 = 3;
export const BAD_STORED: i32 = 4;
export const BAD_LENGTHS: i32 = 5;
export const BAD_CODE: i32 = 6;
export const BAD_DISTANCE: i32 = 7;

// The fast loop holds its bits three places up, above three that are used: a masked buffer then is an offset of eight-byte entries.
const LITERAL_MASK: usize = 8 * ((1 << ROOT) - 1);
const DISTANCE_MASK: usize = 8 * ((1 << DISTANCE_ROOT) - 1);
/** Absent where a lookup gives literals alone. */
const PLAIN: u64 = SPECIAL | (1 << 63);

/** Most that a round of the fast loop writes: three lookups of literals, a match, what its last vector has too much. */
const ROOM: usize = 3 * 3 + 258 + 16;
/** Most that it reads: eight bytes three times, at most seven apart. */
const AHEAD: usize = 24;

/**
 * A lookup gives literals, a length, or both. Without a length the distance is masked to 0 and nothing is copied, and no branch asks: in
 * noisy pixels nothing foretells which comes, and a wrong guess costs as much as the whole round. Blocks of few matches guess.
 */
export function decodeBlock(dst: usize, outEnd: usize, inEnd: usize): i32 {
  const guess = mostlyLiterals();
  let ip = <usize>load<u32>(STATE, INPUT);
  let op = <usize>load<u32>(STATE, OUTPUT);
  // Only the lowest six bits of the count mean something; bits above those counted are what the next refill brings anyway.
  let bits: u64 = <u64>load<u32>(STATE, COUNT) + 3;
  let buffer = load<u64>(STATE, BUFFER) << 3;
  let status = -1;
  if (outEnd - dst > ROOM && inEnd - ip >= AHEAD) {
    const lastOut = outEnd - ROOM;
    const lastIn = inEnd - AHEAD;
    buffer |= load<u64>(ip) << bits;
    ip += 7 - (<usize>(bits >> 3) & 7);
    bits |= 56;
    while (op <= lastOut && ip <= lastIn) {
      // The rounds before left at least 11 bits; new ones for all that follows come while this lookup is under way.
      let e = load<u64>(<usize>buffer & LITERAL_MASK, MULTIPLE);
      buffer |= load<u64>(ip) << bits;
      ip += 7 - (<usize>(bits >> 3) & 7);
      bits |= 56;
      if (guess && (e & PLAIN) == 0) {
        store<u32>(op, <u32>(e >> 32));
        op += <usize>(e >> 6) & 3;
        buffer >>= e;
        bits -= e;
        e = load<u64>(<usize>buffer & LITERAL_MASK, MULTIPLE);
        if ((e & PLAIN) == 0) {
          store<u32>(op, <u32>(e >> 32));
          op += <usize>(e >> 6) & 3;
          buffer >>= e;
          bits -= e;
          e = load<u64>(<usize>buffer & LITERAL_MASK, MULTIPLE);
          if ((e & PLAIN) == 0) {
            store<u32>(op, <u32>(e >> 32));
            op += <usize>(e >> 6) & 3;
            buffer >>= e;
            bits -= e;
            continue;
          }
        }
        buffer |= load<u64>(ip) << bits;
        ip += 7 - (<usize>(bits >> 3) & 7);
        bits |= 56;
      }
      if (e & SPECIAL) {
        if ((e & LONGER) == LONGER) {
          const more = (<usize>8 << (<usize>(e >> 16) & 15)) - 8;
          buffer >>= ROOT;
          bits -= ROOT;
          e = load<u64>((<usize>buffer & more) + (<usize>(e >> 32) << 3), SINGLE);
        }
        if (e & SPECIAL) {
          buffer >>= e;
          bits -= e;
          status = (e & END) == END ? DONE : BAD_CODE;
          break;
        }
      }
      store<u32>(op, <u32>(e >> 32));
      op += <usize>(e >> 6) & 3;
      const length = (<usize>(e >> 21) & 511) + (<usize>(buffer >> (e >> 8)) & (<usize>(e >> 16) & 31));
      buffer >>= e;
      bits -= e;
      const match = <u64>(<i64>e >> 63);
      let d = load<u64>(<usize>buffer & DISTANCE_MASK, DISTANCES) & match;
      if (d & SPECIAL) {
        if ((d & LONGER) == LONGER) {
          const more = (<usize>8 << (<usize>(d >> 16) & 15)) - 8;
          buffer >>= DISTANCE_ROOT;
          bits -= DISTANCE_ROOT;
          d = load<u64>((<usize>buffer & more) + (<usize>(d >> 32) << 3), DISTANCES);
          buffer |= load<u64>(ip) << bits;
          ip += 7 - (<usize>(bits >> 3) & 7);
          bits |= 56;
        }
        if (d & SPECIAL) {
          status = BAD_CODE;
          break;
        }
      }
      const distance = <usize>(d >> 48) + <usize>((buffer >> (d >> 8)) & ((d >> 32) & 0xffff));
      buffer >>= d;
      bits -= d;
      // Static data lies below dst, more than the longest distance.
      const from = op - distance;
      if (from < dst) {
        status = BAD_DISTANCE;
        break;
      }
      if (distance - 1 < 15) {
        copyRoomy(op, distance, length);
      } else {
        // Without a match: any 16 bytes but those just written, which would have to be waited for.
        const source = from & <usize>match;
        v128.store(op, v128.load(source));
        for (let k: usize = 16; k < length; k += 16) v128.store(op + k, v128.load(source + k));
      }
      op += length;
    }
    bits &= 63;
    // Whole bytes go back.
    const unread = (bits - 3) >> 3;
    ip -= <usize>unread;
    bits -= unread << 3;
    buffer &= (<u64>1 << bits) - 1;
  }
  buffer >>= 3;
  bits -= 3;
  while (status < 0) {
    while (bits <= 48 && ip < inEnd) {
      buffer |= <u64>load<u8>(ip++) << bits;
      bits += 8;
    }
    let head: u64 = 0;
    let e = load<u64>(<usize>(buffer << 3) & LITERAL_MASK, SINGLE);
    if ((e & LONGER) == LONGER) {
      head = ROOT;
      const more = <usize>((buffer >> ROOT) & ((1 << ((e >> 16) & 15)) - 1));
      e = load<u64>((more + <usize>(e >> 32)) << 3, SINGLE);
    }
    let taken = head + (e & 63);
    if (taken > bits) {
      status = SHORT;
    } else if (e & LITERALS) {
      if (op == outEnd) {
        status = FULL;
        break;
      }
      store<u8>(op++, <u8>(e >> 32));
      buffer >>= taken;
      bits -= taken;
    } else if (e & SPECIAL) {
      buffer >>= taken;
      bits -= taken;
      status = (e & END) == END ? DONE : BAD_CODE;
    } else {
      const length =
        (<usize>(e >> 21) & 511) + (<usize>(buffer >> (head + ((e >> 8) & 63) - 3)) & (<usize>(e >> 16) & 31));
      const rest = buffer >> taken;
      head = 0;
      e = load<u64>(<usize>(rest << 3) & DISTANCE_MASK, DISTANCES);
      if ((e & LONGER) == LONGER) {
        head = DISTANCE_ROOT;
        const more = <usize>((rest >> DISTANCE_ROOT) & ((1 << ((e >> 16) & 15)) - 1));
        e = load<u64>((more + <usize>(e >> 32)) << 3, DISTANCES);
      }
      taken += head + (e & 63);
      if (taken > bits) {
        status = SHORT;
      } else if (e & SPECIAL) {
        status = BAD_CODE;
      } else {
        const extra = (rest >> (head + ((e >> 8) & 63) - 3)) & ((e >> 32) & 0xffff);
        const distance = <usize>((e >> 48) + extra);
        if (distance > op - dst) {
          status = BAD_DISTANCE;
        } else if (length > outEnd - op) {
          status = FULL;
        } else {
          copyMatch(op, distance, length, outEnd);
          op += length;
          buffer >>= taken;
          bits -= taken;
        }
      }
    }
  }
  store<u32>(STATE, <u32>ip, INPUT);
  store<u32>(STATE, <u32>op, OUTPUT);
  store<u32>(STATE, <u32>bits, COUNT);
  store<u64>(STATE, buffer, BUFFER);
  return status;
}
