// TIFF files put together in memory, byte by byte, independent of the code under test.

import type { ByteSource } from '../../src/core/contracts.js';

export type Tags = Record<number, readonly [type: number, values: readonly number[]]>;

export interface Shape {
  readonly order?: 'le' | 'be';
  readonly big?: boolean;
  /** Bytes of pixel data before the first directory. */
  readonly data?: number;
  /** Bytes between directories. */
  readonly gap?: number;
  /** The last directory links back to the first. */
  readonly loop?: boolean;
  /** Link of the last directory. */
  readonly last?: number;
  /** All but the first directory are sub-directories: the first `subs` of them are listed under tag 330, all are linked. */
  readonly subs?: number;
  /** Classic with 64-bit offsets; upper halves by tag. */
  readonly ndpi?: Readonly<Record<number, number>>;
}

const BYTES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
};

export function tiffBytes(pages: readonly Tags[], shape: Shape = {}): Uint8Array {
  const le = shape.order !== 'be';
  const big = shape.big === true;
  const head = big ? 16 : shape.ndpi ? 12 : 8;
  const inline = big ? 8 : 4;
  const entryBytes = big ? 20 : 12;
  const pointer = big || shape.ndpi ? 8 : 4;
  const places: number[] = [];
  let at = Math.max(head, 8 + (shape.data ?? 48));
  const length = (type: number, values: readonly number[]): number =>
    ((BYTES[type] ?? 4) * values.length) / (type === 5 || type === 10 ? 2 : 1);
  for (const tags of pages) {
    places.push(at);
    const entries = Object.values(tags);
    at += (big ? 8 : 2) + entries.length * entryBytes + pointer + (shape.ndpi ? 4 * entries.length : 0);
    for (const [type, values] of entries) if (length(type, values) > inline) at += length(type, values);
    at += shape.gap ?? 0;
  }
  const bytes = new Uint8Array(at);
  const view = new DataView(bytes.buffer);
  const long = (p: number, v: number): void => {
    if (pointer === 8) view.setBigUint64(p, BigInt(v), le);
    else view.setUint32(p, v, le);
  };
  bytes.set(le ? [0x49, 0x49] : [0x4d, 0x4d]);
  view.setUint16(2, big ? 43 : 42, le);
  if (big) view.setUint16(4, 8, le);
  long(big ? 8 : 4, places[0]!);
  pages.forEach((tags, i) => {
    let p = places[i]!;
    const list = Object.entries(tags).map(([tag, value]) => [Number(tag), ...value] as const);
    if (big) view.setBigUint64(p, BigInt(list.length), le);
    else view.setUint16(p, list.length, le);
    p += big ? 8 : 2;
    let free = p + list.length * entryBytes + pointer + (shape.ndpi ? 4 * list.length : 0);
    for (const [tag, type, stored] of list) {
      const values = tag === 330 && shape.subs ? places.slice(1, 1 + shape.subs) : stored;
      view.setUint16(p, tag, le);
      view.setUint16(p + 2, type, le);
      const count = values.length / (type === 5 || type === 10 ? 2 : 1);
      if (big) view.setBigUint64(p + 4, BigInt(count), le);
      else view.setUint32(p + 4, count, le);
      const value = p + (big ? 12 : 8);
      const inside = length(type, values) <= inline;
      write(view, inside ? value : free, type, values, le);
      if (!inside) {
        if (big) view.setBigUint64(value, BigInt(free), le);
        else view.setUint32(value, free, le);
        free += length(type, values);
      }
      p += entryBytes;
    }
    const last = i === pages.length - 1;
    const next = last ? (shape.loop ? places[0]! : (shape.last ?? 0)) : shape.subs && i === 0 ? 0 : places[i + 1]!;
    long(p, next);
    p += pointer;
    if (shape.ndpi)
      for (const [tag] of list) {
        view.setUint32(p, shape.ndpi[tag] ?? 0, le);
        p += 4;
      }
  });
  return bytes;
}

function write(view: DataView, at: number, type: number, values: readonly number[], le: boolean): void {
  values.forEach((v, i) => {
    if (type === 3) view.setUint16(at + 2 * i, v, le);
    else if (type === 8) view.setInt16(at + 2 * i, v, le);
    else if (type === 9 || type === 10) view.setInt32(at + 4 * i, v, le);
    else if (type === 11) view.setFloat32(at + 4 * i, v, le);
    else if (type === 12) view.setFloat64(at + 8 * i, v, le);
    else if (type === 16) view.setBigUint64(at + 8 * i, BigInt(v), le);
    else if (type === 17) view.setBigInt64(at + 8 * i, BigInt(v), le);
    else if (type === 4 || type === 5 || type === 13 || type > 17) view.setUint32(at + 4 * i, v, le);
    else view.setUint8(at + i, v & 255);
  });
}

/** Counts its reads; `size` may claim more bytes than there are (zeros). */
export function memorySource(bytes: Uint8Array, size = bytes.length): ByteSource & { reads: number } {
  return {
    name: '/memory/test.tif',
    size,
    reads: 0,
    async read(offset: number, length: number): Promise<Uint8Array> {
      this.reads++;
      if (offset + length > size) throw new Error(`read of ${length} bytes at ${offset} in a file of ${size}`);
      const out = new Uint8Array(length);
      out.set(bytes.subarray(offset, offset + length));
      return out;
    },
    async close(): Promise<void> {},
  };
}
