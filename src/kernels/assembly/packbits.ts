// PackBits (TIFF 6.0 section 9): n >= 0: n + 1 literal bytes; n in -127 … -1: the next byte 1 - n times; -128: nothing.

/** Bytes decoded, at most `capacity`; a run cut off by the end of the input gives what is there. */
export function packbitsDecode(dst: usize, capacity: i32, src: usize, bytes: i32): i32 {
  let ip = src;
  let op = dst;
  const inEnd = src + bytes;
  const outEnd = dst + capacity;
  while (ip < inEnd && op < outEnd) {
    const control = <i32>load<i8>(ip++);
    if (control >= 0) {
      const n = min(min(<usize>(control + 1), inEnd - ip), outEnd - op);
      memory.copy(op, ip, n);
      ip += n;
      op += n;
    } else if (control != -128) {
      if (ip >= inEnd) break;
      const n = min(<usize>(1 - control), outEnd - op);
      memory.fill(op, load<u8>(ip++), n);
      op += n;
    }
  }
  return <i32>(op - dst);
}

/** Each row is packed by itself (the specification asks for it). `dst` needs rows × (rowBytes + ceil(rowBytes / 128)). */
export function packbitsEncode(dst: usize, src: usize, rowBytes: i32, rows: i32): i32 {
  let op = dst;
  for (let y = 0; y < rows; y++) {
    const end = src + rowBytes;
    let literals = src;
    let ip = src;
    while (ip < end) {
      const value = load<u8>(ip);
      let run = ip + 1;
      while (run < end && run - ip < 128 && load<u8>(run) == value) run++;
      // Two equal bytes inside literals would cost as much as they save.
      if (run - ip < 3) {
        ip = run;
        continue;
      }
      op = putLiterals(op, literals, ip);
      store<u8>(op, <u8>(257 - <i32>(run - ip)));
      store<u8>(op, value, 1);
      op += 2;
      ip = run;
      literals = run;
    }
    op = putLiterals(op, literals, end);
    src = end;
  }
  return <i32>(op - dst);
}

function putLiterals(op: usize, from: usize, to: usize): usize {
  while (from < to) {
    const n = min(to - from, 128);
    store<u8>(op++, <u8>(n - 1));
    memory.copy(op, from, n);
    op += n;
    from += n;
  }
  return op;
}
