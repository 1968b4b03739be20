// Codecs out of packages that Emscripten built: one instance a thread, silent, and thrown away after a failure, since a trap may leave
// its memory in any state.

import { formatError, ImgconvError } from '../core/errors.js';

/** Memory of an instance that is worth giving back after one large block, bytes. */
const LARGE = 512 * 2 ** 20;

/** Options that keep a module from writing to the console. */
export const SILENT = { print() {}, printErr() {} };

export interface HeapModule {
  readonly HEAPU8?: Uint8Array;
}

/** Buffers of the embind decoder classes that the cornerstonejs packages share. */
export interface StreamDecoder<Info> {
  getEncodedBuffer(bytes: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): Info;
  decode(): void;
  delete(): void;
}

/** Runs calls on an instance that is made on first use and again after a failure. */
export class Instance<M extends HeapModule> {
  private current: M | undefined;

  constructor(
    private readonly what: string,
    private readonly make: () => Promise<M>,
  ) {}

  async run<T>(work: (module: M) => T): Promise<T> {
    this.current ??= await this.make();
    const module = this.current;
    try {
      const result = work(module);
      if ((module.HEAPU8?.byteLength ?? 0) > LARGE) this.current = undefined;
      return result;
    } catch (error) {
      this.current = undefined;
      if (error instanceof ImgconvError) throw error;
      throw formatError('BLOCK_STREAM', `broken ${this.what} stream: the decoder gave up`, {}, error);
    }
  }
}

/** One stream through an embind decoder; `use` must copy what it keeps. */
export function decodeStream<Info, T>(
  decoder: StreamDecoder<Info>,
  input: Uint8Array,
  use: (pixels: Uint8Array, info: Info) => T,
): T {
  try {
    decoder.getEncodedBuffer(input.length).set(input);
    decoder.decode();
    return use(decoder.getDecodedBuffer(), decoder.getFrameInfo());
  } finally {
    decoder.delete();
  }
}
