import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromFile } from 'geotiff';
import { describe, expect, it } from 'vitest';
import { frameInterval, parseDescription, unitLength } from '../../readers/imagej-tiff/description.js';
import { imagejTiff } from '../../readers/imagej-tiff/format.js';
import { tiff } from '../../readers/tiff/format.js';
import type { Dataset, FormatReader, ImageSource, Notice } from '../../src/core/contracts.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { omeColor } from '../../src/core/ome.js';
import { openTree } from '../../src/io/tree.js';
import { LevelReader } from '../../src/pipeline/read.js';
import { openWith } from './fixture-suite.js';

interface Expected {
  readonly sha256: string;
  readonly reader: string;
  readonly images: readonly {
    readonly type: string;
    readonly shape: readonly number[];
    readonly planes: readonly string[];
    readonly levels?: readonly (readonly number[])[];
  }[];
  readonly damage?: number;
  readonly physicalSize?: readonly number[];
  readonly date?: string;
  readonly timeIncrement?: number;
  readonly rois?: readonly string[];
  readonly window?: readonly [number, number];
  readonly palette?: { readonly depth: number; readonly entries: number; readonly first: readonly number[] };
}

const FOLDER = 'fixtures/tiff';
const manifest = Object.entries(
  JSON.parse(readFileSync(`${FOLDER}/manifest.json`, 'utf8')) as Record<string, Expected>,
);

async function open(name: string, options: Readonly<Record<string, string>> = {}) {
  const input = await openTree(`${FOLDER}/${name}`);
  const notices: Notice[] = [];
  let best: { reader: FormatReader; score: number } | undefined;
  for (const reader of [imagejTiff, tiff]) {
    const probed = reader.probe(input);
    const { score } = probed.score === 50 ? await reader.identify!(input) : probed;
    expect(score).not.toBe(best?.score ?? -1);
    if (score > (best?.score ?? 0)) best = { reader, score };
  }
  const dataset = await best!.reader.open(input, {
    limits: DEFAULT_LIMITS,
    notice: (notice) => void notices.push(notice),
    reader: options,
  });
  await input.close();
  return { dataset, notices };
}

async function hashes(image: ImageSource, damage: { count: number }): Promise<string[]> {
  const [t, c, z, y, x] = image.levels[0].shape;
  const reader = new LevelReader(image.levels[0], image.type, {
    damage: () => void damage.count++,
    fill: image.levels[0].blocks.fill,
  });
  const found: string[] = [];
  for (let i = 0; i < t; i++) {
    for (let j = 0; j < c; j++) {
      for (let k = 0; k < z; k++) {
        const { buffer, byteOffset, byteLength } = await reader.read({
          start: [i, j, k, 0, 0],
          shape: [1, 1, 1, y, x],
        });
        found.push(
          createHash('sha256')
            .update(new Uint8Array(buffer, byteOffset, byteLength))
            .digest('hex'),
        );
      }
    }
  }
  reader.close();
  return found;
}

describe('fixtures', () => {
  expect(manifest.length).toBeGreaterThan(100);
  it.each(manifest)('%s', async (name, expected) => {
    const { dataset } = await open(name);
    expect(dataset.format).toBe(expected.reader);
    expect(dataset.images.map((image) => [image.type, image.levels[0].shape])).toEqual(
      expected.images.map((image) => [image.type, image.shape]),
    );
    const damage = { count: 0 };
    for (const [i, image] of expected.images.entries()) {
      expect(await hashes(dataset.images[i]!, damage)).toEqual(image.planes);
      if (image.levels) expect(dataset.images[i]!.levels.map(({ shape }) => shape.slice(3))).toEqual(image.levels);
      checkModel(dataset, i);
    }
    expect(damage.count > 0).toBe((expected.damage ?? 0) > 0);
    const { Pixels, AcquisitionDate } = dataset.ome.Images[0]!;
    const sizes = [Pixels.PhysicalSizeX, Pixels.PhysicalSizeY, Pixels.PhysicalSizeZ];
    expected.physicalSize?.forEach((value, axis) => {
      expect(sizes[axis]).toMatchObject({ unit: 'µm' });
      expect(sizes[axis]!.value).toBeCloseTo(value, 9);
    });
    if (expected.date) expect(AcquisitionDate).toBe(expected.date);
    if (expected.timeIncrement) expect(Pixels.TimeIncrement).toEqual({ value: expected.timeIncrement, unit: 's' });
    if (expected.rois) expect(dataset.ome.ROIs?.map((roi) => roi.Shapes[0]!.name)).toEqual(expected.rois);
    if (expected.window) {
      expect(dataset.images[0]!.display?.[0]?.window).toMatchObject({
        start: expected.window[0],
        end: expected.window[1],
      });
    }
    if (expected.palette) {
      const { depth, rgb } = dataset.images[0]!.palette!;
      expect([depth, rgb.length]).toEqual([expected.palette.depth, (expected.palette.entries * 3 * depth) / 8]);
      expect([0, 1, 2].map((c) => rgb[6 + 2 * c]! | (rgb[7 + 2 * c]! << 8))).toEqual(expected.palette.first);
    }
  });
});

function checkModel(dataset: Dataset, index: number): void {
  const { Pixels, ID } = dataset.ome.Images[index]!;
  const [t, c, z, y, x] = dataset.images[index]!.levels[0].shape;
  expect(ID).toBe(`Image:${index}`);
  expect([Pixels.SizeT, Pixels.SizeC, Pixels.SizeZ, Pixels.SizeY, Pixels.SizeX]).toEqual([t, c, z, y, x]);
  expect(Pixels.Channels.reduce((sum, channel) => sum + (channel.SamplesPerPixel ?? 1), 0)).toBe(c);
  expect(Pixels.Type).toBe(dataset.images[index]!.type);
}

describe('metadata', () => {
  it('maps ordinary tags and keeps all of them', async () => {
    const { dataset } = await open('resolution-cm.tif');
    expect(dataset.ome.Images[0]).toMatchObject({
      Description: 'two words',
      ExperimenterRef: 'Experimenter:0',
      Pixels: { PhysicalSizeX: { value: 0.5, unit: 'µm' } },
    });
    expect(dataset.ome.Experimenters).toEqual([{ ID: 'Experimenter:0', FirstName: 'Ada', LastName: 'Lovelace' }]);
    expect(dataset.original).toContainEqual({ key: 'DateTime', value: '2021:03:04 05:06:07' });
    expect(dataset.original).toContainEqual({ key: 'ImageWidth', value: '20' });
    expect(dataset.original.some(({ key }) => key === 'StripOffsets')).toBe(false);
  });

  it('tells that a resolution has no unit', async () => {
    expect((await open('uint8-le.tif')).notices).toMatchObject([{ code: 'TIFF_NO_UNIT', rank: 'info' }]);
    expect((await open('resolution-inch.tif')).notices).toEqual([]);
  });

  it('knows colour pictures, bands, depths and parts of complex numbers', async () => {
    const channels = async (name: string) => (await open(name)).dataset.ome.Images[0]!.Pixels;
    expect((await channels('rgba.tif')).Channels).toMatchObject([{ ID: 'Channel:0:0', SamplesPerPixel: 4 }]);
    expect((await channels('cmyk.tif')).Channels).toHaveLength(1);
    expect((await channels('seven-bands.tif')).Channels).toHaveLength(7);
    expect((await channels('gray-alpha.tif')).Channels).toHaveLength(2);
    expect((await channels('complex64.tif')).Channels).toMatchObject([{ Name: 'real' }, { Name: 'imaginary' }]);
    expect((await channels('uint12.tif')).SignificantBits).toBe(12);
    expect((await channels('uint16-le.tif')).SignificantBits).toBeUndefined();
  });

  it('leaves ink as stored when asked to', async () => {
    const ink = await open('white-is-zero.tif', { ink: 'stored' });
    expect(ink.dataset.images[0]!.levels[0].blocks.chains[0].codecs).toEqual([]);
    const light = await open('white-is-zero.tif');
    expect(light.dataset.images[0]!.levels[0].blocks.chains[0].codecs).toMatchObject([{ id: 'invert' }]);
  });

  it('keeps indexed images apart from intensities', async () => {
    expect((await open('palette.tif')).dataset.images[0]!.categorical).toBe(true);
    expect((await open('uint8-le.tif')).dataset.images[0]!.categorical).toBeUndefined();
  });

  it('reads what ImageJ adds', async () => {
    const { dataset } = await open('imagej-hyperstack.tif');
    const { Pixels, ROIRefs } = dataset.ome.Images[0]!;
    expect(Pixels.Channels.map(({ Color }) => Color)).toEqual([omeColor(0, 255, 0), omeColor(255, 255, 255)]);
    expect(dataset.images[0]!.display).toMatchObject([{ window: { end: 400 } }, { window: { start: 5 } }]);
    expect(ROIRefs).toEqual(['ROI:0', 'ROI:1', 'ROI:2']);
    expect(dataset.ome.ROIs?.[0]?.Shapes[0]?.attributes).toMatchObject({ X: '2', Y: '1', Width: '6', Height: '4' });
    expect(dataset.ome.ROIs?.[2]?.Shapes[0]?.attributes).toMatchObject({ Points: '2,1 8,2 5,5' });
    const value = (key: string) => dataset.original.find((entry) => entry.key === key)?.value;
    expect(value('ImageJ unit')).toBe('µm');
    expect(value('ImageJ label 3')).toBe('label 2');
    expect(value('ImageJ info')).toBe('key = value');
    expect(value('ImageJ ROI 1 (base64)')).toMatch(/^SW91d/);
  });
});

describe('an independent reader agrees', () => {
  const SIMPLE = [
    'uint16-le.tif',
    'float32-le.tif',
    'rgb-strips.tif',
    'rgb-planar.tif',
    'u16-lzw.tif',
    'u16-zlib.tif',
    'uint8-pred2.tif',
    'int16-pred2.tif',
    'uint12.tif',
  ];
  it.each(SIMPLE)('geotiff.js on %s', async (name) => {
    const { dataset } = await open(name);
    const [image] = dataset.images;
    const [, c, , y, x] = image!.levels[0].shape;
    const reader = new LevelReader(image!.levels[0], image!.type);
    const ours = await reader.read({ start: [0, 0, 0, 0, 0], shape: [1, c, 1, y, x] });
    reader.close();
    const judge = await fromFile(`${FOLDER}/${name}`);
    const rasters = (await (await judge.getImage()).readRasters()) as unknown as ArrayLike<number>[];
    const theirs = Array.from({ length: c }, (_, i) => Array.from(rasters[i]!)).flat();
    expect(Array.from(ours as Uint8Array)).toEqual(theirs);
    await judge.close();
  });
});

describe('units of ImageJ', () => {
  const seconds = (unit: string) => frameInterval(parseDescription(`finterval=3\ntunit=${unit}`))?.value;

  it('times, and words that are none', () => {
    const found = ['sec', 'ms', '\\u00B5s', 'us', 'min', 'hours', 'd', ''].map(seconds);
    expect(found).toEqual([3, 3e-3, 3e-6, 3e-6, 180, 10_800, 259_200, 3].map((n) => expect.closeTo(n, 12) as number));
    expect(seconds('frames')).toBeUndefined();
    expect(frameInterval(parseDescription('fps=4'))).toEqual({ value: 0.25, unit: 's' });
  });

  it('lengths', () => {
    expect(['\\u00B5m', 'microns', 'um', 'inch', 'pixel', ''].map(unitLength)).toEqual([1, 1, 1, 25_400, undefined, 1]);
  });
});

/** A little-endian TIFF with one directory of SHORT tags, all else zero. */
function smallTiff(tags: Readonly<Record<number, readonly number[]>>): Buffer {
  const entries = Object.entries(tags).map(([tag, values]) => [Number(tag), values] as const);
  const file = Buffer.alloc(4096);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(entries.length, 8);
  let extra = 2048;
  entries.forEach(([tag, values], i) => {
    const at = 10 + i * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(3, at + 2);
    file.writeUInt32LE(values.length, at + 4);
    const to = values.length > 2 ? extra : at + 8;
    if (to === extra) file.writeUInt32LE(extra, at + 8);
    for (const [k, value] of values.entries()) file.writeUInt16LE(value, to + 2 * k);
    if (to === extra) extra += 2 * values.length;
  });
  return file;
}

describe('tiff: refused', () => {
  it('planes of subsampled chroma', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'imgconv-tiff-'));
    const path = join(folder, 'chroma.tif');
    const tags = {
      256: [8],
      257: [8],
      258: [8, 8, 8],
      259: [1],
      262: [6],
      273: [3000, 3100, 3200],
      277: [3],
      278: [8],
    };
    writeFileSync(path, smallTiff({ ...tags, 279: [64, 16, 16], 284: [2], 530: [2, 2] }));
    await expect(openWith('tiff', path)).rejects.toMatchObject({ blame: 'unsupported', code: 'TIFF_CHROMA' });
    rmSync(folder, { recursive: true });
  });
});
