import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith } from './fixture-suite.js';
import { describeMutations } from './mutations.js';

const at = (name: string): string => `fixtures/nd2/${name}`;

describeFixtures('nd2', ['loops.nd2', 'zlib.nd2', 'legacy.nd2', 'lost-map.nd2']);

describeMutations('nd2', ['loops.nd2', 'xml.nd2', 'legacy.nd2', 'lost-map.nd2', 'mixed.nd2']);

describe('nd2: axes', () => {
  it('makes an image of each valid position, with its name and place', async () => {
    const { dataset } = await openWith('nd2', at('loops.nd2'));
    expect(dataset.ome.Images.map((image) => image.StageLabel)).toEqual([
      { Name: 'A1', X: { value: 100, unit: 'µm' }, Y: { value: 200, unit: 'µm' }, Z: { value: 5, unit: 'µm' } },
      { Name: 'B2', X: { value: 300, unit: 'µm' }, Y: { value: 400, unit: 'µm' }, Z: { value: 6, unit: 'µm' } },
    ]);
    expect(dataset.ome.Images[0]!.Pixels.TimeIncrement).toEqual({ value: 0.5, unit: 's' });
  });

  it('gives each plane the values of its frame', async () => {
    const { dataset } = await openWith('nd2', at('loops.nd2'));
    const planes = dataset.ome.Images[1]!.Pixels.Planes!;
    expect(planes.length).toBe(2 * 3 * 2);
    for (const plane of planes) {
      const frame = 6 + plane.TheT * 3 + plane.TheZ;
      expect(plane.DeltaT).toEqual({ value: 0.25 + 0.5 * frame, unit: 's' });
      expect(plane.PositionX).toEqual({ value: 1000 + frame, unit: 'µm' });
      expect(plane.PositionZ).toEqual({ value: 300 + frame, unit: 'µm' });
      expect(plane.ExposureTime).toEqual({ value: plane.TheC === 0 ? 0.1 : 0.2, unit: 's' });
    }
  });

  it('takes frames of unknown meaning as time points', async () => {
    const { notices } = await openWith('nd2', at('untold.nd2'));
    expect(notices.map((notice) => notice.code)).toEqual(['ND2_LOOPS']);
  });

  it('tells that an acquisition was stopped', async () => {
    const { notices } = await openWith('nd2', at('stopped.nd2'));
    expect(notices.map((notice) => notice.text).join()).toContain('5 time points');
  });
});

describe('nd2: metadata', () => {
  it('reads channels', async () => {
    const { dataset } = await openWith('nd2', at('loops.nd2'));
    const [first, second] = dataset.ome.Images[0]!.Pixels.Channels;
    expect(first).toMatchObject({
      Name: 'channel 0',
      Color: (0x07ff00ff << 0) | 0,
      EmissionWavelength: { value: 525, unit: 'nm' },
      ExcitationWavelength: { value: 488, unit: 'nm' },
      AcquisitionMode: 'SpinningDiskConfocal',
      ContrastMethod: 'Fluorescence',
      PinholeSize: { value: 50, unit: 'µm' },
    });
    expect(second).toMatchObject({ Name: 'channel 1', EmissionWavelength: { value: 600, unit: 'nm' } });
    expect(dataset.ome.Images[0]!.Pixels.SignificantBits).toBe(12);
    expect(dataset.ome.Images[0]!.AcquisitionDate).toBe('2016-08-26T00:00:00.000Z');
  });

  it('reads objective and camera', async () => {
    const { dataset } = await openWith('nd2', at('loops.nd2'));
    const [instrument] = dataset.ome.Instruments!;
    expect(instrument!.Objectives).toEqual([
      {
        ID: 'Objective:0:0',
        Model: 'Plan Apo λ 60x Oil',
        NominalMagnification: 60,
        CalibratedMagnification: 60,
        LensNA: 1.4,
        Correction: 'PlanApo',
        Immersion: 'Oil',
      },
    ]);
    expect(instrument!.Detectors).toEqual([{ ID: 'Detector:0:0', Model: 'C1', SerialNumber: '77' }]);
    expect(dataset.ome.Images[0]!.ObjectiveSettings).toEqual({ ID: 'Objective:0:0', RefractiveIndex: 1.515 });
  });

  it('keeps everything as original metadata', async () => {
    const { dataset } = await openWith('nd2', at('loops.nd2'));
    const rows = new Map(dataset.original.map((row) => [row.key, row.value]));
    expect(rows.get('Frames/Exposure Time [ms]')).toBe(Array(12).fill('100').join(' '));
    expect([...rows.keys()].some((key) => key.endsWith('uiWidth'))).toBe(true);
  });

  it('reads the metadata of XML and legacy files as well', async () => {
    const xml = (await openWith('nd2', at('xml.nd2'))).dataset.ome.Images[0]!;
    expect(xml.Pixels.Channels[0]).toMatchObject({ Name: 'channel 0', EmissionWavelength: { value: 525, unit: 'nm' } });
    const { dataset } = await openWith('nd2', at('legacy.nd2'));
    expect(dataset.ome.Images[0]!.Pixels.Channels.map((c) => c.Name)).toEqual(['config 0', 'config 1']);
    expect(dataset.ome.Images[0]!.Pixels.Planes![2]).toMatchObject({
      TheZ: 1,
      DeltaT: { value: 0.75, unit: 's' },
      PositionX: { value: 1001, unit: 'µm' },
    });
    expect(dataset.ome.Instruments![0]!.Objectives![0]!.NominalMagnification).toBe(40);
  });
});

describe('nd2: damage', () => {
  it.each(['loops.nd2', 'zlib.nd2', 'xml.nd2', 'legacy.nd2'])(
    '%s: chunks are found without their map',
    async (name) => {
      const mapped = (await openWith('nd2', at(name))).dataset;
      const found = (await openWith('nd2', at(name), { chunkmap: 'false' })).dataset;
      expect(found.ome.Images).toEqual(mapped.ome.Images);
      for (const [i, image] of found.images.entries()) expect(image.levels).toEqual(mapped.images[i]!.levels);
    },
  );

  it('reports a lost chunk map', async () => {
    const { notices } = await openWith('nd2', at('lost-map.nd2'));
    expect(notices.map((notice) => [notice.code, notice.rank])).toEqual([['ND2_CHUNK_MAP', 'damage']]);
  });
});
