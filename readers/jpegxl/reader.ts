// JPEG XL (ISO/IEC 18181).

import { rasterDataset } from '../../src/containers/raster/dataset.js';
import { readHeader } from '../../src/containers/raster/jpegxl.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';

const HEAD_BYTES = 2 ** 20;

export async function openJpegXl(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const header = readHeader(await source.read(0, Math.min(HEAD_BYTES, source.size)));
    const { width, height, bits, float, samples, alpha, animated } = header;
    if (float || bits > 16) {
      const kind = float ? 'floating point' : 'integer';
      throw unsupported('JPEGXL_FORMAT', `${file}: JPEG XL samples of ${bits} bits ${kind} are not supported`, {
        file,
      });
    }
    if (animated) {
      options.notice({ code: 'JPEGXL_FRAMES', rank: 'loss', text: 'an animation: its first frame is read' });
    }
    const type = bits > 8 ? 'uint16' : 'uint8';
    const shape: Tczyx = [1, samples, 1, height, width];
    const blocks = wholeBlock({
      file,
      offset: 0,
      length: source.size,
      shape,
      type,
      codecs: [{ id: 'jpegxl' }],
      limits: options.limits,
    });
    return rasterDataset({
      format: 'jpegxl',
      name: input.name,
      file,
      shape,
      type,
      blocks,
      color: samples >= 3,
      channels: samples === 2 && alpha ? [{}, { Name: 'Alpha' }] : undefined,
      pixels: { SignificantBits: bits },
    });
  } finally {
    await source.close();
  }
}
