import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { omeColor } from '../../src/core/ome.js';
import { writeOib } from '../../src/testing/oib-writer.js';
import type { OleOptions } from '../../src/testing/ole-writer.js';
import { describeFixtures, openWith, readManifest } from './fixture-suite.js';
import { describeMutations } from './mutations.js';

describeFixtures('oif', []);
describeFixtures('oib', ['fragments.oib']);
describeMutations('oib', ['stack.oib', 'fragments.oib'], 50);

describe('oib: fixtures', () => {
  it.each(readManifest('fixtures/oib'))('%s is what the writer makes', (name, fixture) => {
    const { from, ...options } = fixture.made as OleOptions & { from: string };
    const folder = `fixtures/oif/${from}.oif.files`;
    const names = readdirSync(folder).sort();
    const files = new Map(names.map((file) => [file, new Uint8Array(readFileSync(`${folder}/${file}`))]));
    const made = writeOib(`${from}.oif`, new Uint8Array(readFileSync(`fixtures/oif/${from}.oif`)), files, options);
    expect(Buffer.compare(made, readFileSync(`fixtures/oib/${name}`))).toBe(0);
  });
});

describe('oif', () => {
  it.each([
    ['oif', 'fixtures/oif/stack.oif'],
    ['oib', 'fixtures/oib/stack.oib'],
  ])('%s: metadata', async (id, path) => {
    const { dataset } = await openWith(id, path);
    const [image] = dataset.ome.Images;
    const [instrument] = dataset.ome.Instruments!;
    expect(image).toMatchObject({ AcquisitionDate: '2012-07-26T15:13:35.976', Description: 'A comment' });
    expect(dataset.ome.Experimenters![0]!.UserName).toBe('Somebody');
    const { Channels, Planes, TimeIncrement, SignificantBits } = image!.Pixels;
    expect(SignificantBits).toBe(12);
    expect(TimeIncrement).toEqual({ value: 2, unit: 's' });
    expect(Channels[1]).toMatchObject({
      Name: 'CH2',
      Fluor: 'Dye 1',
      Color: omeColor(255, 0, 0),
      ExcitationWavelength: { value: 543, unit: 'nm' },
      EmissionWavelength: { value: 570, unit: 'nm' },
      DetectorSettings: { Gain: 1000, Offset: 3, Voltage: { value: 501, unit: 'V' } },
    });
    const last = Planes!.find((plane) => plane.TheT === 1 && plane.TheZ === 2 && plane.TheC === 1);
    expect(last).toMatchObject({ DeltaT: { value: 2, unit: 's' }, PositionZ: { value: -993.15, unit: 'µm' } });
    expect(instrument!.Objectives![0]).toMatchObject({ NominalMagnification: 40, LensNA: 0.75 });
    expect(instrument!.Objectives![0]!.WorkingDistance).toBeUndefined();
    expect(instrument!.Filters![0]).toMatchObject({
      Model: 'BA505-525',
      TransmittanceRange: { CutIn: { value: 505, unit: 'nm' }, CutOut: { value: 525, unit: 'nm' } },
    });
    expect(instrument!.LightSources!.map(({ Wavelength }) => Wavelength!.value)).toEqual([488, 543]);
    expect(dataset.original).toContainEqual({ key: '[Version Info] FileVersion', value: '1.2.6.0' });
  });

  it('names planes that are missing', async () => {
    const { dataset, notices } = await openWith('oif', 'fixtures/oif/gaps.oif');
    expect(dataset.missing!.map((name) => name.replace(/^.*\//, ''))).toEqual(['s_C001T002.tif', 's_C001T004.tif']);
    expect(notices).toContainEqual(expect.objectContaining({ code: 'OIF_MISSING', rank: 'damage' }));
  });

  it('makes channels of a spectrum', async () => {
    const { dataset } = await openWith('oif', 'fixtures/oif/lambda.oif');
    const { Channels } = dataset.ome.Images[0]!.Pixels;
    expect(Channels.map(({ EmissionWavelength }) => EmissionWavelength!.value)).toEqual([500, 510, 520]);
  });

  it('keeps an XZ scan as one plane', async () => {
    const { dataset } = await openWith('oif', 'fixtures/oif/xz.oif');
    expect(dataset.images[0]!.levels[0].shape).toEqual([1, 2, 1, 8, 10]);
  });
});
