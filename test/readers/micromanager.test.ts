import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planeHashes } from './fixture-suite.js';
import { damageFolder, openBest } from './vendor-suite.js';

const FOLDER = 'fixtures/micromanager';

interface Expected {
  readonly entries: readonly string[];
  readonly lost: number;
  readonly images: readonly {
    readonly type: string;
    readonly shape: readonly number[];
    readonly planes: readonly string[];
  }[];
}
const manifest = Object.entries(
  JSON.parse(readFileSync(`${FOLDER}/manifest.json`, 'utf8')) as Record<string, Expected>,
);

const open = (path: string) => openBest('micromanager', path);

const cases = manifest.flatMap(([name, fixture]) => fixture.entries.map((entry) => [name, entry, fixture] as const));

describe('micromanager', () => {
  it.each(cases)('%s/%s: pixels', async (name, entry, fixture) => {
    const { dataset } = await open(join(FOLDER, name, entry));
    expect(dataset.images.map((image) => [image.type, image.levels[0].shape])).toEqual(
      fixture.images.map((image) => [image.type, image.shape]),
    );
    let damage = 0;
    for (const [i, image] of dataset.images.entries()) {
      const found = await planeHashes(image);
      expect(found.hashes).toEqual(fixture.images[i]!.planes);
      damage += found.damage;
    }
    expect(damage).toBe(fixture.lost);
  });

  it('metadata of 1.4, whose JSON has no end', async () => {
    const { dataset, notices } = await open(`${FOLDER}/v14`);
    expect(notices.map((n) => n.code)).toEqual(['FILE_MISSING']);
    const [image, second] = dataset.ome.Images;
    expect(image).toMatchObject({
      Name: 'v14 Pos0',
      AcquisitionDate: '2015-03-05T16:49:56-08:00',
      Description: 'a test',
    });
    const { Pixels } = image!;
    expect(Pixels.PhysicalSizeX).toEqual({ value: 0.1625, unit: 'µm' });
    expect(Pixels.PhysicalSizeZ).toEqual({ value: 0.5, unit: 'µm' });
    expect(Pixels.TimeIncrement).toEqual({ value: 2000, unit: 'ms' });
    expect(Pixels.Channels.map((c) => [c.Name, c.Color])).toEqual([
      ['DAPI', 0x0000ffff],
      ['FITC', 0x00ff00ff],
    ]);
    expect(second!.Pixels.Planes!.find((p) => p.TheT === 1 && p.TheC === 1 && p.TheZ === 1)).toEqual({
      TheZ: 1,
      TheC: 1,
      TheT: 1,
      DeltaT: { value: 2005, unit: 'ms' },
      ExposureTime: { value: 11.5, unit: 'ms' },
      PositionX: { value: 100, unit: 'µm' },
      PositionY: { value: -3, unit: 'µm' },
      PositionZ: { value: 0.5, unit: 'µm' },
    });
    expect(dataset.ome.Instruments![0]!.Detectors![0]!.Model).toBe('Zyla');
    expect(dataset.original).toContainEqual({ image: 1, key: 'PositionName', value: 'Pos1' });
  });

  it('metadata of 2.0: property maps', async () => {
    const { dataset } = await open(`${FOLDER}/v20`);
    const { Pixels } = dataset.ome.Images[0]!;
    expect(Pixels.PhysicalSizeX).toEqual({ value: 0.25, unit: 'µm' });
    expect(Pixels.Planes![0]!.ExposureTime).toEqual({ value: 10.5, unit: 'ms' });
    expect(Pixels.TimeIncrement).toBeUndefined();
  });

  it.each([
    ['v20', 'metadata.txt'],
    ['stack', 'run_MMStack_Pos1.ome.tif'],
  ])('%s/%s cut or changed anywhere: values or a clear error', (name, file) =>
    damageFolder('micromanager', `${FOLDER}/${name}`, [file]),
  );
});
