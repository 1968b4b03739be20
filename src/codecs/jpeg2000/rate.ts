// Which coding passes of each code-block are kept to reach a number of bytes: the slopes of their convex hulls against one threshold.

export interface CodedBlock {
  readonly planes: number;
  readonly bytes: Uint8Array;
  /** For each pass: bytes up to its end, and the squared error (in sample units) that it takes away. */
  readonly passes: readonly { readonly bytes: number; readonly gain: number }[];
  /** Passes and bytes that are kept. */
  kept: number;
  keptBytes: number;
}

interface Corner {
  readonly passes: number;
  readonly bytes: number;
  readonly slope: number;
}

/** Truncation points whose slopes fall. */
function hull({ passes, bytes }: CodedBlock): Corner[] {
  const corners: { passes: number; bytes: number; gain: number; slope: number }[] = [];
  let gain = 0;
  passes.forEach((pass, i) => {
    gain += pass.gain;
    const at = i === passes.length - 1 ? bytes.length : Math.min(pass.bytes, bytes.length);
    for (;;) {
      const last = corners.at(-1);
      const added = at - (last?.bytes ?? 0);
      const won = gain - (last?.gain ?? 0);
      const slope = added > 0 ? won / added : won > 0 ? Number.POSITIVE_INFINITY : 0;
      if (last && slope >= last.slope) {
        corners.pop();
        continue;
      }
      if (slope > 0) corners.push({ passes: i + 1, bytes: at, gain, slope });
      break;
    }
  });
  return corners;
}

/** Estimated bytes of a packet header for each block that is included. */
const HEADER_BYTES = 3;

/** Set `kept` of all blocks so that they take about `budget` bytes. */
export function allocate(blocks: readonly CodedBlock[], budget: number): void {
  const hulls = blocks.map(hull);
  const pick = (threshold: number, corners: readonly Corner[]) => {
    let chosen: Corner | undefined;
    for (const corner of corners) if (corner.slope >= threshold) chosen = corner;
    return chosen;
  };
  const cost = (threshold: number) =>
    hulls.reduce((sum, corners) => {
      const chosen = pick(threshold, corners);
      return chosen ? sum + chosen.bytes + HEADER_BYTES : sum;
    }, 0);
  let low = -40;
  let high = 80;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (cost(2 ** middle) > budget) low = middle;
    else high = middle;
  }
  blocks.forEach((block, i) => {
    const chosen = pick(2 ** high, hulls[i]!);
    block.kept = chosen?.passes ?? 0;
    block.keptBytes = chosen?.bytes ?? 0;
    // A segment must not end in 0xFF.
    while (block.keptBytes > 0 && block.bytes[block.keptBytes - 1] === 0xff) block.keptBytes--;
  });
}
