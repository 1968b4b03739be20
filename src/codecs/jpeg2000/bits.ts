// Packet headers: bits with a stuffed zero after each 0xFF byte, and tag trees (ITU-T T.800 B.10).

import { formatError } from '../../core/errors.js';

export class HeaderBits {
  private byte = 0;
  private left = 0;

  constructor(
    readonly data: Uint8Array,
    public at: number,
    readonly end: number,
  ) {}

  bit(): number {
    if (this.left === 0) {
      if (this.at >= this.end) throw formatError('TRUNCATED', 'the JPEG 2000 data ends inside a packet header');
      this.left = this.byte === 0xff ? 7 : 8;
      this.byte = this.data[this.at++]!;
    }
    this.left--;
    return (this.byte >> this.left) & 1;
  }

  bits(n: number): number {
    let value = 0;
    for (let i = 0; i < n; i++) value = value * 2 + this.bit();
    return value;
  }

  /** To the next whole byte; a stuffed one after 0xFF belongs to the header. */
  align(): void {
    if (this.byte === 0xff) this.at++;
    this.byte = 0;
    this.left = 0;
  }
}

/** Quad tree of minima, learnt bit by bit. */
export class TagTree {
  private readonly parents: Int32Array;
  private readonly values: Int32Array;
  private readonly lows: Int32Array;

  constructor(width: number, height: number) {
    const widths = [width];
    const heights = [height];
    let total = width * height;
    while (widths.at(-1)! * heights.at(-1)! > 1) {
      widths.push((widths.at(-1)! + 1) >> 1);
      heights.push((heights.at(-1)! + 1) >> 1);
      total += widths.at(-1)! * heights.at(-1)!;
    }
    this.parents = new Int32Array(total).fill(-1);
    this.values = new Int32Array(total).fill(0x7fffffff);
    this.lows = new Int32Array(total);
    let start = 0;
    for (let level = 0; level + 1 < widths.length; level++) {
      const w = widths[level]!;
      const next = start + w * heights[level]!;
      for (let i = 0; i < w * heights[level]!; i++) {
        const x = i % w;
        const y = (i - x) / w;
        this.parents[start + i] = next + (y >> 1) * widths[level + 1]! + (x >> 1);
      }
      start = next;
    }
  }

  /** True when the value of `leaf` is below `threshold`. */
  below(bits: HeaderBits, leaf: number, threshold: number): boolean {
    const path: number[] = [];
    for (let node = leaf; node >= 0; node = this.parents[node]!) path.push(node);
    let low = 0;
    for (let i = path.length - 1; i >= 0; i--) {
      const node = path[i]!;
      low = Math.max(low, this.lows[node]!);
      while (low < threshold && low < this.values[node]!) {
        if (bits.bit() === 1) this.values[node] = low;
        else low++;
      }
      this.lows[node] = low;
    }
    return this.values[leaf]! < threshold;
  }
}
