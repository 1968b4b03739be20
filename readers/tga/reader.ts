// Truevision TGA. Conventions: NOTES.md.

import { rasterDataset } from '../../src/containers/raster/dataset.js';
import { paletteOf } from '../../src/containers/raster/palette.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { ByteSource, Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import { parseTga, type TgaHeader } from './header.js';

function samplesOf({ kind, bits, alpha }: TgaHeader): number {
  if (kind === 'index') return 1;
  if (kind === 'gray') return bits / 8;
  return bits === 32 || (bits === 16 && alpha > 0) ? 4 : 3;
}

/** RGB triplets from index 0 on. */
async function readTable(source: ByteSource, { kind, table, tableAt }: TgaHeader): Promise<Uint8Array | undefined> {
  if (kind !== 'index') return undefined;
  const step = Math.ceil(table.bits / 8);
  const data = await source.read(tableAt, table.count * step);
  const rgb = new Uint8Array((table.first + table.count) * 3);
  for (let i = 0; i < table.count; i++) {
    const to = (table.first + i) * 3;
    const at = i * step;
    const word = data[at]! | (data[at + 1]! << 8);
    const five = (value: number) => Math.floor(((value & 31) * 255) / 31);
    for (let s = 0; s < 3; s++) rgb[to + s] = step === 2 ? five(word >> (10 - 5 * s)) : data[at + 2 - s]!;
  }
  return rgb;
}

export async function openTga(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const header = parseTga(await source.read(0, Math.min(18, source.size)));
    if (!header) throw formatError('TGA_HEADER', `${file}: no usable TGA header`, { file, offset: 0 });
    const { width, height, bits, kind, rle, right, top, offset } = header;
    if (offset >= source.size) {
      throw formatError('TRUNCATED', `${file}: the pixels start at ${offset}, the file has ${source.size} bytes`, {
        file,
      });
    }
    const samples = samplesOf(header);
    const shape: Tczyx = [1, samples, 1, height, width];
    const blocks = wholeBlock({
      file,
      offset,
      length: source.size - offset,
      shape,
      type: 'uint8',
      codecs: [{ id: 'tga', bits, rle, kind, right, top }],
      limits: options.limits,
    });
    return rasterDataset({
      format: 'tga',
      name: input.name,
      file,
      shape,
      type: 'uint8',
      blocks,
      color: kind === 'color',
      channels: samples === 2 ? [{}, { Name: 'Alpha' }] : undefined,
      source: paletteOf(await readTable(source, header)),
      original: await originalMetadata(source, header),
    });
  } finally {
    await source.close();
  }
}

async function originalMetadata(source: ByteSource, header: TgaHeader): Promise<OriginalMetadata[]> {
  const original: OriginalMetadata[] = [
    { key: 'BitsPerPixel', value: String(header.bits) },
    { key: 'AttributeBits', value: String(header.alpha) },
    { key: 'RunLengthCoded', value: String(header.rle) },
  ];
  if (header.identifier > 0) {
    const text = Buffer.from(await source.read(18, header.identifier))
      .toString('latin1')
      .split('\0')[0]!
      .trim();
    if (text !== '') original.push({ key: 'ImageID', value: text });
  }
  return original;
}
