// Entropy-coded bytes of a JPEG scan as a bit stream, MSB first, and Huffman tables (ITU-T T.81 Annexes C and F.2.2).

/** Left-aligned bits not yet consumed. Stepping over a marker or the end feeds zeros and counts them. */
export let bits: u64 = 0;
export let have: i32 = 0;
export let at: usize = 0;
export let end: usize = 0;
/** Zero bits fed after the end of the data. */
export let fed: i32 = 0;

// Offsets in a table: lookup by LOOK bits (length << 8 | symbol), complete short AC coefficients, then what longer codes need.
export const LOOK = 10;
const T_FAST: usize = 2048;
const T_LIMIT: usize = 6144;
const T_SHIFT: usize = 6144 + 72;
const T_SYMBOLS: usize = 6144 + 144;

export function start(source: usize, sourceEnd: usize): void {
  bits = 0;
  have = 0;
  fed = 0;
  at = source;
  end = sourceEnd;
}

/** Keep the reader's state across a function that works on local copies. */
// @ts-ignore: decorator
@inline export function keep(b: u64, h: i32): void {
  bits = b;
  have = h;
}

/** True when the decoder has consumed bits that were not in the file. */
// @ts-ignore: decorator
@inline export function overrun(): bool {
  return fed > have;
}

/** At least 56 bits. */
export function refill(): void {
  let h = have;
  if (at + 8 <= end && fed == 0) {
    const raw = load<u64>(at);
    // No 0xFF among the eight bytes: take as many as fit at once.
    if (((~raw - 0x0101010101010101) & raw & 0x8080808080808080) == 0) {
      bits |= bswap<u64>(raw) >> <u64>h;
      at += (63 - h) >> 3;
      have = h | 56;
      return;
    }
  }
  // Clear what a fast refill left behind the counted bits.
  let b = h == 0 ? 0 : bits & (~(<u64>0) << <u64>(64 - h));
  while (h <= 56) {
    let byte: u64 = 0;
    if (at < end) {
      byte = load<u8>(at);
      if (byte == 0xff) {
        const next: u8 = at + 1 < end ? load<u8>(at + 1) : 0xd9;
        if (next == 0) {
          at += 2;
        } else if (next == 0xff) {
          at += 1;
          continue;
        } else {
          byte = 0;
          fed += 8;
        }
      } else {
        at += 1;
      }
    } else {
      fed += 8;
    }
    b |= byte << <u64>(56 - h);
    h += 8;
  }
  bits = b;
  have = h;
}

/** Step over RSTn. False when something else, or nothing, follows. */
export function restart(): bool {
  bits = 0;
  have = 0;
  fed = 0;
  // The fast refill may have read whole bytes ahead, never a marker: markers hold 0xFF.
  while (at + 1 < end) {
    if (load<u8>(at) == 0xff) {
      const code = load<u8>(at + 1);
      if (code >= 0xd0 && code <= 0xd7) {
        at += 2;
        return true;
      }
      if (code != 0 && code != 0xff) return false;
    }
    at += 1;
  }
  return false;
}

/**
 * Derive a table (6,560 bytes at `table`) from the 16 code counts and the symbols of a DHT segment.
 * Returns 0 when the counts over-subscribe the code space.
 */
export function jpegHuffman(table: usize, counts: usize, symbols: usize): i32 {
  memory.fill(table, 0, T_SYMBOLS + 256);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    const n = <i32>load<u8>(counts + length - 1);
    if (code + n > 1 << length || index + n > 256) return 0;
    store<i32>(table + T_SHIFT + (<usize>length << 2), index - code);
    for (let i = 0; i < n; i++, code++, index++) {
      const symbol = load<u8>(symbols + index);
      store<u8>(table + T_SYMBOLS + index, symbol);
      if (length <= LOOK) {
        const first = code << (LOOK - length);
        for (let j = 0; j < 1 << (LOOK - length); j++) {
          store<u16>(table + (<usize>(first + j) << 1), <u16>((length << 8) | <i32>symbol));
        }
      }
    }
    // First 16-bit pattern beyond the codes of this length.
    store<i32>(table + T_LIMIT + (<usize>length << 2), code << (16 - length));
    code <<= 1;
  }
  // Codes whose run, size and value all fit into LOOK bits: value << 16 | run << 8 | bits.
  for (let pattern = 0; pattern < 1 << LOOK; pattern++) {
    const entry = <i32>load<u16>(table + (<usize>pattern << 1));
    const length = entry >> 8;
    const size = entry & 15;
    if (length == 0 || size == 0 || length + size > LOOK) continue;
    const extra = (pattern >> (LOOK - length - size)) & ((1 << size) - 1);
    const value = extra < 1 << (size - 1) ? extra - (1 << size) + 1 : extra;
    store<i32>(table + T_FAST + (<usize>pattern << 2), (value << 16) | ((entry & 0xf0) << 4) | (length + size));
  }
  return 1;
}

/** Symbol of a code longer than LOOK bits as length << 8 | symbol, or 0 when there is none. */
export function longCode(table: usize, buffer: u64): i32 {
  const pattern = <i32>(buffer >> 48);
  for (let length = LOOK + 1; length <= 16; length++) {
    if (pattern < load<i32>(table + T_LIMIT + (<usize>length << 2))) {
      const index = (pattern >> (16 - length)) + load<i32>(table + T_SHIFT + (<usize>length << 2));
      return (length << 8) | <i32>load<u8>(table + T_SYMBOLS + (<usize>index & 255));
    }
  }
  return 0;
}

// @ts-ignore: decorator
@inline export function lookup(table: usize, buffer: u64): i32 {
  const entry = <i32>load<u16>(table + (<usize>(buffer >> <u64>(64 - LOOK)) << 1));
  return entry != 0 ? entry : longCode(table, buffer);
}

// @ts-ignore: decorator
@inline export function lookupFast(table: usize, buffer: u64): i32 {
  return load<i32>(table + T_FAST + (<usize>(buffer >> <u64>(64 - LOOK)) << 2));
}

/** The value of `size` (1–16) magnitude bits at the head of the buffer (T.81 F.2.2.1 EXTEND). */
// @ts-ignore: decorator
@inline export function extend(buffer: u64, size: i32): i32 {
  const extra = <i32>(buffer >> <u64>(64 - size));
  return extra < 1 << (size - 1) ? extra - (1 << size) + 1 : extra;
}

/** Next symbol of a table; -1 when broken. Needs 16 bits at hand. */
export function symbol(table: usize): i32 {
  const entry = lookup(table, bits);
  if (entry == 0) return -1;
  const length = entry >> 8;
  bits <<= <u64>length;
  have -= length;
  return entry & 255;
}

/** The next `n` (0–16) bits. */
export function take(n: i32): i32 {
  if (n == 0) return 0;
  const value = <i32>(bits >> <u64>(64 - n));
  bits <<= <u64>n;
  have -= n;
  return value;
}
