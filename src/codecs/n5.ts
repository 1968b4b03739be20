// N5 blocks (github.com/saalfeldlab/n5, "File-system specification", version 4.0.0), all numbers big-endian:
//
//   uint16 mode: 0 default, 1 varlength (an uint32 element count follows the sizes), 2 object
//   uint16 n, n × uint32 sizes, first dimension first; then the compressed elements
//
// n5: takes the header off · n5-edge: last in the chain, cuts blocks that were stored whole beyond the edge of the array, as zarr-python's
// N5 store does; full: extents of a whole block, fastest axis first · shape: those of the array · axes: axis of each, 'xyz' · size: bytes of
// an element

import type { CodecStep } from '../core/blocks.js';
import { formatError, unsupported } from '../core/errors.js';
import type { Codec, CodecContext } from './contract.js';

function takeHeader(input: Uint8Array): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const header = input.length < 4 ? 4 : 4 + 4 * view.getUint16(2) + (view.getUint16(0) === 1 ? 4 : 0);
  if (input.length < header)
    throw formatError('N5_BLOCK', `N5 block of ${input.length} bytes is shorter than its header`);
  const mode = view.getUint16(0);
  if (mode > 1) throw unsupported('N5_MODE', `N5 blocks of mode ${mode} hold no numbers`);
  return input.subarray(header);
}

export const n5: Codec = { id: 'n5', decode: takeHeader };

/** Extents of the part of the block that lies in the array. */
function cutExtents(step: CodecStep, { position }: CodecContext): readonly number[] {
  const full = step.full as readonly number[];
  const shape = step.shape as readonly number[];
  const axes = String(step.axes);
  return full.map((n, i) => Math.min(n, shape[i]! - position['tczyx'.indexOf(axes[i]!)]!));
}

function cutEdge(input: Uint8Array, step: CodecStep, context: CodecContext): Uint8Array {
  const { bytes } = context.block;
  const full = step.full as readonly number[];
  const size = Number(step.size);
  const whole = full.reduce((product, n) => product * n, size);
  if (input.length !== whole || whole === bytes) return input;
  const cut = cutExtents(step, context);
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
