// Zstandard (RFC 8878), by one WASM build of the reference code, so that encoded bytes depend on neither Node's version nor the processor.
//
// Parameters (encode): level -131072–22 (default 3) · checksum: append the content checksum. Decoding checks it where there is one.

import { formatError, ImgconvError } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';
import { checkSize } from './memory.js';
import { flag, whole } from './parameters.js';
import { frameBounds, withChecksum } from './zstd-frames.js';

/** The codec's memory ends at 2 GiB and must hold input and output. */
const LARGEST = 900 * 2 ** 20;

export interface ZstdEngine {
  /** Whole frame of `input`, its size in the header. */
  compress(input: Uint8Array, level: number): Uint8Array;
  /** All frames of `input`; errors as in `Codec.decode`. */
  decompress(input: Uint8Array, context: CodecContext): Uint8Array;
}

function tooLarge(bytes: number): ImgconvError {
  return new ImgconvError(
    'limit',
    'ZSTD_SIZE',
    `a zstd block of ${bytes} bytes is more than ${LARGEST}; choose smaller chunks`,
  );
}

async function load(): Promise<ZstdEngine> {
  const wasm = await import('@foxglove/wasm-zstd');
  await wasm.isLoaded;
  return {
    compress(input, level) {
      if (input.length > LARGEST) throw tooLarge(input.length);
      return wasm.compress(input, level);
    },
    decompress(input, context) {
      const { length, decoded } = frameBounds(input);
      // A frame without its size has a loose bound: what exceeds the limit is told by the decoder then.
      const room = Math.min(decoded, context.maxBytes);
      if (decoded > context.maxBytes && decoded - context.maxBytes > 2 ** 17) checkSize(decoded, context);
      if (room > LARGEST) throw tooLarge(room);
      try {
        return wasm.decompress(input.subarray(0, length), room);
      } catch (error) {
        throw formatError('ZSTD', `broken zstd stream of ${input.length} bytes`, {}, error);
      }
    },
  };
}

let engine: Promise<ZstdEngine> | undefined;

/** One engine a thread. */
export function zstdEngine(): Promise<ZstdEngine> {
  engine ??= load();
  return engine;
}

export async function loadZstd(): Promise<Codec> {
  const zstd = await zstdEngine();
  return {
    id: 'zstd',
    decode: (input, _step, context) => zstd.decompress(input, context),
    encode(input, step, { kernels }) {
      const frame = zstd.compress(input, whole(step, 'level', 3, -131_072, 22));
      if (!flag(step, 'checksum')) return frame;
      return withChecksum(frame, kernels.x.xxh64(kernels.place(input, 'codec.input'), input.length) >>> 0);
    },
  };
}
