// RLE of DICOM (PS3.5 Annex G): a table of up to 15 segments, one for each byte of each sample, most significant byte first; a segment is
// PackBits.
//
// Parameters: size: bytes a sample · planeBytes: bytes that a segment decodes to (default: the block's pixels)
// Output: samples in planes, little-endian.

import { formatError } from '../core/errors.js';
import type { Codec } from './contract.js';
import { checkSize } from './memory.js';
import { whole } from './parameters.js';

const HEADER = 64;
const MOST_SEGMENTS = 15;

export const dicomRle: Codec = {
  id: 'dicom-rle',
  decode(input, step, context) {
    const { block, kernels } = context;
    const size = whole(step, 'size', 1, 1, 8);
    const pixels = block.width * block.height * block.depth;
    const plane = whole(step, 'planeBytes', pixels, 1, 2 ** 31 - 1);
    const { samples } = block;
    if (input.length < HEADER)
      throw formatError('DICOM_RLE', `broken RLE frame: ${input.length} bytes, no segment table`);
    const length = input.length;
    const header = new DataView(input.slice(0, HEADER).buffer);
    const segments = header.getUint32(0, true);
    if (segments !== size * samples || segments > MOST_SEGMENTS) {
      throw formatError('DICOM_RLE', `broken RLE frame: ${segments} segments, expected ${size * samples}`);
    }
    const starts = Array.from({ length: segments }, (_, i) => header.getUint32(4 + 4 * i, true));
    if (starts.some((start, i) => start < HEADER || start > length || (i > 0 && start < starts[i - 1]!))) {
      throw formatError('DICOM_RLE', 'broken RLE frame: segments lie outside the frame or out of order');
    }
    starts.push(length);
    const total = plane * segments;
    checkSize(total, context);
    const src = kernels.place(input, 'codec.input');
    // Least significant byte first, so that each sample is what byte shuffling gives.
    const bytes = kernels.scratch('dicom-rle.planes', total);
    for (let sample = 0; sample < samples; sample++) {
      for (let byte = 0; byte < size; byte++) {
        const i = sample * size + (size - 1 - byte);
        const at = bytes + (sample * size + byte) * plane;
        const got = kernels.x.packbitsDecode(at, plane, src + starts[i]!, starts[i + 1]! - starts[i]!);
        if (got < plane) {
          throw formatError(
            'DICOM_RLE',
            `broken RLE frame: segment ${i} decodes to ${Math.max(got, 0)} bytes, expected ${plane}`,
          );
        }
      }
    }
    if (size === 1) return kernels.view(bytes, total);
    const out = kernels.scratch('dicom-rle.out', total);
    for (let sample = 0; sample < samples; sample++) {
      const at = sample * size * plane;
      kernels.x.unshuffle(out + at, bytes + at, size * plane, size);
    }
    return kernels.view(out, total);
  },
};
