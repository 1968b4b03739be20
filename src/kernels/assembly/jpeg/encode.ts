// The scan of a baseline JPEG (T.81 F.1): blocks of all components, Huffman-coded, bytes stuffed.

import { forwardBlock } from './forward';

// Parameter block, written by src/codecs/jpeg/encode.ts; i32, offsets in bytes.
const DST: usize = 0;
const DST_END: usize = 4;
const MCUS_X: usize = 8;
const MCUS_Y: usize = 12;
const COMPONENTS: usize = 16;
/** 128 bytes, then 128 for coefficients in zigzag order; aligned. */
const WORK: usize = 20;
const FIRST: usize = 32;
const SIZE: usize = 32;
const PLANE: usize = 0;
const STRIDE: usize = 4;
const H: usize = 8;
const V: usize = 12;
const RECIPROCALS: usize = 16;
/** 16 DC entries, then 256 AC entries: code << 8 | length. */
const CODES: usize = 20;
const PREDICTION: usize = 24;

/** A block takes 64 · 26 bits at most, twice that with every byte stuffed. */
const WORST_BLOCK: usize = 432;
const END_OF_BLOCK: usize = 64;
const SIXTEEN_ZEROS: usize = 64 + 0xf0 * 4;

let bits: u64 = 0;
let have: u32 = 0;
let dst: usize = 0;

// @ts-ignore: decorator
@inline
function put(value: u32, length: u32): void {
  bits = (bits << length) | value;
  have += length;
  if (have >= 32) {
    have -= 32;
    const word = <u32>(bits >> have);
    // A byte of 255 is the only one whose top bit is set and stays clear when 1 is added.
    if ((word & 0x80808080 & ~(word + 0x01010101)) == 0) {
      store<u32>(dst, bswap<u32>(word));
      dst += 4;
    } else {
      putByte(word >> 24);
      putByte((word >> 16) & 255);
      putByte((word >> 8) & 255);
      putByte(word & 255);
    }
  }
}

function putByte(byte: u32): void {
  store<u8>(dst++, byte);
  if (byte == 255) store<u8>(dst++, 0);
}

/** Bits of a difference or coefficient: T.81 F.1.2.1. */
// @ts-ignore: decorator
@inline
function lengthOf(value: i32): u32 {
  return 32 - clz<i32>(value < 0 ? -value : value);
}

// @ts-ignore: decorator
@inline
function bitsOf(value: i32, length: u32): u32 {
  return <u32>(value - (value >>> 31)) & ((1 << length) - 1);
}

function encodeBlock(coefficients: usize, mask: u64, difference: i32, codes: usize): void {
  const size = lengthOf(difference);
  const head = load<u32>(codes + <usize>size * 4);
  put(((head >> 8) << size) | bitsOf(difference, size), (head & 255) + size);
  let left = mask & ~(<u64>1);
  let last: u32 = 0;
  while (left != 0) {
    const k = <u32>ctz<u64>(left);
    left &= left - 1;
    let run = k - last - 1;
    last = k;
    while (run > 15) {
      const zeros = load<u32>(codes + SIXTEEN_ZEROS);
      put(zeros >> 8, zeros & 255);
      run -= 16;
    }
    const value = <i32>load<i16>(coefficients + <usize>k * 2);
    const length = lengthOf(value);
    const entry = load<u32>(codes + 64 + (((<usize>run << 4) | <usize>length) << 2));
    put(((entry >> 8) << length) | bitsOf(value, length), (entry & 255) + length);
  }
  if (last != 63) {
    const end = load<u32>(codes + END_OF_BLOCK);
    put(end >> 8, end & 255);
  }
}

/** Encode all blocks; returns the end of the output, 0 where the room does not suffice. */
export function jpegEncode(state: usize): usize {
  const components = load<i32>(state + COMPONENTS);
  const work = <usize>load<u32>(state + WORK);
  const zigzag = work + 128;
  const limit = <usize>load<u32>(state + DST_END);
  dst = <usize>load<u32>(state + DST);
  bits = 0;
  have = 0;
  const mcusX = load<i32>(state + MCUS_X);
  const mcusY = load<i32>(state + MCUS_Y);
  for (let y = 0; y < mcusY; y++) {
    for (let x = 0; x < mcusX; x++) {
      if (dst + 10 * WORST_BLOCK + 16 > limit) return 0;
      for (let c = 0; c < components; c++) {
        const at = state + FIRST + <usize>c * SIZE;
        const stride = <usize>load<u32>(at + STRIDE);
        const h = load<i32>(at + H);
        const v = load<i32>(at + V);
        const reciprocals = <usize>load<u32>(at + RECIPROCALS);
        const codes = <usize>load<u32>(at + CODES);
        const plane = <usize>load<u32>(at + PLANE) + <usize>(y * v * 8) * stride + <usize>(x * h * 8);
        for (let j = 0; j < v; j++) {
          for (let i = 0; i < h; i++) {
            const mask = forwardBlock(plane + <usize>(j * 8) * stride + <usize>(i * 8), stride, reciprocals, work, zigzag);
            const dc = <i32>load<i16>(zigzag);
            const difference = dc - load<i32>(at + PREDICTION);
            store<i32>(at + PREDICTION, dc);
            encodeBlock(zigzag, mask, difference, codes);
          }
        }
      }
    }
  }
  // The last byte is filled with ones.
  if (have > 0) {
    const fill = (8 - (have & 7)) & 7;
    bits = (bits << fill) | ((1 << fill) - 1);
    have += fill;
    while (have > 0) {
      have -= 8;
      putByte(<u32>(bits >> have) & 255);
    }
  }
  return dst;
}
