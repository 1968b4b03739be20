// JPEG-LS (ISO/IEC 14495-1): marker segments like those of JPEG, frame header 0xFFF7.

import { rasterDataset } from '../../src/containers/raster/dataset.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';

export async function openJpegls(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    for (let at = 2; at + 10 <= source.size; ) {
      const head = await source.read(at, 10);
      const length = (head[2]! << 8) | head[3]!;
      if (head[0] !== 0xff || length < 2) break;
      if (head[1] !== 0xf7) {
        at += 2 + length;
        continue;
      }
      const precision = head[4]!;
      const shape: Tczyx = [1, head[9]!, 1, (head[5]! << 8) | head[6]!, (head[7]! << 8) | head[8]!];
      if (shape.includes(0) || precision < 2 || precision > 16) break;
      const type = precision > 8 ? 'uint16' : 'uint8';
      const blocks = wholeBlock({
        file,
        offset: 0,
        length: source.size,
        shape,
        type,
        codecs: [{ id: 'jpegls' }],
        limits: options.limits,
      });
      return rasterDataset({
        format: 'jpegls',
        name: input.name,
        file,
        shape,
        type,
        blocks,
        color: shape[1] === 3 || shape[1] === 4,
        pixels: { SignificantBits: precision },
      });
    }
    throw formatError('JPEGLS_STREAM', `${file}: no usable JPEG-LS frame header`, { file });
  } finally {
    await source.close();
  }
}
