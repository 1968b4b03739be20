// Byte order.

export function swap16(ptr: usize, bytes: i32): void {
  const end = ptr + (<usize>bytes & ~1);
  for (; ptr + 16 <= end; ptr += 16) {
    const v = v128.load(ptr);
    v128.store(ptr, v128.shuffle<u8>(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  }
  for (; ptr < end; ptr += 2) store<u16>(ptr, bswap<u16>(load<u16>(ptr)));
}

export function swap32(ptr: usize, bytes: i32): void {
  const end = ptr + (<usize>bytes & ~3);
  for (; ptr + 16 <= end; ptr += 16) {
    const v = v128.load(ptr);
    v128.store(ptr, v128.shuffle<u8>(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
  }
  for (; ptr < end; ptr += 4) store<u32>(ptr, bswap<u32>(load<u32>(ptr)));
}

export function swap64(ptr: usize, bytes: i32): void {
  const end = ptr + (<usize>bytes & ~7);
  for (; ptr + 16 <= end; ptr += 16) {
    const v = v128.load(ptr);
    v128.store(ptr, v128.shuffle<u8>(v, v, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8));
  }
  for (; ptr < end; ptr += 8) store<u64>(ptr, bswap<u64>(load<u64>(ptr)));
}
