// Deflate compression (RFC 1951). The same bytes come out on every machine. Levels 1–5 look into small buckets of recent places without
// branches, which is what noisy pixels need: there a branch a candidate costs more than the work it saves. Levels 6–9 follow chains and
// look one position ahead.

import { parseChains, prepareChains } from './deflate-chains';
import { bitsEnd, finishBits, putBlock, putStored, SEQUENCE, startBits } from './deflate-block';
import { parseFour, parseTwo } from './deflate-buckets';
import { LIST, MOST_SEQUENCES, sequenceEnd, TABLES } from './deflate-sequences';

/** Bytes a block: short enough to follow changing statistics, long enough for its code tables to weigh little. */
const BLOCK: usize = 1 << 15;

/** Bytes of work memory. */
export function deflateWork(): i32 {
  return <i32>(LIST + MOST_SEQUENCES * SEQUENCE);
}

/** A raw deflate stream. Level 0–9. Returns its bytes, 0 if `capacity` is too small. */
export function deflate(dst: usize, capacity: i32, src: usize, bytes: i32, level: i32, work: usize): i32 {
  startBits(dst);
  const outEnd = dst + capacity;
  const end = src + bytes;
  if (level <= 0) return putStored(src, bytes, outEnd) ? <i32>(bitsEnd() - dst) : 0;
  memory.fill(work, 0, TABLES);
  if (level > 5) prepareChains(level);
  let at = src;
  do {
    const start = at;
    const blockEnd = start + min<usize>(BLOCK, end - start);
    if (level <= 2) at = parseTwo(start, blockEnd, src, work);
    else if (level <= 5) at = parseFour(start, blockEnd, src, work);
    else at = parseChains(start, blockEnd, src, work);
    if (!putBlock(start, at - start, work + LIST, sequenceEnd, at == end ? 1 : 0, outEnd)) return 0;
  } while (at < end);
  return <i32>(finishBits() - dst);
}
