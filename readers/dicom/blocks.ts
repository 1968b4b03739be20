// Frames with their places → block maps.

import { nativeChain } from '../../src/containers/dicom/chain.js';
import type { BlockMap, Chain } from '../../src/core/blocks.js';
import type { Level } from '../../src/core/contracts.js';
import { unsupported } from '../../src/core/errors.js';
import { gridCounts, gridIndex, type Tczyx } from '../../src/core/geometry.js';
import type { Frame } from './frame.js';

export interface PlacedFrame extends Frame {
  readonly t: number;
  /** Channel element, not sample. */
  readonly c: number;
  readonly z: number;
  /** First pixel. */
  readonly y: number;
  readonly x: number;
}

export interface LevelPlan {
  /** Pixels; `channels` counts elements. */
  readonly sizeT: number;
  readonly channels: number;
  readonly sizeZ: number;
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly frames: readonly PlacedFrame[];
  readonly absent: 'sparse' | 'missing';
  readonly fill: number;
}

/** Chains and files that blocks share. */
class Pools {
  readonly files: string[] = [];
  readonly chains: Chain[] = [];
  readonly #files = new Map<string, number>();
  readonly #chains = new Map<string, number>();

  file(name: string): number {
    let index = this.#files.get(name);
    if (index === undefined) {
      index = this.files.push(name) - 1;
      this.#files.set(name, index);
    }
    return index;
  }

  chain(chain: Chain): number {
    const key = JSON.stringify(chain);
    let index = this.#chains.get(key);
    if (index === undefined) {
      index = this.chains.push(chain) - 1;
      this.#chains.set(key, index);
    }
    return index;
  }
}

/** Positions of blocks are signed 32-bit numbers. */
const LARGEST = 2 ** 31 - 1;
/** Places that a grid may have for each frame; sparser ones are listed frame by frame. */
const SPARSEST = 16;

/** Tiles of one size on a grid of their size. */
function onGrid({ frames, sizeT, channels, sizeZ, ...plan }: LevelPlan): boolean {
  const { rows, columns } = frames[0]!.instance.format;
  const places = sizeT * channels * sizeZ * Math.ceil(plan.rows / rows) * Math.ceil(plan.columns / columns);
  if (places > SPARSEST * (frames.length + 64)) return false;
  return frames.every(
    ({ instance: { format }, x, y }) =>
      format.rows === rows && format.columns === columns && x % columns === 0 && y % rows === 0 && x >= 0 && y >= 0,
  );
}

/** Block map of one level; of two frames in one place the first counts. */
export function makeLevel(plan: LevelPlan): Level {
  const { sizeT, channels, sizeZ, rows, columns, samples } = plan;
  const shape: Tczyx = [sizeT, channels * samples, sizeZ, rows, columns];
  if (rows > LARGEST || columns > LARGEST) {
    const file = plan.frames[0]!.instance.file.name;
    throw unsupported('DICOM_PIXELS', `${file}: an image of ${columns} × ${rows} pixels is too large`, { file });
  }
  const whole = inflatedWhole(plan, shape);
  if (whole) return { shape, blocks: whole };
  return { shape, blocks: onGrid(plan) ? gridMap(plan, shape) : placedMap(plan) };
}

function gridMap(plan: LevelPlan, shape: Tczyx): BlockMap {
  const { rows, columns } = plan.frames[0]!.instance.format;
  const block: Tczyx = [1, plan.samples, 1, rows, columns];
  const counts = gridCounts(shape, block);
  const slots = new Array<PlacedFrame | undefined>(counts.reduce((a, b) => a * b, 1));
  for (const frame of plan.frames) {
    const { t, c, z, y, x } = frame;
    const position: Tczyx = [t, c, z, y / rows, x / columns];
    if (position.some((p, axis) => p >= counts[axis]!)) continue;
    slots[gridIndex(position, counts)] ??= frame;
  }
  return { layout: { kind: 'grid', block, edge: 'padded' }, ...addresses(slots, plan) };
}

function placedMap(plan: LevelPlan): BlockMap {
  const { frames, samples } = plan;
  const start = new Int32Array(5 * frames.length);
  const shape = new Int32Array(5 * frames.length);
  for (const [i, { instance, t, c, z, y, x }] of frames.entries()) {
    start.set([t, c * samples, z, y, x], 5 * i);
    shape.set([1, samples, 1, instance.format.rows, instance.format.columns], 5 * i);
  }
  return { layout: { kind: 'placed', start, shape }, ...addresses(frames, plan) };
}

function addresses(slots: ArrayLike<PlacedFrame | undefined>, plan: LevelPlan): Omit<BlockMap, 'layout'> {
  const pools = new Pools();
  const { length: count } = slots;
  const file: number[] = [];
  const offset: number[] = [];
  const length: number[] = [];
  const first = new Uint32Array(count + 1);
  const chain = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    first[i] = offset.length;
    const frame = slots[i];
    if (!frame) continue;
    const { instance, index } = frame;
    const pieces = instance.pieces(index);
    const inside = instance.file.deflated === undefined ? pieces : inflatedPiece(frame);
    const number = pools.file(instance.file.name);
    for (const piece of inside) {
      file.push(number);
      offset.push(piece.offset);
      length.push(piece.length);
    }
    chain[i] = pools.chain(chainOf(frame));
  }
  first[count] = offset.length;
  const fragmented = first.some((at, i) => i < count && first[i + 1]! - at > 1);
  // Without fragments a block is its own piece, and absent ones are marked.
  const piece = (i: number): number => (first[i + 1]! > first[i]! ? first[i]! : -1);
  const offsets = new Float64Array(
    fragmented ? offset : Array.from({ length: count }, (_, i) => offset[piece(i)] ?? -1),
  );
  const lengths = new Float64Array(
    fragmented ? length : Array.from({ length: count }, (_, i) => length[piece(i)] ?? 0),
  );
  const files = fragmented
    ? Uint32Array.from(file)
    : Uint32Array.from({ length: count }, (_, i) => file[piece(i)] ?? 0);
  return {
    address: {
      kind: 'table',
      file: pools.files.length === 1 ? 0 : files,
      offset: offsets,
      length: lengths,
      ...(fragmented ? { first } : {}),
    },
    files: pools.files,
    chains: pools.chains as [Chain, ...Chain[]],
    chain: pools.chains.length > 1 ? chain : undefined,
    fill: plan.fill,
    absent: plan.absent,
  };
}

function chainOf(frame: PlacedFrame): Chain {
  const { instance, index } = frame;
  const chain = instance.chain.chain(instance.phase(index));
  if (instance.file.deflated === undefined) return chain;
  const pieces = instance.pieces(index);
  return { ...chain, codecs: [...inflateTo(pieces[0]?.offset ?? 0, pieces[0]?.length ?? 0), ...chain.codecs] };
}

/** The frame's bytes out of the inflated data set. */
function inflateTo(offset: number, length: number): Chain['codecs'] {
  return [
    { id: 'deflate', raw: true },
    { id: 'slice', offset, length },
  ];
}

/** All of the deflate stream. */
function inflatedPiece({ instance: { file } }: Frame): { offset: number; length: number }[] {
  const start = file.deflated!;
  return [{ offset: start, length: file.size - start }];
}

/** Frames of a deflated data set in one block: inflated once, not once a frame. Undefined where they are not stored in the order of z or t. */
function inflatedWhole(plan: LevelPlan, shape: Tczyx): BlockMap | undefined {
  const { frames, sizeT, sizeZ, channels, rows, columns } = plan;
  const { instance } = frames[0]!;
  const { file, format } = instance;
  if (
    file.deflated === undefined ||
    channels !== 1 ||
    frames.length !== format.frames ||
    frames.length !== sizeT * sizeZ
  ) {
    return undefined;
  }
  const inOrder = frames.every(
    (frame, i) => frame.instance === instance && frame.index === i && frame.t * sizeZ + frame.z === i,
  );
  if (!inOrder || rows !== format.rows || columns !== format.columns) return undefined;
  const from = instance.pieces(0)[0]!.offset;
  const last = instance.pieces(frames.length - 1)[0];
  if (!last) return undefined;
  const wrapped = inflateTo(from, last.offset + last.length - from);
  const chain = nativeChain(
    format,
    true,
    false,
    file.name,
    { rgb: !instance.chain.components },
    wrapped,
    frames.length,
  ).chain(0);
  const start = file.deflated;
  return {
    layout: { kind: 'grid', block: shape, edge: 'clipped' },
    address: {
      kind: 'table',
      file: 0,
      offset: Float64Array.of(start),
      length: Float64Array.of(file.size - start),
    },
    files: [file.name],
    // Planes of a sample lie within their frame.
    chains: [chain.order === 'tczyx' && plan.samples > 1 ? { ...chain, order: 'tzcyx' } : chain],
    fill: plan.fill,
    absent: plan.absent,
  };
}
