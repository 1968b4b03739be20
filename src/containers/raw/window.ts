// A reading position over a source: sequential structures read through a buffer, large parts skipped without being read.

import type { ByteSource } from '../../core/contracts.js';
import { formatError } from '../../core/errors.js';

const BUFFER = 2 ** 16;

/** `need(n)` makes the next n bytes present; the getters after it are synchronous and advance. */
export class ByteWindow {
  position = 0;
  readonly file: string;
  readonly size: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #start = 0;

  constructor(readonly source: ByteSource) {
    this.file = source.name;
    this.size = source.size;
  }

  /** At the end of the file fewer bytes may be present: reading past them is the error TRUNCATED. */
  async need(bytes: number): Promise<void> {
    const { position } = this;
    if (position >= this.#start && position + bytes <= this.#start + this.#bytes.length) return;
    if (position > this.size) throw this.#short(1);
    const length = Math.min(Math.max(bytes, BUFFER), this.size - position);
    this.#bytes = await this.source.read(position, length);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, length);
    this.#start = position;
  }

  #short(bytes: number): Error {
    const { file, position } = this;
    const text = `${file}: needs ${bytes} bytes at offset ${position}, found ${Math.max(0, this.size - position)}; the file may be cut short`;
    return formatError('TRUNCATED', text, { file, offset: position });
  }

  #take(bytes: number): number {
    const at = this.position - this.#start;
    if (at < 0 || at + bytes > this.#bytes.length) throw this.#short(bytes);
    this.position += bytes;
    return at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }
  uint16(little: boolean): number {
    return this.#view.getUint16(this.#take(2), little);
  }
  int16(little: boolean): number {
    return this.#view.getInt16(this.#take(2), little);
  }
  uint32(little: boolean): number {
    return this.#view.getUint32(this.#take(4), little);
  }
  int32(little: boolean): number {
    return this.#view.getInt32(this.#take(4), little);
  }
  float32(little: boolean): number {
    return this.#view.getFloat32(this.#take(4), little);
  }
  float64(little: boolean): number {
    return this.#view.getFloat64(this.#take(8), little);
  }
  /** Rounded above 2^53. */
  uint64(little: boolean): number {
    return Number(this.#view.getBigUint64(this.#take(8), little));
  }
  bigint64(little: boolean): bigint {
    return this.#view.getBigInt64(this.#take(8), little);
  }
  biguint64(little: boolean): bigint {
    return this.#view.getBigUint64(this.#take(8), little);
  }
  /** One character a byte. */
  text(bytes: number): string {
    const at = this.#take(bytes);
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + at, bytes).toString('latin1');
  }
}
