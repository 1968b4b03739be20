// Outputs of the NGFF writer, read by zarrita.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSystemStore } from '@zarrita/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as zarr from 'zarrita';
import type { Notice } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmeModel } from '../../src/core/ome.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { openSink } from '../../src/io/sink.js';
import { type NgffOptionsInput, ngff, parseNgffOptions } from '../../writers/ngff/format.js';
import { pixelsOf, type TestImage, testDataset, testSource } from './dataset.js';
import { schemaErrors } from './schemas.js';

let folder = '';
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imgconv-ngff-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RUN = { workers: 1, memory: 64 * 2 ** 20, blockBytes: 2 ** 28 };

/** Write a data set and give the folder of the output and what was said. */
async function write(images: readonly TestImage[], input: NgffOptionsInput, model: Partial<OmeModel> = {}) {
  const path = join(folder, `${count++}.ome.zarr`);
  const notices: Notice[] = [];
  const sink = await openSink(path, { overwrite: false, kind: 'folder' });
  const dataset = testDataset(images, model, folder);
  const report = await ngff.write(dataset, parseNgffOptions(input), sink, { ...RUN, notice: (n) => notices.push(n) });
  await sink.commit();
  const checked = schemaErrors(path, input.ngffVersion === '0.4' ? '0.4' : '0.5');
  expect(checked.errors).toEqual([]);
  expect(checked.checks).toBeGreaterThan(0);
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files).toHaveLength(report.plan.files);
  return { path, notices, report };
}

async function readArray(path: string, version: 'v2' | 'v3') {
  const root = zarr.root(new FileSystemStore(path));
  const array = await (version === 'v2'
    ? zarr.open.v2(root, { kind: 'array' })
    : zarr.open.v3(root, { kind: 'array' }));
  const { data } = await zarr.get(array);
  return { shape: array.shape, dtype: array.dtype, data: [...(data as Iterable<number | bigint>)].map(Number) };
}

const readJson = (...parts: string[]) => JSON.parse(readFileSync(join(...parts), 'utf8'));

/** Area mean as written down in the documentation: integers round half up, the far edge averages what exists. */
function halve(data: number[], [t, c, z, y, x]: Tczyx, integer: boolean): { data: number[]; shape: Tczyx } {
  const [h, w] = [Math.ceil(y / 2), Math.ceil(x / 2)];
  const out: number[] = [];
  for (let plane = 0; plane < t * c * z; plane++)
    for (let j = 0; j < h; j++)
      for (let i = 0; i < w; i++) {
        let [sum, n] = [0, 0];
        for (const row of [2 * j, 2 * j + 1])
          for (const column of [2 * i, 2 * i + 1])
            if (row < y && column < x) {
              sum += data[(plane * y + row) * x + column]!;
              n++;
            }
        out.push(integer ? Math.floor((sum + n / 2) / n) : Math.fround(sum / n));
      }
  return { data: out, shape: [t, c, z, h, w] };
}

const TYPES: readonly PixelType[] = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float',
  'double',
];
const names: Partial<Record<PixelType, string>> = { float: 'float32', double: 'float64' };

describe('pixels', () => {
  const variants: [string, NgffOptionsInput][] = [
    ['0.5 sharded', {}],
    ['0.5 plain', { shard: 'off' }],
    ['0.4', { ngffVersion: '0.4' }],
    ['0.4 flat keys', { ngffVersion: '0.4', nested: false }],
  ];
  it.each(variants.flatMap(([name, input]) => TYPES.map((type) => [name, type, input] as const)))(
    '%s %s',
    async (_, type, input) => {
      const image: TestImage = { shape: [2, 2, 3, 45, 61], type };
      const small = { tileWidth: 16, tileHeight: 16, resolutions: 3, compression: 'none', omeXml: false };
      const { path } = await write([image], { ...small, ...input });
      let expected = { data: [...pixelsOf(image)].map(Number), shape: image.shape };
      for (let level = 0; level < 3; level++) {
        const found = await readArray(join(path, String(level)), input.ngffVersion === '0.4' ? 'v2' : 'v3');
        expect(found.shape).toEqual(expected.shape);
        expect(found.dtype).toBe(names[type] ?? type);
        expect(found.data).toEqual(expected.data);
        expected = halve(expected.data, expected.shape, type !== 'float' && type !== 'double');
      }
    },
  );

  it('keeps the selected part', async () => {
    const image: TestImage = { shape: [2, 3, 4, 20, 30], type: 'uint16' };
    const { path } = await write([image], {
      compression: 'none',
      omeXml: false,
      channels: [
        { from: 0, to: 0 },
        { from: 2, to: 2 },
      ],
      z: [{ from: 1, to: 2 }],
      timepoints: [{ from: 1 }],
      crop: { x: 5, y: 3, width: 20, height: 10 },
    });
    const all = [...pixelsOf(image)].map(Number);
    const expected = [];
    for (const c of [0, 2])
      for (const z of [1, 2])
        for (let y = 3; y < 13; y++)
          for (let x = 5; x < 25; x++) expected.push(all[(((3 + c) * 4 + z) * 20 + y) * 30 + x]);
    const found = await readArray(join(path, '0'), 'v3');
    expect(found).toMatchObject({ shape: [1, 2, 2, 10, 20], data: expected });
  });

  it('drops axes of length one when asked', async () => {
    const { path } = await write([{ shape: [1, 1, 3, 20, 30], type: 'uint8' }], {
      squeeze: true,
      compression: 'none',
      omeXml: false,
    });
    expect((await readArray(join(path, '0'), 'v3')).shape).toEqual([3, 20, 30]);
    expect(readJson(path, '0', 'zarr.json').dimension_names).toEqual(['z', 'y', 'x']);
    expect(readJson(path, 'zarr.json').attributes.ome.multiscales[0].axes.map((a: { name: string }) => a.name)).toEqual(
      ['z', 'y', 'x'],
    );
  });
});

describe('metadata', () => {
  it('of an image, 0.5', async () => {
    const image: TestImage = {
      shape: [1, 2, 4, 40, 50],
      type: 'uint16',
      name: 'cells',
      channels: [
        { Name: 'DAPI', EmissionWavelength: { value: 460, unit: 'nm' } },
        { Color: 0x00ff00ff, Name: 'GFP' },
      ],
      ome: {
        PhysicalSizeX: { value: 0.5, unit: 'µm' },
        PhysicalSizeY: { value: 0.5, unit: 'µm' },
        PhysicalSizeZ: { value: 0.2, unit: 'dam' },
      },
    };
    const { path } = await write([image], { compression: 'none', omeXml: false, resolutions: 2 });
    const { ome } = readJson(path, 'zarr.json').attributes;
    ome.multiscales[0].metadata.version = 'VERSION';
    expect(ome).toMatchSnapshot();
    expect(readJson(path, '0', 'zarr.json')).toMatchSnapshot();
  });

  it('of an image, 0.4', async () => {
    const { path } = await write([{ shape: [1, 1, 1, 20, 20], type: 'uint8', name: 'a' }], {
      ngffVersion: '0.4',
      compression: 'none',
      omeXml: false,
    });
    const attributes = readJson(path, '.zattrs');
    attributes.multiscales[0].metadata.version = 'VERSION';
    expect(attributes).toMatchSnapshot();
    expect(readJson(path, '0', '.zarray')).toMatchSnapshot();
    expect(readJson(path, '.zgroup')).toEqual({ zarr_format: 2 });
  });

  it('of a collection', async () => {
    const images: TestImage[] = [
      { shape: [1, 1, 1, 8, 8], type: 'uint8' },
      { shape: [1, 3, 1, 8, 8], type: 'uint8', role: 'macro', name: 'overview', channels: [{ SamplesPerPixel: 3 }] },
    ];
    const { path } = await write(images, { compression: 'none', omeXml: false });
    expect(readJson(path, 'zarr.json').attributes).toEqual({ ome: { version: '0.5', 'bioformats2raw.layout': 3 } });
    expect(readJson(path, 'OME', 'zarr.json').attributes).toEqual({ ome: { version: '0.5', series: ['0', '1'] } });
    const { omero } = readJson(path, '1', 'zarr.json').attributes.ome;
    const window = { min: 0, max: 255, start: 0, end: 255 };
    expect(
      omero.channels.map((c: { color: string; label: string; window: object }) => [c.color, c.label, c.window]),
    ).toEqual([
      ['FF0000', 'Red', window],
      ['00FF00', 'Green', window],
      ['0000FF', 'Blue', window],
    ]);
  });

  it('of a plate', async () => {
    const sample = (i: number) => ({ ID: `WellSample:${i}`, Index: i, ImageRef: `Image:${i}` });
    const model = {
      Plates: [
        {
          ID: 'Plate:0',
          Name: 'plate',
          Rows: 2,
          Columns: 3,
          Wells: [
            { ID: 'Well:0', Row: 0, Column: 2, WellSamples: [sample(0), sample(1)] },
            { ID: 'Well:1', Row: 1, Column: 0, WellSamples: [sample(2)] },
          ],
          PlateAcquisitions: [
            {
              ID: 'PlateAcquisition:0',
              StartTime: '2020-01-01T00:00:00Z',
              WellSampleRefs: ['WellSample:0', 'WellSample:2'],
            },
            {
              ID: 'PlateAcquisition:1',
              StartTime: '2020-01-01T00:00:00',
              Name: 'second',
              WellSampleRefs: ['WellSample:1'],
            },
          ],
        },
      ],
    };
    const field: TestImage = { shape: [1, 1, 1, 8, 8], type: 'uint8' };
    const { path } = await write(
      [field, field, field],
      { compression: 'none', omeXml: false, ngffVersion: '0.4' },
      model,
    );
    expect(readJson(path, '.zattrs')).toMatchSnapshot();
    expect(readJson(path, 'A', '3', '.zattrs')).toEqual({
      well: {
        version: '0.4',
        images: [
          { acquisition: 0, path: '0' },
          { acquisition: 1, path: '1' },
        ],
      },
    });
    expect(readJson(path, 'B', '.zgroup')).toEqual({ zarr_format: 2 });
    expect((await readArray(join(path, 'B', '1', '0', '0'), 'v2')).shape).toEqual([1, 1, 1, 8, 8]);
  });

  it('of labels', async () => {
    const cells: TestImage = { shape: [1, 1, 1, 30, 30], type: 'uint16' };
    const labels = [
      {
        name: 'my cells',
        image: { ...testSource(cells, join(folder, '0.raw')), categorical: true },
        imageLabel: { version: '0.4', colors: [{ 'label-value': 1, rgba: [1, 2, 3, 4] }], properties: [] },
      },
    ];
    const { path } = await write([{ ...cells, source: { labels } }], {
      compression: 'none',
      omeXml: false,
      resolutions: 2,
    });
    expect(readJson(path, 'labels', 'zarr.json').attributes).toEqual({ ome: { version: '0.5', labels: ['my_cells'] } });
    const { ome } = readJson(path, 'labels', 'my_cells', 'zarr.json').attributes;
    expect(ome['image-label']).toEqual({
      colors: [{ 'label-value': 1, rgba: [1, 2, 3, 4] }],
      source: { image: '../../' },
    });
    expect(ome.multiscales[0]).toMatchObject({ name: 'my cells', type: 'mode' });
    expect(ome.multiscales[0].datasets).toHaveLength(2);
    expect(ome.omero).toBeUndefined();
  });
});

describe('windows', () => {
  const channel = async (image: Partial<TestImage>, input: NgffOptionsInput = {}) => {
    const { path } = await write([{ shape: [1, 1, 1, 40, 40], type: 'uint16', ...image }], {
      compression: 'none',
      omeXml: false,
      ...input,
    });
    return readJson(path, 'zarr.json').attributes.ome.omero.channels[0];
  };
  it('hold the real extremes', async () => {
    const { window } = await channel({});
    expect([window.min, window.max]).toEqual([0, 250 * 13]);
    expect(window.start).toBeGreaterThanOrEqual(0);
    expect(window.end).toBeGreaterThan(window.start);
  });
  it('span the type without --minmax, and for indices', async () => {
    const full = { min: 0, max: 65535, start: 0, end: 65535 };
    expect((await channel({}, { minMax: false })).window).toEqual(full);
    expect((await channel({ source: { categorical: true } })).window).toEqual(full);
    expect((await channel({ type: 'float' }, { minMax: false })).window).toEqual({ min: 0, max: 1, start: 0, end: 1 });
  });
  it('of the source win', async () => {
    const window = { min: 1, max: 9, start: 2, end: 3 };
    expect(await channel({ source: { display: [{ active: false, window }] } })).toMatchObject({
      active: false,
      window,
    });
  });
});

describe('writing', () => {
  it('leaves nothing of an output that is not committed', async () => {
    const path = join(folder, 'aborted.ome.zarr');
    const sink = await openSink(path, { overwrite: false, kind: 'folder' });
    const dataset = testDataset([{ shape: [1, 1, 1, 8, 8], type: 'uint8' }], {}, folder);
    await ngff.write(dataset, parseNgffOptions({ compression: 'none', omeXml: false }), sink, {
      ...RUN,
      notice: () => {},
    });
    expect(existsSync(path)).toBe(false);
    await sink.abort();
    expect(readdirSync(folder).filter((name) => name.includes('aborted'))).toEqual([]);
  });

  it('tells of every missing block and fills it', async () => {
    const image: TestImage = { shape: [1, 1, 2, 8, 8], type: 'uint8' };
    const base = testSource(image, join(folder, '0.raw'));
    const { blocks } = base.levels[0];
    if (blocks.address.kind !== 'table') throw new Error('expected a table');
    const address = { ...blocks.address, offset: Float64Array.of(0, -1), length: Float64Array.of(64, 0) };
    const source = { levels: [{ shape: image.shape, blocks: { ...blocks, address } }] as const };
    const { path, notices, report } = await write([{ ...image, source }], {
      compression: 'none',
      omeXml: false,
      fillValue: 7,
    });
    expect(report.damaged).toBe(1);
    expect(notices.filter((n) => n.rank === 'damage')).toHaveLength(1);
    expect((await readArray(join(path, '0'), 'v3')).data.slice(64)).toEqual(new Array(64).fill(7));
  });
});
