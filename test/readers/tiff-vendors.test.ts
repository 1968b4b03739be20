// QPTIFF, Ionpath MIBI, electron microscopes.

import { describe, expect, it } from 'vitest';
import { parseFacts } from '../../readers/ionpath-mibi/reader.js';
import { dateOf, layoutOf, parseSettings } from '../../readers/scanimage-tiff/settings.js';
import { feiDate, parseIni } from '../../readers/sem-tiff/fei.js';
import { parseZeiss } from '../../readers/sem-tiff/zeiss.js';
import { planeHashes, readManifest } from './fixture-suite.js';
import { describeVendor, openBest } from './vendor-suite.js';

describeVendor('qptiff', ['small.qptiff']);
describeVendor('ionpath-mibi', ['three.tiff']);
describeVendor('scanimage-tiff', ['slow.tif', 'volumes.tif']);
describeVendor('sem-tiff', ['fei.tif', 'zeiss.tif']);

describe('qptiff', () => {
  it('levels, channels, associated images, exposure, place', async () => {
    const { dataset } = await openBest('qptiff', 'fixtures/qptiff/small.qptiff');
    expect(dataset.images.map(({ name, role, levels }) => [name, role, levels.length])).toEqual([
      ['small.qptiff', 'pixels', 2],
      ['thumbnail', 'thumbnail', 1],
      ['Label', 'label', 1],
    ]);
    const manifest = new Map(readManifest('fixtures/qptiff'));
    expect((await planeHashes(dataset.images[0]!, 1)).hashes).toEqual(manifest.get('small.qptiff')!.level1);
    const { Pixels } = dataset.ome.Images[0]!;
    expect(Pixels.Channels).toMatchObject([
      { Name: 'DAPI', Color: 0x0000ffff },
      { Name: 'FITC', Color: 0x00ff00ff },
    ]);
    expect(Pixels.Planes![1]).toMatchObject({
      TheC: 1,
      ExposureTime: { value: 14290, unit: 'µs' },
      PositionX: { value: 12500, unit: 'µm' },
      PositionY: { value: 35000, unit: 'µm' },
    });
    expect(dataset.ome.Instruments![0]).toMatchObject({
      Objectives: [{ NominalMagnification: 10 }],
      Detectors: [{ Model: 'C11440' }],
    });
    expect(dataset.original).toContainEqual({ image: 0, key: 'QPI CameraName', value: 'C11440' });
  });
});

describe('ionpath-mibi', () => {
  it('channels by target or mass', async () => {
    const { dataset } = await openBest('ionpath-mibi', 'fixtures/ionpath-mibi/three.tiff');
    const [image, label] = dataset.ome.Images;
    expect(image).toMatchObject({
      Name: 'three.tiff SIMS',
      Description: 'Tonsil',
      AcquisitionDate: '2017-09-16T15:26:00',
    });
    expect(image!.Pixels.Channels.map(({ Name }) => Name)).toEqual(['Target:CD45', 'Mass:101', 'Target:dsDNA']);
    expect(label!.Name).toBe('three.tiff Label');
    expect(dataset.original).toContainEqual({ image: 0, key: 'Channel 3 channel.mass', value: '102' });
    expect(parseFacts('[1]').size + parseFacts('{').size + parseFacts(undefined).size).toBe(0);
  });
});

describe('sem-tiff', () => {
  it('FEI', async () => {
    const { dataset } = await openBest('sem-tiff', 'fixtures/sem-tiff/fei.tif');
    expect(dataset.ome.Images[0]).toMatchObject({
      AcquisitionDate: '2016-10-27T13:16:51',
      StageLabel: { X: { value: -0.0241493 }, Z: { value: 0.0569477 } },
      Pixels: { TimeIncrement: { value: 15.8, unit: 's' } },
    });
    expect(dataset.ome.Experimenters).toEqual([{ ID: 'Experimenter:0', LastName: 'jane' }]);
    expect(dataset.ome.Instruments![0]!.Microscope).toEqual({
      Manufacturer: 'FEI',
      Model: 'Teneo',
      SerialNumber: '9924053',
    });
    expect(dataset.ome.Instruments![0]!.Detectors).toEqual([{ ID: 'Detector:0:0', Model: 'ETD' }]);
    expect(dataset.ome.Instruments![0]!.Objectives![0]!.WorkingDistance).toEqual({ value: 9.65589, unit: 'mm' });
    expect(dataset.ome.Images[0]!.Pixels.Channels[0]!.DetectorSettings).toEqual({ ID: 'Detector:0:0' });
    expect(dataset.original).toContainEqual({ key: 'FEI EBeam HV', value: '2000' });
  });

  it('Zeiss', async () => {
    const { dataset } = await openBest('sem-tiff', 'fixtures/sem-tiff/zeiss.tif');
    expect(dataset.ome.Images[0]).toMatchObject({
      AcquisitionDate: '2019-03-12T10:21:32',
      StageLabel: { X: { value: expect.closeTo(0.0452, 9) } },
    });
    expect(dataset.ome.Instruments![0]!.Microscope).toMatchObject({ Manufacturer: 'Zeiss', Model: 'Merlin' });
    expect(dataset.ome.Instruments![0]!.Objectives).toEqual([
      { ID: 'Objective:0:0', WorkingDistance: { value: 3.9, unit: 'mm' } },
    ]);
  });

  it('texts', () => {
    expect(feiDate('27/10/2016', '12:00:01 AM')).toBe('2016-10-27T00:00:01');
    expect(feiDate('27.10.2016', '12:00:01')).toBe('2016-10-27T12:00:01');
    expect(feiDate('13/13/2016', '12:00:01')).toBeUndefined();
    expect(parseIni('a=1\n[S]\nb=2=3').get('S.b')).toBe('2=3');
    expect(parseZeiss('AP_WD\nWD = 3.9 mm\nAP_X\n').get('AP_WD')).toEqual({ label: 'WD', value: '3.9 mm' });
  });
});

describe('scanimage-tiff', () => {
  it('names, times, date', async () => {
    const slow = (await openBest('scanimage-tiff', 'fixtures/scanimage-tiff/slow.tif')).dataset.ome.Images[0]!;
    expect(slow.AcquisitionDate).toBe('2016-05-12T10:22:31');
    expect(slow.Pixels.Channels.map(({ Name }) => Name)).toEqual(['Channel 1', 'Channel 3']);
    expect(slow.Pixels.TimeIncrement).toBeUndefined();
    const { dataset } = await openBest('scanimage-tiff', 'fixtures/scanimage-tiff/volumes.tif');
    const { Pixels, AcquisitionDate } = dataset.ome.Images[0]!;
    expect(AcquisitionDate).toBe('2016-05-12T10:22:31');
    expect(Pixels.TimeIncrement).toEqual({ value: 0.1, unit: 's' });
    expect(
      Pixels.Planes!.find(({ TheT, TheC, TheZ }) => TheT === 1 && TheC === 1 && TheZ === 2)!.DeltaT!.value,
    ).toBeCloseTo(5 / 32, 9);
    expect(dataset.original).toContainEqual({ key: 'ScanImage SI.VERSION_MAJOR', value: "'2016'" });
  });

  it('settings that do not fit', () => {
    const settings = parseSettings(
      'state.acq.savingChannel1=1\rstate.acq.savingChannel2=1\rstate.acq.numberOfZSlices=4\r',
    );
    expect(layoutOf(settings, 7)).toEqual({ c: 1, z: 1, t: 7, framesFirst: false });
    expect(layoutOf(settings, 6)).toEqual({ c: 2, z: 1, t: 3, framesFirst: false });
    expect(dateOf(parseSettings('epoch = [2016 15 12 10 22 31]'))).toBeUndefined();
  });
});
