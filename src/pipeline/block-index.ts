// Geometry of a block map: which blocks meet a region, where each one lies, how its decoded elements are laid out.

import type { BlockMap, Chain } from '../core/blocks.js';
import { gridCounts, gridIndex, gridPosition, type Region, type Tczyx } from '../core/geometry.js';

const AXES = 'tczyx';

/** Element strides along t, c, z, y, x of a tightly packed block of this shape. */
export function stridesOf(order: string, shape: Tczyx): Tczyx {
  const strides = [0, 0, 0, 0, 0];
  let step = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    const axis = AXES.indexOf(order[i] as string);
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides as unknown as Tczyx;
}

/**
 * True if the stored bytes are the pixels of `size` bytes, but for their byte order, so that any part can be read on its own. Bytes that were
 * swapped in other units, such as 8-bit pixels in big-endian words, are not.
 */
export function isRaw({ codecs }: Chain, size: number): boolean {
  return codecs.length === 0 || (codecs.length === 1 && codecs[0]!.id === 'endian' && codecs[0]!.size === size);
}

export class BlockIndex {
  readonly #counts: Tczyx | undefined;
  readonly #planes: Map<string, number[]> | undefined;
  readonly count: number;

  constructor(
    readonly map: BlockMap,
    readonly shape: Tczyx,
  ) {
    if (map.layout.kind === 'grid') {
      this.#counts = gridCounts(shape, map.layout.block);
      this.count = this.#counts.reduce((a, b) => a * b, 1);
      return;
    }
    // Blocks by plane; a block that spans planes is listed under each of them.
    this.#planes = new Map();
    const { start, shape: sizes } = map.layout;
    this.count = start.length / 5;
    for (let i = 0; i < this.count; i++) {
      const o = i * 5;
      for (let t = start[o]!; t < start[o]! + sizes[o]!; t++) {
        for (let c = start[o + 1]!; c < start[o + 1]! + sizes[o + 1]!; c++) {
          for (let z = start[o + 2]!; z < start[o + 2]! + sizes[o + 2]!; z++) {
            const key = `${t},${c},${z}`;
            const list = this.#planes.get(key);
            if (list) list.push(i);
            else this.#planes.set(key, [i]);
          }
        }
      }
    }
  }

  /** Grid position of a block; placed layouts have none. */
  position(block: number): Tczyx | undefined {
    return this.#counts && gridPosition(block, this.#counts);
  }

  /** Number of the block at a grid position. */
  at(position: Tczyx): number {
    return this.#counts ? gridIndex(position, this.#counts) : -1;
  }

  chainOf(block: number): Chain {
    return this.map.chains[this.map.chain ? this.map.chain[block]! : 0] ?? this.map.chains[0];
  }

  /** Pixels that the block stores, at its place; `stored` is the decoded shape, which padding may make larger than what lies in the level. */
  region(block: number): Region & { readonly stored: Tczyx } {
    const { layout } = this.map;
    if (layout.kind === 'placed') {
      const o = block * 5;
      const start = [...layout.start.subarray(o, o + 5)] as unknown as Tczyx;
      const shape = [...layout.shape.subarray(o, o + 5)] as unknown as Tczyx;
      return { start, shape, stored: shape };
    }
    const position = gridPosition(block, this.#counts as Tczyx);
    const start = position.map((p, i) => p * layout.block[i]!) as unknown as Tczyx;
    const shape = start.map((s, i) => Math.min(layout.block[i]!, this.shape[i]! - s)) as unknown as Tczyx;
    return { start, shape, stored: layout.edge === 'padded' ? layout.block : shape };
  }

  /** Numbers of the blocks that meet the region, in painting order. */
  within(region: Region): number[] {
    const { start, shape } = region;
    const found: number[] = [];
    const { layout } = this.map;
    if (layout.kind === 'grid') {
      const counts = this.#counts as Tczyx;
      const first = start.map((s, i) => Math.floor(s / layout.block[i]!));
      const last = start.map((s, i) => Math.floor((s + shape[i]! - 1) / layout.block[i]!));
      for (let t = first[0]!; t <= last[0]!; t++) {
        for (let c = first[1]!; c <= last[1]!; c++) {
          for (let z = first[2]!; z <= last[2]!; z++) {
            for (let y = first[3]!; y <= last[3]!; y++) {
              const row = (((t * counts[1] + c) * counts[2] + z) * counts[3] + y) * counts[4];
              for (let x = first[4]!; x <= last[4]!; x++) found.push(row + x);
            }
          }
        }
      }
      return found;
    }
    const seen = new Set<number>();
    for (let t = start[0]; t < start[0] + shape[0]; t++) {
      for (let c = start[1]; c < start[1] + shape[1]; c++) {
        for (let z = start[2]; z < start[2] + shape[2]; z++) {
          for (const block of this.#planes?.get(`${t},${c},${z}`) ?? []) {
            const o = block * 5;
            const y = layout.start[o + 3]!;
            const x = layout.start[o + 4]!;
            const meets =
              y < start[3] + shape[3] &&
              y + layout.shape[o + 3]! > start[3] &&
              x < start[4] + shape[4] &&
              x + layout.shape[o + 4]! > start[4];
            if (meets) seen.add(block);
          }
        }
      }
    }
    return [...seen].sort((a, b) => a - b);
  }
}
