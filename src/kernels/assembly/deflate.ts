// Deflate compression (RFC 1951). The same bytes come out on every machine. Levels 1–4 (all the same) and 5 look into buckets of two and of
// four recent places without branches, which is what noisy pixels need: there a branch a candidate costs more than the work it saves.
// Levels 6–9 follow chains and look one position ahead. Values of 16 bits have a parser of their own for levels 1–5.
//
// In noise, matches often take more bits than the literals they stand for: a block gets the form that is shorter, and where that is
// literals alone, the blocks behind it are not searched for a while.

import { finishBits, out, putStored, startBits } from './deflate-bits';
import { countSequences, dynamicBits, LITERALS, PAIRS, putBlock, SEQUENCES } from './deflate-block';
import { parseFour, parseTwo } from './deflate-buckets';
import { parseChains, prepareChains } from './deflate-chains';
import { countPairs, parsePairs } from './deflate-pairs';
import { BLOCK, TABLES, WORK } from './deflate-sequences';
import { countBytes, endCount, literalCount, placesDiffer, startCount } from './deflate-symbols';

/** Blocks until the other form is tried again. */
const PATIENCE: i32 = 8;

let level: i32 = 0;
/** Whether blocks are made of 16-bit values. */
let paired = false;
/** Blocks that go without a search; how many the next time. */
let plain: i32 = 0;
let wait: i32 = 0;
/** Blocks that go without a comparison: where matches cover most, literals are no rival. */
let trusted: i32 = 0;
/** Bits a block had as literals when it was compared last. */
let bitsThen: u64 = 0;

/** Bytes of work memory. */
export function deflateWork(): i32 {
  return <i32>WORK;
}

/** Bits of the block as literals alone, which get counted; sees whether it is of 16-bit values. */
function literalBits(start: usize, bytes: usize): u64 {
  startCount();
  countBytes(start, bytes);
  paired = level <= 5 && !(bytes & 1) && placesDiffer(bytes);
  endCount();
  return dynamicBits();
}

/** Whether matches cover most of the bytes counted. */
function isMatched(bytes: usize): bool {
  return <usize>literalCount() * 8 < bytes * 3;
}

// @ts-ignore: decorator
@inline
function isNear(a: u64, b: u64): bool {
  return (a > b ? a - b : b - a) < b >> 3;
}

/** Symbols of the block by a search for matches; what it is made of. */
function parse(start: usize, blockEnd: usize, src: usize, work: usize): i32 {
  if (paired) {
    parsePairs(start, blockEnd, src, work);
    countPairs(work);
    return PAIRS;
  }
  if (level <= 4) parseTwo(start, blockEnd, src, work);
  else if (level <= 5) parseFour(start, blockEnd, src, work);
  else parseChains(start, blockEnd, src, work);
  countSequences(start, work);
  return SEQUENCES;
}

function writeBlock(start: usize, blockEnd: usize, src: usize, final: u32, work: usize, limit: usize): bool {
  const bytes = blockEnd - start;
  if (trusted > 0 && !(bytes & 1)) {
    trusted--;
    const made = parse(start, blockEnd, src, work);
    if (!isMatched(bytes)) trusted = 0;
    return putBlock(start, bytes, made, dynamicBits(), work, final, limit);
  }
  const literals = literalBits(start, bytes);
  if (plain > 0 && isNear(literals, bitsThen)) {
    plain--;
    return putBlock(start, bytes, LITERALS, literals, work, final, limit);
  }
  const made = parse(start, blockEnd, src, work);
  const bits = dynamicBits();
  if (bits < literals) {
    plain = wait = 0;
    trusted = isMatched(bytes) ? PATIENCE : 0;
    return putBlock(start, bytes, made, bits, work, final, limit);
  }
  plain = wait = min(2 * wait + 1, PATIENCE);
  bitsThen = literals;
  return putBlock(start, bytes, LITERALS, literalBits(start, bytes), work, final, limit);
}

/** A raw deflate stream. Effort 0–9. Returns its bytes, 0 if `capacity` is too small. */
export function deflate(dst: usize, capacity: i32, src: usize, bytes: i32, effort: i32, work: usize): i32 {
  startBits(dst);
  const limit = dst + capacity;
  const end = src + bytes;
  if (effort <= 0) return putStored(src, bytes, limit) ? <i32>(out - dst) : 0;
  memory.fill(work, 0, TABLES);
  level = effort;
  paired = false;
  plain = wait = trusted = 0;
  if (effort > 5) prepareChains(effort);
  let at = src;
  do {
    const blockEnd = at + min<usize>(BLOCK, end - at);
    if (!writeBlock(at, blockEnd, src, blockEnd == end ? 1 : 0, work, limit)) return 0;
    at = blockEnd;
  } while (at < end);
  return <i32>(finishBits() - dst);
}
