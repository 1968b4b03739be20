// Block maps of NDTiff images: one raw block a plane, or a tile without its share of the overlap.

import { orderSteps } from '../../src/containers/raw/steps.js';
import type { BlockMap, Chain } from '../../src/core/blocks.js';
import type { Level } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { Limits } from '../../src/core/limits.js';
import { planeBytes } from './index-file.js';
import type { Frame, ImageLayout } from './layout.js';

export interface StoredFile {
  readonly path: string;
  readonly bytes: number;
}

/** Byte order is that of the TIFF files: NDTiff writes little-endian alone. */
const LITTLE = orderSteps(2, true);

class Table {
  readonly files: string[] = [];
  private readonly known = new Map<string, number>();
  readonly file: Uint32Array;
  readonly offset: Float64Array;
  readonly length: Float64Array;

  constructor(
    count: number,
    readonly stored: ReadonlyMap<string, StoredFile | undefined>,
  ) {
    this.file = new Uint32Array(count);
    this.offset = new Float64Array(count).fill(-1);
    this.length = new Float64Array(count);
  }

  set(i: number, { entry }: Frame): void {
    const stored = this.stored.get(entry.file);
    if (!stored || entry.offset >= stored.bytes) return;
    let number = this.known.get(entry.file);
    if (number === undefined) {
      number = this.files.push(stored.path) - 1;
      this.known.set(entry.file, number);
    }
    this.file[i] = number;
    this.offset[i] = entry.offset;
    this.length[i] = Math.min(planeBytes(entry), stored.bytes - entry.offset);
  }

  map(layout: BlockMap['layout'], chain: Chain): BlockMap {
    const { file, offset, length } = this;
    return {
      layout,
      address: { kind: 'table', file: this.files.length > 1 ? file : 0, offset, length },
      files: this.files,
      chains: [chain],
      fill: 0,
      absent: 'missing',
    };
  }
}

function checkCount(count: number, limits: Limits, file: string): void {
  if (count <= limits.directories) return;
  const text = `${file}: an image of ${count} planes, the limit is ${limits.directories}`;
  throw new ImgconvError('limit', 'DIRECTORIES', text, { file });
}

/** One block a plane. */
export function planeLevel(layout: ImageLayout, stored: Table['stored'], limits: Limits, index: string): Level {
  const [nt, nc, nz] = layout.counts;
  const { width, height, pixels } = layout.frames[0]!.entry;
  const { samples } = pixels;
  checkCount(nt * nc * nz, limits, index);
  const table = new Table(nt * nc * nz, stored);
  for (const frame of layout.frames) table.set((frame.t * nc + frame.c) * nz + frame.z, frame);
  const block: Tczyx = [1, samples, 1, height, width];
  const chain = { codecs: LITTLE, order: 'tzyxc' };
  return {
    shape: [nt, nc * samples, nz, height, width],
    blocks: table.map({ kind: 'grid', block, edge: 'clipped' }, chain),
  };
}

/** Tiles of one canvas. Of the overlap each tile gives up half on every side, as NDTiff's own pyramids do. */
export function canvasLevel(
  layout: ImageLayout,
  overlap: readonly [x: number, y: number],
  stored: Table['stored'],
  limits: Limits,
  index: string,
): Level {
  const [nt, nc, nz] = layout.counts;
  const { frames } = layout;
  const { width, height, pixels } = frames[0]!.entry;
  const { samples } = pixels;
  checkCount(frames.length + nt * nc * nz, limits, index);
  const [cutX, cutY] = [Math.floor(overlap[0] / 2), Math.floor(overlap[1] / 2)];
  const [w, h] = [width - overlap[0], height - overlap[1]];
  const at = (frame: Frame, axis: string): number => Number(frame.entry.axes.get(axis));
  const rows = frames.map((frame) => at(frame, 'row'));
  const columns = frames.map((frame) => at(frame, 'column'));
  const low = (list: readonly number[]): number => list.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = (list: readonly number[]): number => list.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const [row0, column0] = [low(rows), low(columns)];
  const shape: Tczyx = [nt, nc * samples, nz, (high(rows) - row0 + 1) * h, (high(columns) - column0 + 1) * w];
  const table = new Table(frames.length, stored);
  const start = new Int32Array(5 * frames.length);
  const extent = new Int32Array(5 * frames.length);
  for (const [i, frame] of frames.entries()) {
    table.set(i, frame);
    start.set([frame.t, frame.c * samples, frame.z, (rows[i]! - row0) * h, (columns[i]! - column0) * w], 5 * i);
    extent.set([1, samples, 1, h, w], 5 * i);
  }
  const strides: Tczyx = [samples * width * height, 1, samples * width * height, samples * width, samples];
  const origin = samples * (cutY * width + cutX);
  // Positions of the canvas that were never visited hold no block: they are no damage.
  return {
    shape,
    blocks: table.map({ kind: 'placed', start, shape: extent }, { codecs: LITTLE, order: 'tzyxc', strides, origin }),
  };
}
