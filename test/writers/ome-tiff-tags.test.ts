// What the directories of an OME-TIFF and its XML say of special images: colour tables, depths, sizes, roles.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { convert, openInput } from '../../src/app.js';
import { parseTiff, type TiffFile } from '../../src/containers/tiff/file.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { Dataset, Notice } from '../../src/core/contracts.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { openFile } from '../../src/io/files.js';
import { openSink } from '../../src/io/sink.js';
import { type OmeTiffOptionsInput, omeTiff, parseOmeTiffOptions } from '../../writers/ome-tiff/format.js';
import { type TestImage, testDataset } from './dataset.js';

const folder = mkdtempSync(join(tmpdir(), 'imgconv-tags-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

async function write(
  images: readonly TestImage[],
  options: OmeTiffOptionsInput = {},
): Promise<{ path: string; notices: Notice[] }> {
  const name = `${count++}.ome.tiff`;
  const sink = await openSink(join(folder, name), { overwrite: false, kind: 'files' });
  const notices: Notice[] = [];
  const context = { workers: 1, memory: 2 ** 28, blockBytes: 2 ** 30, notice: (n: Notice) => void notices.push(n) };
  await omeTiff.write(testDataset(images, {}, folder), parseOmeTiffOptions(options), sink, context);
  await sink.commit();
  return { path: join(folder, name), notices };
}

async function withTiff<T>(path: string, use: (file: TiffFile) => Promise<T>): Promise<T> {
  const source = await openFile(path);
  try {
    return await use(await parseTiff(source, DEFAULT_LIMITS));
  } finally {
    await source.close();
  }
}

async function reopened(path: string): Promise<Dataset> {
  const { dataset, tree, notices } = await openInput(path);
  await tree.close();
  expect(notices).toEqual([]);
  return dataset;
}

const tags = (path: string, ...wanted: number[]): Promise<(number[] | undefined)[]> =>
  withTiff(path, async (file) =>
    Promise.all(
      wanted.map(async (tag) => {
        const numbers = await file.ifds[0]!.numbers(tag);
        return numbers && [...numbers];
      }),
    ),
  );

describe('colour tables', () => {
  const rgb = Uint8Array.from({ length: 30 }, (_, i) => (i * 83) % 256);
  const image: TestImage = { shape: [1, 1, 1, 40, 50], type: 'uint8', source: { palette: { depth: 8, rgb } } };

  it('become the ColorMap of every level, and come back', async () => {
    const { path } = await write([image], { resolutions: 2 });
    const [photometric, map] = await tags(path, TAG.Photometric, TAG.ColorMap);
    expect(photometric).toEqual([3]);
    expect(map).toHaveLength(768);
    for (let i = 0; i < 10; i++)
      expect([map![i], map![256 + i], map![512 + i]]).toEqual([...rgb.subarray(3 * i, 3 * i + 3)].map((v) => v * 257));
    const { palette } = (await reopened(path)).images[0]!;
    expect(palette!.depth).toBe(8);
    expect([...palette!.rgb.subarray(0, 30)]).toEqual([...rgb]);
    await withTiff(path, async (file) => {
      const [level] = await file.subIfds(file.ifds[0]!);
      expect(await level!.number(TAG.Photometric)).toBe(3);
    });
  });

  it('survive a way through OME-Zarr', async () => {
    const { path } = await write([image]);
    const zarr = `${path}.zarr`;
    const back = `${path}.back.ome.tiff`;
    const common = { overwrite: false, onMissing: 'fail', workers: 1 } as const;
    await convert({ ...common, input: path, output: zarr, target: { writer: 'ngff', options: () => ({}) } });
    await convert({ ...common, input: zarr, output: back, target: { writer: 'ome-tiff', options: () => ({}) } });
    const [before, after] = [await reopened(path), await reopened(back)];
    expect(after.images[0]!.palette).toEqual(before.images[0]!.palette);
    expect(after.original).toEqual(before.original);
  });
});

describe('Pixels', () => {
  it('keep SignificantBits as far as the type reaches', async () => {
    const pixels = async (bits: number): Promise<number | undefined> => {
      const image: TestImage = { shape: [1, 1, 1, 9, 9], type: 'uint16', ome: { SignificantBits: bits } };
      return (await reopened((await write([image])).path)).ome.Images[0]!.Pixels.SignificantBits;
    };
    expect([await pixels(12), await pixels(16), await pixels(20)]).toEqual([12, 16, 16]);
  });

  it('of type bit are bytes with one significant bit', async () => {
    const image: TestImage = { shape: [1, 1, 1, 9, 9], type: 'uint8', ome: { Type: 'bit', SignificantBits: 1 } };
    const { path } = await write([image]);
    const { Pixels } = (await reopened(path)).ome.Images[0]!;
    expect([Pixels.Type, Pixels.SignificantBits]).toEqual(['uint8', 1]);
  });

  it('say Interleaved where samples are, and match their tags', async () => {
    const rgb: TestImage = {
      shape: [1, 6, 1, 20, 30],
      type: 'uint16',
      channels: [{ SamplesPerPixel: 3 }, { SamplesPerPixel: 3 }],
    };
    const gray: TestImage = { shape: [1, 2, 1, 20, 30], type: 'int16' };
    const { path } = await write([rgb, gray]);
    const text = await withTiff(path, async (file) => {
      expect(file.ifds).toHaveLength(4);
      expect([
        await file.ifds[1]!.number(TAG.SamplesPerPixel),
        await file.ifds[2]!.number(TAG.SamplesPerPixel),
      ]).toEqual([3, 1]);
      expect(await file.ifds[3]!.number(TAG.SampleFormat)).toBe(2);
      return file.ifds[0]!.text(TAG.ImageDescription);
    });
    expect(text!.match(/<Pixels[^>]*>/g)!.map((element) => element.includes('Interleaved="true"'))).toEqual([
      true,
      false,
    ]);
  });

  it('with more samples than colours say nothing of what the others mean', async () => {
    const said = async (samples: number): Promise<(number[] | undefined)[]> => {
      const shape = [1, samples, 1, 20, 30] as const;
      const { path } = await write([{ shape, type: 'uint8', channels: [{ SamplesPerPixel: samples }] }]);
      return tags(path, TAG.Photometric, TAG.SamplesPerPixel, TAG.ExtraSamples);
    };
    expect(await said(2)).toEqual([[1], [2], [0]]);
    expect(await said(3)).toEqual([[2], [3], undefined]);
    expect(await said(4)).toEqual([[2], [4], [0]]);
    expect(await said(5)).toEqual([[2], [5], [0, 0]]);
  });

  it('with channels of different samples get a plane for each sample', async () => {
    const mixed: TestImage = {
      shape: [1, 4, 1, 8, 8],
      type: 'uint8',
      channels: [{ SamplesPerPixel: 3 }, { Name: 'x' }],
    };
    const { path, notices } = await write([mixed]);
    expect(notices.map(({ code }) => code)).toContain('CHANNELS_SPLIT');
    const { Pixels } = (await reopened(path)).ome.Images[0]!;
    expect(Pixels.Channels.map((c) => [c.SamplesPerPixel ?? 1, c.Name])).toEqual([
      [1, undefined],
      [1, undefined],
      [1, undefined],
      [1, 'x'],
    ]);
  });
});

describe('pixel sizes', () => {
  it('are resolution tags in pixels per centimetre, halved in levels', async () => {
    const size = { PhysicalSizeX: { value: 250, unit: 'nm' }, PhysicalSizeY: { value: 0.5, unit: 'µm' } };
    const { path } = await write([{ shape: [1, 1, 1, 40, 40], type: 'uint8', ome: size }], { resolutions: 2 });
    expect(await tags(path, TAG.XResolution, TAG.YResolution, TAG.ResolutionUnit)).toEqual([[40_000], [20_000], [3]]);
    await withTiff(path, async (file) => {
      const [level] = await file.subIfds(file.ifds[0]!);
      expect(await level!.number(TAG.XResolution)).toBe(20_000);
      expect(await level!.number(TAG.NewSubfileType)).toBe(1);
    });
  });

  it('without a length are left out of the tags', async () => {
    const size = { PhysicalSizeX: { value: 1, unit: 'pixel' }, PhysicalSizeY: { value: 1, unit: 'pixel' } };
    const { path } = await write([{ shape: [1, 1, 1, 40, 40], type: 'uint8', ome: size }]);
    expect(await tags(path, TAG.XResolution)).toEqual([undefined]);
    expect((await reopened(path)).ome.Images[0]!.Pixels.PhysicalSizeX).toEqual({ value: 1, unit: 'pixel' });
  });
});

describe('images beside a slide', () => {
  const images: TestImage[] = [
    { shape: [1, 1, 1, 60, 80], type: 'uint8', name: 'slide' },
    { shape: [1, 3, 1, 20, 30], type: 'uint8', name: 'label image', role: 'label', channels: [{ SamplesPerPixel: 3 }] },
    { shape: [1, 3, 1, 20, 40], type: 'uint8', name: 'macro image', role: 'macro', channels: [{ SamplesPerPixel: 3 }] },
  ];

  it('are images of their own, whole, and known by their names', async () => {
    const { path } = await write(images, { crop: { x: 10, y: 10, width: 30, height: 20 } });
    const { ome, images: found } = await reopened(path);
    expect(found.map(({ role }) => role)).toEqual(['pixels', 'label', 'macro']);
    expect(ome.Images.map(({ Pixels }) => [Pixels.SizeX, Pixels.SizeY])).toEqual([
      [30, 20],
      [30, 20],
      [40, 20],
    ]);
  });

  it('can be left out', async () => {
    const { path } = await write(images, { associated: 'drop' });
    expect((await reopened(path)).ome.Images.map(({ Name }) => Name)).toEqual(['slide']);
  });
});

it('a name that is no file name is none in a set either', async () => {
  const image: TestImage = { shape: [1, 1, 1, 8, 8], type: 'uint8', name: '../a/b:c*"<>|\u0007' };
  const plan = omeTiff.plan(testDataset([image]), parseOmeTiffOptions({ split: 'series' }), undefined, 'x_%n.ome.tiff');
  expect(plan.names).toEqual(['x_.._a_b_c______.ome.tiff']);
  writeFileSync(join(folder, plan.names![0]!), '');
});
