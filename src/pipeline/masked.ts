// Blocks of which some pixels are not there (`BlockMasks`): the rest of a box, run by run.

import { formatError } from '../core/errors.js';
import type { Region } from '../core/geometry.js';
import type { FilePool } from '../io/files.js';
import type { BlockJob } from './region-reader.js';

/** Boxes of one row that hold the valid pixels of a job's box. Errors: format BLOCK_MASK where the bits break off. */
export function* validRuns({ mask, place, box }: BlockJob, files: FilePool): Generator<Region> {
  const stride = mask!.length / place.stored[3];
  const [, , , rows, width] = box.shape;
  const [t, c, z, top, left] = box.start;
  const bits = new Uint8Array(stride * rows);
  const from = mask!.offset + (top - place.start[3]) * stride;
  if (files.read(mask!.file, from, bits) < bits.length)
    throw formatError('BLOCK_MASK', 'the mask of valid pixels breaks off', { file: mask!.file, offset: from });
  const first = left - place.start[4];
  for (let y = 0; y < rows; y++) {
    const valid = (x: number): boolean => (bits[y * stride + ((first + x) >> 3)]! & (0x80 >> ((first + x) & 7))) !== 0;
    for (let x = 0; x < width; ) {
      if (!valid(x)) {
        x++;
        continue;
      }
      let end = x + 1;
      while (end < width && valid(end)) end++;
      yield { start: [t, c, z, top + y, left + x], shape: [box.shape[0], box.shape[1], box.shape[2], 1, end - x] };
      x = end;
    }
  }
}
