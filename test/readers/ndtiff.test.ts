import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planeHashes, sha256 } from './fixture-suite.js';
import { damageFolder, openBest } from './vendor-suite.js';

const FOLDER = 'fixtures/ndtiff';

interface Expected {
  readonly files: Readonly<Record<string, string>>;
  readonly images: readonly {
    readonly type: string;
    readonly shape: readonly number[];
    readonly planes: readonly string[];
  }[];
  readonly missing: number;
}
const manifest = Object.entries(
  JSON.parse(readFileSync(`${FOLDER}/manifest.json`, 'utf8')) as Record<string, Expected>,
);

const open = (path: string, options?: Readonly<Record<string, string>>) => openBest('ndtiff', path, options);

/** Zero planes stand for missing ones in the manifest. */
describe.each(manifest)('ndtiff: %s', (name, fixture) => {
  it('has the recorded pixels', async () => {
    for (const [file, hash] of Object.entries(fixture.files)) {
      expect(sha256(readFileSync(`${FOLDER}/${name}/${file}`))).toBe(hash);
    }
    const { dataset } = await open(`${FOLDER}/${name}`);
    expect(dataset.images.map((image) => [image.type, image.levels[0].shape])).toEqual(
      fixture.images.map((image) => [image.type, image.shape]),
    );
    let damage = 0;
    for (const [i, image] of dataset.images.entries()) {
      const found = await planeHashes(image);
      expect(found.hashes).toEqual(fixture.images[i]!.planes);
      damage += found.damage;
    }
    expect(damage).toBe(fixture.missing);
  });

  it('opens by its index and by its TIFF', async () => {
    for (const file of Object.keys(fixture.files)) {
      const { dataset } = await open(`${FOLDER}/${name}/${file}`);
      expect(dataset.images.length).toBe(fixture.images.length);
    }
  });
});

describe('ndtiff', () => {
  it('metadata of acquisition and planes', async () => {
    const { dataset } = await open(`${FOLDER}/tcz`);
    const { ome } = dataset;
    const { Pixels, AcquisitionDate } = ome.Images[0]!;
    expect(AcquisitionDate).toBe('2024-02-03T04:05:06');
    expect(Pixels.PhysicalSizeX).toEqual({ value: 0.65, unit: 'µm' });
    expect(Pixels.PhysicalSizeZ).toEqual({ value: 2.5, unit: 'µm' });
    expect(Pixels.TimeIncrement).toEqual({ value: 500, unit: 'ms' });
    expect(Pixels.Channels.map((c) => c.Name)).toEqual(['DAPI', 'GFP']);
    expect(Pixels.Channels[0]!.DetectorSettings).toEqual({ ID: 'Detector:0:0', Binning: '2x2' });
    expect(ome.Instruments![0]!.Detectors![0]!.Model).toBe('DemoCam');
    expect(ome.Experimenters![0]!.UserName).toBe('someone');
    expect(Pixels.Planes!.length).toBe(9);
    expect(Pixels.Planes!.find((p) => p.TheC === 1 && p.TheT === 1 && p.TheZ === 1)).toEqual({
      TheZ: 1,
      TheC: 1,
      TheT: 1,
      DeltaT: { value: 1010, unit: 'ms' },
      ExposureTime: { value: 20, unit: 'ms' },
      PositionX: { value: 1.5, unit: 'µm' },
      PositionY: { value: -2, unit: 'µm' },
      PositionZ: { value: 2.5, unit: 'µm' },
    });
    expect(dataset.original).toContainEqual({ key: 'Summary PixelSize_um', value: '0.65' });
    expect(dataset.original).toContainEqual({ image: 0, key: 'Plane t1 c0 z0 ElapsedTime-ms', value: '1000' });
  });

  it('tiles one by one', async () => {
    const { dataset } = await open(`${FOLDER}/tiles`, { mosaic: 'tiles' });
    expect(dataset.images.map((image) => image.levels[0].shape)).toEqual([1, 2, 3].map(() => [1, 1, 1, 6, 9]));
    expect(dataset.images.map((image) => image.name)).toContain('tiles column 1, row 0');
  });

  it('cut or changed anywhere: values or a clear error', () =>
    damageFolder('ndtiff', `${FOLDER}/tcz`, ['NDTiff.index', 'tcz_NDTiffStack.tif']));
});
