// Greedy parsing with buckets of the last two or four places of each hash, as 16-bit positions. A position that is too old to be told
// from a newer one does no harm: bytes are compared, and distances stay within window and input.

import { equalBytes } from './lz4';
import { addSequence, closeList, hash4, LIST, LONGEST, WINDOW } from './deflate-sequences';

const TWO_LOG: u32 = 15;
const FOUR_LOG: u32 = 14;
/** Eight bytes are compared at once, and a match of four starts one position on at most. */
export const TAIL: usize = 12;

/** Equal bytes, up to 8, at `at` and `distance` before it; 0 for distances out of reach. */
// @ts-ignore: decorator
@inline
function common(at: usize, distance: u32, reach: u32): u32 {
  const ok = distance - 1 < reach;
  const candidate = at - <usize>(ok ? distance : 0);
  const equal = <u32>(ctz(load<u64>(at) ^ load<u64>(candidate)) >> 3);
  return ok ? equal : 0;
}

// @ts-ignore: decorator
@inline
function wholeLength(at: usize, length: u32, distance: u32, blockEnd: usize): usize {
  if (length < 8) return length;
  return 8 + equalBytes(at + 8, at + 8 - distance, min(blockEnd, at + LONGEST));
}

export function parseTwo(start: usize, blockEnd: usize, src: usize, work: usize): void {
  const searchEnd = blockEnd - start > TAIL ? blockEnd - TAIL : start;
  let sequence = work + LIST;
  let at = start;
  let anchor = start;
  while (at < searchEnd) {
    const slot = work + hash4(at, TWO_LOG) * 4;
    const entry = load<u32>(slot);
    const place = <u32>(at - src);
    store<u32>(slot, (entry << 16) | (place & 0xffff));
    const reach = min(place, WINDOW);
    const d0 = (place - entry) & 0xffff;
    const d1 = (place - (entry >> 16)) & 0xffff;
    const l0 = common(at, d0, reach);
    const l1 = common(at, d1, reach);
    const best = l1 > l0 ? l1 : l0;
    if (best < 4) {
      at++;
      continue;
    }
    const distance = l1 > l0 ? d1 : d0;
    const length = wholeLength(at, best, distance, blockEnd);
    sequence = addSequence(sequence, at - anchor, length, distance);
    anchor = at + length;
    const stop = min(anchor, searchEnd);
    for (let p = at + 1; p < stop; p++) {
      const inner = work + hash4(p, TWO_LOG) * 4;
      store<u32>(inner, (load<u32>(inner) << 16) | (<u32>(p - src) & 0xffff));
    }
    at = anchor;
  }
  closeList(sequence, anchor, blockEnd);
}

export function parseFour(start: usize, blockEnd: usize, src: usize, work: usize): void {
  const searchEnd = blockEnd - start > TAIL ? blockEnd - TAIL : start;
  let sequence = work + LIST;
  let at = start;
  let anchor = start;
  while (at < searchEnd) {
    const slot = work + hash4(at, FOUR_LOG) * 8;
    const entry = load<u64>(slot);
    const place = <u32>(at - src);
    store<u64>(slot, (entry << 16) | (place & 0xffff));
    const reach = min(place, WINDOW);
    const d0 = (place - <u32>entry) & 0xffff;
    const d1 = (place - <u32>(entry >> 16)) & 0xffff;
    const d2 = (place - <u32>(entry >> 32)) & 0xffff;
    const d3 = (place - <u32>(entry >> 48)) & 0xffff;
    const l0 = common(at, d0, reach);
    const l1 = common(at, d1, reach);
    const l2 = common(at, d2, reach);
    const l3 = common(at, d3, reach);
    const near = l1 > l0 ? l1 : l0;
    const far = l3 > l2 ? l3 : l2;
    const best = far > near ? far : near;
    if (best < 4) {
      at++;
      continue;
    }
    const nearDistance = l1 > l0 ? d1 : d0;
    const farDistance = l3 > l2 ? d3 : d2;
    const distance = far > near ? farDistance : nearDistance;
    const length = wholeLength(at, best, distance, blockEnd);
    sequence = addSequence(sequence, at - anchor, length, distance);
    anchor = at + length;
    const stop = min(anchor, searchEnd);
    for (let p = at + 1; p < stop; p++) {
      const inner = work + hash4(p, FOUR_LOG) * 8;
      store<u64>(inner, (load<u64>(inner) << 16) | (<u64>(p - src) & 0xffff));
    }
    at = anchor;
  }
  closeList(sequence, anchor, blockEnd);
}
