// Uncompressed arrays in a file, in any axis order: cut into blocks of contiguous bytes that the engine can read one by one.

import type { BlockMap, Chain, CodecStep } from '../../core/blocks.js';
import { formatError, ImgconvError } from '../../core/errors.js';
import { gridCounts, gridPosition, type Tczyx } from '../../core/geometry.js';

/** Indices into t, c, z, y, x. */
export const AXIS = { t: 0, c: 1, z: 2, y: 3, x: 4 } as const;
export type AxisIndex = 0 | 1 | 2 | 3 | 4;

export interface StoredAxis {
  readonly axis: AxisIndex;
  readonly size: number;
  /** The file holds the last position first (bottom-up rows). Only for one of x and y. */
  readonly reversed?: boolean;
}

export interface RawArray {
  /** Absolute path. */
  readonly file: string;
  /** Bytes from the start of the file to the first element. */
  readonly offset: number;
  /** Bytes that the file holds from `offset` on. */
  readonly available: number;
  /** Fastest axis first; axes that are left out have size 1. */
  readonly axes: readonly StoredAxis[];
  /** Stored bits of one element; fewer than 8 are packed, rows padded to whole bytes. */
  readonly bits: number;
  /** From stored bytes to little-endian elements of the image's pixel type. */
  readonly codecs?: readonly CodecStep[];
  readonly maxBlocks: number;
}

/** Blocks that have to be decoded as a whole: aim for this many bytes within a plane; planes share a block only while they are tiny. */
const STRIP_BYTES = 2 ** 20;
const TINY_BYTES = 2 ** 16;
const LETTERS = 'tczyx';

/** Sizes in t, c, z, y, x. */
export function shapeOf(axes: readonly StoredAxis[]): Tczyx {
  const shape = [1, 1, 1, 1, 1];
  for (const { axis, size } of axes) shape[axis] = size;
  return shape as unknown as Tczyx;
}

/** Bytes that `axes` take; rows of packed bits are padded to whole bytes. */
export function storedBytes(axes: readonly StoredAxis[], bits: number): number {
  const [first, ...rest] = axes;
  return rest.reduce((n, each) => n * each.size, Math.ceil(((first?.size ?? 1) * bits) / 8));
}

/** Axis order of decoded bytes, slowest first. */
function orderOf(axes: readonly StoredAxis[]): string {
  const present = axes.map(({ axis }) => LETTERS[axis]!).reverse();
  return [...LETTERS].filter((letter) => !present.includes(letter)).join('') + present.join('');
}

/** Elements between neighbours along t, c, z, y, x, and where the first pixel lies. */
function stridesOf(axes: readonly StoredAxis[], shape: Tczyx): { strides: Tczyx; origin: number } {
  const strides = [0, 0, 0, 0, 0];
  let origin = 0;
  let step = 1;
  for (const { axis, reversed } of axes) {
    const size = shape[axis];
    strides[axis] = reversed ? -step : step;
    if (reversed) origin += (size - 1) * step;
    step *= size;
  }
  for (let i = 0; i < 5; i++) if (strides[i] === 0) strides[i] = step;
  return { strides: strides as unknown as Tczyx, origin };
}

function chainFor(axes: readonly StoredAxis[], shape: Tczyx, codecs: readonly CodecStep[]): Chain {
  const order = orderOf(axes);
  if (!axes.some((each) => each.reversed)) return { codecs, order };
  return { codecs, order, ...stridesOf(axes, shape) };
}

/** The engine picks single rows out of plain blocks, so that a block may be a whole plane. */
function isPlain({ axes, codecs = [] }: RawArray): boolean {
  const at = (axis: AxisIndex): number => axes.findIndex((each) => each.axis === axis);
  const [t, y, x] = [at(AXIS.t), at(AXIS.y), at(AXIS.x)];
  return x >= 0 && x < y && (t < 0 || t > y) && codecs.every((step) => step.id === 'endian');
}

/** How much of each stored axis one block takes, so that its bytes are contiguous. */
function blockSizes(array: RawArray): number[] {
  const { axes, bits } = array;
  const plain = isPlain(array);
  const sizes = axes.map(() => 1);
  const planeEnd = Math.max(
    axes.findIndex((a) => a.axis === AXIS.x),
    axes.findIndex((a) => a.axis === AXIS.y),
  );
  let bytes = 0;
  for (let i = 0; i < axes.length; i++) {
    const { size } = axes[i]!;
    const one = i === 0 ? Math.max(1, bits / 8) : bytes;
    const target = i <= planeEnd ? (plain ? Number.POSITIVE_INFINITY : STRIP_BYTES) : plain ? 0 : TINY_BYTES;
    // Packed rows are never cut.
    const fit = i === 0 && bits < 8 ? size : Math.min(size, Math.max(1, Math.floor(target / one)));
    sizes[i] = fit;
    bytes = i === 0 ? Math.ceil((fit * bits) / 8) : one * fit;
    if (fit < size) break;
  }
  return sizes;
}

/**
 * Block map of an uncompressed array. Blocks beyond `available` are absent and count as missing; one that is cut short is read as far as it
 * goes. Errors: limit DIRECTORIES where the blocks would be too many to list.
 */
export function rawBlocks(array: RawArray): BlockMap {
  const { axes, bits, offset, available } = array;
  const shape = shapeOf(axes);
  const sizes = blockSizes(array);
  const block = shapeOf(axes.map((each, i) => ({ axis: each.axis, size: sizes[i]! })));
  const counts = gridCounts(shape, block);
  const total = counts.reduce((a, b) => a * b, 1);
  if (!(total <= array.maxBlocks)) {
    const text = `${array.file}: the image would need ${total} blocks, more than the limit of ${array.maxBlocks}`;
    throw new ImgconvError('limit', 'DIRECTORIES', text, { file: array.file });
  }
  const steps = array.codecs ?? [];
  const full = chainFor(axes, block, steps);
  const chains: [Chain, ...Chain[]] = [full];
  const address = { offset: new Float64Array(total).fill(-1), length: new Float64Array(total) };
  const chainOf = new Uint8Array(total);
  const rows = new Map<string, number>();
  for (let i = 0; i < total; i++) {
    const position = gridPosition(i, counts);
    const cut: StoredAxis[] = [];
    let at = 0;
    let step = 0;
    for (let k = 0; k < axes.length; k++) {
      const { axis, size, reversed } = axes[k]!;
      const start = position[axis] * block[axis];
      const length = Math.min(block[axis], size - start);
      const first = reversed ? size - start - length : start;
      // Only whole rows of packed bits are addressed, so the first axis starts on a byte.
      at += first * (k === 0 ? bits / 8 : step);
      step = k === 0 ? Math.ceil((size * bits) / 8) : step * size;
      cut.push({ axis, size: length, reversed });
    }
    const bytes = storedBytes(cut, bits);
    if (at >= available) continue;
    address.offset[i] = offset + at;
    address.length[i] = Math.min(bytes, available - at);
    if (!full.strides) continue;
    const key = cut.map((each) => each.size).join();
    let index = rows.get(key);
    if (index === undefined) {
      const chain = chainFor(cut, shapeOf(cut), steps);
      index = chains.findIndex((each) => each.origin === chain.origin && same(each.strides, chain.strides));
      if (index < 0) index = chains.push(chain) - 1;
      rows.set(key, index);
    }
    chainOf[i] = index;
  }
  return {
    layout: { kind: 'grid', block, edge: 'clipped' },
    address: { kind: 'table', file: 0, ...address },
    files: [array.file],
    chains,
    chain: chains.length > 1 ? chainOf : undefined,
    fill: 0,
    absent: 'missing',
  };
}

function same(a: Tczyx | undefined, b: Tczyx | undefined): boolean {
  return a !== undefined && b !== undefined && a.every((n, i) => n === b[i]);
}

/**
 * Block map of an array whose bytes exist only after decompression of one stream: a single block. `codecs` end in exactly the array's bytes.
 * Errors: limit BLOCK_SIZE.
 */
export function packedBlock(
  array: Omit<RawArray, 'maxBlocks'> & { readonly maxBytes: number; readonly elementBytes: number },
): BlockMap {
  const { file, axes, offset, available, codecs = [], elementBytes } = array;
  const shape = shapeOf(axes);
  const bytes = shape.reduce((a, b) => a * b, elementBytes);
  if (!(bytes <= array.maxBytes)) {
    const text = `${file}: one compressed stream holds ${bytes} bytes, more than the limit of ${array.maxBytes} for a block; decompress it first`;
    throw new ImgconvError('limit', 'BLOCK_SIZE', text, { file });
  }
  return {
    layout: { kind: 'grid', block: shape, edge: 'clipped' },
    address: { kind: 'table', file: 0, offset: Float64Array.of(offset), length: Float64Array.of(available) },
    files: [file],
    chains: [chainFor(axes, shape, codecs)],
    fill: 0,
    absent: 'missing',
  };
}

export interface PlaneArray extends Omit<RawArray, 'offset' | 'available' | 'axes'> {
  /** Axes of one plane, fastest first: x, y and interleaved samples. */
  readonly plane: readonly StoredAxis[];
  /** Planes along t, c (0 or 1 where samples are interleaved), z. */
  readonly counts: readonly [t: number, c: number, z: number];
  readonly fileBytes: number;
  /** Bytes from the start of the file; -1 where there is no such plane. */
  offsetOf(t: number, c: number, z: number): number;
}

/** Block map of uncompressed planes at any places of a file: one block a plane. Errors: limit DIRECTORIES. */
export function planeBlocks(array: PlaneArray): BlockMap {
  const { file, plane, bits, counts, fileBytes } = array;
  const total = counts[0] * counts[1] * counts[2];
  if (!(total <= array.maxBlocks)) {
    const text = `${file}: the image has ${total} planes, more than the limit of ${array.maxBlocks}`;
    throw new ImgconvError('limit', 'DIRECTORIES', text, { file });
  }
  const block = shapeOf(plane);
  const bytes = storedBytes(plane, bits);
  const address = { offset: new Float64Array(total).fill(-1), length: new Float64Array(total) };
  let i = 0;
  for (let t = 0; t < counts[0]; t++) {
    for (let c = 0; c < counts[1]; c++) {
      for (let z = 0; z < counts[2]; z++, i++) {
        const offset = array.offsetOf(t, c, z);
        if (offset < 0 || offset >= fileBytes) continue;
        address.offset[i] = offset;
        address.length[i] = Math.min(bytes, fileBytes - offset);
      }
    }
  }
  return {
    layout: { kind: 'grid', block, edge: 'clipped' },
    address: { kind: 'table', file: 0, ...address },
    files: [file],
    chains: [chainFor(plane, block, array.codecs ?? [])],
    fill: 0,
    absent: 'missing',
  };
}

/**
 * Compare what the header promises with what the file holds. Returns a sentence for a notice where planes are missing.
 * Errors: format EXTENT where not even one plane is there, or next to nothing of what is promised.
 */
export function checkExtent(file: string, needed: number, available: number, plane: number): string | undefined {
  if (available >= needed) return undefined;
  const found = `the header promises ${needed} bytes of pixels, the file holds ${Math.max(0, available)}`;
  if (available < plane || available < needed / 1000) {
    throw formatError('EXTENT', `${file}: ${found}; the header is wrong or the file is cut short`, { file });
  }
  return `${found}: the rest is filled with 0`;
}
