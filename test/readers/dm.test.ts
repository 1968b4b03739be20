import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith } from './fixture-suite.js';

describeFixtures('dm', ['stack3le.dm3', 'stack4be.dm4', 'montage.dm3']);

describe('dm', () => {
  it.each(['stack3le.dm3', 'stack3be.dm3', 'stack4le.dm4', 'stack4be.dm4'])('%s: acquisition', async (name) => {
    const { dataset } = await openWith('dm', `fixtures/dm/${name}`);
    const [image] = dataset.ome.Images;
    const [instrument] = dataset.ome.Instruments!;
    expect(image!.AcquisitionDate).toBe('2016-08-27T19:54:33Z');
    expect(image!.Pixels.PhysicalSizeX).toEqual({ value: 0.5, unit: 'nm' });
    expect(image!.Pixels.Planes![0]).toMatchObject({
      ExposureTime: { value: 0.25, unit: 's' },
      PositionX: { value: 1.5, unit: 'µm' },
      PositionY: { value: -2.5, unit: 'µm' },
    });
    expect(instrument!.Microscope!.Model).toBe('A microscope');
    expect(instrument!.Objectives![0]!.NominalMagnification).toBe(5000);
    expect(image!.Pixels.Channels[0]!.DetectorSettings!.Voltage).toEqual({ value: 200000, unit: 'V' });
    const [shape] = dataset.ome.ROIs![0]!.Shapes;
    expect(shape).toMatchObject({ name: 'Rectangle', attributes: { X: '2', Y: '1', Width: '3', Height: '2' } });
    expect(dataset.original).toContainEqual({ key: 'ImageList/1/ImageTags/Microscope Info/Voltage', value: '200000' });
  });

  it('keeps the thumbnail when asked for', async () => {
    const { dataset } = await openWith('dm', 'fixtures/dm/stack3le.dm3', { thumbnails: 'true' });
    expect(dataset.images.map((image) => image.role)).toEqual(['pixels', 'thumbnail']);
    expect(dataset.images[1]!.levels[0].shape).toEqual([1, 4, 1, 2, 2]);
  });

  it('gives every tile of a montage its stage position', async () => {
    const { dataset } = await openWith('dm', 'fixtures/dm/montage.dm3');
    expect(dataset.ome.Images.map((image) => image.Pixels.Planes![0]!.PositionX!.value)).toEqual([0, 1, 2, 3]);
  });

  it('takes a third axis in units of time for t, and looks up in the tags of the image that a stack was made from', async () => {
    const { dataset } = await openWith('dm', 'fixtures/dm/film.dm4');
    const { Images, Instruments, Experimenters } = dataset.ome;
    const { Pixels, ...image } = Images[0]!;
    expect([Pixels.SizeT, Pixels.SizeZ, Pixels.TimeIncrement]).toEqual([3, 1, { value: 50, unit: 'ms' }]);
    expect(image).toMatchObject({ AcquisitionDate: '2016-08-27T19:54:33Z', Description: 'A specimen' });
    expect(image.ExperimenterRef).toBe('Experimenter:0');
    expect(Experimenters).toEqual([{ ID: 'Experimenter:0', UserName: 'A person' }]);
    expect(Instruments![0]!.Microscope!.Model).toBe('A microscope');
    expect(Pixels.Channels[0]!.DetectorSettings).toMatchObject({
      Binning: '2x2',
      Voltage: { value: 200000, unit: 'V' },
    });
  });

  it('takes a unit for sizes that have none', async () => {
    const { dataset } = await openWith('dm', 'fixtures/dm/plain-scale.dm4', { unit: 'nm' });
    expect(dataset.ome.Images[0]!.Pixels.PhysicalSizeX).toEqual({ value: 1, unit: 'nm' });
    const usual = await openWith('dm', 'fixtures/dm/plain-scale.dm4');
    expect(usual.dataset.ome.Images[0]!.Pixels.PhysicalSizeX).toEqual({ value: 1, unit: 'µm' });
    expect(usual.notices).toContainEqual(expect.objectContaining({ code: 'UNIT_ASSUMED' }));
    const none = await openWith('dm', 'fixtures/dm/plain-scale.dm4', { unit: 'none' });
    expect(none.dataset.ome.Images[0]!.Pixels.PhysicalSizeX).toBeUndefined();
    await expect(openWith('dm', 'fixtures/dm/uint8.dm4', { unit: 'yard' })).rejects.toThrow(/unit must be one of/);
  });
});
