// A file that grows at its end, with small pieces gathered into large writes, and a few bytes changed afterwards.

import { type FileHandle, open } from 'node:fs/promises';
import type { GrowingOutput } from '../core/writer.js';
import { ioError } from './files.js';

const GATHER_BYTES = 2 ** 20;

export class GrowingFile implements GrowingOutput {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #flushed = 0;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** Create or empty the file. Errors: io. */
  static async create(path: string): Promise<GrowingFile> {
    try {
      return new GrowingFile(path, await open(path, 'w'));
    } catch (error) {
      throw ioError(error, path, 'write');
    }
  }

  /** Bytes so far: where the next append lands. */
  get size(): number {
    return this.#flushed + this.#pendingBytes;
  }

  /** The bytes must stay as they are until the returned promise, if any, is settled. */
  append(bytes: Uint8Array): Promise<void> | undefined {
    if (bytes.length === 0) return undefined;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    return this.#pendingBytes >= GATHER_BYTES ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    if (this.#pendingBytes === 0) return;
    const pieces = this.#pending;
    const total = this.#pendingBytes;
    let offset = this.#flushed;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#flushed += total;
    try {
      const { bytesWritten } = await this.handle.writev(pieces, offset);
      // A short write is rare: what is left goes out joined.
      let rest = bytesWritten < total ? Buffer.concat(pieces).subarray(bytesWritten) : undefined;
      offset += bytesWritten;
      while (rest && rest.length > 0) {
        const { bytesWritten: more } = await this.handle.write(rest, 0, rest.length, offset);
        offset += more;
        rest = rest.subarray(more);
      }
    } catch (error) {
      throw ioError(error, this.path, 'write');
    }
  }

  /** Overwrite bytes that were appended before. */
  async patch(offset: number, bytes: Uint8Array): Promise<void> {
    await this.flush();
    try {
      await this.handle.write(bytes, 0, bytes.length, offset);
    } catch (error) {
      throw ioError(error, this.path, 'write');
    }
  }

  async close(): Promise<void> {
    await this.flush();
    await this.handle.close();
  }

  /** Close without writing what is pending. */
  async abandon(): Promise<void> {
    await this.handle.close();
  }
}
