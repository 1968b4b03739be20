// JPEG XR (ITU-T T.832) as a file or bare container, by Microsoft's reference decoder.
//
// Parameters:
//   order  'rgb' (default): colour comes out as red, green, blue whatever the pixel format says · 'stored': as the format orders it
// Output: interleaved samples of 8, 16 (also half float) or 32 bits. Alpha comes last.

import create from 'jpegxr';
import { formatError, unsupported } from '../core/errors.js';
import type { Codec } from './contract.js';
import { Instance, SILENT } from './emscripten.js';
import { checkSize, fitBlock } from './image-block.js';

/** The package hooks itself into the process while it starts; that is undone. */
async function start() {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set(process.listeners(event as 'uncaughtException')));
  try {
    return await create({ ...SILENT });
  } finally {
    events.forEach((event, i) => {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!before[i]!.has(listener)) process.removeListener(event, listener);
      }
    });
  }
}

const instance = new Instance('JPEG XR', start);

const SIZES: Readonly<Record<string, number>> = { '8': 1, '16': 2, '32': 4 };

/** Last byte of the GUID of the gray format with samples of a kind. */
const GRAY: Readonly<Record<string, number>> = { '8': 0x08, '16': 0x0b, '16Float': 0x3e, '32Float': 0x11 };

/** Tags of the TIFF-like container (T.832 A.7). */
const TAG = {
  format: 0xbc01,
  width: 0xbc80,
  height: 0xbc81,
  offset: 0xbcc0,
  bytes: 0xbcc1,
  alpha: 0xbcc2,
  alphaBytes: 0xbcc3,
};

interface Entry {
  /** Offset of the directory entry. */
  readonly at: number;
  readonly value: number;
}

function readDirectory(data: Uint8Array): ReadonlyMap<number, Entry> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const entries = new Map<number, Entry>();
  const directory = data.length >= 8 && view.getUint16(0, true) === 0x4949 ? view.getUint32(4, true) : data.length;
  if (directory + 2 > data.length) return entries;
  const count = view.getUint16(directory, true);
  for (let i = 0, at = directory + 2; i < count && at + 12 <= data.length; i++, at += 12) {
    const short = view.getUint16(at + 2, true) === 3;
    entries.set(view.getUint16(at, true), {
      at,
      value: short ? view.getUint16(at + 8, true) : view.getUint32(at + 8, true),
    });
  }
  return entries;
}

/**
 * The decoder leaves out an alpha plane that has a stream of its own: present that stream as a gray image. Pixel formats differ in the
 * last byte of their GUID.
 */
function alphaImage(data: Uint8Array, entries: ReadonlyMap<number, Entry>, bitDepth: string): Uint8Array | undefined {
  const [format, offset, bytes, alpha, alphaBytes] = [TAG.format, TAG.offset, TAG.bytes, TAG.alpha, TAG.alphaBytes].map(
    (tag) => entries.get(tag),
  );
  const gray = GRAY[bitDepth];
  if (!format || !offset || !bytes || !alpha || !alphaBytes || gray === undefined) return undefined;
  if (alpha.value === 0 || alphaBytes.value === 0 || format.value + 16 > data.length) return undefined;
  const copy = data.slice();
  const view = new DataView(copy.buffer);
  copy[format.value + 15] = gray;
  view.setUint32(offset.at + 8, alpha.value, true);
  view.setUint32(bytes.at + 8, alphaBytes.value, true);
  view.setUint32(alpha.at + 8, 0, true);
  view.setUint32(alphaBytes.at + 8, 0, true);
  return copy;
}

/** 32-bit RGBA, which the decoder's wrapper does not list, and BGRA, which differs from it in the order of the output alone. */
const RGBA = '2dadc7f58d6add43a7a8a29935261ae9';
const BGRA = '24c3dd6f034efe4bb1853d77768dc90f';

function knownFormat(data: Uint8Array, entries: ReadonlyMap<number, Entry>): Uint8Array {
  const at = entries.get(TAG.format)?.value ?? data.length;
  if (Buffer.from(data.subarray(at, at + 16)).toString('hex') !== RGBA) return data;
  const copy = data.slice();
  copy.set(Buffer.from(BGRA, 'hex'), at);
  return copy;
}

export const jpegxr: Codec = {
  id: 'jpegxr',
  async decode(input, step, { block, maxBytes }) {
    const entries = readDirectory(input);
    const width = entries.get(TAG.width)?.value ?? 0;
    const height = entries.get(TAG.height)?.value ?? 0;
    if (width === 0 || height === 0) throw formatError('JPEGXR_STREAM', 'broken JPEG XR stream: no image size');
    checkSize('a JPEG XR image', width, height, block.samples, maxBytes);
    const known = knownFormat(input, entries);
    const image = await instance.run((module) => module.decode(known));
    const { channels, bitDepth, bgr, bitsPerPixel, colorFormat } = image.pixelInfo;
    const size = SIZES[bitDepth.replace(/\D+$/, '')];
    if (size === undefined || colorFormat.startsWith('YUV')) {
      throw unsupported('JPEGXR_FORMAT', `JPEG XR pixels of ${colorFormat} ${bitDepth} are not supported`);
    }
    // Formats with an unused fourth sample (BGR32).
    const stored = bitsPerPixel / (8 * size);
    const samples = stored > channels && block.samples === channels ? channels : stored;
    let pixels = image.bytes;
    if (bgr && channels >= 3 && step.order !== 'stored') swapRedBlue(pixels, stored * size, size);
    const alpha = samples === 4 ? alphaImage(known, entries, bitDepth) : undefined;
    if (alpha) putLast(pixels, (await instance.run((module) => module.decode(alpha))).bytes, samples, size);
    if (samples !== stored) pixels = dropLast(pixels, stored * size, samples * size);
    // Half floats are widened by a later step.
    const stated =
      bitDepth === '16Float'
        ? { ...block, bytes: block.width * block.height * block.depth * block.samples * 2 }
        : block;
    return fitBlock('JPEG XR', { pixels, width: image.width, height: image.height, samples, size }, stated);
  },
};

function swapRedBlue(pixels: Uint8Array, step: number, size: number): void {
  for (let at = 0; at + step <= pixels.length; at += step) {
    for (let b = 0; b < size; b++) {
      const red = pixels[at + 2 * size + b]!;
      pixels[at + 2 * size + b] = pixels[at + b]!;
      pixels[at + b] = red;
    }
  }
}

function putLast(pixels: Uint8Array, plane: Uint8Array, samples: number, size: number): void {
  for (let i = 0, to = (samples - 1) * size; i < plane.length && to < pixels.length; i += size, to += samples * size) {
    for (let b = 0; b < size; b++) pixels[to + b] = plane[i + b]!;
  }
}

function dropLast(pixels: Uint8Array, from: number, to: number): Uint8Array {
  const out = new Uint8Array((pixels.length / from) * to);
  for (let at = 0, dst = 0; at + from <= pixels.length; at += from, dst += to)
    out.set(pixels.subarray(at, at + to), dst);
  return out;
}
