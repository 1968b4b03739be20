import { describe, expect, it } from 'vitest';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmePlate } from '../../src/core/ome.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { transforms } from '../../writers/ngff/axes.js';
import { planLevels } from '../../writers/ngff/levels.js';
import { labelNames, wellName } from '../../writers/ngff/names.js';
import { type NgffOptionsInput, parseNgffOptions } from '../../writers/ngff/options.js';
import { planNgff } from '../../writers/ngff/plan.js';
import { planOutput } from '../../writers/ngff/writer.js';
import { type TestImage, testDataset, testSource } from './dataset.js';

const levels = (shape: Tczyx, type: PixelType, input: NgffOptionsInput = {}) =>
  planLevels(shape, type, parseNgffOptions(input));
const plan = (images: readonly TestImage[], input: NgffOptionsInput = {}, model = {}) =>
  planNgff(testDataset(images, model), parseNgffOptions(input));
const image = (shape: Tczyx, rest: Partial<TestImage> = {}): TestImage => ({ shape, type: 'uint8', ...rest });

describe('levels', () => {
  it('halves y and x, rounding up, until both are at most the target', () => {
    const shapes = levels([2, 3, 4, 1000, 777], 'uint8').map((level) => level.shape.slice(2));
    expect(shapes).toEqual([
      [4, 1000, 777],
      [4, 500, 389],
      [4, 250, 195],
    ]);
  });

  it('does not halve an axis of one pixel and stops where nothing is left to halve', () => {
    const found = levels([1, 1, 1, 1, 3], 'uint8', { resolutions: 10 });
    expect(found.map((level) => level.shape[4])).toEqual([3, 2, 1]);
    expect(found.map((level) => level.total)).toEqual([
      [1, 1, 1, 1, 1],
      [1, 1, 1, 1, 2],
      [1, 1, 1, 1, 4],
    ]);
  });

  it('makes as many levels as asked for', () => {
    expect(levels([1, 1, 1, 64, 64], 'uint8', { resolutions: 3 })).toHaveLength(3);
    expect(levels([1, 1, 1, 5000, 64], 'uint8', { resolutions: 1 })).toHaveLength(1);
    expect(levels([1, 1, 1, 1000, 1000], 'uint8', { targetMinSize: 500 })).toHaveLength(2);
  });

  it.each<[Tczyx, PixelType, NgffOptionsInput, Tczyx, Tczyx | undefined]>([
    // Zarr v2: tiles of one plane, clipped to the level.
    [[1, 1, 1, 5000, 300], 'uint8', { ngffVersion: '0.4' }, [1, 1, 1, 1024, 300], undefined],
    [
      [1, 1, 9, 5000, 5000],
      'uint16',
      { ngffVersion: '0.4', tileDepth: 4, tileWidth: 64, tileHeight: 32 },
      [1, 1, 4, 32, 64],
      undefined,
    ],
    // Large planes: shards of 4096².
    [[1, 3, 1, 16384, 16384], 'uint8', {}, [1, 1, 1, 512, 512], [1, 1, 1, 4096, 4096]],
    [[1, 3, 40, 2048, 2048], 'uint16', {}, [1, 1, 1, 512, 512], [1, 1, 8, 2048, 2048]],
    [[1, 1, 1, 9000, 9000], 'double', {}, [1, 1, 1, 512, 512], [1, 1, 1, 2048, 4096]],
    // Small planes: z first, then t, in equal parts.
    [[500, 2, 1, 512, 512], 'uint16', {}, [1, 1, 1, 512, 512], [125, 1, 1, 512, 512]],
    [[7, 1, 10, 100, 100], 'uint8', {}, [1, 1, 1, 100, 100], [7, 1, 10, 100, 100]],
    [[1, 1, 1000, 600, 600], 'uint8', {}, [1, 1, 1, 512, 512], [1, 1, 63, 1024, 1024]],
    [
      [1, 1, 200, 500, 500],
      'uint8',
      { tileDepth: 64, tileWidth: 64, tileHeight: 64 },
      [1, 1, 64, 64, 64],
      [1, 1, 256, 512, 512],
    ],
    // As asked for.
    [
      [1, 1, 10, 5000, 5000],
      'uint8',
      { shardWidth: 1000, shardHeight: 1024, shardDepth: 3 },
      [1, 1, 1, 512, 512],
      [1, 1, 3, 1024, 1024],
    ],
    [[1, 1, 10, 5000, 5000], 'uint8', { shard: 'off' }, [1, 1, 1, 512, 512], undefined],
  ])('chunks and shards of %j %s %j', (shape, type, input, chunk, shard) => {
    const [first] = levels(shape, type, input);
    expect({ chunk: first.chunk, shard: first.shard }).toEqual({ chunk, shard });
  });

  it('keeps the planes of a shard together on all levels, in whole chunks', () => {
    for (const level of levels([30, 2, 50, 3000, 1000], 'uint16', { tileDepth: 4 })) {
      expect(level.shard!.slice(0, 3)).toEqual([1, 1, 8]);
      expect(level.shard!.map((size, axis) => size % level.chunk[axis]!)).toEqual([0, 0, 0, 0, 0]);
    }
  });

  it('refuses chunks beyond 2 GiB', () => {
    expect(() => levels([1, 1, 1, 60000, 60000], 'uint8', { tileWidth: 60000, tileHeight: 60000 })).toThrow(
      /too large/,
    );
  });

  it('reuses stored levels of exactly half the size, rounded either way', () => {
    const base = testSource(image([1, 1, 1, 97, 2001]));
    const stored = (y: number, x: number) => testSource(image([1, 1, 1, y, x])).levels[0];
    const source = { ...base, levels: [base.levels[0], stored(48, 1000), stored(30, 600), stored(13, 251)] as const };
    const found = planLevels([1, 1, 1, 97, 2001], 'uint8', parseNgffOptions({ reuseLevels: true, resolutions: 4 }), {
      source,
    });
    expect(found.map((level) => level.shape.slice(3))).toEqual([
      [97, 2001],
      [48, 1000],
      [24, 500],
      [13, 251],
    ]);
    expect(found.map((level) => level.reuse !== undefined)).toEqual([false, true, false, true]);
  });
});

describe('transforms', () => {
  const placement = { scale: [2, 1, 3, 0.5, 0.25] as Tczyx, origin: [0, 0, 6, 0, 1] as Tczyx, units: [] };
  it('moves means and modes by half a block, picked pixels not at all', () => {
    const level = { total: [1, 1, 1, 4, 4] as Tczyx };
    const axes = [0, 1, 2, 3, 4];
    const scale = { type: 'scale', scale: [2, 1, 3, 2, 1] };
    expect(transforms(placement, level, 'mean', axes)).toEqual([
      scale,
      { type: 'translation', translation: [0, 0, 6, 0.75, 1.375] },
    ]);
    expect(transforms(placement, level, 'mode', axes)).toEqual(transforms(placement, level, 'mean', axes));
    expect(transforms(placement, level, 'nearest', axes)[1]).toEqual({
      type: 'translation',
      translation: [0, 0, 6, 0, 1],
    });
  });
  it('leaves a translation of zero out', () => {
    expect(transforms({ ...placement, origin: [0, 0, 0, 0, 0] }, { total: [1, 1, 1, 1, 1] }, 'mean', [3, 4])).toEqual([
      { type: 'scale', scale: [0.5, 0.25] },
    ]);
  });
});

describe('layouts', () => {
  it('puts one image at the root and several into a collection', () => {
    expect(plan([image([1, 1, 1, 9, 9])]).images.map((i) => i.path)).toEqual(['']);
    expect(plan([image([1, 1, 1, 9, 9])], { layout: 'bioformats2raw' }).images.map((i) => i.path)).toEqual(['0']);
    expect(plan([image([1, 1, 1, 9, 9]), image([1, 3, 1, 9, 9], { role: 'macro' })]).images.map((i) => i.path)).toEqual(
      ['0', '1'],
    );
  });

  it('drops associated images and picks series', () => {
    const images = [
      image([1, 1, 1, 9, 9], { name: 'a' }),
      image([1, 3, 1, 9, 9], { role: 'label' }),
      image([1, 1, 1, 8, 8], { name: 'b' }),
    ];
    expect(plan(images, { associated: 'drop' }).images.map((i) => i.name)).toEqual(['a', 'b']);
    expect(plan(images, { series: [2] }).images.map((i) => [i.name, i.path])).toEqual([['b', '']]);
    expect(plan(images, { series: [2, 0] }).ome.Images.map((i) => i.Name)).toEqual(['b', 'a']);
    expect(() => plan(images, { series: [3] })).toThrow(/3 images/);
    expect(() => plan(images, { layout: 'image' })).toThrow(/--layout image/);
    expect(() => plan(images, { series: [1], associated: 'drop' })).toThrow(/nothing is left/);
  });

  const well = (Row: number, Column: number, refs: readonly number[]) => ({
    ID: `Well:${Row}:${Column}`,
    Row,
    Column,
    WellSamples: refs.map((i) => ({ ID: `WellSample:${i}`, Index: i, ImageRef: `Image:${i}` })),
  });
  const plate: OmePlate = {
    ID: 'Plate:0',
    Name: 'P',
    Rows: 3,
    Columns: 4,
    Wells: [well(2, 1, [2, 3]), well(0, 0, [0, 1]), well(1, 1, [])],
  };
  const five = Array.from({ length: 5 }, () => image([1, 1, 1, 9, 9]));

  it('lays a plate out by rows, columns and fields; other images lie beside', () => {
    const found = plan(five, {}, { Plates: [plate] });
    expect(found.images.map((i) => i.path)).toEqual(['A/1/0', 'A/1/1', 'C/2/0', 'C/2/1', 'image4']);
    expect(found.layout.plate?.rows).toEqual(['A', 'B', 'C']);
    expect(found.layout.plate?.columns).toEqual(['1', '2', '3', '4']);
    expect(found.layout.plate?.wells.map((w) => w.path)).toEqual(['A/1', 'C/2']);
    expect(found.notices.map((n) => n.code)).toEqual(['OUTSIDE_PLATE']);
  });

  it('makes a collection without hcs, and of several plates', () => {
    expect(plan(five, { hcs: false }, { Plates: [plate] }).layout.kind).toBe('collection');
    const other: OmePlate = { ID: 'Plate:1', Wells: [well(0, 1, [4])] };
    const both = plan(five, {}, { Plates: [plate, other] });
    expect([both.layout.kind, both.notices[0]?.rank]).toEqual(['collection', 'loss']);
    const one = plan(five, { series: [4] }, { Plates: [plate, other] });
    expect([one.layout.kind, one.images[0]?.path]).toEqual(['plate', 'A/2/0']);
  });

  it('refuses absurd plates', () => {
    expect(() => plan(five, {}, { Plates: [{ ...plate, Rows: 2 ** 31 }] })).toThrow(/at most 16384/);
  });
});

describe('names', () => {
  it('names rows and columns', () => {
    expect([0, 25, 26, 701, 702].map((i) => wellName(i, 'letter'))).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA']);
    expect(wellName(0, 'number')).toBe('1');
    const con = (2 + 1) * 676 + (14 + 1) * 26 + 13;
    expect(wellName(con, 'letter')).toBe('CON0');
  });
  it('makes safe, distinct folder names of labels', () => {
    expect(labelNames(['cells', 'Cells', 'a b/c', 'nul', '..', 'zarr.json', '__x'])).toEqual([
      'cells',
      'Cells-2',
      'a_b_c',
      'label-nul',
      'label',
      'label-zarr.json',
      'x',
    ]);
  });
});

describe('selections', () => {
  const stack = image([3, 2, 9, 60, 80], {
    ome: {
      PhysicalSizeX: { value: 500, unit: 'nm' },
      PhysicalSizeZ: { value: 2, unit: 'µm' },
      TimeIncrement: { value: 5, unit: 's' },
    },
  });
  it('moves the origin and spaces planes', () => {
    const input = {
      z: [
        { from: 2, to: 2 },
        { from: 4, to: 4 },
        { from: 6, to: 6 },
      ],
      timepoints: [{ from: 1 }],
      crop: { x: 10, y: 20, width: 30, height: 40 },
    };
    const [found] = plan([stack], input).images;
    expect(found!.levels[0].shape).toEqual([2, 2, 3, 40, 30]);
    expect(found!.placement).toEqual({
      scale: [5, 1, 4, 1, 500],
      origin: [5, 0, 4, 20, 5000],
      units: ['second', undefined, 'micrometer', undefined, 'nanometer'],
    });
    expect(found!.select).toEqual({ t: [1, 2], z: [2, 4, 6], y: 20, x: 10 });
  });
  it('says when planes are not evenly spaced', () => {
    const found = plan([stack], {
      z: [
        { from: 0, to: 1 },
        { from: 5, to: 5 },
      ],
    });
    expect(found.notices.map((n) => n.code)).toEqual(['SPACING_DROPPED']);
    expect(found.images[0]!.placement.scale[2]).toBe(1);
  });
  it('refuses what lies outside, and leaves overviews whole', () => {
    expect(() => plan([stack], { channels: [{ from: 2, to: 2 }] })).toThrow(/--channels 2/);
    expect(() => plan([stack], { crop: { x: 70, y: 0, width: 11, height: 1 } })).toThrow(/beyond/);
    const macro = image([1, 3, 1, 10, 10], { role: 'macro' });
    const found = plan([stack, macro], { z: [{ from: 8 }], crop: { x: 70, y: 0, width: 10, height: 20 } });
    expect(found.images.map((i) => i.levels[0].shape)).toEqual([
      [3, 2, 1, 20, 10],
      [1, 3, 1, 10, 10],
    ]);
  });
  it('takes a selection of everything for none', () => {
    expect(plan([stack], { z: [{ from: 0 }], crop: { x: 0, y: 0, width: 80, height: 60 } }).images[0]!.select).toEqual({
      y: 0,
      x: 0,
    });
  });
});

describe('labels', () => {
  const label = (shape: Tczyx, type: PixelType = 'uint16') => ({
    name: 'cells',
    image: testSource(image(shape, { type })),
  });
  const parent = (labels: ReturnType<typeof label>[]) => image([1, 2, 4, 700, 900], { source: { labels } });
  it('has as many levels as its image, reduced by mode', () => {
    const [found] = plan([parent([label([1, 1, 4, 700, 900])])]).images;
    expect(found!.labels[0]).toMatchObject({ path: 'labels/cells', reduction: 'mode' });
    expect(found!.labels[0]!.levels.length).toBe(found!.levels.length);
    const [collected] = plan([parent([label([1, 1, 4, 700, 900])])], { layout: 'bioformats2raw' }).images;
    expect(collected!.labels[0]!.path).toBe('0/labels/cells');
  });
  it('follows selections along the axes that it shares', () => {
    const input = { z: [{ from: 1, to: 2 }], channels: [{ from: 1 }], crop: { x: 1, y: 2, width: 50, height: 40 } };
    const [found] = plan([parent([label([1, 1, 4, 700, 900]), label([1, 1, 1, 700, 900])])], input).images;
    expect(found!.labels.map((l) => [l.path, l.select])).toEqual([
      ['labels/cells', { z: [1, 2], y: 2, x: 1 }],
      ['labels/cells-2', { y: 2, x: 1 }],
    ]);
  });
  it('drops what is no label, with a word', () => {
    const found = plan([parent([label([1, 1, 4, 700, 900], 'float')])]);
    expect(found.images[0]!.labels).toEqual([]);
    expect(found.notices[0]).toMatchObject({ code: 'LABEL_DROPPED', rank: 'loss' });
  });
});

describe('plans', () => {
  it('counts files, chunks, shards and bytes', () => {
    const dataset = testDataset([image([1, 2, 3, 1000, 600], { type: 'uint16' })]);
    const sharded = planOutput(dataset, parseNgffOptions());
    // 1000 × 600, 500 × 300, 250 × 150: zarr.json of 3 arrays, root and OME, the XML, and one shard a channel and level.
    expect([sharded.files, sharded.chunks, sharded.shards]).toEqual([3 + 2 + 1 + 6, 24 + 6 + 6, 6]);
    expect(sharded.bytes).toBe(2 * 3 * 2 * (600000 + 150000 + 37500));
    expect(sharded.images[0]!.levels[0]).toMatchObject({ shape: [1, 2, 3, 1000, 600], chunk: [1, 1, 1, 512, 512] });
    const plain = planOutput(dataset, parseNgffOptions({ ngffVersion: '0.4', omeXml: false }));
    expect([plain.files, plain.chunks, plain.shards]).toEqual([3 + 2 + 18, 18, 0]);
    expect(plain.memory).toBeGreaterThan(96 * 2 ** 20);
  });
  it('leaves the OME-XML out for 64-bit integers, and says so', () => {
    const found = plan([image([1, 1, 1, 9, 9], { type: 'uint64' })]);
    expect([found.omeXml, found.notices[0]?.rank]).toEqual([false, 'loss']);
  });
  it('refuses a fill value that the type cannot hold', () => {
    expect(() => plan([image([1, 1, 1, 9, 9])], { fillValue: 256 })).toThrow(/uint8/);
    expect(plan([image([1, 1, 1, 9, 9], { type: 'float' })], { fillValue: Number.NaN }).images[0]!.fill).toBeNaN();
  });
});
