// The header is floating-point numbers, counted from 1. SPIDER's "Image Format" page.

export interface SpiderHeader {
  readonly littleEndian: boolean;
  readonly size: readonly [x: number, y: number, z: number];
  /** Bytes of a header: one before the pixels, or in stacks one for all and one for each image. */
  readonly bytes: number;
  /** Images of a stack; 0: no stack. */
  readonly stack: number;
  readonly word: (number: number) => number;
}

const FIELDS = 256;

function view(head: Uint8Array): DataView {
  return new DataView(head.buffer, head.byteOffset, head.byteLength);
}

/** 'little-endian' as true; undefined: no SPIDER header. Sizes and record lengths must agree. */
export function spiderOrder(head: Uint8Array): boolean | undefined {
  if (head.length < 4 * FIELDS) return undefined;
  const v = view(head);
  return [true, false].find((little) => {
    const word = (n: number): number => v.getFloat32(4 * (n - 1), little);
    const whole = [1, 2, 12, 13, 22, 23].every((n) => Number.isInteger(word(n)) && word(n) >= 1 && word(n) < 2 ** 24);
    return (
      whole &&
      [1, 3].includes(word(5)) &&
      word(22) === word(13) * word(23) &&
      word(23) === 4 * word(12) &&
      word(22) >= 4 * FIELDS
    );
  });
}

/** `head`: at least 1,024 bytes of a header that `spiderOrder` accepts. */
export function parseHeader(head: Uint8Array, littleEndian: boolean): SpiderHeader {
  const v = view(head);
  const word = (n: number): number => v.getFloat32(4 * (n - 1), littleEndian);
  const [stack, count] = [word(24), word(26)];
  return {
    littleEndian,
    size: [word(12), word(2), word(1)],
    bytes: word(22),
    stack: stack > 0 && Number.isInteger(count) && count > 0 ? count : 0,
    word,
  };
}
