// PNG and APNG. Layout and conventions: NOTES.md.

import { type Exif, exifDate, readExif } from '../../src/containers/exif/read.js';
import { physicalSizes } from '../../src/containers/raster/density.js';
import { paletteOf } from '../../src/containers/raster/palette.js';
import { type PngHeader, readHeader, samplesOf } from '../../src/containers/raster/png.js';
import { wholeBlock } from '../../src/containers/raster/whole.js';
import type { Dataset, InputTree, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import { simpleImage } from '../../src/core/ome-build.js';
import { type Chunk, readChunks, readText } from './chunks.js';

/** Characters of all texts of a file: compressed ones can be bombs. */
const MOST_TEXT = 16 * 2 ** 20;

export async function openPng(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const chunks = await readChunks(source, options);
    const first = chunks[0];
    if (first?.type !== 'IHDR' || !first.data) {
      throw formatError('PNG_STREAM', `${source.name}: the first chunk is not IHDR`, { file: source.name, offset: 8 });
    }
    if (!chunks.some((c) => c.type === 'IDAT')) {
      throw formatError('PNG_STREAM', `${source.name}: no image data`, { file: source.name });
    }
    const header = readHeader(first.data, first.offset);
    const frames = framesOf(chunks, header);
    const samples = samplesOf(header);
    const type = header.depth > 8 ? 'uint16' : 'uint8';
    const shape: Tczyx = [frames ?? 1, samples, 1, header.height, header.width];
    const codecs = [frames === undefined ? { id: 'png' } : { id: 'png', animated: true }];
    const blocks = wholeBlock({
      file: source.name,
      offset: 0,
      length: source.size,
      shape,
      type,
      codecs,
      limits: options.limits,
    });
    const palette = chunks.find((c) => c.type === 'PLTE')?.data;
    const indexed = header.colorType === 3;
    return {
      format: 'png',
      ome: { Images: [describe(input.name, chunks, header, shape, type)] },
      images: [
        {
          name: input.name,
          role: 'pixels',
          type,
          levels: [{ shape, blocks }],
          ...paletteOf(indexed ? palette : undefined),
        },
      ],
      original: originalMetadata(chunks, header),
      files: [source.name],
    };
  } finally {
    await source.close();
  }
}

/** Frames of an animation, counted by their control chunks; undefined for a still image. */
function framesOf(chunks: readonly Chunk[], header: PngHeader): number | undefined {
  if (!chunks.some((c) => c.type === 'acTL')) return undefined;
  const count = chunks.filter((c, i) => c.type === 'fcTL' && /^(IDAT|fdAT)$/.test(chunks[i + 1]?.type ?? '')).length;
  // Indices with half-transparent entries cannot be laid over each other.
  const alpha = chunks.find((c) => c.type === 'tRNS')?.data;
  const mixed = header.colorType === 3 && alpha?.some((a) => a !== 0 && a !== 255);
  return count > 1 && !mixed ? count : undefined;
}

function describe(name: string, chunks: readonly Chunk[], header: PngHeader, shape: Tczyx, type: string) {
  const phys = chunks.find((c) => c.type === 'pHYs')?.data;
  const view = phys && phys.length >= 9 && phys[8] === 1 ? new DataView(phys.buffer, phys.byteOffset) : undefined;
  const color = header.colorType === 2 || header.colorType === 6;
  const exif = exifOf(chunks);
  return simpleImage({
    index: 0,
    name,
    shape,
    type,
    samplesPerPixel: color ? shape[1] : 1,
    channels: header.colorType === 4 ? [{}, { Name: 'Alpha' }] : undefined,
    image: { AcquisitionDate: exif && exifDate(exif) },
    pixels: { SignificantBits: header.depth, ...physicalSizes(view?.getUint32(0), view?.getUint32(4)) },
  });
}

function exifOf(chunks: readonly Chunk[]): Exif | undefined {
  const data = chunks.find((c) => c.type === 'eXIf')?.data;
  return data && readExif(data);
}

function originalMetadata(chunks: readonly Chunk[], header: PngHeader): OriginalMetadata[] {
  let room = MOST_TEXT;
  const original: OriginalMetadata[] = [
    { key: 'BitDepth', value: String(header.depth) },
    { key: 'ColorType', value: String(header.colorType) },
  ];
  for (const chunk of chunks) {
    const { type, data } = chunk;
    if (!data) continue;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (type === 'tEXt' || type === 'zTXt' || type === 'iTXt') {
      const text = readText(chunk, room);
      if (!text) continue;
      room -= text.text.length;
      original.push({ key: text.keyword, value: text.text });
    } else if (type === 'tIME' && data.length >= 7) {
      const two = (i: number) => String(data[i]).padStart(2, '0');
      original.push({ key: 'tIME', value: `${view.getUint16(0)}-${two(2)}-${two(3)}T${two(4)}:${two(5)}:${two(6)}Z` });
    } else if (type === 'pHYs' && data.length >= 9) {
      const unit = data[8] === 1 ? 'pixels/m' : 'aspect';
      original.push({ key: 'pHYs', value: `${view.getUint32(0)} ${view.getUint32(4)} ${unit}` });
    } else if (type === 'gAMA' && data.length >= 4) {
      original.push({ key: 'gAMA', value: String(view.getUint32(0) / 100_000) });
    } else if (type === 'tRNS' || type === 'bKGD' || type === 'sBIT' || type === 'hIST') {
      original.push({ key: type, value: [...data].join(' ') });
    } else if (type === 'iCCP') {
      const end = data.indexOf(0);
      original.push({ key: 'iCCP', value: Buffer.from(data.subarray(0, Math.max(0, end))).toString('latin1') });
    } else if (type === 'acTL' && data.length >= 8) {
      original.push({ key: 'Frames', value: String(view.getUint32(0)) });
      original.push({ key: 'Loops', value: String(view.getUint32(4)) });
    } else if (type === 'fcTL' && data.length >= 26) {
      original.push({ key: 'FrameDelay', value: `${view.getUint16(20)}/${view.getUint16(22) || 100} s` });
    } else if (type === 'eXIf') {
      for (const [key, value] of readExif(data)) original.push({ key: `Exif ${key}`, value: String(value) });
    }
  }
  return original;
}
