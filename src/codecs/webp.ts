// WebP (RFC 9649), lossy and lossless, by libwebp. RGBA, or RGB where the block has three samples.
//
// Parameters:
//   first  number: the block's planes are consecutive frames of the animation from this one on, each as it is shown; absent: still image

import create from '@jsquash/webp/codec/dec/webp_dec.js';
import { formatError } from '../core/errors.js';
import { readPackageFile } from '../kernels/wasm-file.js';
import type { BlockInfo, Codec } from './contract.js';
import { Instance, SILENT } from './emscripten.js';
import { checkSize, fitBlock } from './image-block.js';
import { readWebp, stillFile, type WebpFrame, type WebpStream } from './webp/chunks.js';

const instance = new Instance('WebP', async () =>
  create({
    ...SILENT,
    noInitialRun: true,
    wasmBinary: await readPackageFile('@jsquash/webp', 'codec/dec/webp_dec.wasm'),
  }),
);

interface Rgba {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

async function decodeStill(input: Uint8Array): Promise<Rgba> {
  const image = await instance.run((module) => module.decode(input));
  if (!image) throw formatError('WEBP_STREAM', 'broken WebP stream: the decoder gave up');
  const pixels = new Uint8Array(image.data.buffer, image.data.byteOffset, image.data.byteLength);
  return { pixels, width: image.width, height: image.height };
}

export const webp: Codec = {
  id: 'webp',
  async decode(input, step, { block, maxBytes }) {
    const stream = readWebp(input);
    const { width, height } = stream;
    const animated = step.first !== undefined;
    checkSize('a WebP image', width, height, 4 * (animated ? block.depth + 2 : 1), maxBytes);
    const rgba = animated
      ? await composeFrames(input, stream, Number(step.first), block)
      : (await decodeStill(input)).pixels;
    const samples = block.samples === 3 ? 3 : 4;
    const pixels = samples === 4 ? rgba : dropAlpha(rgba);
    return fitBlock('WebP', { pixels, width, height, samples, size: 1 }, block);
  },
};

/** Canvases after frame `first` and those that follow, RGBA. Stops where the data does. */
async function composeFrames(
  input: Uint8Array,
  stream: WebpStream,
  first: number,
  block: BlockInfo,
): Promise<Uint8Array> {
  const plane = stream.width * stream.height * 4;
  const out = new Uint8Array(plane * block.depth);
  const canvas = new Uint8Array(plane);
  let done = 0;
  for (const [i, frame] of stream.frames.entries()) {
    if (done === block.depth) break;
    if (frame.x + frame.width > stream.width || frame.y + frame.height > stream.height) break;
    const image = await decodeStill(stillFile(input, frame));
    if (image.width !== frame.width || image.height !== frame.height) break;
    draw(canvas, stream.width, frame, image.pixels);
    if (i >= first) out.set(canvas, plane * done++);
    if (!frame.dispose) continue;
    for (let y = frame.y; y < frame.y + frame.height; y++) {
      const at = (y * stream.width + frame.x) * 4;
      canvas.fill(0, at, at + frame.width * 4);
    }
  }
  if (done === 0) throw formatError('WEBP_STREAM', 'broken WebP stream: no whole frame');
  return out.subarray(0, plane * done);
}

/** Straight alpha, with the integer arithmetic of libwebp's animation decoder. */
function draw(canvas: Uint8Array, width: number, frame: WebpFrame, pixels: Uint8Array): void {
  for (let y = 0; y < frame.height; y++) {
    let to = ((frame.y + y) * width + frame.x) * 4;
    let from = y * frame.width * 4;
    for (let x = 0; x < frame.width; x++, to += 4, from += 4) {
      const alpha = pixels[from + 3]!;
      if (!frame.blend || alpha === 255) {
        for (let s = 0; s < 4; s++) canvas[to + s] = pixels[from + s]!;
      } else if (alpha !== 0) {
        const below = (canvas[to + 3]! * (256 - alpha)) >> 8;
        const sum = alpha + below;
        const scale = Math.floor(2 ** 24 / sum);
        for (let s = 0; s < 3; s++) {
          canvas[to + s] = Math.floor(((pixels[from + s]! * alpha + canvas[to + s]! * below) * scale) / 2 ** 24);
        }
        canvas[to + 3] = sum;
      }
    }
  }
}

function dropAlpha(rgba: Uint8Array): Uint8Array {
  const out = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    out[to] = rgba[from]!;
    out[to + 1] = rgba[from + 1]!;
    out[to + 2] = rgba[from + 2]!;
  }
  return out;
}
