// Little-endian fields of HDF5 structures. Reading past the end is the error HDF5_TRUNCATED.

import { formatError, type ImgconvError } from '../../core/errors.js';

/** Sizes of addresses and lengths, from the superblock; bytes. */
export interface Widths {
  readonly offset: number;
  readonly length: number;
}

/** An address that points nowhere. */
export const UNDEFINED = -1;

export class Cursor {
  position = 0;
  readonly #view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    readonly widths: Widths,
    /** For messages: file, and where `bytes` begins in it. */
    readonly file: string,
    readonly start: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.position;
  }

  /** Position in the file. */
  get at(): number {
    return this.start + this.position;
  }

  error(code: string, text: string): ImgconvError {
    return formatError(code, `${this.file}: ${text} at offset ${this.at}`, { file: this.file, offset: this.at });
  }

  #take(count: number): number {
    const { position } = this;
    if (!(count >= 0) || position + count > this.bytes.length) {
      throw this.error('HDF5_TRUNCATED', `a structure needs ${count} more bytes than it has (${this.left})`);
    }
    this.position += count;
    return position;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Unsigned number of `width` bytes; rounded above 2^53. */
  uint(width: number): number {
    const at = this.#take(width);
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + this.#view.getUint8(at + i);
    return value;
  }

  /** Address in the file; UNDEFINED where all bits are set. */
  address(): number {
    const at = this.#take(this.widths.offset);
    let value = 0;
    let ones = true;
    for (let i = this.widths.offset - 1; i >= 0; i--) {
      const byte = this.#view.getUint8(at + i);
      ones &&= byte === 255;
      value = value * 256 + byte;
    }
    return ones ? UNDEFINED : value;
  }

  length(): number {
    return this.uint(this.widths.length);
  }

  skip(count: number): void {
    this.#take(count);
  }

  take(count: number): Uint8Array {
    const at = this.#take(count);
    return this.bytes.subarray(at, at + count);
  }

  text(count: number): string {
    return decodeText(this.take(count));
  }

  expect(signature: string): void {
    const found = Buffer.from(this.take(signature.length)).toString('latin1');
    if (found !== signature) {
      this.position -= signature.length;
      throw this.error('HDF5_SIGNATURE', `expected ${signature}, found ${JSON.stringify(found)}`);
    }
  }

  /** A cursor over the next bytes, which are skipped here. */
  part(count: number): Cursor {
    const { at } = this;
    return new Cursor(this.take(count), this.widths, this.file, at);
  }
}

/** Up to the first NUL. UTF-8, or one byte a character where it is not valid. */
export function decodeText(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  const used = nul < 0 ? bytes : bytes.subarray(0, nul);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(used);
  } catch {
    return new TextDecoder('latin1').decode(used);
  }
}
