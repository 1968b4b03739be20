import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith, readManifest } from './fixture-suite.js';

describeFixtures('mrc', ['mode1.mrc', 'fei.mrc', 'packed.map.gz', 'packed.map.bz2', 'big-endian.mrc']);

describe('mrc', () => {
  const staged = readManifest('fixtures/mrc').filter(([, fixture]) => fixture.stage);
  it.each(staged)('%s: stage positions of the sections', async (name, fixture) => {
    const { dataset } = await openWith('mrc', `fixtures/mrc/${name}`);
    const planes = dataset.ome.Images[0]!.Pixels.Planes!;
    const found = planes.map((plane) => [plane.PositionX!, plane.PositionY!]);
    const wanted = fixture.stage as [number, number][];
    expect(found.length).toBe(wanted.length);
    for (const [i, [x, y]] of found.entries()) {
      expect(x!.unit).toBe('µm');
      expect(x!.value).toBeCloseTo(wanted[i]![0], 6);
      expect(y!.value).toBeCloseTo(wanted[i]![1], 6);
    }
  });

  it('keeps the extended header as metadata', async () => {
    const { dataset } = await openWith('mrc', 'fixtures/mrc/serialem.st');
    expect(dataset.original).toContainEqual({ key: 'Section 0 TiltAngle', value: '-60' });
    expect(dataset.original).toContainEqual({ key: 'Section 2 StagePosition', value: '12 -5' });
  });

  it('names the parts of complex numbers', async () => {
    const { dataset } = await openWith('mrc', 'fixtures/mrc/mode4.mrc');
    expect(dataset.ome.Images[0]!.Pixels.Channels.map((c) => c.Name)).toEqual(['Real', 'Imaginary']);
  });
});
