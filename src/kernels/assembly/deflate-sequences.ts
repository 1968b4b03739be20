// What the parsers of deflate share: work memory, and the list of sequences that they fill.

import { SEQUENCE } from './deflate-block';

export const WINDOW: u32 = 32768;
export const LONGEST: usize = 258;
export const MOST_SEQUENCES: usize = 16384;

/** Work memory: tables of the parsers (cleared before each stream), then the sequences of one block. */
export const TABLES: usize = 196608;
export const LIST: usize = TABLES;

/** End of the list after a parser has run. */
export let sequenceEnd: usize = 0;

// @ts-ignore: decorator
@inline
export function addSequence(sequence: usize, literals: usize, length: usize, distance: usize): usize {
  store<u32>(sequence, <u32>literals);
  store<u32>(sequence, <u32>((length << 16) | distance), 4);
  return sequence + SEQUENCE;
}

/** Close the list with the literals from `anchor` on; where the block ends: early if the list is full. */
export function closeList(sequence: usize, anchor: usize, blockEnd: usize, work: usize): usize {
  const end = isFull(sequence, work) ? anchor : blockEnd;
  sequenceEnd = addSequence(sequence, end - anchor, 0, 0);
  return end;
}

/** One place is kept for the last literals. */
// @ts-ignore: decorator
@inline
export function isFull(sequence: usize, work: usize): bool {
  return sequence >= work + LIST + (MOST_SEQUENCES - 1) * SEQUENCE;
}

// @ts-ignore: decorator
@inline
export function hash4(at: usize, bits: u32): usize {
  return <usize>((load<u32>(at) * 2654435761) >> (32 - bits));
}
