import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith } from './fixture-suite.js';
import { describeMutations } from './mutations.js';

const at = (name: string): string => `fixtures/lif/${name}`;

describeFixtures('lif', ['tzcyx.lif', 'mosaic.lif', 'rgb.lif', 'version1.lif']);
describeMutations('lif', ['tzcyx.lif', 'mosaic.lif', 'lines.lif', 'xzy.lif', 'version1.lif']);

describe('lif: images', () => {
  it('names images by their folders and tells what it does not read', async () => {
    const { dataset, notices } = await openWith('lif', at('folders.lif'));
    expect(dataset.images.map((image) => image.name)).toEqual(['first', 'group/inner/second']);
    expect(notices.map((notice) => notice.code)).toEqual(['LEICA_PHOTONS']);
  });

  it('reports lost memory', async () => {
    const { notices } = await openWith('lif', at('lost-memory.lif'));
    expect(notices.map((notice) => [notice.code, notice.rank])).toEqual([['LEICA_MEMORY', 'damage']]);
  });

  it('makes an image of each type of channels', async () => {
    const { dataset } = await openWith('lif', at('two-types.lif'));
    expect(dataset.images.map((image) => image.name)).toEqual(['mixed (uint32)', 'mixed (float)']);
  });

  it('divides lengths by pixels on demand', async () => {
    const { dataset } = await openWith('lif', at('tzcyx.lif'), { old_physical_size: 'true' });
    const { Pixels } = dataset.ome.Images[0]!;
    expect(Pixels.PhysicalSizeX!.value).toBeCloseTo((0.1 * 6) / 7, 9);
    expect(Pixels.PhysicalSizeZ!.value).toBeCloseTo((0.5 * 2) / 3, 9);
  });
});

describe('lif: metadata', () => {
  it('gives planes their times, stage and focus', async () => {
    const { dataset } = await openWith('lif', at('tzcyx.lif'));
    const [image] = dataset.ome.Images;
    const planes = image!.Pixels.Planes!;
    expect(planes.length).toBe(12);
    for (const plane of planes) {
      const stamp = plane.TheT * 6 + plane.TheZ * 2 + plane.TheC;
      expect(plane.DeltaT).toEqual({ value: 2 * stamp, unit: 's' });
      expect(plane.PositionX!.value).toBeCloseTo(1000, 6);
      expect(plane.PositionY!.value).toBeCloseTo(-2000, 6);
      expect(plane.PositionZ!.value).toBeCloseTo(1 + 0.5 * plane.TheZ, 6);
    }
    expect(image!.AcquisitionDate).toBe('2021-01-24T22:13:20');
    expect(image!.Pixels.TimeIncrement).toEqual({ value: 2, unit: 's' });
    expect(image!.Pixels.SignificantBits).toBe(12);
  });

  it('reads channels from active detectors', async () => {
    const { dataset } = await openWith('lif', at('tzcyx.lif'));
    const [first, second] = dataset.ome.Images[0]!.Pixels.Channels;
    expect(first).toEqual({
      ID: 'Channel:0:0',
      SamplesPerPixel: 1,
      Name: 'Leica/FITC',
      Color: (0x00ff00ff << 0) | 0,
      PinholeSize: { value: 95, unit: 'µm' },
      AcquisitionMode: 'LaserScanningConfocalMicroscopy',
      ExcitationWavelength: { value: 488, unit: 'nm' },
      LightSourceSettings: { ID: 'LightSource:0:0', Attenuation: 0.955, Wavelength: { value: 488, unit: 'nm' } },
      DetectorSettings: { ID: 'Detector:0:0', Gain: 100, Offset: -0.5, Zoom: 2.5 },
      LightPath: { EmissionFilterRefs: ['Filter:0:0'] },
    });
    expect(second).toMatchObject({ Name: 'Leica/TRITC', DetectorSettings: { ID: 'Detector:0:1', Gain: 700 } });
  });

  it('reads the instrument', async () => {
    const { dataset } = await openWith('lif', at('tzcyx.lif'));
    expect(dataset.ome.Instruments).toEqual([
      {
        ID: 'Instrument:0',
        Microscope: { Type: 'Inverted', Manufacturer: 'Leica', Model: 'DMI8-CS', SerialNumber: '8100000001' },
        LightSources: [
          { Kind: 'Laser', ID: 'LightSource:0:0', Model: 'SuperContVisible2', Wavelength: { value: 488, unit: 'nm' } },
        ],
        Detectors: [
          { ID: 'Detector:0:0', Model: 'HyD 1', Type: 'Other' },
          { ID: 'Detector:0:1', Model: 'PMT 3', Type: 'PMT' },
        ],
        Objectives: [
          {
            ID: 'Objective:0:0',
            Model: 'HC PL APO CS2    63x/1.30 GLYC',
            NominalMagnification: 63,
            LensNA: 1.3,
            Immersion: 'Glycerol',
            Correction: 'PlanApo',
          },
        ],
        Filters: [
          {
            ID: 'Filter:0:0',
            Type: 'BandPass',
            TransmittanceRange: { CutIn: { value: 500, unit: 'nm' }, CutOut: { value: 550, unit: 'nm' } },
          },
          {
            ID: 'Filter:0:1',
            Type: 'BandPass',
            TransmittanceRange: { CutIn: { value: 600, unit: 'nm' }, CutOut: { value: 650, unit: 'nm' } },
          },
        ],
      },
    ]);
  });

  it('gives channels of a sequential scan the settings of their step', async () => {
    const { dataset } = await openWith('lif', at('sequential.lif'));
    const [image] = dataset.ome.Images;
    expect(image!.Pixels.Channels.map((each) => [each.Name, each.ExcitationWavelength?.value])).toEqual([
      ['a', 488],
      ['b', 561],
    ]);
    expect(image!.Pixels.Channels.map((each) => each.DetectorSettings)).toEqual([
      { ID: 'Detector:0:0', Gain: 600, Offset: 0 },
      { ID: 'Detector:0:0', Gain: 800, Offset: 0 },
    ]);
    expect(image!.Pixels.Channels.map((each) => each.LightSourceSettings?.ID)).toEqual([
      'LightSource:0:0',
      'LightSource:0:1',
    ]);
  });

  it('gives tiles their own places and times', async () => {
    const { dataset } = await openWith('lif', at('mosaic.lif'));
    const third = dataset.ome.Images[3]!.Pixels.Planes!;
    expect(third[0]!.PositionX!.value).toBeCloseTo(1100, 6);
    expect(third[0]!.PositionY!.value).toBeCloseTo(2100, 6);
    expect(third.map((plane) => plane.DeltaT!.value)).toEqual([12, 14, 28, 30]);
  });

  it('tells what was folded into time', async () => {
    const { dataset } = await openWith('lif', at('lambda.lif'));
    const [annotation] = dataset.ome.Annotations!;
    expect(JSON.stringify(annotation)).toContain('"Type":"lambda"');
    expect(annotation!.Content[0]!.children[0]!.children[0]!.attributes).toMatchObject({
      Unit: 'nm',
      Start: '550',
      Step: '5',
      End: '565',
    });
    expect(dataset.ome.Images[0]!.Pixels.TimeIncrement).toBeUndefined();
    const alone = (await openWith('lif', at('excitation.lif'))).dataset.ome.Annotations!;
    expect(alone[0]!.Kind).toBe('MapAnnotation');
    expect(alone[0]!.Content[0]!.children.map((each) => `${each.attributes.K}=${each.text}`)).toContain('Start=490');
  });

  it('keeps everything as original metadata', async () => {
    const { dataset } = await openWith('lif', at('tzcyx.lif'));
    const rows = new Map(dataset.original.map((row) => [row.key, row.value]));
    expect(rows.get('Image|HardwareSetting|ATLConfocalSettingDefinition|Zoom')).toBe('2.5');
  });
});
