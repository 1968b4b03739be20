// Bilevel fax coding in TIFF: modified Huffman (compression 2), ITU-T T.4 one- and two-dimensional (3) and T.6 (4).
//
// Parameters:
//   scheme   2, 3 or 4
//   options  T4Options: bit 0 = two-dimensional rows occur
// Output: packed bits, most significant first, rows on whole bytes, white 0, black 1. A broken row ends the output early.

import { formatError } from '../core/errors.js';
import { BITS, HORIZONTAL, MODES, PASS, RUNS } from './ccitt/codes.js';
import type { Codec } from './contract.js';

class Fax {
  /** Position in bits. */
  at = 0;
  private readonly end: number;

  constructor(private readonly data: Uint8Array) {
    this.end = data.length * 8;
  }

  get ended(): boolean {
    return this.at >= this.end;
  }

  /** The next `n` (at most 16) bits; zeros behind the end. */
  peek(n: number): number {
    const byte = this.at >> 3;
    const d = this.data;
    const three = ((d[byte] ?? 0) << 16) | ((d[byte + 1] ?? 0) << 8) | (d[byte + 2] ?? 0);
    return (three >> (24 - n - (this.at & 7))) & ((1 << n) - 1);
  }

  /** Value of the next code; -1 when there is none. */
  code(table: Uint32Array): number {
    const entry = table[this.peek(BITS)]!;
    if (entry === 0) return -1;
    this.at += entry >>> 16;
    return this.at > this.end ? -1 : entry & 0xffff;
  }

  /** Length of a run: make-up codes and a terminating one. */
  run(color: 0 | 1): number {
    let total = 0;
    for (;;) {
      const part = this.code(RUNS[color]);
      // Some writers leave out the terminating code of a run that fills the row.
      if (part < 0) return total > 0 ? total : -1;
      total += part;
      if (part < 64) return total;
    }
  }

  /** Step over fill bits and an end-of-line code (eleven or more zeros, then 1), if one is next. */
  endOfLine(): boolean {
    let zeros = 0;
    let at = this.at;
    while (at < this.end && ((this.data[at >> 3]! >> (7 - (at & 7))) & 1) === 0) {
      at++;
      zeros++;
    }
    if (zeros < 11 || at >= this.end) return false;
    this.at = at + 1;
    return true;
  }

  /** The same without stepping over it. */
  atEndOfLine(): boolean {
    const { at } = this;
    const found = this.endOfLine();
    this.at = at;
    return found;
  }
}

/** Rows are lists of the columns where the colour changes, starting with white, ended by `width` twice. */
class RowDecoder {
  private reference: Int32Array;
  private current: Int32Array;
  count = 0;

  constructor(
    private readonly fax: Fax,
    private readonly width: number,
  ) {
    this.reference = new Int32Array(width + 4).fill(width);
    this.current = new Int32Array(width + 4);
  }

  /** One-dimensional row. False when broken. */
  one(): boolean {
    let x = 0;
    this.count = 0;
    for (let color: 0 | 1 = 0; x < this.width; color = color === 0 ? 1 : 0) {
      const run = this.fax.run(color);
      if (run < 0) {
        // A row that its end-of-line code cuts short: the rest stays white, the rows after it are not lost.
        if (this.count === 0 || !this.fax.atEndOfLine()) return false;
        if (color === 1) this.current[this.count++] = x;
        return true;
      }
      x = Math.min(x + run, this.width);
      this.current[this.count++] = x;
    }
    return true;
  }

  /** Two-dimensional row against the one before. */
  two(): boolean {
    const { fax, width, reference, current } = this;
    let x = -1;
    let color: 0 | 1 = 0;
    let b = 0;
    this.count = 0;
    while (x < width) {
      // b1: first change right of x to the colour opposite to the present one; changes at even indices turn black.
      while (b > 0 && reference[b - 1]! > x) b--;
      while (reference[b]! <= x && reference[b]! < width) b++;
      if ((b & 1) !== color && reference[b]! < width) b++;
      const mode = fax.code(MODES);
      if (mode < 0) return false;
      if (mode === PASS) {
        x = reference[b]! < width ? reference[b + 1]! : width;
      } else if (mode === HORIZONTAL) {
        const first = fax.run(color);
        const second = fax.run(color === 0 ? 1 : 0);
        if (first < 0 || second < 0 || this.count + 2 > width + 2) return false;
        const a1 = Math.min(Math.max(x, 0) + first, width);
        x = Math.min(a1 + second, width);
        current[this.count++] = a1;
        current[this.count++] = x;
      } else {
        const a1 = reference[b]! + mode - 3;
        if (a1 < Math.max(x, 0) || a1 > width || this.count >= width + 2) return false;
        x = a1;
        current[this.count++] = a1;
        color = color === 0 ? 1 : 0;
      }
    }
    return true;
  }

  /** Paint the row and make it the reference of the next one. */
  finish(out: Uint8Array, start: number): void {
    const { current, count, width } = this;
    for (let i = 0; i < count; i += 2) paint(out, start, current[i]!, i + 1 < count ? current[i + 1]! : width);
    current.fill(width, count, count + 4);
    // A change that is taken back at once is none.
    this.current = this.reference;
    this.reference = current;
  }
}

/** Set bits from column `from` up to `to`. */
function paint(out: Uint8Array, start: number, from: number, to: number): void {
  for (let x = from; x < to; ) {
    if ((x & 7) === 0 && to - x >= 8) {
      out[start + (x >> 3)] = 255;
      x += 8;
    } else {
      out[start + (x >> 3)]! |= 128 >> (x & 7);
      x++;
    }
  }
}

export const ccitt: Codec = {
  id: 'ccitt',
  decode(input, step, { block }) {
    const scheme = Number(step.scheme);
    const width = block.width;
    const height = block.height * block.depth;
    const rowBytes = Math.ceil(width / 8);
    const out = new Uint8Array(rowBytes * height);
    const fax = new Fax(input);
    const rows = new RowDecoder(fax, width);
    let y = 0;
    for (; y < height; y++) {
      let twoDimensional = scheme === 4;
      if (scheme === 2) {
        fax.at = (fax.at + 7) & ~7;
      } else if (scheme === 3) {
        const marked = fax.endOfLine();
        if ((Number(step.options ?? 0) & 1) !== 0 && marked) {
          twoDimensional = fax.peek(1) === 0;
          fax.at++;
        }
      }
      if (fax.ended || !(twoDimensional ? rows.two() : rows.one())) break;
      rows.finish(out, y * rowBytes);
    }
    if (y === 0) throw formatError('CCITT_STREAM', 'broken fax data: no whole row could be read');
    return out.subarray(0, y * rowBytes);
  },
};
