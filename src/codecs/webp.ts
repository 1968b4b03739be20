// WebP (RFC 9649), lossy and lossless still images, by libwebp. No parameters. RGBA, or RGB where the block has three samples.

import create from '@jsquash/webp/codec/dec/webp_dec.js';
import { formatError } from '../core/errors.js';
import { readPackageFile } from '../kernels/wasm-file.js';
import type { Codec } from './contract.js';
import { Instance, SILENT } from './emscripten.js';
import { checkSize, fitBlock } from './image-block.js';

const instance = new Instance('WebP', async () =>
  create({
    ...SILENT,
    noInitialRun: true,
    wasmBinary: await readPackageFile('@jsquash/webp', 'codec/dec/webp_dec.wasm'),
  }),
);

/** Canvas size from the first VP8X, VP8 or VP8L chunk. */
function readSize(data: Uint8Array): { width: number; height: number } {
  const name = String.fromCharCode(...data.subarray(12, 16));
  const u16 = (at: number) => data[at]! | (data[at + 1]! << 8);
  const u24 = (at: number) => u16(at) | (data[at + 2]! << 16);
  if (data.length >= 30 && name === 'VP8X') return { width: u24(24) + 1, height: u24(27) + 1 };
  if (data.length >= 30 && name === 'VP8 ') return { width: u16(26) & 0x3fff, height: u16(28) & 0x3fff };
  if (data.length >= 25 && name === 'VP8L') {
    const bits = u24(21) + data[24]! * 2 ** 24;
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  throw formatError('WEBP_STREAM', 'broken WebP stream: no image chunk');
}

export const webp: Codec = {
  id: 'webp',
  async decode(input, _step, { block, maxBytes }) {
    const { width, height } = readSize(input);
    checkSize('a WebP image', width, height, 4, maxBytes);
    const image = await instance.run((module) => module.decode(input));
    if (!image) throw formatError('WEBP_STREAM', 'broken WebP stream: the decoder gave up');
    const rgba = new Uint8Array(image.data.buffer, image.data.byteOffset, image.data.byteLength);
    const samples = block.samples === 3 ? 3 : 4;
    const pixels = samples === 4 ? rgba : dropAlpha(rgba);
    return fitBlock('WebP', { pixels, width: image.width, height: image.height, samples, size: 1 }, block);
  },
};

function dropAlpha(rgba: Uint8Array): Uint8Array {
  const out = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    out[to] = rgba[from]!;
    out[to + 1] = rgba[from + 1]!;
    out[to + 2] = rgba[from + 2]!;
  }
  return out;
}
