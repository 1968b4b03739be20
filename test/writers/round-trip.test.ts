// There and back: random data sets through OME-TIFF and OME-Zarr keep every pixel and all that the OME model says.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { convert, openInput, type Target } from '../../src/app.js';
import { readOmeXml } from '../../src/containers/ome-xml/read.js';
import type { Dataset, OriginalMetadata } from '../../src/core/contracts.js';
import { pixelCount, type Tczyx } from '../../src/core/geometry.js';
import { bytesPerSample, type PixelType } from '../../src/core/pixel-type.js';
import { openSink } from '../../src/io/sink.js';
import { readRegion } from '../../src/pipeline/read.js';
import { canonicalModel } from '../../src/testing/canonical.js';
import type { NgffOptionsInput } from '../../writers/ngff/options.js';
import { type OmeTiffOptionsInput, omeTiff, parseOmeTiffOptions } from '../../writers/ome-tiff/format.js';
import { random, randomBytes } from '../kernels/model.js';
import { testSource } from './dataset.js';
import { type Random, RandomDocument, type RandomImage } from './random-model.js';

const folder = mkdtempSync(join(tmpdir(), 'imgconv-round-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TYPES: readonly PixelType[] = ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float', 'double'];
const ORDERS = ['XYZCT', 'XYZTC', 'XYCTZ', 'XYCZT', 'XYTCZ', 'XYTZC'];
const SPLITS = [undefined, undefined, undefined, 'series', 'channels', 'z', 'timepoints', 'planes'];
const LOSSLESS = ['auto', 'none', 'lzw', 'deflate', 'zstd', 'packbits'];
/** Of these, JPEG 2000 keeps every bit. */
const WHOLE_16: readonly PixelType[] = ['uint8', 'int8', 'uint16', 'int16'];
const VALUES = ['', 'text', ' µ <&> ', 'two\nlines', '{"a": [1]}'];

function pick<T>(next: Random, list: readonly T[]): T {
  return list[Math.floor(next() * list.length)]!;
}

function randomImages(next: Random): RandomImage[] {
  const small = (): number => pick(next, [1, 1, 1, 2, 3]);
  return Array.from({ length: pick(next, [1, 1, 2, 3]) }, () => {
    const samples = pick(next, [1, 1, 1, 2, 3, 3, 4]);
    const side = (): number => pick(next, [1, 2, 7, 16, 17, 33, 65, 100]);
    const shape: Tczyx = [small(), samples * small(), small(), side(), side()];
    return { shape, type: pick(next, TYPES), samples };
  });
}

/** A data set of random pixels, whose raw files lie in the scratch folder. */
function randomDataset(next: Random, seed: number): Dataset {
  const images = randomImages(next);
  const document = new RandomDocument(next, images, next() < 0.3).xml();
  const { model } = readOmeXml(document);
  const sources = images.map(({ shape, type }, i) => {
    const file = join(folder, `${seed}-${i}.raw`);
    writeFileSync(file, randomBytes(next, pixelCount(shape) * bytesPerSample(type)));
    return testSource({ shape, type, name: model.Images[i]!.Name }, file);
  });
  const original: OriginalMetadata[] = [];
  for (let n = Math.floor(next() * 6); n > 0; n--) {
    const image = Math.floor(next() * (images.length + 1)) - 1;
    original.push({ ...(image >= 0 && { image }), key: `key ${n} ${pick(next, VALUES)}`, value: pick(next, VALUES) });
  }
  return { format: 'test', ome: model, images: sources, original, files: [] };
}

function tiffOptions(next: Random, types: readonly PixelType[]): OmeTiffOptionsInput {
  const split = pick(next, SPLITS);
  const codecs = types.every((type) => WHOLE_16.includes(type)) ? [...LOSSLESS, 'jpeg2000'] : LOSSLESS;
  return {
    compression: pick(next, codecs),
    dimensionOrder: pick(next, ORDERS),
    tileWidth: pick(next, [16, 32, 512]),
    tileHeight: pick(next, [16, 48, 512]),
    resolutions: 3,
    bigtiff: pick(next, ['auto', 'always']),
    transcode: next() < 0.3,
    ...(split && { split, companion: next() < 0.5 }),
  };
}

/** Bytes of every level of every image, in the order of the images' identifiers. */
async function contents(dataset: Dataset): Promise<{ model: unknown; pixels: Record<string, string[]> }> {
  const pixels: Record<string, string[]> = {};
  for (const [i, image] of dataset.images.entries()) {
    const levels: string[] = [];
    for (const level of image.levels) {
      const data = await readRegion(level, image.type, { start: [0, 0, 0, 0, 0], shape: level.shape });
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      levels.push(`${image.type} ${level.shape.join(' ')} ${bytes.toString('base64')}`);
    }
    pixels[dataset.ome.Images[i]!.ID] = levels;
  }
  return { model: canonicalModel(dataset), pixels };
}

async function opened(path: string): Promise<Awaited<ReturnType<typeof contents>>> {
  const { dataset, tree, notices } = await openInput(path);
  try {
    expect(notices).toEqual([]);
    return await contents(dataset);
  } finally {
    await tree.close();
  }
}

async function through(input: string, output: string, target: Target): Promise<void> {
  const { notices, plan } = await convert({ input, output, target, overwrite: true, onMissing: 'fail', workers: 1 });
  expect(notices.filter(({ rank }) => rank !== 'info')).toEqual([]);
  expect(plan.losses).toEqual([]);
}

const ngff = (options: NgffOptionsInput): Target => ({ writer: 'ngff', options: () => options });
const tiff = (options: OmeTiffOptionsInput): Target => ({ writer: 'ome-tiff', options: () => options });

/** Entry of a set: any of its files. */
async function writeTiff(dataset: Dataset, name: string, options: OmeTiffOptionsInput): Promise<string> {
  const parsed = parseOmeTiffOptions(options);
  const run = { workers: 1, memory: 2 ** 28, blockBytes: 2 ** 30 };
  const { names } = omeTiff.plan(dataset, parsed, run, name);
  const sink = await openSink(join(folder, name), { overwrite: true, kind: 'files', ...(names && { names }) });
  await omeTiff.write(dataset, parsed, sink, { ...run, notice: () => undefined });
  await sink.commit();
  return join(folder, names!.at(-1)!);
}

async function roundTrip(seed: number): Promise<void> {
  const next = random(seed);
  const dataset = randomDataset(next, seed);
  const types = dataset.images.map(({ type }) => type);
  const first = await contents(dataset);
  const start = await writeTiff(dataset, `${seed}-a.ome.tiff`, tiffOptions(next, types));
  const read = await opened(start);
  expect(read.model).toEqual(first.model);
  for (const [id, levels] of Object.entries(first.pixels)) expect(read.pixels[id]![0]).toBe(levels[0]);
  const version = pick(next, ['0.4', '0.5']);
  const other = version === '0.4' ? '0.5' : '0.4';
  const path = (name: string): string => join(folder, `${seed}-${name}`);
  await through(start, path('b.zarr'), ngff({ ngffVersion: version, resolutions: 3 }));
  expect(await opened(path('b.zarr'))).toEqual(read);
  await through(
    path('b.zarr'),
    path('c.ome.tiff'),
    tiff({ ...tiffOptions(next, types), split: undefined, companion: false }),
  );
  expect(await opened(path('c.ome.tiff'))).toEqual(read);
  await through(path('c.ome.tiff'), path('d.zarr'), ngff({ ngffVersion: other, resolutions: 3 }));
  expect(await opened(path('d.zarr'))).toEqual(read);
  // Straight from one OME-TIFF to another: tiles of all codecs are handed on, or coded anew.
  const options = { ...tiffOptions(next, types), tileWidth: undefined, tileHeight: undefined };
  await through(path('c.ome.tiff'), path('e.ome.tiff'), tiff({ ...options, split: undefined, companion: false }));
  expect(await opened(path('e.ome.tiff'))).toEqual(read);
}

const COUNT = Number(process.env.IMGCONV_ROUNDS ?? 40);

describe('OME-TIFF → OME-Zarr → OME-TIFF → OME-Zarr', () => {
  for (let seed = 1; seed <= COUNT; seed++) it(`keeps data set ${seed}`, () => roundTrip(seed));
});
