import { describe, expect, it } from 'vitest';
import { omeColor } from '../../src/core/ome.js';
import { describeFixtures, openWith } from './fixture-suite.js';
import { describeMutations } from './mutations.js';

describeFixtures('ims', ['stack.ims', 'single.ims']);
describeMutations('ims', ['stack.ims', 'single.ims'], 30);

describe('ims', () => {
  it('metadata', async () => {
    const { dataset } = await openWith('ims', 'fixtures/ims/stack.ims');
    const [image] = dataset.ome.Images;
    expect(image).toMatchObject({ Name: 'Cells', AcquisitionDate: '2014-11-05T14:06:49.250' });
    expect(image!.Description).toBeUndefined();
    const { Channels, Planes, TimeIncrement } = image!.Pixels;
    expect(Channels[1]).toMatchObject({
      Name: 'Dye 1',
      Color: omeColor(0, 128, 255),
      EmissionWavelength: { value: 600, unit: 'nm' },
      ExcitationWavelength: { value: 561, unit: 'nm' },
    });
    expect(TimeIncrement).toEqual({ value: 2, unit: 's' });
    expect(Planes!.at(-1)).toMatchObject({ TheT: 1, DeltaT: { value: 2, unit: 's' } });
    expect(dataset.ome.Instruments![0]!.Objectives![0]).toMatchObject({ NominalMagnification: 63, LensNA: 1.4 });
    expect(dataset.images[0]!.origin).toEqual([0, 0, 0.75, -4.875, 10.125]);
    expect(dataset.images[0]!.display![0]!.window).toEqual({ min: 0, max: 65535, start: 5, end: 200 });
    expect(dataset.original).toContainEqual({ key: 'DataSetInfo/Channel 0/ColorMode', value: 'BaseColor' });
  });

  it('uses resolutions that shrink along x and y alone', async () => {
    const { dataset } = await openWith('ims', 'fixtures/ims/stack.ims');
    expect(dataset.images[0]!.levels.map(({ shape }) => shape)).toEqual([
      [2, 2, 3, 25, 37],
      [2, 2, 3, 12, 18],
    ]);
    const other = await openWith('ims', 'fixtures/ims/float.ims');
    expect(other.dataset.images[0]!.levels.length).toBe(1);
    expect(other.notices).toContainEqual(expect.objectContaining({ code: 'IMS_LEVEL' }));
  });

  it('reports volumes that are missing', async () => {
    const { notices } = await openWith('ims', 'fixtures/ims/missing.ims');
    expect(notices).toContainEqual(expect.objectContaining({ code: 'IMS_MISSING', rank: 'damage' }));
  });
});
