// Animations whose frames depend on those before: every block is the whole file and decodes from its first frame on, so that blocks are
// large and few.

import type { BlockMap, Chain, CodecStep } from '../../core/blocks.js';
import { ImgconvError } from '../../core/errors.js';
import type { Tczyx } from '../../core/geometry.js';

/** Bytes that the frames of one block decode to. */
const BLOCK_BYTES = 256 * 2 ** 20;

/** Frames along t, interleaved samples. `stepFor`: codec of the block that begins with a frame. Errors: limit BLOCK_SIZE. */
export function frameBlocks(
  file: string,
  bytes: number,
  shape: Tczyx,
  limit: number,
  stepFor: (first: number) => CodecStep,
): BlockMap {
  const [t, samples, , height, width] = shape;
  // Alpha is decoded even where it is dropped.
  const plane = Math.max(samples, 4) * height * width;
  // Two more planes are needed while decoding.
  const together = Math.max(1, Math.min(t, Math.floor(Math.min(BLOCK_BYTES, limit) / plane) - 2));
  const count = Math.ceil(t / together);
  if (count > 65_535 || plane * (together + 2) > limit) {
    const text = `${file}: ${t} frames of ${width} × ${height} are too large; --memory raises the limit`;
    throw new ImgconvError('limit', 'BLOCK_SIZE', text, { file });
  }
  const chains = Array.from({ length: count }, (_, i): Chain => ({ codecs: [stepFor(i * together)], order: 'tzyxc' }));
  return {
    layout: { kind: 'grid', block: [together, samples, 1, height, width], edge: 'clipped' },
    address: { kind: 'table', file: 0, offset: new Float64Array(count), length: new Float64Array(count).fill(bytes) },
    files: [file],
    chains: chains as [Chain, ...Chain[]],
    chain: Uint16Array.from({ length: count }, (_, i) => i),
    fill: 0,
    absent: 'missing',
  };
}
