// N5 blocks at the far edge of an array: usually cut to it, but whole from writers such as zarr-python's N5 store. Last in the chain, this
// step cuts whole ones, so that the engine always gets cut blocks.
//
// Parameters: full: extents of a whole block, fastest axis first · axes: axis of each, 'xyz' · size: bytes of an element

import type { CodecStep } from '../core/blocks.js';
import type { Codec, CodecContext } from './contract.js';

/** Extents of the part that lies in the array, in the order of `axes`. */
function cutExtents(axes: string, full: readonly number[], context: CodecContext): readonly number[] {
  const { width, height, depth, samples } = context.block;
  const byAxis: Readonly<Record<string, number>> = { x: width, y: height, c: samples };
  // z and t together have `depth` planes; blocks of several time points are whole.
  return [...axes].map((axis, i) => byAxis[axis] ?? (full[i] === 1 ? 1 : depth));
}

function cutEdge(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const { bytes } = context.block;
  const full = step.full as readonly number[];
  const size = Number(step.size);
  const whole = full.reduce((product, n) => product * n, size);
  if (input.length !== whole || whole === bytes) return input;
  const cut = cutExtents(String(step.axes), full, context);
  const result = new Uint8Array(bytes);
  const row = cut[0]! * size;
  const rows = Math.floor(bytes / row);
  for (let r = 0; r < rows; r++) {
    let rest = r;
    let from = 0;
    let stride = full[0]! * size;
    for (let d = 1; d < full.length; d++) {
      from += (rest % cut[d]!) * stride;
      rest = Math.floor(rest / cut[d]!);
      stride *= full[d]!;
    }
    result.set(input.subarray(from, from + row), r * row);
  }
  return result;
}

export const n5Edge: Codec = { id: 'n5-edge', decode: cutEdge };
