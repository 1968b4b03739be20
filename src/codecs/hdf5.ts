// Compressors that only HDF5's filter plugins frame this way.
//
// lzf: bytes (of the decoded chunk) · hdf5-lz4: none · hdf5-bitshuffle: size (bytes of an element), inner 0 (none), 2 (LZ4), 3 (Zstandard),
// block (elements of a block where inner is 0; default: about 8 KiB)
//
// hdf5-scale-offset: size (bytes of an integer), count (elements of the chunk), bigEndian, fill (little-endian bytes; absent: none)
//
// LZF: the format of LibLZF, as h5py's filter 32000 stores it. LZ4: filter 32004, big-endian total and block sizes, then blocks with their
// sizes. Bitshuffle: filter 32008, the same frame around blocks of shuffled bits; elements beyond the last multiple of 8 follow as they are.

import type { CodecStep } from '../core/blocks.js';
import { formatError, type ImgconvError } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';
import { checkSize, inputPointer, outputPointer, result, run } from './memory.js';
import { whole } from './parameters.js';
import { type ZstdEngine, zstdEngine } from './zstd.js';

function broken(what: string): ImgconvError {
  return formatError('HDF5_CHUNK', `broken chunk: ${what}`);
}

function decodeLzf(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const bytes = whole(step, 'bytes', context.block.bytes, 0, Number.MAX_SAFE_INTEGER);
  checkSize(bytes, context);
  const out = new Uint8Array(bytes);
  let at = 0;
  let to = 0;
  while (at < input.length) {
    const control = input[at++]!;
    if (control < 32) {
      const literals = control + 1;
      if (at + literals > input.length || to + literals > bytes) throw broken('LZF literals run over the end');
      out.set(input.subarray(at, at + literals), to);
      at += literals;
      to += literals;
      continue;
    }
    let length = control >> 5;
    if (length === 7) length += input[at++] ?? 0;
    length += 2;
    let from = to - ((control & 31) << 8) - (input[at++] ?? 0) - 1;
    if (from < 0 || to + length > bytes) throw broken('an LZF copy runs over the end');
    for (; length > 0; length--) out[to++] = out[from++]!;
  }
  return to === bytes ? out : out.subarray(0, to);
}

interface Frame {
  readonly total: number;
  readonly blockBytes: number;
}

/** Big-endian total (8 bytes) and block size (4 bytes). */
function readFrame(input: Uint8Array, context: CodecContext): Frame {
  if (input.length < 12) throw broken(`a frame of ${input.length} bytes`);
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const total = Number(view.getBigUint64(0));
  checkSize(total, context);
  // Neither compressor makes more than some thousand bytes of one.
  if (total > (input.length + 64) * 2 ** 16) throw broken(`${input.length} bytes claim ${total}`);
  const blockBytes = view.getUint32(8);
  if (blockBytes === 0 && total > 0) throw broken('blocks of 0 bytes');
  return { total, blockBytes };
}

function decodeLz4(input: Uint8Array, _step: CodecStep, context: CodecContext): Uint8Array {
  const { total, blockBytes } = readFrame(input, context);
  const { kernels } = context;
  const length = input.length;
  const src = inputPointer(input, context);
  const dst = outputPointer(context, src, length, total);
  let at = 12;
  for (let to = 0; to < total; to += blockBytes) {
    const bytes = Math.min(blockBytes, total - to);
    const packed = at + 4 <= length ? new DataView(kernels.x.memory.buffer).getUint32(src + at) : -1;
    at += 4;
    if (packed < 0 || at + packed > length) throw broken(`an LZ4 block at ${at} is cut short`);
    if (packed === bytes) kernels.x.copyRows(dst + to, bytes, src + at, bytes, bytes, 1);
    else if (kernels.x.lz4Decompress(dst + to, bytes, src + at, packed) !== bytes) throw broken(`LZ4 block at ${at}`);
    at += packed;
  }
  return result(context, dst, total);
}

/** Elements of a block where the frame does not say: 8 KiB, a multiple of 8, at least 128. */
function usualBlock(size: number): number {
  return Math.max(128, Math.floor(8192 / size / 8) * 8);
}

/** Sizes of the bit-shuffled blocks of `elements`, in elements; what is left over is stored as it is. */
function* blocksOf(elements: number, block: number): Generator<number> {
  let left = elements;
  for (; left >= block; left -= block) yield block;
  const last = Math.floor(left / 8) * 8;
  if (last > 0) yield last;
}

function decodePlainBits(input: Uint8Array, size: number, block: number, context: CodecContext): Uint8Array {
  const { kernels } = context;
  return run(input, context, input.length, (dst, _room, src, bytes) => {
    let at = 0;
    for (const elements of blocksOf(Math.floor(bytes / size), block)) {
      kernels.x.bitUnshuffle(dst + at, src + at, elements * size, size);
      at += elements * size;
    }
    if (at < bytes) kernels.x.copyRows(dst + at, bytes - at, src + at, bytes - at, bytes - at, 1);
    return bytes;
  })!;
}

function decodeBits(input: Uint8Array, step: CodecStep, context: CodecContext, zstd: ZstdEngine): Uint8Array {
  const size = whole(step, 'size', 1, 1, 2 ** 16);
  const inner = whole(step, 'inner', 0, 0, 3);
  if (inner === 0) {
    const block = whole(step, 'block', 0, 0, 2 ** 31) || usualBlock(size);
    if (block % 8 !== 0) throw broken(`bitshuffle blocks of ${block} elements`);
    return decodePlainBits(input, size, block, context);
  }
  const { total, blockBytes } = readFrame(input, context);
  const block = Math.floor(blockBytes / size);
  if (total > 0 && (block === 0 || block % 8 !== 0)) throw broken(`bitshuffle blocks of ${blockBytes} bytes`);
  checkSize(blockBytes, context);
  const { kernels } = context;
  const packedInput = input.slice();
  const length = packedInput.length;
  const view = new DataView(packedInput.buffer);
  const src = inputPointer(packedInput, context);
  const room = kernels.scratch('hdf5.block', Math.min(blockBytes, total));
  const dst = outputPointer(context, src, length, total);
  let at = 12;
  let to = 0;
  for (const elements of blocksOf(Math.floor(total / size), block)) {
    const bytes = elements * size;
    const packed = at + 4 <= length ? view.getUint32(at) : -1;
    at += 4;
    if (packed < 0 || at + packed > length) throw broken(`a bitshuffle block at ${at} is cut short`);
    let found: number;
    if (inner === 2) found = kernels.x.lz4Decompress(room, bytes, src + at, packed);
    else {
      const out = zstd.decompress(packedInput.subarray(at, at + packed), { ...context, maxBytes: bytes });
      found = out.length;
      if (found === bytes) kernels.view(room, bytes).set(out);
    }
    if (found !== bytes) throw broken(`bitshuffle block at ${at}`);
    kernels.x.bitUnshuffle(dst + to, room, bytes, size);
    at += packed;
    to += bytes;
  }
  const rest = total - to;
  if (at + rest > length) throw broken('its last elements are cut short');
  kernels.view(dst + to, rest).set(packedInput.subarray(at, at + rest));
  return result(context, dst, total);
}

/** Header of a scale-offset chunk: bits of a value (4 bytes), bytes of the minimum (1), the minimum, rest of 21 bytes unused. */
const SCALED_HEADER = 21;

/**
 * Filter 6 for integers (H5Zscaleoffset.c): differences from the minimum, as few bits each as they need, most significant bit first.
 * All bits set stands for the fill value, where there is one. At full width the values are stored as they are.
 */
function decodeScaled(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const size = whole(step, 'size', 1, 1, 8);
  const count = whole(step, 'count', 0, 0, Number.MAX_SAFE_INTEGER);
  const little = step.bigEndian !== true;
  checkSize(count * size, context);
  if (input.length < SCALED_HEADER) throw broken(`a scale-offset header of ${input.length} bytes`);
  const head = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const bits = head.getUint32(0, true);
  if (bits > size * 8) throw broken(`values of ${bits} bits for integers of ${size} bytes`);
  const packed = input.subarray(SCALED_HEADER);
  if (packed.length < Math.ceil((count * bits) / 8))
    throw broken(`${count} values of ${bits} bits in ${packed.length} bytes`);
  if (bits === size * 8) return input.slice(SCALED_HEADER, SCALED_HEADER + count * size);
  const minimum = BigInt.asUintN(size * 8, head.getBigUint64(5, true));
  const fill = step.fill instanceof Uint8Array && step.fill.length >= size ? step.fill : undefined;
  const mark = 2n ** BigInt(bits) - 1n;
  const out = new Uint8Array(count * size);
  const view = new DataView(out.buffer);
  const put = (i: number, value: bigint): void => {
    if (size === 1) view.setUint8(i, Number(value));
    else if (size === 2) view.setUint16(2 * i, Number(value), little);
    else if (size === 4) view.setUint32(4 * i, Number(value), little);
    else view.setBigUint64(8 * i, value, little);
  };
  const fillValue = fill?.subarray(0, size).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  if (size <= 4 && bits <= 32) {
    const [low, top, span] = [Number(minimum), Number(mark), 2 ** (8 * size)];
    const filled = fillValue === undefined ? undefined : Number(fillValue);
    const set = size === 1 ? view.setUint8 : size === 2 ? view.setUint16 : view.setUint32;
    let at = 0;
    let held = 0;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      // Arithmetic instead of shifts: up to 39 bits are held.
      for (; kept < bits; kept += 8) held = held * 256 + packed[at++]!;
      const rest = 2 ** (kept - bits);
      const value = Math.floor(held / rest);
      held -= value * rest;
      kept -= bits;
      const shown = filled !== undefined && value === top && bits > 0 ? filled : (value + low) % span;
      set.call(view, i * size, shown, little);
    }
    return out;
  }
  let at = 0;
  let held = 0n;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    for (; kept < bits; kept += 8) held = held * 256n + BigInt(packed[at++]!);
    const shift = BigInt(kept - bits);
    const value = held >> shift;
    held -= value << shift;
    kept -= bits;
    const marked = fillValue !== undefined && value === mark && bits > 0;
    put(i, marked ? fillValue : BigInt.asUintN(size * 8, value + minimum));
  }
  return out;
}

export const hdf5ScaleOffset: Codec = { id: 'hdf5-scale-offset', decode: decodeScaled };
export const lzf: Codec = { id: 'lzf', decode: decodeLzf };
export const hdf5Lz4: Codec = { id: 'hdf5-lz4', decode: decodeLz4 };

export async function loadHdf5Bitshuffle(): Promise<Codec> {
  const zstd = await zstdEngine();
  return { id: 'hdf5-bitshuffle', decode: (input, step, context) => decodeBits(input, step, context, zstd) };
}
