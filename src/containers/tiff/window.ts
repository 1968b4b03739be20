// Read-ahead over a byte source. Directories are many small reads close together: they are served from windows that grow while the
// walk goes forward and shrink when it jumps, so that 10,000 directories in a row cost tens of reads, and 10,000 scattered ones one each.

import type { ByteSource } from '../../core/contracts.js';

const SMALLEST = 4096;
const LARGEST = 2 ** 20;
const KEPT = 48;

interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

export class ReadWindow {
  private readonly pieces: Piece[] = [];
  private size = SMALLEST;

  constructor(readonly source: ByteSource) {}

  /** Bytes that are in memory already. */
  cached(offset: number, length: number): Uint8Array | undefined {
    for (let i = this.pieces.length - 1; i >= 0; i--) {
      const { start, bytes } = this.pieces[i]!;
      if (offset >= start && offset + length <= start + bytes.length) {
        return bytes.subarray(offset - start, offset - start + length);
      }
    }
    return undefined;
  }

  /** Exactly `length` bytes; the caller has checked that they lie in the file. The result is a view: copy what is kept. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const known = this.cached(offset, length);
    if (known) return known;
    if (length > LARGEST) return this.source.read(offset, length);
    const last = this.pieces.at(-1);
    const onward = last !== undefined && offset >= last.start && offset < last.start + 2 * last.bytes.length;
    this.size = onward ? Math.min(LARGEST, this.size * 2) : SMALLEST;
    // Writers put a directory's values before or after it: keep a little of what lies before.
    const start = Math.max(0, offset - (onward ? 0 : 512));
    const end = Math.min(this.source.size, Math.max(offset + length, start + this.size));
    this.keep({ start, bytes: await this.source.read(start, end - start) });
    return this.cached(offset, length)!;
  }

  /** Read small windows at these offsets at once: a guess, so failures don't matter. */
  async prefetch(offsets: readonly number[], length: number): Promise<void> {
    const wanted: number[] = [];
    for (const o of offsets) {
      const near = wanted.at(-1);
      const covered = this.cached(o, 2) || (near !== undefined && o >= near && o < near + length / 2);
      if (o >= 0 && o < this.source.size && !covered) wanted.push(o);
    }
    const pieces = await Promise.all(
      wanted.map(async (start): Promise<Piece> => {
        return { start, bytes: await this.source.read(start, Math.min(length, this.source.size - start)) };
      }),
    );
    for (const piece of pieces) this.keep(piece);
  }

  private keep(piece: Piece): void {
    this.pieces.push(piece);
    if (this.pieces.length > KEPT) this.pieces.shift();
    let bytes = this.pieces.reduce((sum, p) => sum + p.bytes.length, 0);
    while (bytes > 4 * LARGEST && this.pieces.length > 1) bytes -= this.pieces.shift()!.bytes.length;
  }
}
