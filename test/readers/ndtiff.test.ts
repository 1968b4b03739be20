import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readers } from '../../readers/index.js';
import { probeAll } from '../../src/app/probe.js';
import type { Dataset, Notice } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { openTree } from '../../src/io/tree.js';
import { planeHashes, sha256 } from './fixture-suite.js';

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

async function open(
  path: string,
  reader: Readonly<Record<string, string>> = {},
): Promise<{ dataset: Dataset; notices: Notice[] }> {
  const tree = await openTree(path);
  try {
    const [best, second] = await probeAll(readers, tree);
    expect(best!.reader.id).toBe('ndtiff');
    expect(second!.verdict.score).toBeLessThan(best!.verdict.score);
    const notices: Notice[] = [];
    const limits = DEFAULT_LIMITS;
    const dataset = await best!.reader.open(tree, { limits, notice: (n) => void notices.push(n), reader });
    return { dataset, notices };
  } finally {
    await tree.close();
  }
}

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

  it('cut or changed anywhere: values or a clear error', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'imgconv-nd-'));
    try {
      cpSync(`${FOLDER}/tcz`, folder, { recursive: true });
      const reader = readers.find((each) => each.id === 'ndtiff')!;
      let seed = 7;
      const random = (n: number): number => {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        return seed % n;
      };
      for (const file of ['NDTiff.index', 'tcz_NDTiffStack.tif']) {
        const whole = readFileSync(`${FOLDER}/tcz/${file}`);
        for (let k = 0; k < 80; k++) {
          const bytes = Buffer.from(k < 40 ? whole.subarray(0, Math.floor((whole.length * k) / 40)) : whole);
          if (k >= 40) for (let i = 0; i < 3; i++) bytes[random(bytes.length)] = random(256);
          writeFileSync(join(folder, file), bytes);
          const tree = await openTree(folder);
          try {
            const limits = DEFAULT_LIMITS;
            const dataset = await reader.open(tree, { limits, notice: () => undefined, reader: {} });
            if (dataset.images.every((image) => image.levels[0].shape.every((n) => n < 64))) {
              for (const image of dataset.images) await planeHashes(image);
            }
          } catch (error) {
            if (!(error instanceof ImgconvError)) throw error;
            expect(['format', 'unsupported', 'limit', 'io']).toContain(error.blame);
          } finally {
            await tree.close();
          }
        }
        writeFileSync(join(folder, file), whole);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
