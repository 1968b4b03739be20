import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileSystemStore } from '@zarrita/storage';
import { describe, expect, it } from 'vitest';
import * as zarrita from 'zarrita';
import { ngff } from '../../readers/ngff/format.js';
import { zarr } from '../../readers/zarr/format.js';
import type { ImageSource } from '../../src/core/contracts.js';
import { openTree } from '../../src/io/tree.js';
import { codeOf, FIXTURES, hashLevel, memoryTree, openWith, pixelsOf, unpack } from '../containers/zarr-support.js';

const folder = join(FIXTURES, 'ngff');
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
  levels: Record<string, string[]>;
};
const zip = (name: string): string => join(folder, `${name}.ome.zarr.zip`);

async function levelHashes(images: readonly ImageSource[]): Promise<string[]> {
  const hashes: string[] = [];
  for (const image of images) for (const level of image.levels.keys()) hashes.push(await hashLevel(image, level));
  return hashes;
}

describe.each(['v01', 'v03', 'v04', 'v05', 'v06', 'cxyz', 'plate', 'collection', 'bare'])('OME-Zarr %s', (name) => {
  it('has the pixels of every level, zipped and as a folder', async () => {
    const zipped = await openWith(ngff, zip(name));
    expect(await levelHashes(zipped.dataset.images)).toEqual(manifest.levels[name]);
    const plain = await openWith(ngff, await unpack(zip(name)));
    expect(await levelHashes(plain.dataset.images)).toEqual(manifest.levels[name]);
    expect(plain.dataset.ome).toEqual(zipped.dataset.ome);
  });

  it('is claimed by this reader, and by Zarr with less', async () => {
    const tree = await openTree(await unpack(zip(name)));
    expect(ngff.probe(tree).score).toBeGreaterThan(0);
    expect((await ngff.identify!(tree)).score).toBe(100);
    expect((await zarr.identify!(tree)).score).toBe(50);
    const file = await openTree(zip(name));
    expect(ngff.probe(file).score).toBe(50);
    expect((await ngff.identify!(file)).score).toBe(100);
    await file.close();
  });
});

describe('OME-Zarr metadata', () => {
  it('maps scale, units, translation, channels and windows (0.4)', async () => {
    const { dataset, notices } = await openWith(ngff, zip('v04'));
    const [image] = dataset.ome.Images;
    expect(image).toMatchObject({ ID: 'Image:0', Name: 'full house' });
    expect(image!.Pixels).toMatchObject({
      Type: 'uint16',
      SizeX: 9,
      SizeY: 7,
      SizeZ: 3,
      SizeC: 2,
      SizeT: 2,
      PhysicalSizeX: { value: 250, unit: 'nm' },
      PhysicalSizeY: { value: 1, unit: 'µm' },
      PhysicalSizeZ: { value: 1.5, unit: 'µm' },
      TimeIncrement: { value: 1, unit: 's' },
    });
    expect(image!.StageLabel).toMatchObject({
      X: { value: 20, unit: 'nm' },
      Y: { value: 20, unit: 'µm' },
      Z: { value: 3, unit: 'µm' },
    });
    expect(image!.Pixels.Channels).toMatchObject([
      { ID: 'Channel:0:0', Name: 'DAPI', Color: 0x0000ffff },
      { ID: 'Channel:0:1', Name: 'GFP', Color: 0x00ff00ff },
    ]);
    expect(dataset.images[0]!.display![1]).toEqual({
      active: true,
      window: { min: 0, max: 65535, start: 0, end: 255 },
    });
    expect(dataset.original).toContainEqual({ image: 0, key: 'custom', value: '{"lab":"optics","n":3}' });
    expect(dataset.original.find((row) => row.key === 'omero')?.value).toContain('"rdefs"');
    expect(notices).toEqual([]);
  });

  it('reads labels with their properties', async () => {
    const { dataset } = await openWith(ngff, zip('v04'));
    const [label] = dataset.images[0]!.labels!;
    expect(label).toMatchObject({ name: 'cells', imageLabel: { properties: [{ 'label-value': 1, area: 12 }] } });
    expect(label!.image).toMatchObject({ role: 'label', categorical: true, type: 'uint32' });
    expect(await levelHashes([label!.image])).toEqual(manifest.levels['v04/labels/cells']);
  });

  it('names label images that do not exist (0.5)', async () => {
    const { dataset, notices } = await openWith(ngff, zip('v05'));
    expect(dataset.images[0]!.labels!.map((label) => label.name)).toEqual(['nuclei']);
    expect(await levelHashes([dataset.images[0]!.labels![0]!.image])).toEqual(manifest.levels['v05/labels/nuclei']);
    expect(notices.map((notice) => [notice.rank, notice.code])).toEqual([['damage', 'NGFF_MISSING']]);
  });

  it('reads coordinate systems and sequences, and names what it leaves out (0.6)', async () => {
    const { dataset } = await openWith(ngff, zip('v06'));
    expect(dataset.ome.Images[0]!.Pixels).toMatchObject({
      SizeZ: 2,
      PhysicalSizeX: { value: 500, unit: 'nm' },
      PhysicalSizeY: { value: 0.5, unit: 'µm' },
      PhysicalSizeZ: { value: 2, unit: 'µm' },
    });
    expect(dataset.ome.Images[0]!.StageLabel).toMatchObject({
      Y: { value: 2, unit: 'µm' },
      Z: { value: 1, unit: 'µm' },
    });
  });

  it('reads a plate with wells, fields and acquisitions', async () => {
    const { dataset, notices } = await openWith(ngff, zip('plate'));
    expect(dataset.images.map((image) => image.name)).toEqual(['field 0', 'field 1', 'field 0']);
    expect(dataset.missing).toHaveLength(1);
    expect(notices.map((notice) => notice.code)).toEqual(['NGFF_MISSING']);
    const [plate] = dataset.ome.Plates!;
    expect(plate).toMatchObject({
      Name: 'screen 1',
      Rows: 2,
      Columns: 3,
      RowNamingConvention: 'letter',
      ColumnNamingConvention: 'number',
    });
    expect(
      plate!.Wells.map((well) => [well.Row, well.Column, well.WellSamples.map((sample) => sample.ImageRef)]),
    ).toEqual([
      [0, 1, ['Image:0', 'Image:1']],
      [1, 0, ['Image:2', undefined]],
    ]);
    expect(plate!.PlateAcquisitions).toMatchObject([
      {
        ID: 'PlateAcquisition:0:5',
        Name: 'first',
        StartTime: '2023-11-14T22:13:20Z',
        WellSampleRefs: ['WellSample:0:0:0', 'WellSample:0:1:0'],
      },
      { ID: 'PlateAcquisition:0:7', Description: 'again', EndTime: '2023-11-14T22:14:20Z' },
    ]);
  });

  it('joins OME-XML with what the arrays say, in the order of the series', async () => {
    const { dataset, notices } = await openWith(ngff, zip('collection'));
    const [slide, macro] = dataset.ome.Images;
    expect(slide).toMatchObject({ Name: 'slide', InstrumentRef: 'Instrument:0' });
    expect(dataset.ome.Instruments).toHaveLength(1);
    // The array has 4 rows, the OME-XML says 9; the NGFF scale says 300 nm, the OME-XML 0.25 µm.
    expect(slide!.Pixels).toMatchObject({
      SizeY: 4,
      PhysicalSizeX: { value: 300, unit: 'nm' },
      PhysicalSizeY: { value: 0.5, unit: 'µm' },
    });
    expect(slide!.Pixels.Channels).toMatchObject([{ Name: 'Cy5', EmissionWavelength: { value: 670, unit: 'nm' } }]);
    expect(macro!.Pixels.Channels).toHaveLength(1);
    expect(macro!.Pixels).toMatchObject({ SizeC: 3, Channels: [{ SamplesPerPixel: 3 }] });
    expect(notices.map((notice) => [notice.rank, notice.code])).toEqual([['info', 'NGFF_OME_XML']]);
  });

  it('opens an image, a well and an array inside a hierarchy', async () => {
    const root = await unpack(zip('plate'));
    expect((await openWith(ngff, join(root, 'A/2'))).dataset.images).toHaveLength(2);
    expect((await openWith(ngff, join(root, 'A/2/1'))).dataset.images[0]!.name).toBe('field 1');
    expect((await openWith(ngff, join(root, 'A/2/1/.zattrs'))).dataset.images[0]!.name).toBe('field 1');
    expect((await openWith(zarr, join(root, 'A/2/1/0'))).dataset.images[0]!.levels[0].shape).toEqual([1, 1, 1, 4, 6]);
  });

  it('reads an archive whose entries are deflated below a folder', async () => {
    const { dataset } = await openWith(ngff, join(folder, 'deflated.zip'));
    expect(await levelHashes(dataset.images)).toEqual(manifest.levels.v04);
  });

  it('gives what zarrita gives', async () => {
    for (const [name, path] of [
      ['v04', '0'],
      ['v05', 'scale0/image'],
      ['v06', '0'],
    ] as const) {
      const root = await unpack(zip(name));
      const array = await zarrita.open(zarrita.root(new FileSystemStore(root)).resolve(path), { kind: 'array' });
      const { data } = await zarrita.get(array);
      const { dataset } = await openWith(ngff, root);
      expect(await pixelsOf(dataset.images[0]!)).toEqual([...(data as Uint16Array)]);
    }
  });
});

const ARRAY = {
  zarr_format: 2,
  shape: [2, 4, 4],
  chunks: [1, 2, 2],
  dtype: '|u1',
  compressor: null,
  fill_value: 0,
  order: 'C',
  filters: null,
};
const AXES = ['c', 'y', 'x'].map((name) => ({ name, type: name === 'c' ? 'channel' : 'space' }));
const scale = (...values: number[]): unknown[] => [{ type: 'scale', scale: values }];

function image(multiscale: object, array: object = ARRAY, attributes: object = {}): Record<string, unknown> {
  const full = {
    version: '0.4',
    axes: AXES,
    datasets: [{ path: '0', coordinateTransformations: scale(1, 1, 1) }],
    ...multiscale,
  };
  return { '.zgroup': { zarr_format: 2 }, '.zattrs': { multiscales: [full], ...attributes }, '0/.zarray': array };
}

describe('OME-Zarr quirks', () => {
  it('knows no pixel size without a unit and a scale of 1', async () => {
    const { dataset } = await openWith(ngff, memoryTree(image({})));
    expect(dataset.ome.Images[0]!.Pixels.PhysicalSizeX).toBeUndefined();
    expect(dataset.ome.Images[0]!.Name).toBe('memory');
  });

  it('keeps scales without a unit as relative sizes', async () => {
    const { dataset } = await openWith(
      ngff,
      memoryTree(image({ datasets: [{ path: '0', coordinateTransformations: scale(1, 2, 0.5) }] })),
    );
    expect(dataset.ome.Images[0]!.Pixels).toMatchObject({ PhysicalSizeX: { value: 0.5, unit: 'reference frame' } });
  });

  it('reads three full-range channels in pure red, green and blue as one colour image', async () => {
    const channels = ['FF0000', '00FF00', '0000FF'].map((color) => ({
      color,
      window: { min: 0, max: 255, start: 0, end: 255 },
    }));
    const files = image({}, { ...ARRAY, shape: [3, 4, 4] }, { omero: { channels } });
    expect((await openWith(ngff, memoryTree(files))).dataset.ome.Images[0]!.Pixels.Channels).toMatchObject([
      { SamplesPerPixel: 3 },
    ]);
    const named = image(
      {},
      { ...ARRAY, shape: [3, 4, 4] },
      { omero: { channels: channels.map((channel) => ({ ...channel, label: 'DAPI' })) } },
    );
    expect((await openWith(ngff, memoryTree(named))).dataset.ome.Images[0]!.Pixels.Channels).toHaveLength(3);
  });

  it('maps an axis of its own kind to c, and says so', async () => {
    const axes = [{ name: 'angle' }, ...AXES.slice(1)];
    const { dataset, notices } = await openWith(ngff, memoryTree(image({ axes })));
    expect(dataset.images[0]!.levels[0].shape).toEqual([1, 2, 1, 4, 4]);
    expect(notices.map((notice) => [notice.rank, notice.code])).toEqual([['loss', 'NGFF_AXIS']]);
  });

  it('leaves levels out that shrink along z', async () => {
    const zyx = ['z', 'y', 'x'].map((name) => ({ name, type: 'space' }));
    const files = image({ axes: zyx, datasets: [{ path: '0' }, { path: '1' }] });
    const { dataset, notices } = await openWith(
      ngff,
      memoryTree({ ...files, '1/.zarray': { ...ARRAY, shape: [1, 2, 2] } }),
    );
    expect(dataset.images[0]!.levels).toHaveLength(1);
    expect(notices.map((notice) => [notice.rank, notice.code])).toEqual([['info', 'NGFF_LEVEL']]);
  });

  it('names transformations that OME cannot hold', async () => {
    const { notices } = await openWith(
      ngff,
      memoryTree(image({ coordinateTransformations: [{ type: 'rotation', rotation: [] }] })),
    );
    expect(notices.map((notice) => [notice.rank, notice.code])).toEqual([['loss', 'NGFF_TRANSFORM']]);
  });

  it.each([
    ['a level that climbs out', image({ datasets: [{ path: '../../etc' }] }), 'PATH_ESCAPES'],
    [
      'an image without arrays',
      { ...image({ datasets: [{ path: 'x' }] }), '0/.zarray': undefined, '.zgroup': { zarr_format: 2 } },
      'ZARR_JSON',
    ],
    [
      'six axes',
      image({ axes: 'abcdef' }, { ...ARRAY, shape: [2, 2, 2, 2, 2, 2], chunks: [1, 1, 1, 1, 1, 1] }),
      'ZARR_AXES',
    ],
    ['a plate without images', { '.zattrs': { plate: { wells: [{ path: 'A/1' }] } } }, 'NGFF_NO_IMAGES'],
    ['nothing', { 'a.txt': 'x' }, 'NGFF_METADATA'],
  ])('refuses %s', async (_, files, code) => {
    expect(await codeOf(openWith(ngff, memoryTree(files as Record<string, unknown>)))).toBe(code);
  });
});
