// PCX (ZSoft PCX File Format Technical Reference Manual). Header of 128 bytes, runs, and with 8 bits a palette of 768 bytes at the end.

import { rasterDataset } from '../../src/containers/raster/dataset.js';
import { PER_INCH, physicalSizes } from '../../src/containers/raster/density.js';
import { paletteOf } from '../../src/containers/raster/palette.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { ByteSource, Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';

const HEADER = 128;
/** A bit is black or white. */
const BLACK_AND_WHITE = { id: 'lut', table: Uint8Array.of(0, 255), width: 1, size: 1 };

export async function openPcx(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    if (source.size < HEADER) throw formatError('PCX_HEADER', `${file}: too short for a PCX header`, { file });
    const head = await source.read(0, HEADER);
    const u16 = (at: number) => head[at]! | (head[at + 1]! << 8);
    const [bits, planes, stride] = [head[3]!, head[65]!, u16(66)];
    const width = u16(8) - u16(4) + 1;
    const height = u16(10) - u16(6) + 1;
    if (width <= 0 || height <= 0 || stride * 8 < width * bits) {
      throw formatError('PCX_HEADER', `${file}: ${width} × ${height} pixels in lines of ${stride} bytes`, {
        file,
        offset: 4,
      });
    }
    const color = bits === 8 && planes === 3;
    if (!color && bits * planes > 8) {
      throw unsupported('PCX_FORMAT', `${file}: PCX with ${planes} planes of ${bits} bits is not supported`, { file });
    }
    const samples = color ? 3 : 1;
    const shape: Tczyx = [1, samples, 1, height, width];
    const significant = color ? 8 : bits * planes;
    const codec = { id: 'pcx', bits, planes, stride, rle: head[2] === 1 };
    const blocks = wholeBlock({
      file,
      offset: HEADER,
      length: source.size - HEADER,
      shape,
      type: 'uint8',
      codecs: significant === 1 ? [codec, BLACK_AND_WHITE] : [codec],
      limits: options.limits,
    });
    return rasterDataset({
      format: 'pcx',
      name: input.name,
      file,
      shape,
      type: 'uint8',
      blocks,
      color,
      pixels: {
        SignificantBits: significant === 1 ? 8 : significant,
        ...physicalSizes(u16(12) * PER_INCH, u16(14) * PER_INCH),
      },
      source: color ? undefined : paletteOf(await readPalette(source, head, significant)),
      original: [
        { key: 'Version', value: String(head[1]) },
        { key: 'BitsPerPlane', value: String(bits) },
        { key: 'Planes', value: String(planes) },
      ],
    });
  } finally {
    await source.close();
  }
}

/** 256 colours behind the pixels, after a byte 12; 16 in the header from version 2 on. */
async function readPalette(source: ByteSource, head: Uint8Array, bits: number): Promise<Uint8Array | undefined> {
  if (bits > 4) {
    if (source.size < HEADER + 769) return undefined;
    const tail = await source.read(source.size - 769, 769);
    return tail[0] === 12 ? tail.slice(1) : undefined;
  }
  const colors = head.slice(16, 16 + 3 * 2 ** bits);
  return head[1] === 3 || bits === 1 || colors.every((v) => v === 0) ? undefined : colors;
}
