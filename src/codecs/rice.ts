// Rice coding of integer differences, as FITS tiles have it. FITS Standard 4.0, Section 10.4.1.
//
// Parameters: size: bytes of an integer, 1, 2 or 4 · block: integers that share a code, default 32. Decodes to little-endian integers.

import { formatError } from '../core/errors.js';
import type { Codec } from './contract.js';
import { checkSize } from './memory.js';
import { whole } from './parameters.js';

/** Bits of the code number, its highest value (differences are stored as they are), and bits of an integer. */
const SHAPES: Readonly<Record<number, readonly [codeBits: number, highest: number, bits: number]>> = {
  1: [3, 6, 8],
  2: [4, 14, 16],
  4: [5, 25, 32],
};

class Bits {
  private at = 0;
  private left = 0;
  private held = 0;

  constructor(private readonly bytes: Uint8Array) {}

  private next(): void {
    if (this.at >= this.bytes.length) throw formatError('RICE', 'the Rice-coded data end too early');
    this.held = this.bytes[this.at++]!;
    this.left = 8;
  }

  /** Up to 32 bits, highest first, as an unsigned number. */
  read(count: number): number {
    let value = 0;
    let wanted = count;
    while (wanted > 0) {
      if (this.left === 0) this.next();
      const take = Math.min(wanted, this.left);
      const part = (this.held >> (this.left - take)) & ((1 << take) - 1);
      value = value * 2 ** take + part;
      this.left -= take;
      wanted -= take;
    }
    return value;
  }

  /** Zeros before the next one, which is taken too. */
  zeros(): number {
    let count = 0;
    for (;;) {
      if (this.left === 0) this.next();
      const rest = this.held & ((1 << this.left) - 1);
      if (rest === 0) {
        count += this.left;
        this.left = 0;
        continue;
      }
      const lead = Math.clz32(rest) - (32 - this.left);
      this.left -= lead + 1;
      return count + lead;
    }
  }
}

export const rice: Codec = {
  id: 'rice',
  decode(input, step, context) {
    const size = whole(step, 'size', 4, 1, 4);
    const shape = SHAPES[size];
    if (!shape) throw formatError('RICE', `integers of ${size} bytes`);
    const [codeBits, highest, bits] = shape;
    const block = whole(step, 'block', 32, 1, 2 ** 16);
    const { bytes } = context.block;
    checkSize(bytes, context);
    const out = new Uint8Array(bytes);
    const view = new DataView(out.buffer);
    const count = Math.floor(bytes / size);
    const source = new Bits(input);
    // Wraps like an integer of that size when it is written.
    let last = source.read(bits) | 0;
    for (let i = 0; i < count; ) {
      const end = Math.min(count, i + block);
      const code = source.read(codeBits) - 1;
      for (; i < end; i++) {
        if (code >= 0) {
          const mapped = code === highest ? source.read(bits) : source.zeros() * 2 ** code + source.read(code);
          const half = Math.floor(mapped / 2);
          last = (last + (mapped % 2 === 1 ? -half - 1 : half)) | 0;
        }
        if (size === 1) view.setInt8(i, last);
        else if (size === 2) view.setInt16(2 * i, last, true);
        else view.setInt32(4 * i, last, true);
      }
    }
    return out;
  },
};
