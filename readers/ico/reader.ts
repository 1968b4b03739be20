// Windows icons and cursors: a directory of pictures, each a PNG file or a bitmap without its file header (Windows SDK, ICONDIR).

import { readHeader, samplesOf } from '../../src/containers/raster/png.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { CodecStep } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, ImageSource, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmeImage } from '../../src/core/ome.js';
import { simpleImage } from '../../src/core/ome-build.js';

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  readonly deep: boolean;
  readonly codec: CodecStep;
}

export async function openIco(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const count = Buffer.from(await source.read(4, 2)).readUInt16LE(0);
    if (6 + 16 * count > source.size)
      throw formatError('ICO_DIRECTORY', `${file}: ends inside its directory`, { file });
    const directory = Buffer.from(await source.read(6, 16 * count));
    const images: ImageSource[] = [];
    const omes: OmeImage[] = [];
    for (let i = 0; i < count; i++) {
      const offset = directory.readUInt32LE(16 * i + 12);
      // Lengths are often wrong: the picture itself knows.
      const length = source.size - offset;
      const picture = length < 40 ? undefined : await readPicture(source, offset);
      if (!picture) {
        const text = `picture ${i} at offset ${offset} cannot be read`;
        options.notice({ code: 'ICO_PICTURE', rank: 'damage', text });
        continue;
      }
      const { width, height, samples, deep, codec } = picture;
      const shape: Tczyx = [1, samples, 1, height, width];
      const type = deep ? 'uint16' : 'uint8';
      const name = `${input.name} ${width}×${height}`;
      const blocks = wholeBlock({ file, offset, length, shape, type, codecs: [codec], limits: options.limits });
      omes.push(simpleImage({ index: images.length, name, shape, type, samplesPerPixel: samples >= 3 ? samples : 1 }));
      images.push({ name, role: 'pixels', type, levels: [{ shape, blocks }] });
    }
    if (images.length === 0) throw formatError('ICO_DIRECTORY', `${file}: no picture that can be read`, { file });
    return { format: 'ico', ome: { Images: omes }, images, original: [], files: [file] };
  } finally {
    await source.close();
  }
}

async function readPicture(source: ByteSource, offset: number): Promise<Picture | undefined> {
  const head = Buffer.from(await source.read(offset, Math.min(40 + 1024, source.size - offset)));
  if (head.readUInt32BE(0) === 0x89504e47) {
    const png = readHeader(head.subarray(16, 29), offset + 16);
    return { width: png.width, height: png.height, samples: samplesOf(png), deep: png.depth > 8, codec: { id: 'png' } };
  }
  const size = head.readUInt32LE(0);
  const width = head.readInt32LE(4);
  const height = Math.floor(head.readInt32LE(8) / 2);
  const bits = head.readUInt16LE(14);
  if (
    size < 40 ||
    size > 124 ||
    width <= 0 ||
    height <= 0 ||
    ![1, 4, 8, 24, 32].includes(bits) ||
    head.readUInt32LE(16) !== 0
  ) {
    return undefined;
  }
  const colors = bits <= 8 ? head.readUInt32LE(32) || 2 ** bits : 0;
  if (colors > 256) return undefined;
  const palette = new Uint8Array(colors * 3);
  for (let i = 0; i < colors && size + 4 * i + 3 <= head.length; i++) {
    for (let s = 0; s < 3; s++) palette[i * 3 + s] = head[size + 4 * i + 2 - s]!;
  }
  const codec: CodecStep = { id: 'ico', bits, offset: size + 4 * colors, ...(bits <= 8 && { palette }) };
  return { width, height, samples: 4, deep: false, codec };
}
