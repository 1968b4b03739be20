// PackBits run lengths (TIFF 6.0 section 9).
//
// Parameters: bytes: most that a block decodes to (default: the block's bytes) · rowBytes (encode; default: a row of the block)

import type { Codec } from './contract.js';
import { inputPointer, outputPointer, result, run } from './memory.js';
import { whole } from './parameters.js';

export const packbits: Codec = {
  id: 'packbits',
  decode(input, step, context) {
    const capacity = whole(step, 'bytes', context.block.bytes, 0, Number.MAX_SAFE_INTEGER);
    return run(input, context, capacity, context.kernels.x.packbitsDecode)!;
  },
  encode(input, step, context) {
    const { block, kernels } = context;
    const usual = Math.max(1, Math.floor(block.bytes / Math.max(1, block.height * block.depth)));
    const rowBytes = Math.min(whole(step, 'rowBytes', usual, 1, 2 ** 31 - 1), Math.max(1, input.length));
    const rows = Math.floor(input.length / rowBytes);
    const rest = input.length - rows * rowBytes;
    const room = (rows + 1) * (rowBytes + Math.ceil(rowBytes / 128));
    const src = inputPointer(input, context);
    const dst = outputPointer(context, src, input.length, room);
    let bytes = kernels.x.packbitsEncode(dst, src, rowBytes, rows);
    if (rest > 0) bytes += kernels.x.packbitsEncode(dst + bytes, src + rows * rowBytes, rest, 1);
    return result(context, dst, bytes);
  },
};
