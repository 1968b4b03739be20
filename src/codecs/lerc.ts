// LERC 1 and 2 (Esri) by its own decoder. No parameters. Bands and depths become interleaved samples; pixels without data are 0.

import * as library from 'lerc';
import { formatError, ImgconvError } from '../core/errors.js';
import type { Codec } from './contract.js';
import { checkSize, fitBlock } from './image-block.js';

let loading: Promise<void> | undefined;

export const lerc: Codec = {
  id: 'lerc',
  async decode(input, _step, { block, maxBytes }) {
    loading ??= library.load();
    await loading;
    try {
      const info = library.getBlobInfo(input);
      const depths = Math.max(info.depthCount, 1);
      const bands = Math.max(info.bandCount, 1);
      checkSize('a LERC image', info.width, info.height, bands * depths * 4, maxBytes);
      const { width, height, pixels } = library.decode(input, { noDataValue: 0, returnInterleaved: true });
      const size = pixels[0]!.BYTES_PER_ELEMENT;
      const samples = bands * depths;
      const image = { pixels: interleave(pixels, width * height, depths * size), width, height, samples, size };
      return fitBlock('LERC', image, block);
    } catch (error) {
      if (error instanceof ImgconvError) throw error;
      throw formatError('LERC_STREAM', 'broken LERC stream: the decoder gave up', {}, error);
    }
  },
};

/** Bands of `step` bytes a pixel to pixels that hold all bands. */
function interleave(bands: readonly ArrayBufferView[], count: number, step: number): Uint8Array {
  const bytes = bands.map((b) => new Uint8Array(b.buffer, b.byteOffset, b.byteLength));
  if (bytes.length === 1) return bytes[0]!;
  const out = new Uint8Array(count * step * bytes.length);
  bytes.forEach((band, i) => {
    for (let p = 0; p < count; p++) {
      const to = (p * bytes.length + i) * step;
      for (let b = 0; b < step; b++) out[to + b] = band[p * step + b]!;
    }
  });
  return out;
}
