import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith } from './fixture-suite.js';

describeFixtures('deltavision', ['ztw.dv', 'panels.dv']);

describe('deltavision', () => {
  it.each(['ztw.dv', 'wzt.dv', 'zwt.dv'])('%s: plane metadata follow the sequence', async (name) => {
    const { dataset } = await openWith('deltavision', `fixtures/deltavision/${name}`);
    const { Pixels } = dataset.ome.Images[0]!;
    expect(Pixels.Planes!.length).toBe(2 * 3 * 4);
    for (const plane of Pixels.Planes!) {
      expect(plane.DeltaT).toEqual({ value: 10 * plane.TheT, unit: 's' });
      expect(plane.PositionZ!.value).toBeCloseTo(0.25 * plane.TheZ, 6);
      expect(plane.ExposureTime!.value).toBeCloseTo(0.1, 6);
    }
    expect(Pixels.Channels.map((c) => c.EmissionWavelength?.value)).toEqual([525, 632, undefined]);
    expect(Pixels.Channels[0]!.ExcitationWavelength?.value).toBe(488);
    expect(Pixels.Channels[0]!.NDFilter).toBe(0.5);
    expect(dataset.ome.Instruments![0]!.Objectives![0]!.NominalMagnification).toBe(100);
  });

  it('reads the log beside the image', async () => {
    const { dataset } = await openWith('deltavision', 'fixtures/deltavision/ztw.dv');
    const [image] = dataset.ome.Images;
    expect(image!.AcquisitionDate).toBe('2008-11-05T14:02:31');
    expect(image!.Pixels.Channels.map((c) => c.Name)).toEqual(['FITC', 'TRITC', 'CY5']);
    expect(image!.Pixels.Channels[0]!.DetectorSettings).toMatchObject({ Binning: '2x2', Gain: 4 });
    expect(dataset.files.length).toBe(2);
  });

  it('makes an image of each panel and takes the date of new headers', async () => {
    const { dataset } = await openWith('deltavision', 'fixtures/deltavision/panels.dv');
    expect(dataset.ome.Images.map((image) => image.AcquisitionDate)).toEqual(Array(3).fill('2017-07-14T02:40:00'));
  });
});
