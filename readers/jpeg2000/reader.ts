// JPEG 2000. Conventions: NOTES.md.

import { rasterDataset } from '../../src/containers/raster/dataset.js';
import { physicalSizes } from '../../src/containers/raster/density.js';
import { type J2kSize, readSize } from '../../src/containers/raster/jpeg2000.js';
import { paletteOf } from '../../src/containers/raster/palette.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { CodecStep } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, unsupported } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { type Box, readBoxes } from './boxes.js';
import { tileBlocks } from './tiles.js';

/** SIZ comes first; 3 bytes a component follow it. */
const HEAD_BYTES = 2 ** 16;

export async function openJpeg2000(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const bare = input.head[0] === 0xff;
    const boxes = bare ? [] : await readBoxes(source, options.limits);
    const stream = bare ? { offset: 0, length: source.size } : boxes.find((b) => b.type === 'jp2c');
    if (!stream) throw formatError('JP2_BOX', `${file}: no code stream in the JP2 file`, { file });
    const size = await sizeOf(source, stream);
    const { components } = size;
    const bits = Math.max(...components.map((c) => c.bits));
    const type = typeOf(
      file,
      bits,
      components.some((c) => c.signed),
    );
    const shape: Tczyx = [1, components.length, 1, size.height, size.width];
    const space = colorSpace(boxes);
    const conversion = space === 18 && components.length === 3 ? 'ycbcr' : 'none';
    const codec: CodecStep = size.ht ? { id: 'htj2k' } : { id: 'jpeg2000', color: conversion };
    const blocks =
      (await tileBlocks(source, stream, size, shape, options.limits, conversion)) ??
      wholeBlock({ file, ...stream, shape, type, codecs: [codec], limits: options.limits });
    const color = components.length === 3 || (components.length === 4 && space !== 12 && space !== 17);
    return rasterDataset({
      format: 'jpeg2000',
      name: input.name,
      file,
      shape,
      type,
      blocks,
      color: color && components.every((c) => c.bits === components[0]!.bits),
      pixels: { SignificantBits: bits, ...resolution(boxes) },
      source: components.length === 1 && bits <= 8 ? paletteOf(paletteBox(boxes)) : undefined,
      original: originalMetadata(size, boxes, space),
    });
  } finally {
    await source.close();
  }
}

async function sizeOf(source: ByteSource, stream: { offset: number; length: number }): Promise<J2kSize> {
  return readSize(await source.read(stream.offset, Math.min(stream.length, HEAD_BYTES)));
}

function typeOf(file: string, bits: number, signed: boolean): PixelType {
  if (bits > 32) throw unsupported('JPEG2000_DEPTH', `${file}: samples of ${bits} bits are not supported`, { file });
  const size = bits > 16 ? 32 : bits > 8 ? 16 : 8;
  return `${signed ? '' : 'u'}int${size}` as PixelType;
}

const viewOf = (data: Uint8Array) => new DataView(data.buffer, data.byteOffset, data.byteLength);

/** Enumerated colour space: 12 CMYK, 16 sRGB, 17 gray, 18 sYCC. */
function colorSpace(boxes: readonly Box[]): number | undefined {
  const data = boxes.find((b) => b.type === 'colr' && b.data?.[0] === 1)?.data;
  return data && data.length >= 7 ? viewOf(data).getUint32(3) : undefined;
}

/** RGB triplets of a palette of three columns of 8 bits. */
function paletteBox(boxes: readonly Box[]): Uint8Array | undefined {
  const data = boxes.find((b) => b.type === 'pclr')?.data;
  if (!data || data.length < 6) return undefined;
  const entries = viewOf(data).getUint16(0);
  const columns = data[2]!;
  const eight = [...data.subarray(3, 3 + columns)].every((depth) => depth === 7);
  const start = 3 + columns;
  if (columns < 3 || !eight || data.length < start + entries * columns) return undefined;
  return Uint8Array.from({ length: entries * 3 }, (_, i) => data[start + Math.floor(i / 3) * columns + (i % 3)]!);
}

/** Capture resolution, else the one meant for display: points per metre. */
function resolution(boxes: readonly Box[]) {
  const data = (boxes.find((b) => b.type === 'resc') ?? boxes.find((b) => b.type === 'resd'))?.data;
  if (!data || data.length < 10) return {};
  const view = viewOf(data);
  const value = (at: number, exponent: number) =>
    (view.getUint16(at) / view.getUint16(at + 2)) * 10 ** view.getInt8(exponent);
  return physicalSizes(value(4, 9), value(0, 8));
}

function originalMetadata(size: J2kSize, boxes: readonly Box[], space: number | undefined): OriginalMetadata[] {
  const text = (data: Uint8Array) => Buffer.from(data).toString('utf8').replace(/\0+$/, '');
  const original: OriginalMetadata[] = [
    {
      key: 'Components',
      value: size.components.map((c) => `${c.bits} bits${c.signed ? ' signed' : ''} ${c.dx}x${c.dy}`).join(', '),
    },
  ];
  if (space !== undefined) original.push({ key: 'ColorSpace', value: String(space) });
  for (const { type, data } of boxes) {
    if (!data) continue;
    if (type === 'xml ') original.push({ key: 'XML', value: text(data) });
    if (type === 'uuid' && data.length > 16) {
      const id = Buffer.from(data.subarray(0, 16)).toString('hex');
      // Adobe's UUID for XMP.
      if (id === 'be7acfcb97a942e89c71999491e3afac') original.push({ key: 'XMP', value: text(data.subarray(16)) });
      else original.push({ key: 'UUID', value: id });
    }
  }
  return original;
}
