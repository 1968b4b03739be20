// Parsing of 16-bit values. Matches begin and end at values: that halves the search and, since nearly all matches in noise are two values
// long, their lengths take hardly a bit. A block becomes tokens (u32) of two symbols each: the two bytes of a value, or a match:
//   first symbol | second symbol << 9 | extra bits of the distance << 18; bit 31: a u32 with the extra bits of the length follows,
//   value | bits << 8

import { bitBuffer, bitCount, out, setBits } from './deflate-bits';
import { TAIL } from './deflate-buckets';
import { LIST, LONGEST, WINDOW } from './deflate-sequences';
import { equalBytes } from './lz4';
import { CODES, countSymbol, DISTANCES, distanceExtra, distanceSymbol, endCount, lengthExtra, lengthSymbol, startCount } from './deflate-symbols';

/** The table and the window stay near the processor. */
const LOG: u32 = 13;
/** Bytes that are searched ahead of parsing, and what was found: a distance (u16) for each value. */
const BATCH: usize = 1024;
const FOUND = memory.data(1024, 16);
const LONG: u32 = 1 << 31;

/** End of the tokens after parsePairs. */
let tokensEnd: usize = 0;

// @ts-ignore: decorator
@inline
function literalToken(two: u32): u32 {
  return (two & 255) | ((two & 0xff00) << 1);
}

// @ts-ignore: decorator
@inline
function matchToken(length: u32, distance: u32): u32 {
  const d = distance - 1;
  const extra = d & ((1 << distanceExtra(d)) - 1);
  return (257 + lengthSymbol(length - 3)) | ((DISTANCES + distanceSymbol(d)) << 9) | (extra << 18);
}

/** Match of any length as one or two tokens; where the next goes. */
// @ts-ignore: decorator
@inline
function addMatch(token: usize, length: u32, distance: u32): usize {
  const value = matchToken(length, distance);
  const bits = lengthExtra(length - 3);
  if (!bits) {
    store<u32>(token, value);
    return token + 4;
  }
  store<u32>(token, value | LONG);
  store<u32>(token, ((length - 3) & ((1 << bits) - 1)) | (bits << 8), 4);
  return token + 8;
}

/** 1 if four bytes at `at` are the same `distance` before. */
// @ts-ignore: decorator
@inline
function isMatch(at: usize, four: u32, distance: u32, reach: u32): u32 {
  const ok = distance - 1 < reach;
  const candidate = load<u32>(at - <usize>(ok ? distance : 0));
  return <u32>ok & <u32>(candidate == four);
}

/**
 * For each value from `from` on: distance of a match of two values, the nearest of two candidates, or 0. Each is looked up and entered,
 * whatever becomes of it: so nothing waits for a guess about the matches before it.
 */
function search(from: usize, to: usize, src: usize, work: usize): void {
  let found = FOUND;
  for (let at = from; at < to; at += 2, found += 2) {
    const four = load<u32>(at);
    const slot = work + <usize>((four * 2654435761) >> (32 - LOG)) * 4;
    const entry = load<u32>(slot);
    const place = <u32>(at - src);
    store<u32>(slot, (entry << 16) | (place & 0xffff));
    const reach = min(place, WINDOW);
    const d0 = (place - entry) & 0xffff;
    const d1 = (place - (entry >> 16)) & 0xffff;
    const far = isMatch(at, four, d1, reach) ? d1 : 0;
    store<u16>(found, <u16>(isMatch(at, four, d0, reach) ? d0 : far));
  }
}

/** Tokens of a block of even size. */
export function parsePairs(start: usize, blockEnd: usize, src: usize, work: usize): void {
  const searchEnd = blockEnd - start > TAIL ? blockEnd - TAIL : start;
  let token = work + LIST;
  let at = start;
  for (let batch = start; batch < searchEnd; batch += BATCH) {
    const batchEnd = min(batch + BATCH, searchEnd);
    search(batch, batchEnd, src, work);
    while (at < batchEnd) {
      const distance = <u32>load<u16>(FOUND + (at - batch));
      const eight = load<u64>(at);
      // One branch, which noise seldom takes; match or not would be anyone's guess.
      if (<u32>(distance != 0) & <u32>(<u16>((eight ^ load<u64>(at - distance)) >> 32) == 0)) {
        const length = (6 + equalBytes(at + 6, at + 6 - distance, min(blockEnd, at + LONGEST))) & ~1;
        token = addMatch(token, <u32>length, distance);
        at += length;
        continue;
      }
      store<u32>(token, distance ? matchToken(4, distance) : literalToken(<u32>eight));
      token += 4;
      at += distance ? 4 : 2;
    }
  }
  for (; at < blockEnd; at += 2, token += 4) store<u32>(token, literalToken(load<u16>(at)));
  tokensEnd = token;
}

export function countPairs(work: usize): void {
  startCount();
  for (let token = work + LIST; token < tokensEnd; token += 4) {
    const value = load<u32>(token);
    countSymbol(0, value & 511);
    countSymbol(1, (value >> 9) & 511);
    if (<i32>value < 0) token += 4;
  }
  endCount();
}

/** Each token's two symbols with the extra bits of a distance take up to 42 bits. */
export function putPairs(work: usize): void {
  let buffer = bitBuffer;
  let count = bitCount;
  let op = out;
  for (let token = work + LIST; token < tokensEnd; token += 4) {
    const value = load<u32>(token);
    const a = <u64>load<u32>(CODES + 4 * <usize>(value & 511));
    const b = <u64>load<u32>(CODES + 4 * <usize>((value >> 9) & 511));
    let first = a & 0xffff;
    let n = (a >> 16) & 255;
    if (<i32>value < 0) {
      token += 4;
      const extra = <u64>load<u32>(token);
      first |= (extra & 255) << n;
      n += extra >> 8;
    }
    const extra = <u64>((value >> 18) & 0x1fff) << ((b >> 16) & 255);
    buffer |= (first | ((extra | (b & 0xffff)) << n)) << count;
    count += n + (b >> 24);
    store<u64>(op, buffer);
    op += <usize>(count >> 3);
    buffer >>= count & ~7;
    count &= 7;
  }
  setBits(op, buffer, count);
}
