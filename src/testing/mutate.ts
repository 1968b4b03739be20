// Seeded damage to files: what a broken disk, a broken transfer or a hostile author may do to lengths, offsets and texts.

/** Bytes `at` to `at + remove` of the whole file give way to `insert`. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

/** Numbers from 0 to 1 that repeat in every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Edits refer to positions of the whole file; later ones first, so that positions stay true. */
export function applyEdits(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let out = bytes;
  for (const { at, remove, insert } of [...edits].sort((a, b) => b.at - a.at)) {
    const from = Math.min(at, out.length);
    const to = Math.min(from + remove, out.length);
    const next = new Uint8Array(out.length - (to - from) + insert.length);
    next.set(out.subarray(0, from));
    next.set(insert, from);
    next.set(out.subarray(to), from + insert.length);
    out = next;
  }
  return out;
}

const NUMBERS = [
  '',
  '0',
  '-1',
  '1',
  '65536',
  '2147483647',
  '4294967296',
  '99999999999999999999',
  '1e300',
  'NaN',
  '0.5',
];

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

/** A number as 1, 2, 4 or 8 bytes at an extreme. */
function extreme(bytes: Uint8Array, at: number, next: () => number): Edit {
  const width = [1, 2, 4, 8][Math.floor(next() * 4)]!;
  const values = [0n, 1n, -1n, -2n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 15n, 2n ** 40n, BigInt(bytes.length), BigInt(at)];
  const wanted = values[Math.floor(next() * values.length)]! + BigInt(Math.floor(next() * 3) - 1);
  const value = BigInt.asUintN(width * 8, wanted);
  const insert = Uint8Array.from({ length: width }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  if (next() < 0.3) insert.reverse();
  return { at, remove: width, insert };
}

/** A number written in digits, replaced. */
function number(bytes: Uint8Array, at: number, next: () => number): Edit | undefined {
  let from = at;
  while (from < Math.min(bytes.length, at + 64) && !isDigit(bytes[from])) from++;
  let to = from;
  while (isDigit(bytes[to])) to++;
  if (to === from) return undefined;
  return {
    at: from,
    remove: to - from,
    insert: new TextEncoder().encode(NUMBERS[Math.floor(next() * NUMBERS.length)]),
  };
}

function one(bytes: Uint8Array, at: number, next: () => number): Edit {
  const kind = next();
  const below = (n: number): number => Math.floor(next() * n);
  if (kind < 0.2) return { at, remove: 1, insert: Uint8Array.of((bytes[at] ?? 0) ^ (1 << below(8))) };
  if (kind < 0.35) return { at, remove: 1, insert: Uint8Array.of(below(256)) };
  if (kind < 0.6) return extreme(bytes, at, next);
  if (kind < 0.72) return number(bytes, at, next) ?? extreme(bytes, at, next);
  const length = 1 + below(kind < 0.8 ? 16 : 64);
  if (kind < 0.82) return { at, remove: length, insert: new Uint8Array(length).fill(next() < 0.5 ? 255 : below(256)) };
  if (kind < 0.9) {
    const from = below(bytes.length);
    return { at, remove: length, insert: bytes.slice(from, from + length) };
  }
  if (kind < 0.93) return { at, remove: length, insert: new Uint8Array(0) };
  if (kind < 0.96) return { at, remove: 0, insert: bytes.slice(at, at + length) };
  return { at, remove: bytes.length, insert: new Uint8Array(0) };
}

/** One to four edits of bytes that matter: headers more often than pixels, never padding. */
export function randomEdits(bytes: Uint8Array, next: () => number): readonly Edit[] {
  const place = (): number => {
    const span = next() < 0.5 ? Math.min(bytes.length, 1024) : bytes.length;
    for (let tries = 0; tries < 32; tries++) {
      const at = Math.floor(next() * span);
      if (bytes[at] !== 0) return at;
    }
    return Math.floor(next() * span);
  };
  return Array.from({ length: 1 + Math.floor(next() * 4) }, () => one(bytes, place(), next));
}

/** As few of the edits as still fail. */
export async function fewestEdits(
  edits: readonly Edit[],
  fails: (edits: readonly Edit[]) => Promise<boolean>,
): Promise<readonly Edit[]> {
  let kept = edits;
  for (const edit of edits) {
    const fewer = kept.filter((each) => each !== edit);
    if (fewer.length > 0 && (await fails(fewer))) kept = fewer;
  }
  return kept;
}
