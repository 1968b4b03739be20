// Deflate blocks (RFC 1951 section 3.2): from sequences of literals and matches, or from literals alone, to bits.

import { bitBuffer, bitCount, out, put, putPieces, setBits } from './deflate-bits';
import { DYNAMIC, dynamicLengths, FIXED, fixedLengths, putDynamicHeader } from './deflate-header';
import { putPairs } from './deflate-pairs';
import { LIST, SEQUENCE, sequenceEnd } from './deflate-sequences';
import { CODES, countBytes, countSymbol, DISTANCES, distanceExtra, distanceSymbol, endCount, lengthExtra, lengthSymbol, makeAllCodes, startCount, symbolBits } from './deflate-symbols';

/** What a block is made from. */
export const LITERALS: i32 = 0;
export const SEQUENCES: i32 = 1;
export const PAIRS: i32 = 2;

export function countSequences(src: usize, work: usize): void {
  startCount();
  for (let s = work + LIST; s < sequenceEnd; s += SEQUENCE) {
    const literals = <usize>load<u32>(s);
    const match = load<u32>(s, 4);
    countBytes(src, literals);
    src += literals;
    if (!match) continue;
    const length = match >> 16;
    src += length;
    countSymbol(0, 257 + lengthSymbol(length - 3));
    countSymbol(0, DISTANCES + distanceSymbol((match & 0xffff) - 1));
  }
  endCount();
}

/** Four at a time: with the rest of a byte they fit into 64 bits. */
function putLiterals(src: usize, stop: usize): void {
  let buffer = bitBuffer;
  let count = bitCount;
  let op = out;
  for (; src + 4 <= stop; src += 4) {
    const four = load<u32>(src);
    const a = <u64>load<u32>(CODES + 4 * <usize>(four & 255));
    const b = <u64>load<u32>(CODES + 4 * <usize>((four >> 8) & 255));
    const c = <u64>load<u32>(CODES + 4 * <usize>((four >> 16) & 255));
    const d = <u64>load<u32>(CODES + 4 * <usize>(four >> 24));
    const n = a >> 24;
    const m = c >> 24;
    const k = n + (b >> 24);
    const ab = (a & 0xffff) | ((b & 0xffff) << n);
    const cd = (c & 0xffff) | ((d & 0xffff) << m);
    buffer |= (ab | (cd << k)) << count;
    count += k + m + (d >> 24);
    store<u64>(op, buffer);
    op += <usize>(count >> 3);
    buffer >>= count & ~7;
    count &= 7;
  }
  for (; src < stop; src++) {
    const a = <u64>load<u32>(CODES + 4 * <usize>load<u8>(src));
    buffer |= (a & 0xffff) << count;
    count += a >> 24;
    store<u64>(op, buffer);
    op += <usize>(count >> 3);
    buffer >>= count & ~7;
    count &= 7;
  }
  setBits(op, buffer, count);
}

function putSequences(src: usize, work: usize): void {
  for (let s = work + LIST; s < sequenceEnd; s += SEQUENCE) {
    const literals = <usize>load<u32>(s);
    const match = load<u32>(s, 4);
    if (literals) putLiterals(src, src + literals);
    src += literals;
    if (!match) continue;
    src += match >> 16;
    const length = (match >> 16) - 3;
    const distance = (match & 0xffff) - 1;
    const a = <u64>load<u32>(CODES + 4 * <usize>(257 + lengthSymbol(length)));
    let bits = a & 0xffff;
    let n = a >> 24;
    const lengthBits = <u64>lengthExtra(length);
    // The last length has no extra bits, though it is not the first of its group.
    bits |= (<u64>length & ((<u64>1 << lengthBits) - 1)) << n;
    n += lengthBits;
    const b = <u64>load<u32>(CODES + 4 * <usize>(DISTANCES + distanceSymbol(distance)));
    const extra = <u64>distance & ((<u64>1 << distanceExtra(distance)) - 1);
    bits |= ((b & 0xffff) | (extra << ((b >> 16) & 255))) << n;
    const count = bitCount + n + (b >> 24);
    const buffer = bitBuffer | (bits << bitCount);
    store<u64>(out, buffer);
    setBits(out + <usize>(count >> 3), buffer >> (count & ~7), count & 7);
  }
}

/** Bits of the block whose symbols were counted last, as the dynamic codes have it that are made for it. */
export function dynamicBits(): u64 {
  return dynamicLengths() + symbolBits(DYNAMIC);
}

/**
 * The block whose symbols were counted last, in the form that takes the fewest bits. `dynamic`: its dynamicBits(). `limit`: end of the
 * output, which keeps 16 bytes free behind blocks. False: no room.
 */
export function putBlock(src: usize, bytes: usize, made: i32, dynamic: u64, work: usize, final: u32, limit: usize): bool {
  fixedLengths();
  const fixed = 3 + symbolBits(FIXED);
  const pieces = <u64>max<usize>(1, (bytes + 65534) / 65535);
  const stored = 8 * <u64>bytes + pieces * 42;
  const best = min(min(dynamic, fixed), stored);
  if (<u64>(limit - out) < (best >> 3) + 16) return false;
  if (stored == best) {
    putPieces(src, bytes, final);
    return true;
  }
  if (fixed == best) put(final | (1 << 1), 3);
  else putDynamicHeader(final);
  makeAllCodes(fixed == best ? FIXED : DYNAMIC);
  if (made == LITERALS) putLiterals(src, src + bytes);
  else if (made == PAIRS) putPairs(work);
  else putSequences(src, work);
  const last = load<u32>(CODES + 4 * 256);
  put(last & 0xffff, last >> 24);
  return true;
}
