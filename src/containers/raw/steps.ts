// Codec steps that readers of plain arrays share.

import type { CodecStep } from '../../core/blocks.js';

/** Byte order of elements of `bytes` bytes; nothing to do for little-endian or single bytes. */
export function orderSteps(bytes: number, littleEndian: boolean): readonly CodecStep[] {
  return littleEndian || bytes < 2 ? [] : [{ id: 'endian', size: bytes }];
}
