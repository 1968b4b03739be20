// How far a level agrees with the finer one before it: for each pixel the extremes of the pixels around its place, and the mean of its block.

import type { Region, Tczyx } from '../../core/geometry.js';
import { bytesPerSample, type PixelType } from '../../core/pixel-type.js';
import { KERNEL_TYPES, type Kernels } from '../../kernels/kernels.js';
import type { AgreementSums } from './contract.js';

/** Positions of the finer level that those of a level stand for, along one axis: `from` (inclusive) to `to` (exclusive). */
export interface Spans {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

export function makeSpans(fine: number, coarse: number): Spans {
  const from = new Int32Array(coarse);
  const to = new Int32Array(coarse);
  const ratio = fine / coarse;
  for (let i = 0; i < coarse; i++) {
    from[i] = Math.min(fine - 1, Math.floor(i * ratio));
    to[i] = Math.min(fine, Math.max(Math.ceil((i + 1) * ratio), Math.floor(i * ratio) + 1));
  }
  return { from, to };
}

/** The box of the finer level that a box of the level stands for. */
export function fineBox({ start, shape }: Region, spans: readonly Spans[]): Region {
  const from = start.map((n, axis) => spans[axis]!.from[n]!) as unknown as Tczyx;
  const to = start.map((n, axis) => spans[axis]!.to[n + shape[axis]! - 1]!);
  return { start: from, shape: to.map((n, axis) => n - from[axis]!) as unknown as Tczyx };
}

/** Bytes of the sums that the kernel adds to. */
const SUMS = 7 * 8;

/**
 * Sums over all pixels of a box of the level at `small` against the finer box at `large`, both in kernel memory. First each column of a row is
 * taken together, then the columns of each pixel: every fine pixel is looked at about twice, whatever the factor.
 */
export function measure(
  small: number,
  box: Region,
  large: number,
  fine: Region,
  spans: readonly Spans[],
  type: PixelType,
  kernels: Kernels,
): AgreementSums {
  const size = bytesPerSample(type);
  const kind = KERNEL_TYPES.indexOf(type);
  const rounding = type === 'float' || type === 'double' ? 0 : 1;
  const [nt, nc, nz, ny, nx] = box.shape;
  const [, fc, fz, fy, fx] = fine.shape;
  const low = kernels.scratch('agree-low', fx * size);
  const high = kernels.scratch('agree-high', fx * size);
  const sum = kernels.scratch('agree-sum', fx * 8);
  const out = kernels.scratch('agree-out', SUMS);
  const places = placeSpans(spans[4]!, box.start[4], nx, fine.start[4], kernels);
  kernels.view(out, SUMS).fill(0);
  const { x: kernel } = kernels;
  for (let row = 0; row < nt * nc * nz * ny; row++) {
    const j = box.start[3] + (row % ny);
    const k = box.start[2] + (Math.floor(row / ny) % nz);
    const c = spans[1]!.from[box.start[1] + (Math.floor(row / (ny * nz)) % nc)]! - fine.start[1];
    const t = spans[0]!.from[box.start[0] + Math.floor(row / (ny * nz * nc))]! - fine.start[0];
    const [y0, y1] = [spans[3]!.from[j]! - fine.start[3], spans[3]!.to[j]! - fine.start[3]];
    const [z0, z1] = [spans[2]!.from[k]! - fine.start[2], spans[2]!.to[k]! - fine.start[2]];
    kernel.fillPattern(sum, fx, 8, 0, 0);
    let first = true;
    for (let z = z0; z < z1; z++) {
      // One row more on each side, as far as the box goes.
      for (let y = Math.max(0, y0 - 1); y < Math.min(fy, y1 + 1); y++) {
        const line = large + (((t * fc + c) * fz + z) * fy + y) * fx * size;
        kernel.agreeColumns(kind, low, high, sum, line, fx, first, y >= y0 && y < y1);
        first = false;
      }
    }
    const lines = (z1 - z0) * (y1 - y0);
    kernel.agreeRow(kind, small + row * nx * size, nx, places, low, high, sum, fx, lines, rounding, out);
  }
  const found = new Float64Array(kernels.view(out, SUMS).slice().buffer);
  const [n, inside, a, b, aa, bb, ab] = found as unknown as [number, number, number, number, number, number, number];
  return { n, inside, a, b, aa, bb, ab };
}

/** Columns of each pixel of a row, relative to the finer box, in kernel memory. */
function placeSpans({ from, to }: Spans, start: number, nx: number, fineStart: number, kernels: Kernels): number {
  const pairs = new Int32Array(2 * nx);
  for (let i = 0; i < nx; i++) {
    pairs[2 * i] = from[start + i]! - fineStart;
    pairs[2 * i + 1] = to[start + i]! - fineStart;
  }
  return kernels.place(new Uint8Array(pairs.buffer), 'agree-spans');
}
