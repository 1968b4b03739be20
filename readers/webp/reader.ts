// WebP (RFC 9649).

import { exifDate, exifDensity, exifNumber, readExif } from '../../src/containers/exif/read.js';
import { rasterDataset } from '../../src/containers/raster/dataset.js';
import { physicalSizes } from '../../src/containers/raster/density.js';
import { frameBlocks } from '../../src/containers/raster/frames.js';
import { readWebp } from '../../src/containers/raster/webp.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';

export async function openWebp(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const { limits } = options;
    if (source.size > limits.blockBytes) {
      const text = `${file}: ${source.size} bytes of WebP, the limit is ${limits.blockBytes}`;
      throw new ImgconvError('limit', 'BLOCK_SIZE', text, { file });
    }
    // Metadata stands behind the pixels, and frames among each other.
    const stream = readWebp(await source.read(0, source.size));
    const { width, height, alpha, frames, exif: exifBytes, xmp } = stream;
    const shape: Tczyx = [Math.max(1, frames.length), alpha ? 4 : 3, 1, height, width];
    const exif = exifBytes && readExif(exifBytes);
    if (exif && (exifNumber(exif, 'Orientation') ?? 1) > 1) {
      const text = `the Exif orientation is ${exifNumber(exif, 'Orientation')}; pixels are kept in stored order`;
      options.notice({ code: 'ORIENTATION', rank: 'info', text });
    }
    const density = exif ? exifDensity(exif) : {};
    const blocks =
      frames.length > 0
        ? frameBlocks(file, source.size, shape, limits.blockBytes, (first) => ({ id: 'webp', first }))
        : wholeBlock({ file, offset: 0, length: source.size, shape, type: 'uint8', codecs: [{ id: 'webp' }], limits });
    const original: OriginalMetadata[] = [...(exif ?? [])].map(([key, value]) => ({
      key: `Exif ${key}`,
      value: String(value),
    }));
    if (xmp) original.push({ key: 'XMP', value: Buffer.from(xmp).toString('utf8') });
    if (frames.length > 0) {
      original.push({ key: 'FrameDurations', value: `${frames.map((f) => f.duration).join(' ')} ms` });
    }
    return rasterDataset({
      format: 'webp',
      name: input.name,
      file,
      shape,
      type: 'uint8',
      blocks,
      color: true,
      image: { AcquisitionDate: exif && exifDate(exif) },
      pixels: physicalSizes(density.x, density.y),
      original,
    });
  } finally {
    await source.close();
  }
}
