// High-throughput JPEG 2000 (ISO/IEC 15444-15), code stream or JPH file, by OpenJPH. No parameters.

import create from '@cornerstonejs/codec-openjph/wasmjs';
import type { Codec } from './contract.js';
import { decodeStream, Instance, SILENT } from './emscripten.js';
import { checkSize, fitBlock } from './image-block.js';
import { readSize } from './jpeg2000/size.js';

const instance = new Instance('HTJ2K', () => create({ ...SILENT }));

export const htj2k: Codec = {
  id: 'htj2k',
  async decode(input, step, { block, maxBytes }) {
    const { width, height, components } = readSize(input);
    const size = components.some((c) => c.bits > 8) ? 2 : 1;
    checkSize('an HTJ2K image', width, height, components.length * size, maxBytes);
    return instance.run((module) =>
      decodeStream(new module.HTJ2KDecoder(), input, (pixels, info) => {
        const image = { pixels, width: info.width, height: info.height, samples: info.componentCount, size };
        return fitBlock('HTJ2K', image, block, step).slice();
      }),
    );
  },
};
