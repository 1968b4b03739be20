// JPEG 2000 (ISO/IEC 15444-1), code stream or JP2 file.
//
// Parameters:
//   color  'ycbcr': three components are YCbCr without the stream's own transform and become RGB · 'none' (default)
// Output: interleaved samples, one byte up to 8 bits, two up to 16; signed components in two's complement.

import create from '@cornerstonejs/codec-openjpeg/decodewasmjs';
import type { Codec } from './contract.js';
import { decodeStream, Instance, SILENT } from './emscripten.js';
import { htj2k } from './htj2k.js';
import { checkSize, fitBlock } from './image-block.js';
import { readSize } from './jpeg2000/size.js';

const instance = new Instance('JPEG 2000', () => create({ ...SILENT }));

export const jpeg2000: Codec = {
  id: 'jpeg2000',
  async decode(input, step, context) {
    const { block, maxBytes } = context;
    const { width, height, components, ht } = readSize(input);
    if (ht) return htj2k.decode!(input, step, context);
    const size = components.some((c) => c.bits > 8) ? 2 : 1;
    checkSize('a JPEG 2000 image', width, height, components.length * size, maxBytes);
    return instance.run((module) =>
      decodeStream(new module.J2KDecoder(), input, (pixels, info) => {
        const image = { pixels, width: info.width, height: info.height, samples: info.componentCount, size };
        return fitBlock('JPEG 2000', image, block).slice();
      }),
    );
  },
};
