import { describe, expect, it } from 'vitest';
import { binningOf, exposureOf, parseProperties, timeOf } from '../../readers/metamorph/description.js';
import { parseHtd } from '../../readers/metamorph/htd.js';
import { memberName, parseNd } from '../../readers/metamorph/nd.js';
import { describeVendor, openBest } from './vendor-suite.js';

describeVendor('metamorph', ['time.stk', 'waves.stk', 'xml.tif', 'single.stk']);

const open = (name: string, options: Record<string, string> = {}) =>
  openBest('metamorph', `fixtures/metamorph/${name}`, options);

describe('metamorph: stacks', () => {
  it('times, places, exposure, camera', async () => {
    const { dataset } = await open('time.stk');
    const [image] = dataset.ome.Images;
    expect(image).toMatchObject({ Name: 'Stack', AcquisitionDate: '2022-08-18T13:49:35', StageLabel: { Name: 'P0' } });
    // The temperature in the description is the camera's.
    expect(image!.ImagingEnvironment).toBeUndefined();
    expect(image!.Pixels.SignificantBits).toBe(12);
    expect(image!.Pixels.Planes!.map(({ DeltaT }) => DeltaT!.value)).toEqual([0, 0.5, 1.25, 2]);
    expect(image!.Pixels.Planes![3]).toMatchObject({
      TheT: 3,
      ExposureTime: { value: 0.2, unit: 's' },
      PositionX: { value: 100.5, unit: 'reference frame' },
      PositionY: { value: -23.25, unit: 'reference frame' },
    });
    expect(image!.Pixels.Channels[0]).toMatchObject({ Name: 'Cy5', DetectorSettings: { Binning: '2x2', Gain: 4 } });
    expect(dataset.ome.Instruments![0]!.Objectives![0]).toMatchObject({
      LensNA: 0.45,
      NominalMagnification: 20,
      Model: '20x Plan Fluor',
    });
  });

  it('wavelengths and heights', async () => {
    const { Pixels } = (await open('waves.stk')).dataset.ome.Images[0]!;
    expect(Pixels.Channels).toMatchObject([
      { Name: 'DAPI', EmissionWavelength: { value: 450, unit: 'nm' } },
      { Name: 'FITC', EmissionWavelength: { value: 525, unit: 'nm' } },
    ]);
    expect(Pixels.Planes!.filter(({ TheC }) => TheC === 1).map(({ PositionZ }) => PositionZ!.value)).toEqual([
      10, 12, 14,
    ]);
  });

  it('says when calibration has no unit', async () => {
    const { notices } = await open('single.stk');
    expect(notices.map(({ code }) => code)).toEqual(['METAMORPH_NO_UNIT']);
  });

  it('pages that XML describes', async () => {
    const { dataset } = await open('xml.tif');
    const [image] = dataset.ome.Images;
    expect(image).toMatchObject({
      Name: 'w452',
      StageLabel: { Name: 'E07 : Site 1' },
      ImagingEnvironment: { Temperature: { value: 28, unit: '°C' } },
      ObjectiveSettings: { RefractiveIndex: 1 },
    });
    expect(image!.Pixels.Planes![3]).toMatchObject({
      TheC: 1,
      TheZ: 1,
      DeltaT: { value: 3 },
      ExposureTime: { value: 0.015 },
    });
    expect(dataset.original).toContainEqual({ image: 0, key: 'MetaMorph Page 1 Temperature', value: '0.27' });
  });
});

describe('metamorph: sets', () => {
  it('stages and waves; a wave without a stack is an image of its own; missing files are listed', async () => {
    const { dataset } = await open('set.nd');
    expect(dataset.ome.Images.map(({ Name }) => Name)).toEqual([
      'Stage1 A; GFP_(long)',
      'Stage1 A; Trans',
      'Stage2 B; GFP_(long)',
      'Stage2 B; Trans',
    ]);
    expect(dataset.missing).toEqual(['set_w1GFP--long-_s2_t2.STK']);
    expect(dataset.files.length).toBe(8);
    const [first] = dataset.ome.Images;
    expect(first).toMatchObject({
      AcquisitionDate: '2008-07-16T14:34:05.015',
      Description: 'File recreated from images.\nsecond line',
    });
    expect(first!.Pixels.Channels[0]!.Name).toBe('GFP_(long)');
    expect(first!.Pixels.Planes!.map(({ DeltaT }) => DeltaT!.value)).toEqual([0, 0.1, 0.2, 5, 5.1, 5.2]);
  });

  it('opens by any member, or a member alone', async () => {
    const name = 'set_w1GFP--long-_s1_t2.STK';
    expect((await open(name)).dataset.images.length).toBe(4);
    const alone = (await open(name, { group: 'no' })).dataset;
    expect(alone.images.map(({ levels }) => levels[0].shape)).toEqual([[1, 1, 3, 8, 10]]);
  });

  it('names of members', () => {
    const nd = parseNd(
      '"NDInfoFile", Version 1.0\r\n"DoTimelapse", FALSE\r\n"DoStage", FALSE\r\n"DoWave", TRUE\r\n"NWavelengths", 1\r\n"WaveName1", "a/b"\r\n"WaveInFileName", FALSE\r\n',
      'x.nd',
    );
    expect(memberName(nd, 'x', 0, 0, 0)).toBe('x_w1');
    expect(memberName({ ...nd, waveInFileName: true, stages: ['1'], timelapse: true }, 'x', 0, 0, 4)).toBe(
      'x_w1a-b_s1_t5',
    );
    expect(() => parseNd('"Other", 1', 'x.nd')).toThrow(/NDInfoFile/);
    expect(() => parseNd('"NDInfoFile", 1\n"DoWave", TRUE\n"NWavelengths", 99999999', 'x.nd')).toThrow(/NWavelengths/);
  });
});

describe('metamorph: plates', () => {
  it('wells, sites, waves, times', async () => {
    const { dataset } = await open('plate.HTD');
    expect(dataset.missing).toEqual(['TimePoint_2/plate_B03_s4_w1.TIF']);
    expect(dataset.ome.Images.map(({ Name }) => Name)).toEqual([
      'A02 site 1',
      'A02 site 4',
      'B03 site 1',
      'B03 site 4',
    ]);
    const [plate] = dataset.ome.Plates!;
    expect(plate).toMatchObject({ Name: 'plate', Rows: 2, Columns: 3, Description: '2t-2w-2s' });
    expect(
      plate!.Wells.map(({ Row, Column, WellSamples }) => [Row, Column, WellSamples.map(({ ImageRef }) => ImageRef)]),
    ).toEqual([
      [0, 1, ['Image:0', 'Image:1']],
      [1, 2, ['Image:2', 'Image:3']],
    ]);
    expect(dataset.ome.Images[0]!.Pixels.Channels.map(({ Name }) => Name)).toEqual(['DAPI', 'FITC']);
  });

  it('numbers beyond reason', () => {
    expect(() => parseHtd('"HTSInfoFile", 1\n"XWells", 4000', 'x')).toThrow(/XWells/);
    expect(() => parseHtd('"Other", 1', 'x')).toThrow(/HTSInfoFile/);
  });
});

describe('metamorph: descriptions', () => {
  it('exposure, binning, times', () => {
    const of = (text: string) => parseProperties(text, 'x');
    expect(exposureOf(of('Exposure: 1.5 s'))).toBe(1.5);
    expect(exposureOf(of('Exposure: Exposure Time = 20 ms'))).toBe(0.02);
    expect(exposureOf(of('Exposure: long'))).toBeUndefined();
    expect(binningOf(of('Binning: 1 x 2'))).toEqual([1, 2]);
    expect(timeOf('20230221 10:41:58.4')).toBe(Date.UTC(2023, 1, 21, 10, 41, 58, 400));
    expect(timeOf('soon')).toBeUndefined();
  });
});
