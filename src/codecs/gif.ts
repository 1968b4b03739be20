// GIF frames (GIF89a). A block is either one frame from its image descriptor (0x2C) on: its indices as they are stored, at their place in
// the block, 0 around them; or a whole GIF file: frames as they are shown, each laid over the one before, in RGB or RGBA.
//
// Parameters (whole files):
//   first    number of the block's first frame (default 0); the block's planes (z times t) are consecutive frames

import { formatError } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';
import { type GifFrame, type GifStream, joinBlocks, readFrame, readGif } from './gif/blocks.js';
import { unpackLzw } from './gif/lzw.js';
import { checkSize, fitBlock } from './image-block.js';

/** Rows of an interlaced frame in stored order. */
function rowOrder(height: number, interlaced: boolean): (row: number) => number {
  if (!interlaced) return (row) => row;
  const order: number[] = [];
  for (const [start, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const) {
    for (let y = start; y < height; y += step) order.push(y);
  }
  return (row) => order[row]!;
}

class Canvas {
  readonly pixels: Uint8Array;

  constructor(
    private readonly stream: GifStream,
    private readonly samples: number,
  ) {
    this.pixels = new Uint8Array(stream.width * stream.height * samples);
  }

  clear(x: number, y: number, width: number, height: number): void {
    const { stream, samples, pixels } = this;
    const end = Math.min(x + width, stream.width);
    for (let row = y; row < Math.min(y + height, stream.height); row++) {
      pixels.fill(0, (row * stream.width + x) * samples, (row * stream.width + end) * samples);
    }
  }

  draw(frame: GifFrame, indices: Uint8Array): void {
    const { stream, samples, pixels } = this;
    const palette = frame.palette ?? stream.palette ?? new Uint8Array(0);
    const order = rowOrder(frame.height, frame.interlaced);
    const width = Math.min(frame.width, Math.max(0, stream.width - frame.x));
    for (let row = 0; row < frame.height; row++) {
      const y = frame.y + order(row);
      if (y >= stream.height) continue;
      let to = (y * stream.width + frame.x) * samples;
      let from = row * frame.width;
      for (let x = 0; x < width && from < indices.length; x++, from++, to += samples) {
        const index = indices[from]!;
        if (index === frame.transparent) continue;
        pixels[to] = palette[index * 3] ?? 0;
        pixels[to + 1] = palette[index * 3 + 1] ?? 0;
        pixels[to + 2] = palette[index * 3 + 2] ?? 0;
        if (samples === 4) pixels[to + 3] = 255;
      }
    }
  }
}

/** One frame as it is stored. */
function storedFrame(input: Uint8Array, { block, maxBytes }: CodecContext): Uint8Array {
  const frame = readFrame(input, 0);
  checkSize('a GIF frame', frame.width, frame.height, 1, maxBytes);
  const count = frame.width * frame.height;
  const indices = unpackLzw(joinBlocks(input, frame.data + 1), input[frame.data] ?? 0, count);
  if (indices.length === 0 && count > 0) throw formatError('GIF_STREAM', 'broken GIF: the frame has no pixels');
  const out = new Uint8Array(block.width * block.height);
  const order = rowOrder(frame.height, frame.interlaced);
  const width = Math.min(frame.width, block.width - frame.x);
  for (let row = 0; row < frame.height && width > 0; row++) {
    const y = frame.y + order(row);
    if (y < block.height)
      out.set(indices.subarray(row * frame.width, row * frame.width + width), y * block.width + frame.x);
  }
  // Rows of an interlaced frame that ends early are scattered: none of it counts.
  const whole = frame.interlaced && indices.length < count ? 0 : Math.floor(indices.length / frame.width);
  return indices.length === count ? out : out.subarray(0, (frame.y + whole) * block.width);
}

export const gif: Codec = {
  id: 'gif',
  decode(input, step, context) {
    const { block, maxBytes } = context;
    if (input[0] === 0x2c) return storedFrame(input, context);
    const first = Number(step.first ?? 0);
    const stream = readGif(input, first + block.depth);
    const { width, height, frames } = stream;
    const { samples } = block;
    checkSize('a GIF animation', width, height, samples * (block.depth + 2), maxBytes);
    const plane = width * height * samples;
    const out = new Uint8Array(plane * block.depth);
    const canvas = new Canvas(stream, samples);
    let done = 0;
    for (const [i, frame] of frames.entries()) {
      const count = frame.width * frame.height;
      checkSize('a GIF frame', frame.width, frame.height, 1, maxBytes);
      const indices = unpackLzw(joinBlocks(input, frame.data + 1), input[frame.data] ?? 0, count);
      // The last frame may be cut; what is missing of it is missing, not what was shown before.
      if (indices.length < count && indices.length === 0) break;
      const before = frame.dispose === 3 ? canvas.pixels.slice() : undefined;
      canvas.draw(frame, indices);
      if (i >= first) out.set(canvas.pixels, plane * done++);
      if (indices.length < count) break;
      if (before) canvas.pixels.set(before);
      else if (frame.dispose === 2) canvas.clear(frame.x, frame.y, frame.width, frame.height);
    }
    if (done === 0) throw formatError('GIF_STREAM', 'broken GIF: the frame has no pixels');
    const pixels = out.subarray(0, plane * done);
    return fitBlock('GIF', { pixels, width, height, samples, size: 1 }, block);
  },
};
