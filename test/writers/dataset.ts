// Data sets for writer tests: pixels by formula in one raw file an image, one block a plane, described as a reader would.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockMap } from '../../src/core/blocks.js';
import type { Dataset, ImageSource } from '../../src/core/contracts.js';
import { pixelCount, type Tczyx } from '../../src/core/geometry.js';
import type { OmeChannel, OmeImage, OmeModel } from '../../src/core/ome.js';
import { asPixels, bytesPerSample, type PixelData, type PixelType } from '../../src/core/pixel-type.js';

export interface TestImage {
  readonly shape: Tczyx;
  readonly type: PixelType;
  readonly name?: string;
  readonly role?: ImageSource['role'];
  readonly channels?: readonly Partial<OmeChannel>[];
  readonly ome?: Partial<OmeImage['Pixels']>;
  readonly image?: Partial<OmeImage>;
  readonly source?: Partial<ImageSource>;
}

/** The value at a position: different on every axis, within the type. */
export function valueAt(type: PixelType, t: number, c: number, z: number, y: number, x: number): number {
  const value = (t * 41 + c * 29 + z * 17 + y * 7 + x * 3) % 251;
  if (type === 'int8') return value - 125;
  if (type === 'float' || type === 'double') return value / 8;
  return bytesPerSample(type) > 1 ? value * 13 : value;
}

/** All pixels in C order. */
export function pixelsOf({ shape, type }: Pick<TestImage, 'shape' | 'type'>): PixelData {
  const data = asPixels(new Uint8Array(pixelCount(shape) * bytesPerSample(type)), type);
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  let i = 0;
  for (let t = 0; t < shape[0]; t++)
    for (let c = 0; c < shape[1]; c++)
      for (let z = 0; z < shape[2]; z++)
        for (let y = 0; y < shape[3]; y++)
          for (let x = 0; x < shape[4]; x++) {
            const value = valueAt(type, t, c, z, y, x);
            if (wide) data[i++] = BigInt(value);
            else (data as Float64Array)[i++] = value;
          }
  return data;
}

/** A block map of one raw block a plane. Without a file the map is good for planning alone. */
export function planeBlocks({ shape, type }: Pick<TestImage, 'shape' | 'type'>, file: string): BlockMap {
  const plane = shape[3] * shape[4] * bytesPerSample(type);
  const planes = shape[0] * shape[1] * shape[2];
  return {
    layout: { kind: 'grid', block: [1, 1, 1, shape[3], shape[4]], edge: 'clipped' },
    address: {
      kind: 'table',
      file: 0,
      offset: Float64Array.from({ length: planes }, (_, i) => i * plane),
      length: new Float64Array(planes).fill(plane),
    },
    files: [file],
    chains: [{ codecs: [], order: 'tczyx' }],
    fill: 0,
    absent: 'missing',
  };
}

export function testSource(image: TestImage, file = '/nowhere'): ImageSource {
  return {
    name: image.name ?? '',
    role: image.role ?? 'pixels',
    type: image.type,
    levels: [{ shape: image.shape, blocks: planeBlocks(image, file) }],
    ...image.source,
  };
}

function omeImage(image: TestImage, index: number): OmeImage {
  const [t, c, z, y, x] = image.shape;
  const channels = image.channels ?? Array.from({ length: c }, () => ({}));
  return {
    ID: `Image:${index}`,
    Name: image.name,
    Pixels: {
      ID: `Pixels:${index}`,
      DimensionOrder: 'XYZCT',
      Type: image.type,
      SizeX: x,
      SizeY: y,
      SizeZ: z,
      SizeC: c,
      SizeT: t,
      Channels: channels.map((channel, k) => ({ ID: `Channel:${index}:${k}`, ...channel })),
      ...image.ome,
    },
    ...image.image,
  };
}

/** @param folder where raw files go; absent: none are written */
export function testDataset(images: readonly TestImage[], model: Partial<OmeModel> = {}, folder?: string): Dataset {
  const sources = images.map((image, i) => {
    const file = folder === undefined ? '/nowhere' : join(folder, `${i}.raw`);
    const pixels = folder === undefined ? undefined : pixelsOf(image);
    if (pixels) writeFileSync(file, new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
    return testSource(image, file);
  });
  return { format: 'test', ome: { Images: images.map(omeImage), ...model }, images: sources, original: [], files: [] };
}
