// What LZ77 decoders share: copying a match that may overlap itself.

/** Row `offset`: i % offset for 16 lanes. */
const PHASE = memory.data(256, 16);
let ready = false;

export function prepareMatches(): void {
  if (ready) return;
  for (let offset = 1; offset < 16; offset++) {
    for (let i = 0; i < 16; i++) store<u8>(PHASE + offset * 16 + i, <u8>(i % offset));
  }
  ready = true;
}

/** Copy `n` bytes forward from `op - offset`; up to 15 bytes behind them are written too. prepareMatches() first. */
// @ts-ignore: decorator
@inline
export function copyRoomy(op: usize, offset: usize, n: usize): void {
  let from = op - offset;
  const end = op + n;
  if (offset >= 16) {
    v128.store(op, v128.load(from));
    while ((op += 16) < end) {
      from += 16;
      v128.store(op, v128.load(from));
    }
    return;
  }
  const pattern = i8x16.swizzle(v128.load(from), v128.load(PHASE + offset * 16));
  v128.store(op, pattern);
  if (n <= 16) return;
  const step: usize = 16 - (16 % offset);
  while ((op += step) < end) v128.store(op, pattern);
}

/** The same; nothing is written at or behind `limit`, and op + n <= limit. */
// @ts-ignore: decorator
@inline
export function copyMatch(op: usize, offset: usize, n: usize, limit: usize): void {
  const end = op + n;
  if (end + 16 <= limit) {
    copyRoomy(op, offset, n);
    return;
  }
  for (let from = op - offset; op < end; op++, from++) store<u8>(op, load<u8>(from));
}

/** Copy `n` literal bytes; whole vectors while both sides have room. */
// @ts-ignore: decorator
@inline
export function copyLiterals(op: usize, ip: usize, n: usize, outLimit: usize, inLimit: usize): void {
  const end = op + n;
  if (end + 16 <= outLimit && ip + n + 16 <= inLimit) {
    do {
      v128.store(op, v128.load(ip));
      op += 16;
      ip += 16;
    } while (op < end);
  } else {
    memory.copy(op, ip, n);
  }
}
