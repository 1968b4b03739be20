// Blosc-1 frames: every inner compressor is read; LZ4 (one fused kernel), Zstandard and zlib are written.
//
// Parameters (encode): cname 'lz4' | 'zstd' | 'zlib' · clevel 0–9 (default 5) · shuffle 0 | 1 | 2 or 'noshuffle' | 'shuffle' | 'bitshuffle'
// (default: byte shuffle where values have several bytes) · typesize (default: that of the block) · blocksize in bytes (0: our choice)

import type { CodecStep } from '../core/blocks.js';
import { formatError, type ImgconvError } from '../core/errors.js';
import { bytesPerSample } from '../core/pixel-type.js';
import { type Frame, HEADER, readFrame, writeHeader } from './blosc-frame.js';
import type { Codec, CodecContext } from './contract.js';
import { readStream } from './inflate.js';
import { checkSize, inputPointer, outputPointer, result } from './memory.js';
import { whole, word } from './parameters.js';
import { streamRoom, writeStream } from './zlib-stream.js';
import { type ZstdEngine, zstdEngine } from './zstd.js';

function broken(what: string): ImgconvError {
  return formatError('BLOSC', `broken Blosc frame: ${what}`);
}

/** Decodes the streams of one frame, already in kernel memory at `src`. */
class FrameDecoder {
  constructor(
    private readonly frame: Frame,
    private readonly src: number,
    private readonly context: CodecContext,
    private readonly zstd: ZstdEngine,
  ) {}

  /** One block to `dst`; `start`: where its streams begin in the frame. */
  block(dst: number, bytes: number, start: number): void {
    const { frame } = this;
    const streams = frame.split && bytes === frame.blockBytes ? frame.typeSize : 1;
    const each = Math.floor(bytes / streams);
    let at = start;
    for (let i = 0; i < streams; i++) {
      if (at + 4 > frame.frameBytes) throw broken(`stream at ${at} lies behind its end`);
      const length = new DataView(this.context.kernels.x.memory.buffer).getUint32(this.src + at, true);
      at += 4;
      if (length > frame.frameBytes - at) throw broken(`stream of ${length} bytes at ${at} is cut short`);
      const { x } = this.context.kernels;
      if (length === each) x.copyRows(dst + i * each, each, this.src + at, each, each, 1);
      else if (this.stream(dst + i * each, each, this.src + at, length) !== each) throw broken(`stream at ${at}`);
      at += length;
    }
  }

  private stream(dst: number, capacity: number, src: number, bytes: number): number {
    const { x } = this.context.kernels;
    switch (this.frame.compressor) {
      case 0:
        return x.blosclzDecompress(dst, capacity, src, bytes);
      case 1:
        return x.lz4Decompress(dst, capacity, src, bytes);
      case 2:
        return x.snappyDecompress(dst, capacity, src, bytes);
      case 3:
        return this.zlib(dst, capacity, src, bytes);
      case 4:
        return this.foreign(dst, capacity, src, bytes);
      default:
        throw broken(`unknown compressor ${this.frame.compressor}`);
    }
  }

  private zlib(dst: number, capacity: number, src: number, bytes: number): number {
    const found = readStream(this.context.kernels, dst, capacity, src, bytes, 'zlib');
    return found?.whole ? found.bytes : -1;
  }

  /** Zstandard lies outside kernel memory. */
  private foreign(dst: number, capacity: number, src: number, bytes: number): number {
    const { kernels } = this.context;
    const out = this.zstd.decompress(kernels.view(src, bytes), { ...this.context, maxBytes: capacity });
    if (out.length === capacity) kernels.view(dst, capacity).set(out);
    return out.length;
  }
}

function decode(input: Uint8Array, context: CodecContext, zstd: ZstdEngine): Uint8Array {
  const frame = readFrame(input);
  if (frame.stored) return input.subarray(HEADER, HEADER + frame.bytes);
  checkSize(frame.bytes, context);
  const blocks = frame.bytes === 0 ? 0 : Math.ceil(frame.bytes / frame.blockBytes);
  if (HEADER + 4 * blocks > frame.frameBytes)
    throw broken(`${blocks} blocks do not fit into ${frame.frameBytes} bytes`);
  const { kernels } = context;
  const length = input.length;
  const src = inputPointer(input, context);
  const bit = frame.shuffle === 'bit';
  const shuffled = bit || (frame.shuffle === 'byte' && frame.typeSize > 1);
  const room = shuffled ? kernels.scratch('blosc.block', frame.blockBytes) : 0;
  const dst = outputPointer(context, src, length, frame.bytes);
  const decoder = new FrameDecoder(frame, src, context, zstd);
  for (let i = 0; i < blocks; i++) {
    const at = i * frame.blockBytes;
    const bytes = Math.min(frame.blockBytes, frame.bytes - at);
    const start = new DataView(kernels.x.memory.buffer).getUint32(src + HEADER + 4 * i, true);
    if (start < HEADER + 4 * blocks) throw broken(`block ${i} starts at ${start}, inside the header`);
    decoder.block(shuffled ? room : dst + at, bytes, start);
    if (!shuffled) continue;
    // Element counts that are no multiple of 8 are stored unshuffled as a whole.
    if (!bit) kernels.x.unshuffle(dst + at, room, bytes, frame.typeSize);
    else if (Math.floor(bytes / frame.typeSize) % 8 === 0)
      kernels.x.bitUnshuffle(dst + at, room, bytes, frame.typeSize);
    else kernels.x.copyRows(dst + at, bytes, room, bytes, bytes, 1);
  }
  return result(context, dst, frame.bytes);
}

interface Settings {
  readonly level: number;
  readonly shuffle: 'none' | 'byte' | 'bit';
  readonly typeSize: number;
  readonly blockBytes: number;
}

const SHUFFLES = ['noshuffle', 'shuffle', 'bitshuffle'] as const;

function settings(step: CodecStep, context: CodecContext): Settings {
  const typeSize = whole(step, 'typesize', bytesPerSample(context.block.type), 1, 255);
  const usual = typeSize > 1 ? 1 : 0;
  const index =
    typeof step.shuffle === 'string'
      ? SHUFFLES.indexOf(word(step, 'shuffle', SHUFFLES, 'shuffle'))
      : whole(step, 'shuffle', usual, -1, 2);
  return {
    level: whole(step, 'clevel', 5, 0, 9),
    // -1 is numcodecs' "automatic": bits for bytes, bytes for longer values.
    shuffle: (['bit', 'none', 'byte', 'bit'] as const)[index === -1 && typeSize > 1 ? 2 : index + 1]!,
    typeSize,
    blockBytes: whole(step, 'blocksize', 0, 0, 2 ** 31 - 1),
  };
}

function encodeLz4(input: Uint8Array, set: Settings, context: CodecContext): Uint8Array {
  const { kernels } = context;
  const length = input.length;
  const src = inputPointer(input, context);
  const scratch = kernels.scratch('blosc.block', Math.max(set.blockBytes, 2 ** 19));
  const dst = outputPointer(context, src, length, length + HEADER);
  const mode = { none: 0, byte: 1, bit: 2 }[set.shuffle];
  const bytes = kernels.x.bloscLz4(dst, src, length, set.typeSize, mode, set.level, set.blockBytes, scratch);
  return result(context, dst, bytes);
}

type Compress = (input: Uint8Array) => Uint8Array;

/** Zstandard and zlib work best on long streams: blocks are not split. */
const LONG_BLOCK = 2 ** 19;

function encodeBlocks(
  input: Uint8Array,
  set: Settings,
  context: CodecContext,
  compressor: number,
  compress: Compress,
): Uint8Array {
  const { kernels } = context;
  const { x } = kernels;
  const bytes = input.length;
  const { typeSize, shuffle } = set;
  const wanted = Math.floor((set.blockBytes || LONG_BLOCK) / typeSize) * typeSize;
  const blockBytes = Math.max(1, Math.min(Math.max(wanted, typeSize), bytes));
  const blocks = Math.ceil(bytes / blockBytes);
  const src = inputPointer(input, context);
  const room = kernels.scratch('blosc.block', blockBytes);
  const dst = outputPointer(context, src, bytes, bytes + HEADER);
  const head = { compressor, shuffle, typeSize, bytes, blockBytes };
  const stored = (): Uint8Array => {
    const out = kernels.view(dst, bytes + HEADER);
    writeHeader(new DataView(out.buffer, dst), { ...head, stored: true, frameBytes: bytes + HEADER });
    out.set(kernels.view(src, bytes), HEADER);
    return result(context, dst, bytes + HEADER);
  };
  let at = HEADER + 4 * blocks;
  if (set.level === 0 || at + 4 > bytes) return stored();
  for (let i = 0; i < blocks; i++) {
    const size = Math.min(blockBytes, bytes - i * blockBytes);
    let from = src + i * blockBytes;
    if (shuffle === 'byte' && typeSize > 1) {
      x.shuffle(room, from, size, typeSize);
      from = room;
    } else if (shuffle === 'bit' && Math.floor(size / typeSize) % 8 === 0) {
      x.bitShuffle(room, from, size, typeSize);
      from = room;
    }
    const packed = compress(kernels.view(from, size));
    const stream = packed.length < size ? packed : kernels.view(from, size);
    if (at + 4 + stream.length >= bytes + HEADER) return stored();
    const out = kernels.view(dst, bytes + HEADER);
    const view = new DataView(out.buffer, dst);
    view.setUint32(HEADER + 4 * i, at, true);
    view.setUint32(at, stream.length, true);
    out.set(stream, at + 4);
    at += 4 + stream.length;
  }
  writeHeader(new DataView(kernels.x.memory.buffer, dst), { ...head, stored: false, frameBytes: at });
  return result(context, dst, at);
}

/** Input and output of the frame take both codec buffers: a third one for the stream. */
function zlibBlock(block: Uint8Array, level: number, { kernels }: CodecContext): Uint8Array {
  const { byteOffset, length } = block;
  const dst = kernels.scratch('blosc.stream', streamRoom(length));
  return kernels.view(dst, writeStream(kernels, dst, byteOffset, length, level, 'zlib'));
}

/** C-Blosc's mapping of its nine levels to Zstandard's 22. */
function zstdLevel(level: number): number {
  return level === 9 ? 22 : level === 8 ? 20 : Math.max(1, level * 2 - 1);
}

export async function loadBlosc(): Promise<Codec> {
  const zstd = await zstdEngine();
  return {
    id: 'blosc',
    decode: (input, _step, context) => decode(input, context, zstd),
    encode(input, step, context) {
      const set = settings(step, context);
      checkSize(input.length + HEADER, context);
      switch (word(step, 'cname', ['lz4', 'zstd', 'zlib'], 'lz4')) {
        case 'lz4':
          return encodeLz4(input, set, context);
        case 'zstd':
          return encodeBlocks(input, set, context, 4, (block) => zstd.compress(block, zstdLevel(set.level)));
        case 'zlib':
          return encodeBlocks(input, set, context, 3, (block) => zlibBlock(block, set.level, context));
      }
    },
  };
}
