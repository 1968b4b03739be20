// PNG and APNG streams (ISO/IEC 15948), all bit depths and colour types.
//
// Parameters:
//   animated  true: the block's planes are the frames of the animation, each as it is shown; default: the still image
// Output: stored sample values, interleaved, palette images as indices; one byte up to 8 bits, else two, little-endian.

import type { Codec } from './contract.js';
import { checkSize, fitBlock } from './image-block.js';
import { composeFrames } from './png/animation.js';
import { readStream, samplesOf } from './png/chunks.js';
import { decodeRows } from './png/rows.js';

export const png: Codec = {
  id: 'png',
  decode(input, step, context) {
    const { kernels, block, maxBytes } = context;
    // Chunks are looked at while kernel memory grows.
    const stream = readStream(kernels.owns(input) ? input.slice() : input);
    const { header } = stream;
    const samples = samplesOf(header);
    const size = header.depth > 8 ? 2 : 1;
    const planes = step.animated === true ? block.depth : 1;
    checkSize('a PNG image', header.width, header.height, samples * size * planes, maxBytes);
    const pixels =
      step.animated === true
        ? composeFrames(stream, block.depth, context)
        : (({ pixels, rows }) => pixels.subarray(0, rows * header.width * samples * size))(
            decodeRows(stream.data, header, context),
          );
    return fitBlock('PNG', { pixels, width: header.width, height: header.height, samples, size }, block);
  },
};
