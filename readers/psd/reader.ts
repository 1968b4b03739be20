// Photoshop documents (Adobe Photoshop File Formats Specification): header, colour table, image resources, layers, merged image; big-endian.

import { rasterDataset } from '../../src/containers/raster/dataset.js';
import { PER_CENTIMETRE, PER_INCH, physicalSizes } from '../../src/containers/raster/density.js';
import { paletteOf } from '../../src/containers/raster/palette.js';
import { AXIS, checkExtent, rawBlocks, storedBytes } from '../../src/containers/raw/blocks.js';
import type { BlockMap, CodecStep } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { PixelType } from '../../src/core/pixel-type.js';

const HEADER = 26;
const MODES = ['Bitmap', 'Grayscale', 'Indexed', 'RGB', 'CMYK', '', '', 'Multichannel', 'Duotone', 'Lab'];

interface Layout {
  readonly channels: number;
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly mode: number;
  /** PSB: some lengths have more bytes. */
  readonly large: boolean;
}

export async function openPsd(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const layout = await readLayout(source);
    const { channels, width, height, bits, mode, large } = layout;
    const u32 = async (at: number) => {
      if (at + 4 > source.size)
        throw formatError('TRUNCATED', `${file}: ends inside its sections`, { file, offset: at });
      return Buffer.from(await source.read(at, 4)).readUInt32BE(0);
    };
    const tableBytes = await u32(HEADER);
    const resourcesAt = HEADER + 4 + tableBytes;
    const resourceBytes = await u32(resourcesAt);
    const layersAt = resourcesAt + 4 + resourceBytes;
    const layerBytes = large ? (await u32(layersAt)) * 2 ** 32 + (await u32(layersAt + 4)) : await u32(layersAt);
    const imageAt = layersAt + (large ? 8 : 4) + layerBytes;
    const type: PixelType = bits === 32 ? 'float' : bits === 16 ? 'uint16' : 'uint8';
    const shape: Tczyx = [1, channels, 1, height, width];
    const blocks = await imageBlocks(source, imageAt, layout, options);
    const palette = mode === 2 && tableBytes === 768 ? await source.read(HEADER + 4, 768) : undefined;
    const resources = await readResources(source, resourcesAt + 4, resourceBytes, options);
    return rasterDataset({
      format: 'psd',
      name: input.name,
      file,
      shape,
      type,
      blocks,
      color: mode === 3 && (channels === 3 || channels === 4),
      channels:
        mode === 4 && channels === 4 ? ['Cyan', 'Magenta', 'Yellow', 'Black'].map((Name) => ({ Name })) : undefined,
      pixels: { SignificantBits: bits, ...resources.size },
      // Three planes of 256, red first.
      source:
        palette && channels === 1
          ? paletteOf(Uint8Array.from({ length: 768 }, (_, i) => palette[(i % 3) * 256 + Math.floor(i / 3)]!))
          : undefined,
      original: [{ key: 'ColorMode', value: MODES[mode] || String(mode) }, ...resources.original],
    });
  } finally {
    await source.close();
  }
}

async function readLayout(source: ByteSource): Promise<Layout> {
  const file = source.name;
  if (source.size < HEADER + 4)
    throw formatError('PSD_HEADER', `${file}: too short for a Photoshop document`, { file });
  const head = Buffer.from(await source.read(0, HEADER));
  const layout = {
    large: head.readUInt16BE(4) === 2,
    channels: head.readUInt16BE(12),
    height: head.readUInt32BE(14),
    width: head.readUInt32BE(18),
    bits: head.readUInt16BE(22),
    mode: head.readUInt16BE(24),
  };
  const { channels, width, height, bits } = layout;
  if (channels === 0 || channels > 56 || width === 0 || height === 0 || width > 300_000 || height > 300_000) {
    throw formatError('PSD_HEADER', `${file}: ${width} × ${height} pixels, ${channels} channels`, { file, offset: 12 });
  }
  if (![1, 8, 16, 32].includes(bits))
    throw formatError('PSD_HEADER', `${file}: ${bits} bits a channel`, { file, offset: 22 });
  return layout;
}

/** Codecs from stored rows of a channel to values. */
function steps({ bits }: Layout): CodecStep[] {
  // Bitmaps count ink.
  if (bits === 1)
    return [
      { id: 'bits', bits: 1 },
      { id: 'invert', size: 1, bits: 1 },
    ];
  return bits > 8 ? [{ id: 'endian', size: bits / 8 }] : [];
}

async function imageBlocks(
  source: ByteSource,
  at: number,
  layout: Layout,
  { limits, notice }: OpenOptions,
): Promise<BlockMap> {
  const { channels, width, height, bits, large } = layout;
  const file = source.name;
  if (at + 2 > source.size) throw formatError('TRUNCATED', `${file}: no merged image`, { file, offset: at });
  const compression = Buffer.from(await source.read(at, 2)).readUInt16BE(0);
  const axes = [
    { axis: AXIS.x, size: width },
    { axis: AXIS.y, size: height },
    { axis: AXIS.c, size: channels },
  ];
  if (compression === 0) {
    const available = source.size - at - 2;
    const cut = checkExtent(file, storedBytes(axes, bits), available, Math.ceil((width * bits) / 8));
    if (cut) notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
    return rawBlocks({
      file,
      offset: at + 2,
      available,
      axes,
      bits,
      codecs: steps(layout),
      maxBlocks: limits.directories,
    });
  }
  if (compression !== 1)
    throw unsupported('PSD_COMPRESSION', `${file}: merged image with compression ${compression}`, { file, offset: at });
  const rows = channels * height;
  const word = large ? 4 : 2;
  if (width * height * Math.max(1, bits / 8) > limits.blockBytes || rows * word > limits.metadataBytes) {
    throw new ImgconvError(
      'limit',
      'BLOCK_SIZE',
      `${file}: channels of ${width} × ${height} exceed the limits; --memory raises the limit`,
      { file },
    );
  }
  if (at + 2 + rows * word > source.size)
    throw formatError('TRUNCATED', `${file}: ends inside its row table`, { file, offset: at });
  // Bytes of each row, then the rows, channel after channel.
  const counts = Buffer.from(await source.read(at + 2, rows * word));
  const offset = new Float64Array(channels).fill(-1);
  const length = new Float64Array(channels);
  let next = at + 2 + rows * word;
  for (let c = 0; c < channels; c++) {
    let bytes = 0;
    for (let y = 0; y < height; y++) {
      const i = (c * height + y) * word;
      bytes += large ? counts.readUInt32BE(i) : counts.readUInt16BE(i);
    }
    if (next < source.size) {
      offset[c] = next;
      length[c] = Math.min(bytes, source.size - next);
    }
    next += bytes;
  }
  return {
    layout: { kind: 'grid', block: [1, 1, 1, height, width], edge: 'clipped' },
    address: { kind: 'table', file: 0, offset, length },
    files: [file],
    chains: [{ codecs: [{ id: 'packbits' }, ...steps(layout)], order: 'tczyx' }],
    fill: 0,
    absent: 'missing',
  };
}

/** Resolution (resource 1005) and XMP (1060). */
async function readResources(source: ByteSource, at: number, bytes: number, { limits }: OpenOptions) {
  const original: OriginalMetadata[] = [];
  let size = {};
  if (bytes > limits.metadataBytes || at + bytes > source.size) return { size, original };
  const data = Buffer.from(await source.read(at, bytes));
  for (let i = 0; i + 12 <= data.length && data.toString('latin1', i, i + 4) === '8BIM'; ) {
    const id = data.readUInt16BE(i + 4);
    // A name with its length, padded to an even number of bytes, then the data, padded too.
    const body = i + 6 + ((data[i + 6]! + 2) & ~1);
    if (body + 4 > data.length) break;
    const length = data.readUInt32BE(body);
    const start = body + 4;
    if (start + length > data.length) break;
    if (id === 1005 && length >= 16) {
      const per = (unit: number) => (unit === 2 ? PER_CENTIMETRE : PER_INCH);
      size = physicalSizes(
        (data.readUInt32BE(start) / 65536) * per(data.readUInt16BE(start + 4)),
        (data.readUInt32BE(start + 8) / 65536) * per(data.readUInt16BE(start + 12)),
      );
    } else if (id === 1060) original.push({ key: 'XMP', value: data.toString('utf8', start, start + length) });
    i = start + length + (length & 1);
  }
  return { size, original };
}
