// CRC-32C (Castagnoli, reflected, RFC 3720), eight bytes a step through eight tables; Fletcher-32 as HDF5 computes it.

const TABLES = memory.data(8 * 1024, 16);
let ready = false;

function makeTables(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let c = i;
    for (let k = 0; k < 8; k++) c = (c >> 1) ^ (c & 1 ? 0x82f63b78 : 0);
    store<u32>(TABLES + i * 4, c);
  }
  for (let i: usize = 0; i < 256; i++) {
    let c = load<u32>(TABLES + i * 4);
    for (let t: usize = 1; t < 8; t++) {
      c = load<u32>(TABLES + (c & 255) * 4) ^ (c >> 8);
      store<u32>(TABLES + t * 1024 + i * 4, c);
    }
  }
  ready = true;
}

// @ts-ignore: decorator
@inline
function entry(table: usize, index: u64): u32 {
  return load<u32>(TABLES + table * 1024 + (<usize>index & 255) * 4);
}

export function crc32c(ptr: usize, bytes: i32): u32 {
  if (!ready) makeTables();
  let crc: u32 = 0xffffffff;
  const end = ptr + bytes;
  for (; ptr + 8 <= end; ptr += 8) {
    const v = load<u64>(ptr) ^ <u64>crc;
    crc =
      entry(7, v) ^ entry(6, v >> 8) ^ entry(5, v >> 16) ^ entry(4, v >> 24) ^
      entry(3, v >> 32) ^ entry(2, v >> 40) ^ entry(1, v >> 48) ^ entry(0, v >> 56);
  }
  for (; ptr < end; ptr++) crc = entry(0, <u64>(crc ^ load<u8>(ptr))) ^ (crc >> 8);
  return ~crc;
}

/** 16-bit big-endian words; an odd last byte counts as the high byte of a word. */
export function fletcher32(ptr: usize, bytes: i32): u32 {
  let a: u32 = 0;
  let b: u32 = 0;
  let words = bytes >> 1;
  while (words > 0) {
    // 360 words are the most that cannot overflow 32 bits.
    const run = min(words, 360);
    words -= run;
    for (let i = 0; i < run; i++, ptr += 2) {
      a += <u32>bswap<u16>(load<u16>(ptr));
      b += a;
    }
    a = (a & 0xffff) + (a >> 16);
    b = (b & 0xffff) + (b >> 16);
  }
  if (bytes & 1) {
    a += <u32>load<u8>(ptr) << 8;
    b += a;
    a = (a & 0xffff) + (a >> 16);
    b = (b & 0xffff) + (b >> 16);
  }
  a = (a & 0xffff) + (a >> 16);
  b = (b & 0xffff) + (b >> 16);
  return (b << 16) | a;
}
