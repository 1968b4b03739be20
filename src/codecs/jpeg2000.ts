// JPEG 2000 (ITU-T T.800), code stream or JP2 file. High-throughput streams are handed to `htj2k`.
//
// Parameters:
//   color  'ycbcr': three 8-bit components are YCbCr without the stream's own transform and become RGB · 'none' (default)
// Output: interleaved samples of the code stream (palettes of a JP2 file are not applied), one byte up to 8 bits, two up to 16, else four,
// little-endian; signed components in two's complement; subsampled components repeated. Pixels equal OpenJPEG's.

import type { Codec } from './contract.js';
import { htj2k } from './htj2k.js';
import { fitBlock } from './image-block.js';
import { decodeCodeStream } from './jpeg2000/decoder.js';
import { readSize } from './jpeg2000/size.js';

export const jpeg2000: Codec = {
  id: 'jpeg2000',
  decode(input, step, context) {
    if (readSize(input).ht) return htj2k.decode!(input, step, context);
    const image = decodeCodeStream(context.kernels, input, context.maxBytes);
    if (step.color === 'ycbcr' && image.samples === 3 && image.size === 1) toRgb(image.pixels);
    return fitBlock('JPEG 2000', image, context.block);
  },
};

/** JFIF conversion in place: full range, halves rounded up. */
function toRgb(pixels: Uint8Array): void {
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const y = pixels[i]!;
    const u = pixels[i + 1]! - 128;
    const v = pixels[i + 2]! - 128;
    clamped[i] = y + ((91881 * v + 32768) >> 16);
    clamped[i + 1] = y + ((-22554 * u - 46802 * v + 32768) >> 16);
    clamped[i + 2] = y + ((116130 * u + 32768) >> 16);
  }
}
