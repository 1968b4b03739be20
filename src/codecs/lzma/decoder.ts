// LZMA: a range coder over a Markov model of literals and matches (I. Pavlov, "LZMA specification", draft 2015, public domain).
// The output array is the dictionary: everything decoded stays in memory.

import { formatError } from '../../core/errors.js';

const STATES = 12;
const POSITIONS = 16;
/** Places of the models in one array of probabilities. */
const IS_MATCH = 0;
const IS_REP = IS_MATCH + STATES * POSITIONS;
const IS_REP_G0 = IS_REP + STATES;
const IS_REP_G1 = IS_REP_G0 + STATES;
const IS_REP_G2 = IS_REP_G1 + STATES;
const IS_REP0_LONG = IS_REP_G2 + STATES;
const SLOTS = IS_REP0_LONG + STATES * POSITIONS;
const DISTANCES = SLOTS + 4 * 64;
const ALIGN = DISTANCES + 115;
const LENGTH = ALIGN + 16;
/** A length model: 2 choices, 16 × 8 short, 16 × 8 middle, 256 long ones. */
const LENGTH_SIZE = 2 + 2 * POSITIONS * 8 + 256;
const REP_LENGTH = LENGTH + LENGTH_SIZE;
const LITERALS = REP_LENGTH + LENGTH_SIZE;
const LITERAL_SIZE = 0x300;

const HALF = 1024;
const TOP = 2 ** 24;
const SHORTEST_MATCH = 2;

export function brokenLzma(what: string): Error {
  return formatError('LZMA', `broken LZMA stream: ${what}`);
}

export class LzmaDecoder {
  /** Decoded bytes are out[0 … length-1]. */
  out: Uint8Array;
  length = 0;
  #probabilities = new Uint16Array(0);
  #literalContext = 0;
  #literalMask = 0;
  #positionMask = 0;
  #state = 0;
  #distances: [number, number, number, number] = [0, 0, 0, 0];
  /** Matches reach back to here. */
  #start = 0;
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  #range = 0;
  #code = 0;

  /** @param expected bytes that will probably come · @param most bytes that may come */
  constructor(
    expected: number,
    readonly most: number,
  ) {
    this.out = new Uint8Array(Math.min(expected, most));
  }

  /** The properties byte: (pb · 5 + lp) · 9 + lc. Resets the state. */
  setProperties(byte: number): void {
    const lc = byte % 9;
    const lp = Math.floor(byte / 9) % 5;
    const pb = Math.floor(byte / 45);
    if (pb > 4) throw brokenLzma(`properties ${byte}`);
    this.#literalContext = lc;
    this.#literalMask = (1 << lp) - 1;
    this.#positionMask = (1 << pb) - 1;
    this.#probabilities = new Uint16Array(LITERALS + (LITERAL_SIZE << (lc + lp)));
    this.resetState();
  }

  get hasProperties(): boolean {
    return this.#probabilities.length > 0;
  }

  resetState(): void {
    this.#probabilities.fill(HALF);
    this.#state = 0;
    this.#distances = [0, 0, 0, 0];
  }

  resetDictionary(): void {
    this.#start = this.length;
  }

  /** Make room for `bytes` more. */
  reserve(bytes: number): void {
    const need = this.length + bytes;
    if (need > this.most) throw formatError('BLOCK_SIZE', `LZMA stream decodes to more than ${this.most} bytes`);
    if (need <= this.out.length) return;
    const grown = new Uint8Array(Math.min(this.most, Math.max(need, 2 * this.out.length)));
    grown.set(this.out.subarray(0, this.length));
    this.out = grown;
  }

  copy(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.out.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Decode exactly `count` bytes, or up to the end marker where `count` is undefined. */
  decode(input: Uint8Array, count: number | undefined): void {
    this.#input = input;
    this.#at = 0;
    this.#end = input.length;
    this.#range = 0xffffffff;
    this.#code = 0;
    if (this.#byte() !== 0) throw brokenLzma('no zero at its start');
    for (let i = 0; i < 4; i++) this.#code = ((this.#code << 8) | this.#byte()) >>> 0;
    if (count !== undefined) this.reserve(count);
    const limit = count === undefined ? Number.POSITIVE_INFINITY : this.length + count;
    while (this.length < limit) if (!this.#step(limit)) return;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw brokenLzma('it ends early');
    return this.#input[this.#at++]!;
  }

  #bit(index: number): number {
    const p = this.#probabilities[index]!;
    const bound = (this.#range >>> 11) * p;
    let bit: number;
    if (this.#code < bound) {
      this.#range = bound;
      this.#probabilities[index] = p + ((2048 - p) >> 5);
      bit = 0;
    } else {
      this.#range = this.#range - bound;
      this.#code = this.#code - bound;
      this.#probabilities[index] = p - (p >> 5);
      bit = 1;
    }
    if (this.#range < TOP) {
      this.#range = (this.#range << 8) >>> 0;
      this.#code = ((this.#code << 8) | this.#byte()) >>> 0;
    }
    return bit;
  }

  #direct(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit) this.#code -= this.#range;
      if (this.#range < TOP) {
        this.#range = (this.#range << 8) >>> 0;
        this.#code = ((this.#code << 8) | this.#byte()) >>> 0;
      }
      value = value * 2 + bit;
    }
    return value;
  }

  #tree(base: number, bits: number): number {
    let node = 1;
    for (let i = 0; i < bits; i++) node = (node << 1) | this.#bit(base + node);
    return node - (1 << bits);
  }

  #reverseTree(base: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(base + node);
      node = (node << 1) | bit;
      value |= bit << i;
    }
    return value;
  }

  /** One literal or match; false at the end marker. */
  #step(limit: number): boolean {
    const position = this.length - this.#start;
    const positionState = position & this.#positionMask;
    const state = this.#state;
    if (this.#bit(IS_MATCH + state * POSITIONS + positionState) === 0) {
      this.#literal(position);
      return true;
    }
    let length: number;
    const d = this.#distances;
    if (this.#bit(IS_REP + state) === 1) {
      if (position === 0) throw brokenLzma('a repetition before any byte');
      if (this.#bit(IS_REP_G0 + state) === 0) {
        if (this.#bit(IS_REP0_LONG + state * POSITIONS + positionState) === 0) {
          this.#state = state < 7 ? 9 : 11;
          this.#match(1, limit);
          return true;
        }
      } else if (this.#bit(IS_REP_G1 + state) === 0) this.#distances = [d[1], d[0], d[2], d[3]];
      else if (this.#bit(IS_REP_G2 + state) === 0) this.#distances = [d[2], d[0], d[1], d[3]];
      else this.#distances = [d[3], d[0], d[1], d[2]];
      length = this.#length(REP_LENGTH, positionState);
      this.#state = state < 7 ? 8 : 11;
    } else {
      length = this.#length(LENGTH, positionState);
      this.#state = state < 7 ? 7 : 10;
      const distance = this.#distance(length);
      if (distance === 0xffffffff) return false;
      this.#distances = [distance, d[0], d[1], d[2]];
    }
    this.#match(length + SHORTEST_MATCH, limit);
    return true;
  }

  #literal(position: number): void {
    const before = position > 0 ? this.out[this.length - 1]! : 0;
    const context = ((position & this.#literalMask) << this.#literalContext) + (before >> (8 - this.#literalContext));
    const base = LITERALS + LITERAL_SIZE * context;
    let symbol = 1;
    if (this.#state >= 7) {
      const back = this.length - this.#distances[0] - 1;
      if (back < this.#start) throw brokenLzma('a match before its start');
      let match = this.out[back]!;
      while (symbol < 0x100) {
        const matchBit = (match >> 7) & 1;
        match = (match << 1) & 0xff;
        const bit = this.#bit(base + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (bit !== matchBit) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(base + symbol);
    this.reserve(1);
    this.out[this.length++] = symbol & 0xff;
    const state = this.#state;
    this.#state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  }

  #length(base: number, positionState: number): number {
    if (this.#bit(base) === 0) return this.#tree(base + 2 + positionState * 8, 3);
    if (this.#bit(base + 1) === 0) return 8 + this.#tree(base + 2 + (POSITIONS + positionState) * 8, 3);
    return 16 + this.#tree(base + 2 + 2 * POSITIONS * 8, 8);
  }

  #distance(length: number): number {
    const slot = this.#tree(SLOTS + Math.min(length, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return high + this.#reverseTree(DISTANCES + high - slot, bits);
    return high + this.#direct(bits - 4) * 16 + this.#reverseTree(ALIGN, 4);
  }

  #match(length: number, limit: number): void {
    const from = this.length - this.#distances[0] - 1;
    if (from < this.#start) throw brokenLzma('a match before its start');
    if (this.length + length > limit) throw brokenLzma('a match beyond its end');
    this.reserve(length);
    const { out } = this;
    let to = this.length;
    // Source and target may overlap: byte by byte, as they come.
    for (let i = from; i < from + length; i++) out[to++] = out[i]!;
    this.length = to;
  }
}
