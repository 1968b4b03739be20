// TIFF LZW (TIFF 6.0 section 13): codes of 9 to 12 bits, 256 clears, 257 ends. A string is known by where it was written last: its bytes
// plus the one behind them are the next entry, so the table holds addresses and lengths, and strings are copied, not walked.

const CLEAR: u32 = 256;
const END: u32 = 257;
const FIRST: u32 = 258;
const SIZE: u32 = 4096;
const SINGLES = memory.data(288, 16);


/** Table entry: address, length. Single bytes point at SINGLES. Codes 256 and 257 have length 0. */
function fillRoots(table: usize): void {
  for (let i: usize = 0; i < 256; i++) {
    store<u8>(SINGLES + i, <u8>i);
    store<u32>(table + i * 8, <u32>(SINGLES + i));
    store<u32>(table + i * 8, 1, 4);
  }
  store<u64>(table + 256 * 8, 0);
  store<u64>(table + 257 * 8, 0);
}

/** `msb`: codes from the top bit, widths one code early; else from the low bit, on time (old TIFF writers). */
// @ts-ignore: decorator
@inline
function decode(dst: usize, capacity: i32, src: usize, bytes: i32, table: usize, msb: bool): i32 {
  fillRoots(table);
  let ip = src;
  const inEnd = src + bytes;
  let op = dst;
  const outEnd = dst + capacity;
  let buffer: u64 = 0;
  let have: u32 = 0;
  let width: u32 = 9;
  let next: u32 = FIRST;
  let previous: usize = 0;
  let previousLength: u32 = 0;
  const early: u32 = msb ? 1 : 0;
  while (op < outEnd) {
    if (have < width) {
      if (inEnd - ip >= 4) {
        if (msb) buffer = (buffer << 32) | bswap<u32>(load<u32>(ip));
        else buffer |= <u64>load<u32>(ip) << have;
        ip += 4;
        have += 32;
      } else {
        while (ip < inEnd) {
          if (msb) buffer = (buffer << 8) | load<u8>(ip++);
          else buffer |= <u64>load<u8>(ip++) << have;
          have += 8;
        }
        if (have < width) break;
      }
    }
    have -= width;
    let code: u32;
    if (msb) {
      code = <u32>(buffer >> have) & ((1 << width) - 1);
    } else {
      code = <u32>buffer & ((1 << width) - 1);
      buffer >>= width;
    }
    if (code == CLEAR) {
      width = 9;
      next = FIRST;
      previousLength = 0;
      continue;
    }
    if (code == END) break;
    if (previousLength) {
      // The entry that the previous code opened; its last byte may only now be written.
      store<u32>(table + next * 8, <u32>previous);
      store<u32>(table + next * 8, previousLength + 1, 4);
      if (code > next) return -1;
    } else if (code >= FIRST) {
      return -1;
    }
    const from = <usize>load<u32>(table + code * 8);
    const length = load<u32>(table + code * 8, 4);
    if (outEnd - op >= length + 16) {
      v128.store(op, v128.load(from));
      for (let k: u32 = 16; k < length; k += 16) v128.store(op + k, v128.load(from + k));
    } else {
      const n = min(<usize>length, outEnd - op);
      for (let k: usize = 0; k < n; k++) store<u8>(op + k, load<u8>(from + k));
    }
    if (previousLength) {
      // The string that is being defined: it ends in its own first byte.
      if (code == next && op + length <= outEnd) store<u8>(op + length - 1, load<u8>(op));
      if (next < SIZE) {
        next++;
        if (next + early == 1 << width && width < 12) width++;
      }
    }
    previous = op;
    previousLength = length;
    op += length;
  }
  return <i32>(min(op, outEnd) - dst);
}

export function lzwDecode(dst: usize, capacity: i32, src: usize, bytes: i32, table: usize): i32 {
  return decode(dst, capacity, src, bytes, table, true);
}

export function lzwDecodeOld(dst: usize, capacity: i32, src: usize, bytes: i32, table: usize): i32 {
  return decode(dst, capacity, src, bytes, table, false);
}

const SLOTS_LOG: u32 = 13;
const SLOTS: u32 = 1 << SLOTS_LOG;
/** As other writers do: the table is left before its last codes are used. */
const FULL: u32 = 4094;

/** Hash table of (prefix << 8 | byte) << 12 | code, empty = all ones. Returns 0 when `capacity` is too small. */
export function lzwEncode(dst: usize, capacity: i32, src: usize, bytes: i32, table: usize): i32 {
  let op = dst;
  const outEnd = dst + capacity;
  const end = src + bytes;
  let buffer: u64 = CLEAR;
  let have: u32 = 9;
  let width: u32 = 9;
  let next: u32 = FIRST;
  memory.fill(table, 0xff, SLOTS * 4);
  if (capacity < 16) return 0;
  if (bytes > 0) {
    let prefix = <u32>load<u8>(src++);
    while (src < end) {
      const byte = <u32>load<u8>(src++);
      const key = (prefix << 8) | byte;
      let slot = (key * 2654435761) >> (32 - SLOTS_LOG);
      let entry = load<u32>(table + slot * 4);
      while (entry >> 12 != key && entry != 0xffffffff) {
        slot = (slot + 1) & (SLOTS - 1);
        entry = load<u32>(table + slot * 4);
      }
      if (entry != 0xffffffff) {
        prefix = entry & 4095;
        continue;
      }
      buffer = (buffer << width) | prefix;
      have += width;
      store<u32>(table + slot * 4, (key << 12) | next);
      prefix = byte;
      next++;
      if (next == FULL) {
        buffer = (buffer << width) | CLEAR;
        have += width;
        next = FIRST;
        width = 9;
        memory.fill(table, 0xff, SLOTS * 4);
      } else if (next == 1 << width) {
        width++;
      }
      if (have >= 32) {
        if (op + 16 > outEnd) return 0;
        have -= 32;
        store<u32>(op, bswap<u32>(<u32>(buffer >> have)));
        op += 4;
      }
    }
    buffer = (buffer << width) | prefix;
    have += width;
    next++;
    if (next == FULL) {
      buffer = (buffer << width) | CLEAR;
      have += width;
      width = 9;
    } else if (next == 1 << width) {
      width++;
    }
  }
  // At most 31 + 12 + 12 bits are held here; the end code must not push the oldest out.
  if (op + 16 > outEnd) return 0;
  if (have >= 32) {
    have -= 32;
    store<u32>(op, bswap<u32>(<u32>(buffer >> have)));
    op += 4;
  }
  buffer = (buffer << width) | END;
  have += width;
  while (have > 0) {
    const take = min<u32>(have, 8);
    have -= take;
    store<u8>(op++, <u8>((buffer >> have) << (8 - take)));
  }
  return <i32>(op - dst);
}
