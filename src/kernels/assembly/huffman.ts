// Length-limited canonical Huffman codes for deflate (RFC 1951 section 3.2.2).

/** Most symbols of an alphabet, and the room for leaves and inner nodes. */
const SYMBOLS = 288;
const ORDER = memory.data(4 * 288, 16);
const WEIGHT = memory.data(8 * 288, 16);
const PARENT = memory.data(4 * 288, 16);
const DEPTH = memory.data(2 * 288, 16);
const COUNT = memory.data(4 * 33, 16);

/** Ascending; entries are frequency << 9 | symbol, so that equal frequencies have one order. */
function sort(count: i32): void {
  for (let gap = 121; gap > 0; gap = gap / 3) {
    for (let i = gap; i < count; i++) {
      const value = load<u32>(ORDER + 4 * i);
      let j = i;
      for (; j >= gap && load<u32>(ORDER + 4 * (j - gap)) > value; j -= gap) {
        store<u32>(ORDER + 4 * j, load<u32>(ORDER + 4 * (j - gap)));
      }
      store<u32>(ORDER + 4 * j, value);
    }
  }
}

/** Depth of each leaf in the Huffman tree of the sorted symbols, as a number of leaves a depth. */
function countDepths(leaves: i32, limit: i32): void {
  memory.fill(COUNT, 0, 4 * 33);
  const nodes = 2 * leaves - 1;
  let leaf = 0;
  let inner = leaves;
  for (let i = 0; i < leaves; i++) store<u32>(WEIGHT + 4 * i, load<u32>(ORDER + 4 * i) >> 9);
  for (let next = leaves; next < nodes; next++) {
    let sum: u32 = 0;
    for (let side = 0; side < 2; side++) {
      const takeLeaf =
        leaf < leaves && (inner >= next || load<u32>(WEIGHT + 4 * leaf) <= load<u32>(WEIGHT + 4 * inner));
      const taken = takeLeaf ? leaf++ : inner++;
      sum += load<u32>(WEIGHT + 4 * taken);
      store<u16>(PARENT + 2 * taken, <u16>next);
    }
    store<u32>(WEIGHT + 4 * next, sum);
  }
  store<u8>(DEPTH + nodes - 1, 0);
  for (let node = nodes - 2; node >= 0; node--) {
    const depth = load<u8>(DEPTH + load<u16>(PARENT + 2 * node)) + 1;
    // 2^17 counts make no tree deeper than 32.
    store<u8>(DEPTH + node, depth);
    if (node < leaves) {
      const slot = COUNT + 4 * min<i32>(depth, limit);
      store<u32>(slot, load<u32>(slot) + 1);
    }
  }
}

/** Leaves cut down to the limit overfill the code: lengthen shorter codes until it fits. */
function fit(limit: i32): void {
  let used: u32 = 0;
  const whole: u32 = 1 << limit;
  for (let depth = 1; depth <= limit; depth++) used += load<u32>(COUNT + 4 * depth) << (limit - depth);
  while (used > whole) {
    store<u32>(COUNT + 4 * limit, load<u32>(COUNT + 4 * limit) - 1);
    let depth = limit - 1;
    while (load<u32>(COUNT + 4 * depth) == 0) depth--;
    store<u32>(COUNT + 4 * depth, load<u32>(COUNT + 4 * depth) - 1);
    store<u32>(COUNT + 4 * (depth + 1), load<u32>(COUNT + 4 * (depth + 1)) + 2);
    used--;
  }
}

/** Code lengths (u8 each) of `n` symbols from their frequencies (u32 each, below 2^23). At least two symbols get a code. */
export function codeLengths(frequencies: usize, n: i32, limit: i32, lengths: usize): void {
  memory.fill(lengths, 0, n);
  let leaves = 0;
  for (let i = 0; i < n; i++) {
    const frequency = load<u32>(frequencies + 4 * i);
    if (frequency) store<u32>(ORDER + 4 * leaves++, (frequency << 9) | i);
  }
  if (leaves < 2) {
    const only = leaves ? load<u32>(ORDER) & 511 : 0;
    store<u8>(lengths + only, 1);
    store<u8>(lengths + (only ? 0 : 1), 1);
    return;
  }
  sort(leaves);
  countDepths(leaves, limit);
  fit(limit);
  let next = 0;
  for (let depth = limit; depth > 0; depth--) {
    for (let left = load<u32>(COUNT + 4 * depth); left > 0; left--) {
      store<u8>(lengths + (load<u32>(ORDER + 4 * next++) & 511), <u8>depth);
    }
  }
}

/** Canonical codes, bits reversed as deflate packs them: code | length << 16, u32 each. */
export function makeCodes(lengths: usize, n: i32, codes: usize): void {
  memory.fill(COUNT, 0, 4 * 33);
  for (let i = 0; i < n; i++) {
    const slot = COUNT + 4 * <usize>load<u8>(lengths + i);
    store<u32>(slot, load<u32>(slot) + 1);
  }
  store<u32>(COUNT, 0);
  let code: u32 = 0;
  for (let length = 1; length <= 15; length++) {
    const count = load<u32>(COUNT + 4 * length);
    store<u32>(COUNT + 4 * length, code);
    code = (code + count) << 1;
  }
  for (let i = 0; i < n; i++) {
    const length = <u32>load<u8>(lengths + i);
    let value: u32 = 0;
    if (length) {
      const slot = COUNT + 4 * length;
      let bits = load<u32>(slot);
      store<u32>(slot, bits + 1);
      for (let k: u32 = 0; k < length; k++, bits >>= 1) value = (value << 1) | (bits & 1);
    }
    store<u32>(codes + 4 * i, value | (length << 16));
  }
}
