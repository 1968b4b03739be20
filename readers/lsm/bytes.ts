// Little-endian reads that stop quietly at the end of a block: metadata of cut files gives what is there.

import type { ByteSource } from '../../src/core/contracts.js';

const text = new TextDecoder('latin1');

export class Cursor {
  at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** 0 beyond the end. */
  u16(): number {
    this.at += 2;
    return this.left >= 0 ? this.view.getUint16(this.at - 2, true) : 0;
  }

  u32(): number {
    this.at += 4;
    return this.left >= 0 ? this.view.getUint32(this.at - 4, true) : 0;
  }

  i32(): number {
    return this.u32() | 0;
  }

  f64(): number {
    this.at += 8;
    return this.left >= 0 ? this.view.getFloat64(this.at - 8, true) : 0;
  }

  /** Text of so many bytes, up to its first NUL. */
  string(length: number): string {
    const end = Math.min(this.at + Math.max(0, length), this.bytes.length);
    const value = text.decode(this.bytes.subarray(Math.min(this.at, end), end));
    this.at += Math.max(0, length);
    const nul = value.indexOf('\0');
    return nul < 0 ? value : value.slice(0, nul);
  }

  skip(bytes: number): void {
    this.at += Math.max(0, bytes);
  }
}

/** Bytes of a block that say how long it is. */
const HEAD = 256;

/**
 * The block at a position, up to `most` bytes; undefined where it lies outside the file.
 * @param length bytes of the block, by its first ones
 */
export async function blockAt(
  source: ByteSource,
  offset: number,
  most: number,
  length: (head: Cursor) => number,
): Promise<Cursor | undefined> {
  if (offset < 8 || offset >= source.size) return undefined;
  const room = Math.min(most, source.size - offset);
  const head = await source.read(offset, Math.min(HEAD, room));
  const bytes = Math.min(room, length(new Cursor(head)));
  return new Cursor(bytes <= head.length ? head : await source.read(offset, bytes));
}
