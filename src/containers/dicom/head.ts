// What the first bytes of a file show. Light: every input is asked.

const PREAMBLE = 128;

/** Offset of the first element: behind the preamble, where there is one. */
export function firstElement(head: Uint8Array): number {
  return isDicm(head, PREAMBLE) ? PREAMBLE + 4 : isDicm(head, 0) ? 4 : 0;
}

export function isDicm(head: Uint8Array, at: number): boolean {
  return head[at] === 0x44 && head[at + 1] === 0x49 && head[at + 2] === 0x43 && head[at + 3] === 0x4d;
}

/** How the element at `at` is written; undefined where it is none that a data set begins with. */
export function encodingAt(head: Uint8Array, at: number): { explicit: boolean; littleEndian: boolean } | undefined {
  if (at + 8 > head.length) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const little = view.getUint16(at, true);
  const big = view.getUint16(at, false);
  const littleEndian = little <= big;
  const group = littleEndian ? little : big;
  // Groups that come first; 0000 where a command was kept.
  if (group > 0x10) return undefined;
  const explicit = /^[A-Z]{2}$/.test(String.fromCharCode(head[at + 4]!, head[at + 5]!));
  return { explicit, littleEndian };
}
