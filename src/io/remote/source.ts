// One object on a server, read in blocks that are kept: parsers ask for a few bytes here and there.

import type { ByteSource } from '../../core/contracts.js';
import { formatError, ImgconvError } from '../../core/errors.js';
import { type Fetched, type HttpClient, shown } from './client.js';

const BLOCK = 64 * 2 ** 10;
/** Blocks kept a source: 16 MiB. */
const KEPT = 256;
/** Blocks fetched at once where a file is read from front to back. */
const AHEAD = 16;

export class RemoteSource implements ByteSource {
  readonly #blocks = new Map<number, Uint8Array>();
  /** Where the server sends whole files only. */
  readonly #whole: Uint8Array | undefined;
  #next = -1;
  #ahead = 1;

  private constructor(
    readonly name: string,
    readonly size: number,
    readonly client: HttpClient,
    first: Fetched,
  ) {
    if (first.bytes.length === size) this.#whole = first.bytes;
    else this.#keep(0, first.bytes);
  }

  /** Undefined where it does not exist. */
  static async open(url: string, client: HttpClient): Promise<RemoteSource | undefined> {
    const first = await client.get(url, { offset: 0, length: BLOCK });
    return first && new RemoteSource(url, first.total, client, first.offset === 0 ? first : { ...first, offset: 0 });
  }

  /** First bytes, as far as they were fetched on opening. */
  head(length: number): Uint8Array {
    return (this.#whole ?? this.#blocks.get(0) ?? new Uint8Array(0)).slice(0, length);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      const found = Math.max(0, this.size - Math.max(0, offset));
      throw formatError(
        'TRUNCATED',
        `${shown(this.name)}: needs ${length} bytes at offset ${offset}, found ${found}; the file may be cut short`,
        { file: shown(this.name), offset },
      );
    }
    if (this.#whole) return this.#whole.slice(offset, offset + length);
    if (length > BLOCK * AHEAD) return (await this.#fetch(offset, length)).bytes;
    const result = new Uint8Array(length);
    for (let at = offset; at < offset + length; ) {
      const number = Math.floor(at / BLOCK);
      const bytes = await this.#block(number, Math.floor((offset + length - 1) / BLOCK));
      const from = at - number * BLOCK;
      const n = Math.min(bytes.length - from, offset + length - at);
      result.set(bytes.subarray(from, from + n), at - offset);
      at += n;
    }
    return result;
  }

  async #block(number: number, last: number): Promise<Uint8Array> {
    const known = this.#blocks.get(number);
    if (known) {
      this.#blocks.delete(number);
      this.#blocks.set(number, known);
      return known;
    }
    this.#ahead = number === this.#next ? Math.min(AHEAD, this.#ahead * 2) : 1;
    const count = Math.max(last - number + 1, this.#ahead);
    const offset = number * BLOCK;
    const { bytes } = await this.#fetch(offset, Math.min(count * BLOCK, this.size - offset));
    for (let i = 0; i * BLOCK < bytes.length; i++) this.#keep(number + i, bytes.subarray(i * BLOCK, (i + 1) * BLOCK));
    this.#next = number + count;
    return this.#blocks.get(number) ?? bytes.subarray(0, BLOCK);
  }

  #keep(number: number, bytes: Uint8Array): void {
    this.#blocks.set(number, bytes);
    if (this.#blocks.size > KEPT) this.#blocks.delete(this.#blocks.keys().next().value as number);
  }

  async #fetch(offset: number, length: number): Promise<Fetched> {
    if (length === 0) return { bytes: new Uint8Array(0), offset, total: this.size };
    const found = await this.client.get(this.name, { offset, length });
    if (!found || found.total !== this.size)
      throw new ImgconvError('io', 'CHANGED', `${shown(this.name)} changed on the server while it was read`, {
        file: shown(this.name),
      });
    return found;
  }

  async close(): Promise<void> {
    this.#blocks.clear();
  }
}
