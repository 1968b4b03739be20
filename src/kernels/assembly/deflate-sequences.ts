// What the parsers of deflate share: work memory, and the list of sequences that they fill.

/** Sequence: literals before the match (u32), then length << 16 | distance (0: no match). */
export const SEQUENCE: usize = 8;

export const WINDOW: u32 = 32768;
export const LONGEST: usize = 258;
/** Bytes a block: short enough to follow changing statistics, long enough for its code tables to weigh little. Even. */
export const BLOCK: usize = 65528;
/** Matches have four bytes and more. */
const MOST_SEQUENCES: usize = BLOCK / 4 + 1;

/** Work memory: tables of the parsers (cleared before each stream), then the sequences or tokens of one block. */
export const TABLES: usize = 196608;
export const LIST: usize = TABLES;
export const WORK: usize = LIST + MOST_SEQUENCES * SEQUENCE;

/** End of the list of sequences after a parser has run. */
export let sequenceEnd: usize = 0;

// @ts-ignore: decorator
@inline
export function addSequence(sequence: usize, literals: usize, length: usize, distance: usize): usize {
  store<u32>(sequence, <u32>literals);
  store<u32>(sequence, <u32>((length << 16) | distance), 4);
  return sequence + SEQUENCE;
}

/** Close the list with the literals from `anchor` on. */
export function closeList(sequence: usize, anchor: usize, blockEnd: usize): void {
  sequenceEnd = addSequence(sequence, blockEnd - anchor, 0, 0);
}

// @ts-ignore: decorator
@inline
export function hash4(at: usize, bits: u32): usize {
  return <usize>((load<u32>(at) * 2654435761) >> (32 - bits));
}
