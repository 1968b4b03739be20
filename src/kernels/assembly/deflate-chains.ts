// Parsing with chains of all places of the same hash in the window, and one position of lookahead. Matches of three bytes are not looked
// for: in pixels they take more bits than they save.

import { equalBytes } from './lz4';
import { addSequence, closeList, hash4, LIST, LONGEST, WINDOW } from './deflate-sequences';

// Tables in work memory: newest place by hash of four bytes, distance to the place before by place.
// Places are counted from twice the window, so that empty slots are out of reach.
const HEAD_LOG: u32 = 15;
const PREVIOUS: usize = 4 << 15;

let depth: i32 = 0;
/** A match that is long enough ends the search. */
let nice: usize = 0;

/** Level 6–9. */
export function prepareChains(level: i32): void {
  depth = level == 6 ? 12 : level == 7 ? 32 : level == 8 ? 96 : 400;
  nice = level == 6 ? 64 : level == 7 ? 128 : LONGEST;
}

/** Enter `at` into its chain; the distance to the place before it. */
// @ts-ignore: decorator
@inline
function enter(at: usize, base: usize, work: usize): u32 {
  const slot = work + hash4(at, HEAD_LOG) * 4;
  const place = <u32>(at - base);
  const distance = place - load<u32>(slot);
  store<u32>(slot, place);
  store<u16>(work + PREVIOUS + ((<usize>place & 32767) << 1), <u16>min<u32>(distance, 65535));
  return distance;
}

/** Longest match at `at`, which gets entered, as length << 16 | distance; 0: none. */
function search(at: usize, base: usize, end: usize, work: usize, tries: i32): u32 {
  let distance = enter(at, base, work);
  const first = load<u32>(at);
  const limit = min<usize>(end, at + LONGEST);
  let best: usize = 3;
  let found: u32 = 0;
  while (distance <= WINDOW) {
    const candidate = at - distance;
    if (load<u32>(candidate + best - 3) == load<u32>(at + best - 3) && load<u32>(candidate) == first) {
      const length: usize = 4 + equalBytes(at + 4, candidate + 4, limit);
      if (length > best) {
        best = length;
        found = (<u32>length << 16) | distance;
        if (length >= nice || at + length >= limit) break;
      }
    }
    if (--tries <= 0) break;
    distance += <u32>load<u16>(work + PREVIOUS + (((candidate - base) & 32767) << 1));
  }
  return found;
}

/** What a match is worth: four a byte, less one a bit of distance. A later one must be worth two bytes more: noise is full of chance finds. */
// @ts-ignore: decorator
@inline
function worth(match: u32): i32 {
  return 4 * <i32>(match >> 16) + clz(match & 0xffff);
}

export function parseChains(start: usize, blockEnd: usize, src: usize, work: usize): void {
  // Four bytes are hashed and compared at once.
  const searchEnd = blockEnd - start >= 4 ? blockEnd - 3 : start;
  const base = src - 2 * <usize>WINDOW;
  let sequence = work + LIST;
  let at = start;
  let anchor = start;
  while (at < searchEnd) {
    let match = search(at, base, blockEnd, work, depth);
    if (!match) {
      at++;
      continue;
    }
    let entered = at;
    while (<usize>(match >> 16) < nice && at + 1 < searchEnd) {
      const next = search(at + 1, base, blockEnd, work, depth >> 1);
      entered = at + 1;
      if (!next || worth(next) <= worth(match) + 8) break;
      at++;
      match = next;
    }
    const length = <usize>(match >> 16);
    sequence = addSequence(sequence, at - anchor, length, match & 0xffff);
    anchor = at + length;
    const stop = min(anchor, searchEnd);
    for (let p = entered + 1; p < stop; p++) enter(p, base, work);
    at = anchor;
  }
  closeList(sequence, anchor, blockEnd);
}
