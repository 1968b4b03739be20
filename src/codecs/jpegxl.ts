// JPEG XL (ISO/IEC 18181) by jxl-oxide: still images with integer samples of up to 16 bits; lossless streams give exact values.
// No parameters. Output: interleaved samples, one byte up to 8 bits, else two.

import { initSync, JxlImage } from 'jxl-oxide-wasm';
import { formatError, ImgconvError, unsupported } from '../core/errors.js';
import { readPackageFile } from '../kernels/wasm-file.js';
import type { Codec } from './contract.js';
import { checkSize, fitBlock } from './image-block.js';
import { readHeader } from './jpegxl/header.js';
import { readStream, samplesOf } from './png/chunks.js';
import { decodeRows } from './png/rows.js';

let loading: Promise<void> | undefined;

async function load(): Promise<void> {
  const wasm = await readPackageFile('jxl-oxide-wasm', 'jxl_oxide_wasm_bg.wasm');
  initSync({ module: await WebAssembly.compile(wasm) });
}

/** The library hands pixels out as a PNG file, 8 or 16 bits deep, values stretched to that depth. */
function renderPng(input: Uint8Array): Uint8Array {
  const image = new JxlImage();
  try {
    image.feedBytes(input);
    if (!image.tryInit()) throw formatError('TRUNCATED', 'the JPEG XL stream ends inside its headers');
    // Writing the PNG frees the frame.
    return image.render(0).encodeToPng();
  } catch (error) {
    if (error instanceof ImgconvError) throw error;
    throw formatError('JPEGXL_STREAM', 'broken JPEG XL stream: the decoder gave up', {}, error);
  } finally {
    image.free();
  }
}

export const jpegxl: Codec = {
  id: 'jpegxl',
  async decode(input, step, context) {
    const { block, maxBytes } = context;
    const { width, height, bits, float } = readHeader(input);
    if (float || bits > 16) {
      throw unsupported(
        'JPEGXL_FORMAT',
        `JPEG XL samples of ${bits} bits${float ? ' floating point' : ''} are not supported`,
      );
    }
    const size = bits > 8 ? 2 : 1;
    // Pixels exist several times while they are decoded.
    checkSize('a JPEG XL image', width, height, block.samples * 4, maxBytes);
    loading ??= load();
    await loading;
    const stream = readStream(renderPng(input));
    const { pixels } = decodeRows(stream.data, stream.header, context);
    if (bits !== 8 * size) unstretch(pixels, size, bits);
    const image = {
      pixels,
      width: stream.header.width,
      height: stream.header.height,
      samples: samplesOf(stream.header),
      size,
    };
    return fitBlock('JPEG XL', image, block, step);
  },
};

/** Back from the full range of 8 or 16 bits to that of `bits`. */
function unstretch(pixels: Uint8Array, size: number, bits: number): void {
  const values = size === 1 ? pixels : new Uint16Array(pixels.buffer, pixels.byteOffset, pixels.byteLength >> 1);
  const factor = (2 ** bits - 1) / (2 ** (8 * size) - 1);
  for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i]! * factor);
}
