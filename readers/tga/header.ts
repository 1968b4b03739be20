// The 18-byte header of TGA files (Truevision TGA File Format Specification 2.0).

export interface TgaHeader {
  readonly kind: 'index' | 'gray' | 'color';
  readonly rle: boolean;
  /** Colour table: first index, entries, bits an entry. */
  readonly table: { readonly first: number; readonly count: number; readonly bits: number };
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** Attribute bits. */
  readonly alpha: number;
  readonly right: boolean;
  readonly top: boolean;
  readonly identifier: number;
  /** Offsets of the colour table and of the pixels. */
  readonly tableAt: number;
  readonly offset: number;
}

const KINDS = { 1: 'index', 2: 'color', 3: 'gray' } as const;
const DEPTHS = { index: [8], gray: [8, 16], color: [15, 16, 24, 32] } as const;

/** undefined where the bytes make no sense as a TGA header. */
export function parseTga(head: Uint8Array): TgaHeader | undefined {
  if (head.length < 18) return undefined;
  const u16 = (at: number) => head[at]! | (head[at + 1]! << 8);
  const type = head[2]!;
  const kind = KINDS[(type & 7) as 1 | 2 | 3];
  const bits = head[16]!;
  const descriptor = head[17]!;
  if (!kind || (type & ~0xb) !== 0 || head[1]! > 1 || (descriptor & 0xc0) !== 0) return undefined;
  if (!(DEPTHS[kind] as readonly number[]).includes(bits)) return undefined;
  const table = { first: u16(3), count: u16(5), bits: head[7]! };
  const width = u16(12);
  const height = u16(14);
  if (width === 0 || height === 0) return undefined;
  if (head[1] === 1 && ![15, 16, 24, 32].includes(table.bits)) return undefined;
  if (kind === 'index' && (head[1] !== 1 || table.count === 0)) return undefined;
  if (head[1] === 0 && table.bits !== 0 && table.count !== 0) return undefined;
  const tableAt = 18 + head[0]!;
  const offset = tableAt + (head[1] === 1 ? table.count * Math.ceil(table.bits / 8) : 0);
  return {
    kind,
    rle: (type & 8) !== 0,
    table: head[1] === 1 ? table : { first: 0, count: 0, bits: 0 },
    width,
    height,
    bits,
    alpha: descriptor & 15,
    right: (descriptor & 0x10) !== 0,
    top: (descriptor & 0x20) !== 0,
    identifier: head[0]!,
    tableAt,
    offset,
  };
}
