// JPEG 2000 (ITU-T T.800), code stream or JP2 file. High-throughput streams are handed to `htj2k`.
//
// Parameters:
//   header Uint8Array: main header of the stream, where the block is one of its tiles (all its tile-parts)
//   color  'ycbcr': three 8-bit components are YCbCr without the stream's own transform and become RGB · 'none' (default)
// Output: interleaved samples of the code stream (palettes of a JP2 file are not applied), one byte up to 8 bits, two up to 16, else four,
// little-endian; signed components in two's complement; subsampled components repeated. Pixels equal OpenJPEG's.
//
// Encoded: 8- and 16-bit integers, three samples with the stream's own colour transform, lossless unless there is a parameter
//   bitsPerPixel  number: bits a pixel (all samples together) that the stream may take

import type { Codec } from './contract.js';
import { htj2k } from './htj2k.js';
import { fitBlock } from './image-block.js';
import { decodeCodeStream } from './jpeg2000/decoder.js';
import { encodeCodeStream } from './jpeg2000/encoder.js';
import { readSize } from './jpeg2000/size.js';

export const jpeg2000: Codec = {
  id: 'jpeg2000',
  decode(input, step, context) {
    const header = step.header instanceof Uint8Array ? step.header : undefined;
    if (!header && readSize(input).ht) return htj2k.decode!(input, step, context);
    const image = decodeCodeStream(context.kernels, input, context.maxBytes, header);
    if (step.color === 'ycbcr' && image.samples === 3 && image.size === 1) toRgb(image.pixels);
    return fitBlock('JPEG 2000', image, context.block, step);
  },
  encode(input, step, { kernels, block }) {
    const { bitsPerPixel } = step;
    return encodeCodeStream(kernels, input, block, {
      bitsPerPixel: typeof bitsPerPixel === 'number' ? bitsPerPixel : undefined,
    });
  },
};

/** Full range, factors and rounding (towards zero) as OpenJPEG has them. In place. */
function toRgb(pixels: Uint8Array): void {
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const y = pixels[i]!;
    const u = pixels[i + 1]! - 128;
    const v = pixels[i + 2]! - 128;
    clamped[i] = y + Math.trunc(1.402 * v);
    clamped[i + 1] = y - Math.trunc(0.344 * u + 0.714 * v);
    clamped[i + 2] = y + Math.trunc(1.772 * u);
  }
}
