// LZW as GIF uses it: LSB first, clear code, growing codes of at most 12 bits (GIF89a appendix F).

/** Indices of one frame, as many as the data gives. `codeSize`: the byte before the data. */
export function unpackLzw(data: Uint8Array, codeSize: number, count: number): Uint8Array {
  const out = new Uint8Array(count);
  if (codeSize < 1 || codeSize > 11) return out.subarray(0, 0);
  const clear = 1 << codeSize;
  const prefix = new Uint16Array(4096);
  const suffix = new Uint8Array(4096);
  const length = new Uint16Array(4096);
  for (let i = 0; i < clear; i++) {
    suffix[i] = i;
    length[i] = 1;
  }
  let size = codeSize + 1;
  let next = clear + 2;
  let previous = -1;
  let bits = 0;
  let have = 0;
  let at = 0;
  let to = 0;
  while (to < count) {
    while (have < size && at < data.length) {
      bits |= data[at++]! << have;
      have += 8;
    }
    if (have < size) break;
    const code = bits & ((1 << size) - 1);
    bits >>>= size;
    have -= size;
    if (code === clear) {
      size = codeSize + 1;
      next = clear + 2;
      previous = -1;
      continue;
    }
    if (code === clear + 1) break;
    if (previous < 0) {
      if (code >= clear) break;
      out[to++] = code;
      previous = code;
      continue;
    }
    if (code > next || (code === next && next > 4095)) break;
    // The code that is about to be defined: the previous string and its own first index.
    const known = code < next ? code : previous;
    const run = length[known]!;
    let first = known;
    for (let i = to + run - 1; i >= to; i--) {
      if (i < count) out[i] = suffix[first]!;
      if (i > to) first = prefix[first]!;
    }
    first = suffix[first]!;
    to += run;
    if (code === next && to < count) out[to++] = first;
    else if (code === next) to++;
    if (next < 4096) {
      prefix[next] = previous;
      suffix[next] = first;
      length[next] = length[previous]! + 1;
      next++;
      if (next === 1 << size && size < 12) size++;
    }
    previous = code;
  }
  return out.subarray(0, Math.min(to, count));
}
