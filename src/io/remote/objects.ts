// Objects on servers as the engine reads them: what a read needs is fetched first, many ranges at a time, and then read like a local file.

import { formatError, ImgconvError } from '../../core/errors.js';
import { HttpClient, shown } from './client.js';

/** Bytes that are about to be read: a range, the last bytes, or all; or nothing but the size. */
export type Need =
  | { readonly file: string; readonly offset: number; readonly length: number }
  | { readonly file: string; readonly last: number }
  | { readonly file: string; readonly all: true }
  | { readonly file: string; readonly size: true };

/** Ranges this near to each other are fetched together. */
const GAP = 64 * 2 ** 10;
/** But no more than this at once. */
const LARGEST = 16 * 2 ** 20;
/** Bytes that are kept for later reads; what is asked for at once may be more. */
const KEPT = 64 * 2 ** 20;
/** Largest object that is fetched whole. */
const MOST = 2 ** 30;

interface Held {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export class RemoteObjects {
  readonly #client = new HttpClient();
  /** Undefined: does not exist. */
  readonly #sizes = new Map<string, number | undefined>();
  readonly #held = new Map<string, Held[]>();
  #bytes = 0;

  /** Fetch what is not at hand. Errors: io. */
  async prepare(needs: readonly Need[]): Promise<void> {
    this.#makeRoom();
    const ranges = new Map<string, [from: number, to: number][]>();
    const work: Promise<void>[] = [];
    const asked = new Set<string>();
    for (const need of needs) {
      const { file } = need;
      if ('offset' in need) {
        const list = ranges.get(file) ?? [];
        ranges.set(file, list);
        if (need.length > 0) list.push([need.offset, need.offset + need.length]);
      } else if (!asked.has(file) && !this.#known(need)) {
        asked.add(file);
        if ('size' in need) work.push(this.#ask(file));
        else work.push(this.#fetch(file, 'last' in need ? { last: need.last } : undefined));
      }
    }
    for (const [file, list] of ranges) {
      if (asked.has(file)) continue;
      for (const [from, to] of joined(list.filter(([a, b]) => !this.#covered(file, a, b))))
        work.push(this.#fetch(file, { offset: from, length: to - from }));
    }
    // All of them end before the first failure is told, so that none goes on unheard.
    const failed = (await Promise.allSettled(work)).find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #fetch(file: string, range: Parameters<HttpClient['get']>[1]): Promise<void> {
    const found = await this.#client.get(file, range, MOST);
    this.#setSize(file, found?.total);
    if (!found) return;
    const held = this.#held.get(file) ?? [];
    held.push({ offset: found.offset, bytes: found.bytes });
    this.#bytes += found.bytes.length;
    this.#held.set(file, held);
  }

  async #ask(file: string): Promise<void> {
    let size = await this.#client.size(file);
    // Some servers do not say how long what they send will be.
    if (size === -1) size = (await this.#client.get(file, undefined, MOST))?.total;
    this.#setSize(file, size);
  }

  #setSize(file: string, size: number | undefined): void {
    const known = this.#sizes.get(file);
    if (known !== undefined && known !== size)
      throw formatError('CHANGED', `${shown(file)} changed on the server while it was read`, { file: shown(file) });
    this.#sizes.set(file, size);
  }

  /** Whether all that is needed of an object is at hand, or it does not exist. */
  #known(need: Exclude<Need, { readonly offset: number }>): boolean {
    if (!this.#sizes.has(need.file)) return false;
    if ('size' in need) return true;
    const size = this.#sizes.get(need.file);
    if (size === undefined) return true;
    return this.#covered(need.file, 'last' in need ? Math.max(0, size - need.last) : 0, size);
  }

  #covered(file: string, from: number, to: number): boolean {
    const end = Math.min(to, this.#sizes.get(file) ?? to);
    return from >= end || this.#find(file, from, end) !== undefined;
  }

  #find(file: string, from: number, to: number): Held | undefined {
    return this.#held.get(file)?.find(({ offset, bytes }) => offset <= from && offset + bytes.length >= to);
  }

  /** Bytes of an object that was asked for; undefined where it does not exist. */
  size(file: string): number | undefined {
    if (!this.#sizes.has(file)) throw unprepared(file);
    return this.#sizes.get(file);
  }

  /** Fill `target`; returns the bytes that exist. */
  read(file: string, offset: number, target: Uint8Array): number {
    const size = this.size(file);
    if (size === undefined)
      throw new ImgconvError('io', 'NOT_FOUND', `cannot read ${shown(file)}: not found`, { file: shown(file) });
    const end = Math.min(size, offset + target.length);
    if (end <= offset) return 0;
    const held = this.#find(file, offset, end);
    if (!held) throw unprepared(file);
    target.set(held.bytes.subarray(offset - held.offset, end - held.offset));
    return end - offset;
  }

  /** Let go of what was fetched long ago; sizes are kept. */
  #makeRoom(): void {
    for (const [file, held] of this.#held) {
      if (this.#bytes <= KEPT) return;
      const old = held.splice(0, Math.ceil(held.length / 2));
      this.#bytes -= old.reduce((sum, { bytes }) => sum + bytes.length, 0);
      if (held.length === 0) this.#held.delete(file);
    }
  }
}

function unprepared(file: string): ImgconvError {
  return new ImgconvError('internal', 'UNPREPARED', `${shown(file)} is read before it was fetched`, {
    file: shown(file),
  });
}

/** Ranges in order, neighbours as one. */
function joined(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const result: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = result.at(-1);
    const inside = last !== undefined && to <= last[1];
    if (inside || (last && from <= last[1] + GAP && to - last[0] <= LARGEST)) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
