// LZMA decoder, as the LZMA specification (Igor Pavlov, public domain) and xz's LZMA2 chunks use it. The output is the dictionary.

import { formatError } from '../../core/errors.js';
import type { Output } from './output.js';

const TOP = 2 ** 24;
const HALF = 1024;

const broken = (): Error => formatError('LZMA_STREAM', 'broken LZMA stream');

/** Binary range decoder over a slice of the input. */
class RangeDecoder {
  private range = 0xffffffff;
  private code = 0;

  constructor(
    private readonly input: Uint8Array,
    private at: number,
    private readonly end: number,
  ) {
    if (end - at < 5 || input[at] !== 0) throw broken();
    for (let i = 1; i < 5; i++) this.code = ((this.code << 8) | input[at + i]!) >>> 0;
    this.at += 5;
  }

  private normalize(): void {
    if (this.range >= TOP) return;
    if (this.at >= this.end) throw broken();
    this.range = (this.range << 8) >>> 0;
    this.code = ((this.code << 8) | this.input[this.at++]!) >>> 0;
  }

  bit(probs: Uint16Array, index: number): 0 | 1 {
    this.normalize();
    const p = probs[index]!;
    const bound = (this.range >>> 11) * p;
    if (this.code < bound) {
      this.range = bound;
      probs[index] = p + ((2048 - p) >> 5);
      return 0;
    }
    this.range -= bound;
    this.code -= bound;
    probs[index] = p - (p >> 5);
    return 1;
  }

  /** Equally likely bits. */
  direct(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      this.normalize();
      this.range >>>= 1;
      if (this.code >= this.range) {
        this.code -= this.range;
        value = value * 2 + 1;
      } else value *= 2;
    }
    return value;
  }

  tree(probs: Uint16Array, start: number, bits: number): number {
    let m = 1;
    for (let i = 0; i < bits; i++) m = (m << 1) | this.bit(probs, start + m);
    return m - (1 << bits);
  }

  reverseTree(probs: Uint16Array, start: number, bits: number): number {
    let m = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const b = this.bit(probs, start + m);
      m = (m << 1) | b;
      value |= b << i;
    }
    return value;
  }
}

const probabilities = (n: number): Uint16Array => new Uint16Array(n).fill(HALF);

/** Match lengths: 2 to 273. Choice bits, 16 × 8 low, 16 × 8 middle, 256 high. */
class LengthDecoder {
  private readonly choice = probabilities(2);
  private readonly low = probabilities(16 * 8);
  private readonly middle = probabilities(16 * 8);
  private readonly high = probabilities(256);

  decode(range: RangeDecoder, position: number): number {
    if (range.bit(this.choice, 0) === 0) return 2 + range.tree(this.low, position * 8, 3);
    if (range.bit(this.choice, 1) === 0) return 10 + range.tree(this.middle, position * 8, 3);
    return 18 + range.tree(this.high, 0, 8);
  }
}

/** Models that a state reset clears. */
class Models {
  readonly isMatch = probabilities(12 * 16);
  readonly isRep = probabilities(12);
  readonly isRep0 = probabilities(12);
  readonly isRep1 = probabilities(12);
  readonly isRep2 = probabilities(12);
  readonly isRep0Long = probabilities(12 * 16);
  readonly slot = probabilities(4 * 64);
  readonly special = probabilities(128);
  readonly align = probabilities(16);
  readonly lengths = new LengthDecoder();
  readonly repLengths = new LengthDecoder();
  readonly literal: Uint16Array;
  readonly reps: [number, number, number, number] = [0, 0, 0, 0];
  state = 0;

  constructor(literalBits: number) {
    this.literal = probabilities(0x300 << literalBits);
  }
}

export class LzmaDecoder {
  private lc = 0;
  private lp = 0;
  private pb = 0;
  private models: Models | undefined;

  /** Properties byte (pb · 5 + lp) · 9 + lc. */
  setProperties(byte: number): void {
    if (byte >= 225) throw broken();
    this.lc = byte % 9;
    this.lp = Math.floor(byte / 9) % 5;
    this.pb = Math.floor(byte / 45);
    if (this.lc + this.lp > 4) throw broken();
    this.models = undefined;
  }

  resetState(): void {
    this.models = new Models(this.lc + this.lp);
  }

  /** Append `size` bytes to the output. `origin`: position in the output where the dictionary starts. */
  run(input: Uint8Array, at: number, end: number, output: Output, size: number, origin: number): void {
    const m = this.models;
    if (!m) throw broken();
    const range = new RangeDecoder(input, at, end);
    output.reserve(size);
    const { bytes } = output;
    const goal = output.length + size;
    let pos = output.length;
    const positionMask = (1 << this.pb) - 1;
    while (pos < goal) {
      const position = (pos - origin) & positionMask;
      if (range.bit(m.isMatch, m.state * 16 + position) === 0) {
        bytes[pos] = this.literal(range, m, bytes, pos, origin);
        pos++;
        m.state = m.state < 4 ? 0 : m.state < 10 ? m.state - 3 : m.state - 6;
        continue;
      }
      let length: number;
      if (range.bit(m.isRep, m.state) === 0) {
        length = m.lengths.decode(range, position);
        m.state = m.state < 7 ? 7 : 10;
        m.reps[3] = m.reps[2];
        m.reps[2] = m.reps[1];
        m.reps[1] = m.reps[0];
        m.reps[0] = distance(range, m, length);
      } else {
        length = repeated(range, m, position);
      }
      const from = pos - m.reps[0] - 1;
      if (from < origin || pos + length > goal) throw broken();
      for (let i = 0; i < length; i++) bytes[pos + i] = bytes[from + i]!;
      pos += length;
    }
    output.length = pos;
  }

  private literal(range: RangeDecoder, m: Models, bytes: Uint8Array, pos: number, origin: number): number {
    const before = pos > origin ? bytes[pos - 1]! : 0;
    const context = (((pos - origin) & ((1 << this.lp) - 1)) << this.lc) + (before >> (8 - this.lc));
    const start = 0x300 * context;
    let symbol = 1;
    if (m.state >= 7) {
      const from = pos - m.reps[0] - 1;
      if (from < origin) throw broken();
      let match = bytes[from]!;
      while (symbol < 0x100) {
        const matchBit = (match >> 7) & 1;
        match <<= 1;
        const b = range.bit(m.literal, start + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | b;
        if (matchBit !== b) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | range.bit(m.literal, start + symbol);
    return symbol & 255;
  }
}

/** Distance - 1 of a fresh match. */
function distance(range: RangeDecoder, m: Models, length: number): number {
  const slot = range.tree(m.slot, Math.min(length - 2, 3) * 64, 6);
  if (slot < 4) return slot;
  const bits = (slot >> 1) - 1;
  const base = (2 | (slot & 1)) * 2 ** bits;
  if (slot < 14) return base + range.reverseTree(m.special, base - slot, bits);
  return base + range.direct(bits - 4) * 16 + range.reverseTree(m.align, 0, 4);
}

/** Length of a match at one of the last four distances, which moves to the front. */
function repeated(range: RangeDecoder, m: Models, position: number): number {
  const { reps } = m;
  if (range.bit(m.isRep0, m.state) === 0) {
    if (range.bit(m.isRep0Long, m.state * 16 + position) === 0) {
      m.state = m.state < 7 ? 9 : 11;
      return 1;
    }
  } else {
    let which = 1;
    if (range.bit(m.isRep1, m.state) === 1) which = range.bit(m.isRep2, m.state) === 0 ? 2 : 3;
    const found = reps[which]!;
    for (let i = which; i > 0; i--) reps[i] = reps[i - 1]!;
    reps[0] = found;
  }
  m.state = m.state < 7 ? 8 : 11;
  return m.repLengths.decode(range, position);
}
