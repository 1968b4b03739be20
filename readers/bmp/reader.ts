// Windows bitmaps. Layout and conventions: NOTES.md.

import { physicalSizes } from '../../src/containers/raster/density.js';
import { grayLevels, paletteOf } from '../../src/containers/raster/palette.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { BlockMap, Chain, CodecStep } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import { simpleImage } from '../../src/core/ome-build.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { type BmpHeader, HEAD_BYTES, parseBmp } from './header.js';

/** Rows are read in strips of about this many bytes. */
const STRIP_BYTES = 4 * 2 ** 20;

export async function openBmp(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const header = parseBmp(await source.read(0, Math.min(HEAD_BYTES, source.size)), source.name);
    const samples = samplesOf(header);
    const type: PixelType =
      header.bits > 8 && header.masks.some((m) => width(m) > 8) && header.bits !== 24 ? 'uint16' : 'uint8';
    const shape: Tczyx = [1, samples, 1, header.height, header.width];
    const levels = grayLevels(header.palette);
    const blocks = withLevels(blocksOf(source, header, shape, type, options), levels);
    return {
      format: 'bmp',
      ome: {
        Images: [
          simpleImage({
            index: 0,
            name: input.name,
            shape,
            type,
            samplesPerPixel: samples,
            pixels: {
              SignificantBits: header.bits < 8 && !levels ? header.bits : undefined,
              ...physicalSizes(header.density[0], header.density[1]),
            },
          }),
        ],
      },
      images: [
        {
          name: input.name,
          role: 'pixels',
          type,
          levels: [{ shape, blocks }],
          ...(levels ? {} : paletteOf(header.palette)),
        },
      ],
      original: [
        { key: 'HeaderSize', value: String(header.headerBytes) },
        { key: 'BitsPerPixel', value: String(header.bits) },
        { key: 'Compression', value: String(header.compression) },
        { key: 'TopDown', value: String(header.topDown) },
        { key: 'PixelsPerMetre', value: header.density.join(' ') },
        ...(header.bits === 16 || header.bits === 32
          ? [{ key: 'Masks', value: header.masks.map((m) => m.toString(16).padStart(8, '0')).join(' ') }]
          : []),
      ],
      files: [source.name],
    };
  } finally {
    await source.close();
  }
}

/** Indices into a gray palette become its values. */
function withLevels(blocks: BlockMap, table: Uint8Array | undefined): BlockMap {
  if (!table) return blocks;
  const lut = { id: 'lut', table, width: 1, size: 1 };
  const [first, ...rest] = blocks.chains.map((chain) => ({ ...chain, codecs: [...chain.codecs, lut] }));
  return { ...blocks, chains: [first!, ...rest] };
}

/** Bits of a mask. */
function width(mask: number): number {
  return mask === 0 ? 0 : Math.floor(Math.log2(mask >>> 0)) - Math.log2((mask & -mask) >>> 0) + 1;
}

function samplesOf({ bits, masks, compression }: BmpHeader): number {
  if (compression >= 4) return 3;
  if (bits <= 8) return 1;
  return bits === 24 ? 3 : masks.length;
}

function blocksOf(
  source: ByteSource,
  header: BmpHeader,
  shape: Tczyx,
  type: PixelType,
  options: OpenOptions,
): BlockMap {
  const { compression, bits, offset, topDown } = header;
  const file = source.name;
  const available = source.size - offset;
  if (available <= 0) {
    throw formatError('TRUNCATED', `${file}: the pixels start at ${offset}, the file has ${source.size} bytes`, {
      file,
      offset: 10,
    });
  }
  const { limits } = options;
  const whole = (codecs: readonly CodecStep[]) =>
    wholeBlock({ file, offset, length: available, shape, type, codecs, limits });
  if (compression === 1 || compression === 2) return whole([{ id: 'bmp-rle', bits, flip: !topDown }]);
  if (compression === 4) return whole([{ id: 'jpeg' }]);
  if (compression === 5) return whole([{ id: 'png' }]);
  if (bits === 24 && available < header.width) throw unsupported('BMP_COMPRESSION', `${file}: RLE24 is not supported`);
  return rowBlocks(file, header, shape, available, options);
}

/** Strips of whole rows, from the top; bottom-up files hold them in reverse. */
function rowBlocks(
  file: string,
  header: BmpHeader,
  shape: Tczyx,
  available: number,
  { limits, notice }: OpenOptions,
): BlockMap {
  const { width: columns, height, bits, topDown, offset } = header;
  const stride = Math.ceil((columns * bits) / 32) * 4;
  // The last row may lack its padding.
  const needed = stride * (height - 1) + Math.ceil((columns * bits) / 8);
  if (available < needed) {
    const text = `${file}: the header promises ${needed} bytes of pixels, the file holds ${available}`;
    if (available < stride || available < needed / 1000) throw formatError('EXTENT', text, { file });
    notice({ code: 'TRUNCATED', rank: 'damage', text: `${text}: the rest is filled with 0` });
  }
  const rows = Math.max(1, Math.min(height, Math.floor(STRIP_BYTES / stride)));
  const count = Math.ceil(height / rows);
  if (count > limits.directories || stride * rows > limits.blockBytes) {
    throw new ImgconvError('limit', 'DIRECTORIES', `${file}: ${height} rows of ${stride} bytes exceed the limits`, {
      file,
    });
  }
  const offsets = new Float64Array(count).fill(-1);
  const lengths = new Float64Array(count);
  const last = height - (count - 1) * rows;
  for (let i = 0; i < count; i++) {
    const taken = i === count - 1 ? last : rows;
    const first = topDown ? i * rows : height - i * rows - taken;
    const at = first * stride;
    // A bottom-up strip without its end would come out shifted.
    const there = Math.min(taken * stride, available - at);
    if (there <= 0 || (!topDown && there < taken * stride && available < needed)) continue;
    offsets[i] = offset + at;
    lengths[i] = there;
  }
  return {
    layout: { kind: 'grid', block: [1, shape[1], 1, rows, columns], edge: 'clipped' },
    address: { kind: 'table', file: 0, offset: offsets, length: lengths },
    files: [file],
    chains: [chainOf(header, stride, rows), chainOf(header, stride, last)],
    chain: Uint8Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : 0)),
    fill: 0,
    absent: 'missing',
  };
}

/** A strip of `rows` rows. Bytes are taken by strides, everything else is unpacked by its codec. */
function chainOf({ bits, topDown, masks }: BmpHeader, stride: number, rows: number): Chain {
  if (bits !== 8 && bits !== 24) {
    return { codecs: [{ id: 'bmp-rows', bits, flip: !topDown, masks: bits > 8 ? masks : undefined }], order: 'tzyxc' };
  }
  const samples = bits / 8;
  const block = stride * rows;
  // Blue comes first: red is two elements on.
  return {
    codecs: [],
    order: 'tzyxc',
    strides: [block, samples === 3 ? -1 : 1, block, topDown ? stride : -stride, samples],
    origin: samples - 1 + (topDown ? 0 : stride * (rows - 1)),
  };
}
