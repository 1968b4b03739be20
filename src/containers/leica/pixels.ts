// Layouts to block maps: a block is a plane, a strip of one, or its rows, with all channels where they are interleaved.

import type { Chain } from '../../core/blocks.js';
import type { Level } from '../../core/contracts.js';
import { ImgconvError, unsupported } from '../../core/errors.js';
import type { Tczyx } from '../../core/geometry.js';
import type { Limits } from '../../core/limits.js';
import type { MemoryBlock } from './file.js';
import { type Layout, sampleOrder, sizeOf, stepsTo } from './layout.js';

const STRIP_BYTES = 4 * 2 ** 20;
const WHOLE_BYTES = 16 * 2 ** 20;

export function shapeOf(layout: Layout): Tczyx {
  const { x, y, z, t, channels } = layout;
  return [sizeOf(t), channels.length, sizeOf(z), y?.size ?? 1, x.size];
}

/** Bytes between samples if they are evenly spaced closer than rows are: then one block holds them all. */
function interleaved(offsets: readonly number[], xStep: number, yStep: number, ny: number): number | undefined {
  if (offsets.length < 2) return undefined;
  const step = offsets[1]! - offsets[0]!;
  if (step === 0 || offsets.some((at, i) => at !== offsets[0]! + i * step)) return undefined;
  const span = Math.abs(step) * (offsets.length - 1);
  return span < xStep || (ny > 1 && span < yStep) ? step : undefined;
}

/** Errors: unsupported LEICA_STRIDES, limit DIRECTORIES. */
export function levelOf(
  layout: Layout,
  tile: number,
  memory: MemoryBlock | undefined,
  file: string,
  limits: Limits,
): Level {
  const shape = shapeOf(layout);
  const [nt, nc, nz, ny, nx] = shape;
  const samples = sampleOrder(layout.channels);
  const size = samples[0]!.bytes;
  const offsets = samples.map((each) => each.offset);
  const xStep = nx > 1 ? layout.x.step : size;
  const yStep = ny > 1 ? layout.y!.step : Math.max(xStep * nx, size);
  const cStep = interleaved(offsets, xStep, yStep, ny);
  const together = cStep === undefined ? 1 : nc;
  const span = (rows: number): number =>
    (rows - 1) * yStep + (nx - 1) * xStep + Math.abs(cStep ?? 0) * (together - 1) + size;
  // Rows that lie far apart are blocks of their own, since what lies between belongs to other planes.
  const apart = ny > 1 && yStep > 4 * span(1);
  const rows = apart ? 1 : span(ny) > WHOLE_BYTES ? Math.max(1, Math.min(ny, Math.floor(STRIP_BYTES / yStep))) : ny;
  const strips = Math.ceil(ny / rows);
  const count = nt * (nc / together) * nz * strips;
  if (!(count <= limits.directories)) {
    const text = `${file}: ${count} blocks of pixels are more than the limit of ${limits.directories}`;
    throw new ImgconvError('limit', 'DIRECTORIES', text, { file });
  }
  const offset = new Float64Array(count).fill(-1);
  const length = new Float64Array(count);
  const base = stepsTo(layout.tiles, tile);
  let i = 0;
  for (let t = 0; t < nt; t++) {
    for (let c = 0; c < nc; c += together) {
      const first = cStep === undefined ? offsets[c]! : Math.min(...offsets);
      for (let z = 0; z < nz; z++) {
        const plane = base + stepsTo(layout.t, t) + stepsTo(layout.z, z) + first;
        for (let s = 0; s < strips; s++, i++) {
          const at = plane + s * rows * yStep;
          const bytes = Math.min(span(Math.min(rows, ny - s * rows)), (memory?.length ?? 0) - at);
          if (!memory || bytes <= 0) continue;
          offset[i] = memory.offset + at;
          length[i] = bytes;
        }
      }
    }
  }
  const strides = [0, cStep ?? 0, 0, yStep, xStep].map((bytes) => bytes / size);
  if (strides.some((n) => !Number.isInteger(n)))
    throw unsupported('LEICA_STRIDES', `${file}: pixels lie between whole samples of ${size} bytes`, { file });
  const codecs = samples[0]!.type === 'float' && size === 2 ? [{ id: 'half' }] : [];
  const packed = together === 1 && xStep === size && (ny === 1 || yStep === nx * size);
  const origin = cStep !== undefined && cStep < 0 ? (-cStep / size) * (nc - 1) : 0;
  const chain: Chain = packed
    ? { codecs, order: 'tczyx' }
    : { codecs, order: 'tzyxc', strides: strides as unknown as Tczyx, origin };
  return {
    shape,
    blocks: {
      layout: { kind: 'grid', block: [1, together, 1, rows, nx], edge: 'clipped' },
      address: { kind: 'table', file: 0, offset, length },
      files: [file],
      chains: [chain],
      fill: 0,
      absent: 'missing',
    },
  };
}
