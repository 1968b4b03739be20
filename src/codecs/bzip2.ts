// bzip2 streams, also several one after another. Format: J. Seward's bzip2 0.9 and later; "BZIP2: Format Specification" (J. Tsai).
// Decode only. What follows the last stream is ignored.

import { formatError } from '../core/errors.js';
import type { Codec } from './contract.js';
import { checkSize } from './memory.js';

const MAX_CODE_BITS = 20;
const GROUP = 50;
const RUN_A = 0;
const RUN_B = 1;

function broken(what: string): Error {
  return formatError('BZIP2', `broken bzip2 stream: ${what}`);
}

/** Bits, most significant first. */
class Bits {
  private buffer = 0;
  private have = 0;
  position = 0;
  constructor(readonly bytes: Uint8Array) {}

  /** Up to 24 bits. */
  read(count: number): number {
    while (this.have < count) {
      if (this.position >= this.bytes.length) throw broken('it ends early');
      this.buffer = ((this.buffer & 0xffffff) << 8) | this.bytes[this.position++]!;
      this.have += 8;
    }
    this.have -= count;
    return (this.buffer >>> this.have) & ((1 << count) - 1);
  }

  align(): void {
    this.have -= this.have % 8;
    this.position -= this.have / 8;
    this.have = 0;
  }
}

/** Canonical Huffman code, decoded length by length. */
interface Code {
  readonly min: number;
  /** Largest code of each length; -1 where none has it. */
  readonly limit: Int32Array;
  /** Add to a code of that length to get its place in `symbols`. */
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
}

function makeCode(lengths: Uint8Array): Code {
  const counts = new Int32Array(MAX_CODE_BITS + 1);
  for (const length of lengths) counts[length]!++;
  const symbols = new Uint16Array(lengths.length);
  let filled = 0;
  for (let length = 1; length <= MAX_CODE_BITS; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === length) symbols[filled++] = symbol;
  }
  const limit = new Int32Array(MAX_CODE_BITS + 1).fill(-1);
  const base = new Int32Array(MAX_CODE_BITS + 1);
  let code = 0;
  let index = 0;
  let min = MAX_CODE_BITS;
  for (let length = 1; length <= MAX_CODE_BITS; length++) {
    const count = counts[length]!;
    if (count > 0) {
      min = Math.min(min, length);
      base[length] = index - code;
      code += count;
      index += count;
      limit[length] = code - 1;
    }
    code *= 2;
  }
  return { min, limit, base, symbols };
}

function readSymbol(bits: Bits, code: Code): number {
  let length = code.min;
  let value = bits.read(length);
  while (value > code.limit[length]!) {
    if (++length > MAX_CODE_BITS) throw broken('an impossible code');
    value = value * 2 + bits.read(1);
  }
  const symbol = code.symbols[code.base[length]! + value];
  if (symbol === undefined) throw broken('an impossible code');
  return symbol;
}

/** Byte values in use, in order. */
function readAlphabet(bits: Bits): Uint8Array {
  const rows = bits.read(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if (!(rows & (0x8000 >> row))) continue;
    const columns = bits.read(16);
    for (let column = 0; column < 16; column++) if (columns & (0x8000 >> column)) used.push(row * 16 + column);
  }
  if (used.length === 0) throw broken('a block without symbols');
  return Uint8Array.from(used);
}

function readCodes(bits: Bits, alphabet: number): { codes: Code[]; selectors: Uint8Array } {
  const tables = bits.read(3);
  if (tables < 2 || tables > 6) throw broken(`${tables} code tables`);
  const count = bits.read(15);
  if (count === 0) throw broken('no code selectors');
  const order = Array.from({ length: tables }, (_, i) => i);
  const selectors = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let at = 0;
    while (bits.read(1)) if (++at >= tables) throw broken('a selector out of range');
    const [picked] = order.splice(at, 1);
    order.unshift(picked!);
    selectors[i] = picked!;
  }
  const codes = order.map(() => {
    const lengths = new Uint8Array(alphabet);
    let length = bits.read(5);
    for (let i = 0; i < alphabet; i++) {
      while (bits.read(1)) length += bits.read(1) ? -1 : 1;
      if (length < 1 || length > MAX_CODE_BITS) throw broken(`a code of ${length} bits`);
      lengths[i] = length;
    }
    return makeCode(lengths);
  });
  return { codes, selectors };
}

/** Move-to-front and zero runs undone: fills `block` with byte values, returns how many. */
function readSymbols(bits: Bits, block: Uint32Array): number {
  const alphabet = readAlphabet(bits);
  const end = alphabet.length + 1;
  const { codes, selectors } = readCodes(bits, end + 1);
  const front = Uint8Array.from(alphabet);
  let count = 0;
  let group = 0;
  let left = 0;
  let code = codes[0]!;
  let run = 0;
  let weight = 1;
  for (;;) {
    if (left === 0) {
      if (group >= selectors.length) throw broken('too few selectors');
      code = codes[selectors[group++]!]!;
      left = GROUP;
    }
    left--;
    const symbol = readSymbol(bits, code);
    if (symbol === RUN_A || symbol === RUN_B) {
      run += symbol === RUN_A ? weight : 2 * weight;
      weight *= 2;
      if (run > block.length) throw broken('a run longer than the block');
      continue;
    }
    if (run > 0) {
      if (count + run > block.length) throw broken('a block longer than declared');
      block.fill(front[0]!, count, count + run);
      count += run;
      run = 0;
      weight = 1;
    }
    if (symbol === end) return count;
    if (count >= block.length) throw broken('a block longer than declared');
    const value = front[symbol - 1]!;
    front.copyWithin(1, 0, symbol - 1);
    front[0] = value;
    block[count++] = value;
  }
}

/** Growing output. */
class Output {
  bytes: Uint8Array;
  length = 0;
  constructor(
    expected: number,
    readonly check: (bytes: number) => void,
  ) {
    this.bytes = new Uint8Array(expected);
  }
  room(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    this.check(this.length + bytes);
    const grown = new Uint8Array(Math.max(this.length + bytes, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/** Burrows–Wheeler transform and the outer run lengths undone. */
function writeBlock(block: Uint32Array, count: number, start: number, output: Output): void {
  if (start >= count) throw broken('a start beyond the block');
  const sums = new Uint32Array(256);
  for (let i = 0; i < count; i++) sums[block[i]! & 255]!++;
  let total = 0;
  for (let value = 0; value < 256; value++) {
    const here = sums[value]!;
    sums[value] = total;
    total += here;
  }
  // Low byte: the value; upper bytes: where the next one is.
  for (let i = 0; i < count; i++) block[sums[block[i]! & 255]!++]! |= i << 8;
  let at = block[start]! >>> 8;
  let same = 0;
  let last = -1;
  for (let i = 0; i < count; i++) {
    const entry = block[at]!;
    const value = entry & 255;
    at = entry >>> 8;
    if (same === 4) {
      output.room(value);
      output.bytes.fill(last, output.length, output.length + value);
      output.length += value;
      same = 0;
      last = -1;
      continue;
    }
    same = value === last ? same + 1 : 1;
    last = value;
    output.room(1);
    output.bytes[output.length++] = value;
  }
}

/** One stream, or no more than its first block; false where none starts here. */
function readStream(bits: Bits, output: Output, first: boolean, once = false): boolean {
  const { bytes, position } = bits;
  const isStream = bytes[position] === 0x42 && bytes[position + 1] === 0x5a && bytes[position + 2] === 0x68;
  const level = (bytes[position + 3] ?? 0) - 0x30;
  if (!isStream || level < 1 || level > 9) {
    if (first) throw broken('no bzip2 header');
    return false;
  }
  bits.position += 4;
  const block = new Uint32Array(level * 100_000);
  for (;;) {
    const magic = [bits.read(24), bits.read(24)];
    // Checksum of the block, or of the stream.
    bits.read(16);
    bits.read(16);
    if (magic[0] === 0x177245 && magic[1] === 0x385090) break;
    if (magic[0] !== 0x314159 || magic[1] !== 0x265359) throw broken('no block where one should start');
    if (bits.read(1)) throw broken('randomised blocks (bzip2 0.9.0) are not supported');
    const start = bits.read(24);
    const count = readSymbols(bits, block);
    writeBlock(block, count, start, output);
    if (once) return true;
  }
  bits.align();
  return true;
}

export const bzip2: Codec = {
  id: 'bzip2',
  decode(input, _step, context) {
    const output = new Output(Math.min(context.block.bytes, context.maxBytes), (bytes) => checkSize(bytes, context));
    const bits = new Bits(input.slice());
    let first = true;
    while (bits.position < bits.bytes.length && readStream(bits, output, first)) first = false;
    if (first) throw broken('it is empty');
    return output.bytes.subarray(0, output.length);
  },
};

/** Bytes that hold the first block of a stream, whatever is in it, with room to spare. */
export const BZIP2_FIRST_BLOCK = 2 ** 20;

/** What the first block decodes to, up to 900,000 bytes (more where runs are long): for headers. Errors: format BZIP2. */
export function firstBlock(input: Uint8Array): Uint8Array {
  const output = new Output(2 ** 20, (bytes) => {
    if (bytes > 2 ** 26) throw broken('a block of absurd length');
  });
  readStream(new Bits(input), output, true, true);
  return output.bytes.subarray(0, output.length);
}
