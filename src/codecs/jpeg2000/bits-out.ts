// Writing packet headers (ITU-T T.800 B.10): bits with a stuffed zero after each 0xFF byte, and tag trees.

export class BitsOut {
  readonly bytes: number[] = [];
  private byte = 0;
  private left = 8;

  bit(value: number): void {
    this.left--;
    this.byte |= value << this.left;
    if (this.left > 0) return;
    this.bytes.push(this.byte);
    this.left = this.byte === 0xff ? 7 : 8;
    this.byte = 0;
  }

  bits(value: number, n: number): void {
    for (let i = n - 1; i >= 0; i--) this.bit(Math.floor(value / 2 ** i) & 1);
  }

  /** Fill up to a whole byte; one after 0xFF must follow. */
  flush(): readonly number[] {
    if (this.left < 8) {
      this.bytes.push(this.byte);
      if (this.byte === 0xff) this.bytes.push(0);
    }
    return this.bytes;
  }
}

/** A tag tree whose leaves are known. */
export class TagTreeOut {
  private readonly values: Int32Array;
  private readonly parents: Int32Array;
  private readonly lows: Int32Array;
  private readonly told: Uint8Array;

  constructor(width: number, height: number, leaves: readonly number[]) {
    const sizes: [number, number][] = [[width, height]];
    while (sizes.at(-1)![0] * sizes.at(-1)![1] > 1) {
      const [w, h] = sizes.at(-1)!;
      sizes.push([(w + 1) >> 1, (h + 1) >> 1]);
    }
    const total = sizes.reduce((sum, [w, h]) => sum + w * h, 0);
    this.values = new Int32Array(total).fill(0x7fffffff);
    this.parents = new Int32Array(total).fill(-1);
    this.lows = new Int32Array(total);
    this.told = new Uint8Array(total);
    this.values.set(leaves);
    let start = 0;
    sizes.slice(0, -1).forEach(([w, h], level) => {
      const next = start + w * h;
      for (let i = 0; i < w * h; i++) {
        const x = i % w;
        const parent = next + (((i - x) / w) >> 1) * sizes[level + 1]![0] + (x >> 1);
        this.parents[start + i] = parent;
        this.values[parent] = Math.min(this.values[parent]!, this.values[start + i]!);
      }
      start = next;
    });
  }

  /** Tell whether the value of `leaf` is below `threshold`, as far as it is not known yet. */
  write(bits: BitsOut, leaf: number, threshold: number): void {
    const path: number[] = [];
    for (let node = leaf; node >= 0; node = this.parents[node]!) path.push(node);
    let low = 0;
    for (const node of path.reverse()) {
      low = Math.max(low, this.lows[node]!);
      while (low < threshold) {
        if (low < this.values[node]!) {
          bits.bit(0);
          low++;
          continue;
        }
        if (this.told[node] === 0) bits.bit(1);
        this.told[node] = 1;
        break;
      }
      this.lows[node] = low;
    }
  }
}
