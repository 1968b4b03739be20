// A position in a byte source with a window of it in memory, so that small fields are read without waiting.

import type { ByteSource } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';

const FIRST = 16 * 2 ** 10;
const MOST = 2 ** 20;

/** The source ends before the field does. */
export class Ended extends Error {}

export class Cursor {
  #start = 0;
  #next = FIRST;
  #loaded = 0;
  memory: Uint8Array = new Uint8Array(0);
  view = new DataView(this.memory.buffer);
  /** Bytes from the start of the source. */
  at = 0;

  constructor(
    readonly source: Pick<ByteSource, 'name' | 'size' | 'read'>,
    /** Most bytes brought into memory. */
    readonly limit: number,
  ) {}

  /** Where the byte at `at` lies in `memory`. */
  get local(): number {
    return this.at - this.#start;
  }

  /** True if the next `n` bytes are in memory. */
  has(n: number): boolean {
    return this.at >= this.#start && this.at + n <= this.#start + this.memory.length;
  }

  /** Bring the next `n` bytes into memory. Errors: Ended; limit METADATA_SIZE. */
  async load(n: number): Promise<void> {
    if (this.has(n)) return;
    const { source } = this;
    if (this.at + n > source.size) throw new Ended();
    const length = Math.min(Math.max(n, this.#next), source.size - this.at);
    this.#loaded += length;
    if (this.#loaded > this.limit) {
      const text = `${source.name}: the header takes more than the limit of ${this.limit} bytes`;
      throw new ImgconvError('limit', 'METADATA_SIZE', text, { file: source.name, offset: this.at });
    }
    this.memory = await source.read(this.at, length);
    this.view = new DataView(this.memory.buffer, this.memory.byteOffset, this.memory.byteLength);
    this.#start = this.at;
    this.#next = Math.min(MOST, 2 * this.#next);
  }
}
