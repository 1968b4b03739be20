// Frames of an animated PNG laid onto their canvas (ISO/IEC 15948:2024, 13.2).

import { formatError } from '../../core/errors.js';
import type { CodecContext } from '../contract.js';
import { type PngFrame, type PngStream, samplesOf } from './chunks.js';
import { decodeRows } from './rows.js';

/** All frames, one canvas after the other. Stops where the data does. */
export function composeFrames(stream: PngStream, count: number, context: CodecContext): Uint8Array {
  const { header, frames } = stream;
  const samples = samplesOf(header);
  const size = header.depth > 8 ? 2 : 1;
  const step = samples * size;
  const canvasBytes = header.width * header.height * step;
  const out = new Uint8Array(canvasBytes * count);
  const canvas = new Uint8Array(canvasBytes);
  let done = 0;
  for (const frame of frames.slice(0, count)) {
    if (frame.x + frame.width > header.width || frame.y + frame.height > header.height) {
      throw formatError('PNG_FRAME', `broken PNG: frame ${done} reaches beyond the canvas`);
    }
    if (frame.data.length === 0) break;
    const { pixels, rows } = decodeRows(frame.data, { ...header, width: frame.width, height: frame.height }, context);
    if (rows < frame.height) break;
    // Disposal 'previous' of the first frame means 'background'.
    const before = frame.dispose === 2 && done > 0 ? canvas.slice() : undefined;
    const over = frame.blend === 1 ? overlay(stream, size) : undefined;
    eachRow(frame, header.width, step, (at, y) => {
      const from = y * frame.width * step;
      if (over) over(canvas, at, pixels, from, frame.width);
      else canvas.set(pixels.subarray(from, from + frame.width * step), at);
    });
    out.set(canvas, done * canvasBytes);
    done++;
    if (before) canvas.set(before);
    else if (frame.dispose !== 0)
      eachRow(frame, header.width, step, (at) => canvas.fill(0, at, at + frame.width * step));
  }
  return out.subarray(0, done * canvasBytes);
}

function eachRow(frame: PngFrame, width: number, step: number, work: (at: number, y: number) => void): void {
  for (let y = 0; y < frame.height; y++) work(((frame.y + y) * width + frame.x) * step, y);
}

type Overlay = (canvas: Uint8Array, at: number, pixels: Uint8Array, from: number, width: number) => void;

/** Blending of one row by the kind of alpha that the image has. */
function overlay({ header, transparency }: PngStream, size: number): Overlay | undefined {
  const samples = samplesOf(header);
  const step = samples * size;
  if (header.colorType === 3) {
    // Indices cannot be mixed: an entry covers what is below unless it is fully transparent.
    return (canvas, at, pixels, from, width) => {
      for (let x = 0; x < width; x++) {
        const index = pixels[from + x]!;
        if (transparency?.[index] !== 0) canvas[at + x] = index;
      }
    };
  }
  if (header.colorType < 4) return undefined;
  const view = (bytes: Uint8Array) =>
    size === 1 ? bytes : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
  const max = size === 1 ? 255 : 65535;
  return (canvas, at, pixels, from, width) => {
    const below = view(canvas);
    const above = view(pixels);
    for (let x = 0; x < width; x++) {
      const i = (at + x * step) / size;
      const j = (from + x * step) / size;
      const alpha = above[j + samples - 1]!;
      if (alpha === 0) continue;
      const old = (below[i + samples - 1]! * (max - alpha)) / max;
      const sum = alpha + old;
      for (let s = 0; s < samples - 1; s++)
        below[i + s] = Math.round((above[j + s]! * alpha + below[i + s]! * old) / sum);
      below[i + samples - 1] = Math.round(sum);
    }
  };
}
