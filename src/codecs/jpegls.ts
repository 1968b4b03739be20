// JPEG-LS (ISO/IEC 14495-1), lossless and near-lossless, 2–16 bits, by CharLS. No parameters.

import create from '@cornerstonejs/codec-charls/decodewasmjs';
import { formatError } from '../core/errors.js';
import type { Codec } from './contract.js';
import { decodeStream, Instance, SILENT } from './emscripten.js';
import { checkSize, fitBlock } from './image-block.js';

const instance = new Instance('JPEG-LS', () => create({ ...SILENT }));

/** SOF55: precision, lines, columns, components. */
function readFrame(data: Uint8Array): { precision: number; height: number; width: number; samples: number } {
  for (let at = 2; at + 10 <= data.length && data[at] === 0xff; ) {
    const length = (data[at + 2]! << 8) | data[at + 3]!;
    if (data[at + 1] === 0xf7) {
      return {
        precision: data[at + 4]!,
        height: (data[at + 5]! << 8) | data[at + 6]!,
        width: (data[at + 7]! << 8) | data[at + 8]!,
        samples: data[at + 9]!,
      };
    }
    at += 2 + length;
  }
  throw formatError('JPEGLS_STREAM', 'broken JPEG-LS stream: no frame header');
}

export const jpegls: Codec = {
  id: 'jpegls',
  async decode(input, _step, { block, maxBytes }) {
    const { width, height, samples, precision } = readFrame(input);
    const size = precision > 8 ? 2 : 1;
    checkSize('a JPEG-LS image', width, height, samples * size, maxBytes);
    return instance.run((module) => {
      const decoder = new module.JpegLSDecoder();
      return decodeStream(decoder, input, (pixels) => {
        const planar = samples > 1 && decoder.getInterleaveMode() === 0;
        const ordered = planar ? interleave(pixels, width * height, samples, size) : pixels;
        return fitBlock('JPEG-LS', { pixels: ordered, width, height, samples, size }, block).slice();
      });
    });
  },
};

function interleave(planes: Uint8Array, count: number, samples: number, size: number): Uint8Array {
  const out = new Uint8Array(count * samples * size);
  for (let c = 0; c < samples; c++) {
    for (let i = 0; i < count; i++) {
      for (let b = 0; b < size; b++) out[(i * samples + c) * size + b] = planes[(c * count + i) * size + b]!;
    }
  }
  return out;
}
