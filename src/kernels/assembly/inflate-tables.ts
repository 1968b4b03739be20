// Decoding tables for deflate (RFC 1951 section 3.2). A code is looked up by its next bits, lowest first; codes longer than a table's
// root continue in a table behind it. Entries are u64:
//
//   bits 0–5    bits to drop: codes, and the extra bits that follow them
//   bits 6–7    number of literals, which stand in bits 32–55
//   bits 8–13   3 + bits of the codes: extra bits start there, three bits up as the decoder holds its bits
//   bit 14      special: a longer code (bit 15; bits 16–19: its further bits; bits 32–47: where its table starts), else
//               bit 16: end of block, or a code that stands for nothing
//   lengths     bits 16–20 mask of extra bits, bits 21–29 base, bit 63 set
//   distances   bits 32–47 mask of extra bits, bits 48–63 base

export const SPECIAL: u64 = 1 << 14;
export const LONGER: u64 = SPECIAL | (1 << 15);
export const END: u64 = SPECIAL | (1 << 16);
const NOTHING: u64 = SPECIAL;
export const LITERALS: u64 = 0xc0;

export const ROOT: u32 = 11;
export const DISTANCE_ROOT: u32 = 8;
const ENTRIES: usize = 1 << 11;

/** Longer codes come at least in twos and have at most 4 more bits: 144 tables of 16. Distances: 15 of 128. */
export const SINGLE = memory.data(8 * ((1 << 11) + 2304), 64);
/** Root of SINGLE, where a lookup gives all literals and the length that its bits hold; the decoder's table. */
export const MULTIPLE = memory.data(8 << 11, 64);
const PAIRS = memory.data(8 << 11, 64);
export const DISTANCES = memory.data(8 * ((1 << 8) + 1920), 64);

export const LENGTHS = memory.data(320 + 16, 16);
const COUNT = memory.data(4 * 16, 16);
const NEXT = memory.data(4 * 16, 16);
const SORTED = memory.data(2 * 320, 16);
const LITERAL_KINDS = memory.data(8 * 288, 16);
const DISTANCE_KINDS = memory.data(8 * 32, 16);
let ready = false;
/** The tables are those of fixed codes. */
let fixed = false;

/** Entries of all symbols, but for what their code's length adds. */
function makeKinds(): void {
  ready = true;
  for (let i: u64 = 0; i < 256; i++) store<u64>(LITERAL_KINDS + 8 * <usize>i, (i << 32) | (3 << 8) | (1 << 6));
  store<u64>(LITERAL_KINDS + 8 * 256, END);
  const match: u64 = (1 << 63) | (3 << 8);
  let base: u64 = 3;
  for (let i: u64 = 0; i < 28; i++) {
    const extra = i < 8 ? 0 : (i >> 2) - 1;
    store<u64>(LITERAL_KINDS + 8 * <usize>(257 + i), match | (base << 21) | (((1 << extra) - 1) << 16) | extra);
    base += 1 << extra;
  }
  store<u64>(LITERAL_KINDS + 8 * 285, match | (258 << 21));
  store<u64>(LITERAL_KINDS + 8 * 286, NOTHING);
  store<u64>(LITERAL_KINDS + 8 * 287, NOTHING);
  base = 1;
  for (let i: u64 = 0; i < 30; i++) {
    const extra = i < 4 ? 0 : (i >> 1) - 1;
    store<u64>(DISTANCE_KINDS + 8 * <usize>i, (base << 48) | (((1 << extra) - 1) << 32) | (3 << 8) | extra);
    base += 1 << extra;
  }
  store<u64>(DISTANCE_KINDS + 8 * 30, NOTHING);
  store<u64>(DISTANCE_KINDS + 8 * 31, NOTHING);
}

/** Entry of a symbol whose code has `length` bits (beyond the root). */
// @ts-ignore: decorator
@inline
function entryOf(kinds: usize, symbol: usize, length: u32): u64 {
  return load<u64>(kinds + 8 * symbol) + <u64>(length * 0x101);
}

/** The code that follows, its bits reversed. */
// @ts-ignore: decorator
@inline
function following(code: u32, length: u32): u32 {
  const zeros = code ^ ((1 << length) - 1);
  if (zeros == 0) return code;
  const top: u32 = 1 << (31 - clz(zeros));
  return (code & (top - 1)) | top;
}

/**
 * The table of a canonical code, from `n` code lengths (u8). False for a code that is oversubscribed or incomplete, unless it has at most
 * one symbol, of one bit: the other bit then stands for nothing.
 */
function build(lengths: usize, n: usize, kinds: usize, table: usize, root: u32): bool {
  memory.fill(COUNT, 0, 64);
  for (let i: usize = 0; i < n; i++) {
    const slot = COUNT + 4 * <usize>load<u8>(lengths + i);
    store<u32>(slot, load<u32>(slot) + 1);
  }
  let left = 1;
  let longest: u32 = 0;
  let start: u32 = 0;
  for (let length: u32 = 1; length <= 15; length++) {
    const count = load<u32>(COUNT + 4 * length);
    store<u32>(NEXT + 4 * length, start);
    start += count;
    left = (left << 1) - <i32>count;
    if (left < 0) return false;
    if (count) longest = length;
  }
  if (left > 0 && longest > 1) return false;
  for (let i: usize = 0; i < n; i++) {
    const length = load<u8>(lengths + i);
    if (!length) continue;
    const slot = NEXT + 4 * <usize>length;
    const place = load<u32>(slot);
    store<u32>(slot, place + 1);
    store<u16>(SORTED + 2 * place, <u16>i);
  }
  if (left > 0) {
    const entry = longest ? entryOf(kinds, load<u16>(SORTED), 1) : NOTHING | 1;
    for (let i: usize = 0; i < 1 << root; i += 2) {
      store<u64>(table + 8 * i, entry);
      store<u64>(table + 8 * i, NOTHING | 1, 8);
    }
    return true;
  }
  fill(kinds, table, root, longest);
  return true;
}

/** The same for a complete code, counted and sorted. */
function fill(kinds: usize, table: usize, root: u32, longest: u32): void {
  let at = SORTED;
  let code: u32 = 0;
  // What a table of `length` bits holds stands twice in that of one bit more.
  for (let length: u32 = 1; length <= root; length++) {
    const half: usize = 8 << (length - 1);
    if (half == 8) store<u64>(table, load<u64>(table), 8);
    else for (let i: usize = 0; i < half; i += 16) v128.store(table + half + i, v128.load(table + i));
    for (let count = load<u32>(COUNT + 4 * length); count > 0; count--, at += 2) {
      store<u64>(table + 8 * code, entryOf(kinds, load<u16>(at), length));
      code = following(code, length);
    }
  }
  const more = longest - root;
  let open: u32 = 0xffffffff;
  let next: u32 = 1 << root;
  for (let length = root + 1; length <= longest; length++) {
    for (let count = load<u32>(COUNT + 4 * length); count > 0; count--, at += 2) {
      const head = code & ((1 << root) - 1);
      if (head != open) {
        if (open != 0xffffffff) next += 1 << more;
        open = head;
        store<u64>(table + 8 * head, LONGER | <u64>((more << 16) | root) | ((<u64>next) << 32));
      }
      const entry = entryOf(kinds, load<u16>(at), length - root);
      for (let i = code >> root; i < 1 << more; i += 1 << (length - root)) store<u64>(table + 8 * (next + i), entry);
      code = following(code, length);
    }
  }
}

/** Literals of at most this many bits leave room for another code. */
const LEADING: u32 = 9;
/** Literals by the bits of their codes, up to LEADING. */
const COUNT_LITERALS = memory.data(4 * 16, 16);

/** SINGLE with each literal joined by what follows it in its bits: what `more` says, else SINGLE, as far as it is whole. */
function combine(to: usize, more: usize): void {
  memory.copy(to, SINGLE, 8 * ENTRIES);
  const codes = i64x2.splat(0x7f00);
  const literals = i64x2.splat(0x0000ffff00000000);
  const others = i64x2.splat(0x80000000ffffffff);
  let at = SORTED;
  let code: u32 = 0;
  for (let length: u32 = 1; length <= LEADING; length++) {
    // Special entries are above any limit.
    const limit = i64x2.splat((ROOT - length + 3) << 8);
    let found: u32 = 0;
    for (let count = load<u32>(COUNT + 4 * length); count > 0; count--, at += 2) {
      const symbol = <usize>load<u16>(at);
      if (symbol < 256) {
        found++;
        const first = load<u64>(LITERAL_KINDS + 8 * symbol) + <u64>(length * 0x101);
        const plain = i64x2.splat(first);
        // Both count the three bits.
        const joined = i64x2.splat(first - (3 << 8));
        const step: usize = 8 << length;
        let out = to + 8 * code;
        for (let i: usize = 0; i < 8 * ENTRIES >> length; i += 16) {
          const one = v128.load(SINGLE + i);
          const two = v128.load(more + i);
          const v = v128.bitselect(two, one, i64x2.le_s(v128.and(two, codes), limit));
          const sum = i64x2.add(joined, v128.or(v128.and(v, others), i64x2.shl(v128.and(v, literals), 8)));
          const both = v128.bitselect(sum, plain, i64x2.le_s(v128.and(v, codes), limit));
          v128.store_lane<u64>(out, both, 0);
          v128.store_lane<u64>(out + step, both, 1);
          out += 2 * step;
        }
      }
      code = following(code, length);
    }
    store<u32>(COUNT_LITERALS + 4 * length, found);
  }
}

/** Entries that begin with two literals and have a bit left. */
function pairs(): u32 {
  let sum: u32 = 0;
  for (let a: u32 = 1; a <= LEADING; a++) {
    for (let b: u32 = 1; a + b < ROOT && b <= LEADING; b++) {
      sum += (load<u32>(COUNT_LITERALS + 4 * a) * load<u32>(COUNT_LITERALS + 4 * b)) << (ROOT - a - b);
    }
  }
  return sum;
}

/** The decoder's table from SINGLE; a third code is looked for where it is not too rare. */
function join(): void {
  combine(MULTIPLE, SINGLE);
  if (pairs() < <u32>ENTRIES / 8) return;
  memory.copy(PAIRS, MULTIPLE, 8 * ENTRIES);
  combine(MULTIPLE, PAIRS);
}

let matches: u32 = 0;

/** Few codes are lengths: then it pays to foresee literals. */
export function mostlyLiterals(): bool {
  return matches < (1 << 15) / 5;
}

/** Tables from the code lengths at LENGTHS: `literals` of them, then `distances`. */
export function makeTables(literals: usize, distances: usize): bool {
  if (!ready) makeKinds();
  fixed = false;
  // Distances first: the other code's counts and order are used further.
  if (!build(LENGTHS + literals, distances, DISTANCE_KINDS, DISTANCES, DISTANCE_ROOT)) return false;
  if (!build(LENGTHS, literals, LITERAL_KINDS, SINGLE, ROOT)) return false;
  matches = 0;
  for (let i: usize = 257; i < literals; i++) {
    const length = <u32>load<u8>(LENGTHS + i);
    if (length) matches += (1 << 15) >> length;
  }
  join();
  return true;
}

/** The codes of RFC 1951 section 3.2.6. */
export function fixedTables(): void {
  if (fixed) return;
  memory.fill(LENGTHS, 8, 144);
  memory.fill(LENGTHS + 144, 9, 112);
  memory.fill(LENGTHS + 256, 7, 24);
  memory.fill(LENGTHS + 280, 8, 8);
  memory.fill(LENGTHS + 288, 5, 32);
  makeTables(288, 32);
  fixed = true;
}
