import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { convert } from '../../src/app.js';
import { planeHashes } from './fixture-suite.js';
import { damageFolder, openBest } from './vendor-suite.js';

const FOLDER = 'fixtures/phenix';

interface Expected {
  readonly index: string;
  readonly lost: number;
  readonly images: readonly {
    readonly name: string;
    readonly type: string;
    readonly shape: readonly number[];
    readonly planes: readonly string[];
  }[];
}
const manifest = Object.entries(
  JSON.parse(readFileSync(`${FOLDER}/manifest.json`, 'utf8')) as Record<string, Expected>,
);

const open = (path: string) => openBest('phenix', path);

describe.each(manifest)('phenix: %s', (name, fixture) => {
  it.each(['', `/${fixture.index}`])('pixels of the folder%s', async (entry) => {
    if (entry && fixture.index.includes('Images')) return;
    const { dataset, notices } = await open(`${FOLDER}/${name}${entry}`);
    expect(dataset.images.map((each) => [each.name, each.type, each.levels[0].shape])).toEqual(
      fixture.images.map((each) => [each.name, each.type, each.shape]),
    );
    let damage = 0;
    for (const [i, image] of dataset.images.entries()) {
      const found = await planeHashes(image);
      expect(found.hashes).toEqual(fixture.images[i]!.planes);
      damage += found.damage;
    }
    expect(damage).toBe(fixture.lost);
    expect(notices.filter((each) => each.code === 'FILE_MISSING').length).toBe(fixture.lost);
    expect(dataset.missing?.length ?? 0).toBe(fixture.lost);
  });
});

describe('phenix', () => {
  it.each(['v5', 'v6-images'])('%s: metadata', async (name) => {
    const { dataset } = await open(`${FOLDER}/${name}`);
    const { ome } = dataset;
    const { Pixels, ...image } = ome.Images[0]!;
    expect(image.AcquisitionDate).toBe('2021-03-29T16:55:28.987-04:00');
    expect(image.ObjectiveSettings).toEqual({ ID: 'Objective:0:0' });
    expect(Pixels.PhysicalSizeX).toEqual({ value: expect.closeTo(0.296688, 6), unit: 'µm' });
    expect(Pixels.PhysicalSizeZ).toEqual({ value: 2, unit: 'µm' });
    expect(Pixels.Channels[0]).toEqual({
      ID: 'Channel:0:0',
      SamplesPerPixel: 1,
      Name: 'HOECHST 33342',
      ExcitationWavelength: { value: 405, unit: 'nm' },
      EmissionWavelength: { value: 456, unit: 'nm' },
      AcquisitionMode: 'SpinningDiskConfocal',
      ContrastMethod: 'Fluorescence',
      IlluminationType: 'Epifluorescence',
      DetectorSettings: { ID: 'Detector:0:0', Binning: '2x2' },
    });
    expect(Pixels.Channels[1]!.Name).toBe('Alexa & 488');
    expect(Pixels.Channels[1]!.AcquisitionMode).toBe('WideField');
    expect(Pixels.Planes!.find((p) => p.TheZ === 1 && p.TheC === 0 && p.TheT === 0)).toEqual({
      TheZ: 1,
      TheC: 0,
      TheT: 0,
      DeltaT: { value: 0, unit: 's' },
      ExposureTime: { value: 0.1, unit: 's' },
      PositionX: { value: 100, unit: 'µm' },
      PositionY: { value: -200, unit: 'µm' },
      PositionZ: { value: 4, unit: 'µm' },
    });
    expect(ome.Instruments![0]!.Objectives).toEqual([{ ID: 'Objective:0:0', NominalMagnification: 40, LensNA: 1.1 }]);
    expect(dataset.original).toContainEqual({ key: 'Maps/Map/Entry[1]/FlatfieldProfile', value: '{Background: none}' });
  });

  it('the plate', async () => {
    const { dataset } = await open(`${FOLDER}/v5`);
    const [plate] = dataset.ome.Plates!;
    expect(plate).toMatchObject({
      Name: 'Plate one',
      ExternalIdentifier: 'P-1',
      Description: '96 wells',
      Rows: 8,
      Columns: 12,
    });
    expect(plate!.Wells.map((well) => [well.Row, well.Column, well.WellSamples.map((s) => s.ImageRef)])).toEqual([
      [0, 0, ['Image:0', 'Image:1']],
      [1, 10, ['Image:2', 'Image:3']],
    ]);
    expect(plate!.PlateAcquisitions![0]).toMatchObject({
      StartTime: '2021-03-29T16:51:44.644-04:00',
      MaximumFieldCount: 2,
    });
  });

  it('planes that were never taken are no damage', async () => {
    const { dataset, notices } = await open(`${FOLDER}/v6-images`);
    expect(notices).toEqual([]);
    expect(dataset.images[0]!.levels[0].blocks.absent).toBe('sparse');
  });

  it('opens one TIFF of a kind, and the others when pixels are read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'imgconv-px-'));
    try {
      cpSync(`${FOLDER}/v5`, folder, { recursive: true });
      // Found when it is opened: a file that is cut, and one of another size.
      const [cut, odd, gone] = ['r01c01f01p02-ch1', 'r01c01f02p02-ch1', 'r02c11f01p03-ch2'].map((each) =>
        join(folder, `${each}sk1fk1fl1.tiff`),
      );
      writeFileSync(cut!, readFileSync(cut!).subarray(0, 40));
      const other = readFileSync(odd!);
      const first = other.readUInt32LE(4) + 2;
      expect(other.readUInt16LE(first)).toBe(256); // ImageWidth
      other.writeUInt16LE(other.readUInt16LE(first + 8) - 1, first + 8);
      writeFileSync(odd!, other);
      rmSync(gone!);
      const { dataset, notices } = await open(folder);
      expect(notices.map(({ code }) => code)).toEqual(['FILE_MISSING']);
      expect(dataset.missing).toEqual(['r02c11f01p03-ch2sk1fk1fl1.tiff']);
      for (const { levels } of dataset.images) expect(levels[0].blocks.address.kind).toBe('pending');
      const damage: number[] = [];
      for (const image of dataset.images) damage.push((await planeHashes(image)).damage);
      expect(damage).toEqual([1, 1, 1, 0]);
      expect(notices.filter(({ code }) => code === 'FILE_BROKEN').length).toBe(2);
      expect(notices.at(-1)!.text).toMatch(/r01c01f02p02-ch1.*another size or type/);

      const output = join(folder, 'out.zarr');
      const target = { writer: 'ngff', options: () => ({}) } as const;
      const request = { input: folder, output, target, overwrite: false };
      const report = await convert({ ...request, onMissing: 'fill' });
      expect(report.damaged).toBe(3);
      expect(report.notices.filter(({ code }) => code === 'FILE_BROKEN').length).toBe(2);
      rmSync(output, { recursive: true });
      rmSync(cut!);
      cpSync(`${FOLDER}/v5/${basename(gone!)}`, gone!);
      cpSync(`${FOLDER}/v5/${basename(cut!)}`, cut!);
      await expect(convert({ ...request, onMissing: 'fail' })).rejects.toThrow(/another size or type/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('cut or changed anywhere: values or a clear error', () =>
    damageFolder('phenix', `${FOLDER}/v5`, ['Index.idx.xml', 'r01c01f01p01-ch1sk1fk1fl1.tiff']));
});
