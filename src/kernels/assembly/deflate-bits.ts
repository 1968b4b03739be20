// The bits of a deflate stream (RFC 1951 section 3.1.1), lowest first, and what stands in it uncompressed.

/** Where the next whole byte goes, and the bits behind it. Loops over symbols take them along and hand them back. */
export let out: usize = 0;
export let bitBuffer: u64 = 0;
export let bitCount: u64 = 0;

export function startBits(dst: usize): void {
  setBits(dst, 0, 0);
}

// @ts-ignore: decorator
@inline
export function setBits(end: usize, buffer: u64, count: u64): void {
  out = end;
  bitBuffer = buffer;
  bitCount = count;
}

/** Fill the last byte. */
export function finishBits(): usize {
  while (bitCount > 0) {
    store<u8>(out++, <u8>bitBuffer);
    bitBuffer >>= 8;
    bitCount = bitCount > 8 ? bitCount - 8 : 0;
  }
  return out;
}

export function put(value: u32, bits: u32): void {
  bitBuffer |= <u64>value << bitCount;
  bitCount += bits;
  while (bitCount >= 8) {
    store<u8>(out++, <u8>bitBuffer);
    bitBuffer >>= 8;
    bitCount -= 8;
  }
}

export function putPieces(src: usize, bytes: usize, final: u32): void {
  do {
    const n = min<usize>(bytes, 65535);
    put(n == bytes ? final : 0, 3);
    finishBits();
    store<u16>(out, <u16>n);
    store<u16>(out, <u16>~n, 2);
    memory.copy(out + 4, src, n);
    out += 4 + n;
    src += n;
    bytes -= n;
  } while (bytes > 0);
}

/** The whole stream uncompressed. False: no room. */
export function putStored(src: usize, bytes: usize, limit: usize): bool {
  if (limit - out < bytes + 5 * (bytes / 65535 + 1)) return false;
  putPieces(src, bytes, 1);
  return true;
}
