import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  it('gives regions of interest', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'imgconv-oif-'));
    try {
      const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`, 'utf16le');
      const body = (SHAPE: number, X: string, Y: string, more = ''): string =>
        `[ROIBase Body]\nSHAPE=${SHAPE}\nDIVIDE=2\nFONT=Arial,10\nLINEWIDTH=1\nNAME="region"\n${more || 'ANGLE=0'}\nX=${X}\nY=${Y}\n`;
      cpSync('fixtures/oif/planes.oif.files', join(folder, 'planes.oif.files'), { recursive: true });
      const main = readFileSync('fixtures/oif/planes.oif').toString('utf16le').slice(1);
      const listed = '[ProfileSaveInfo]\r\nRoiFileName0="planes.oif.files\\s_1.roi"\r\n';
      writeFileSync(
        join(folder, 'planes.oif'),
        utf16(main.replace('[ProfileSaveInfo]\r\n', listed).replaceAll('\r', '')),
      );
      const regions = [
        body(2, '7', '8'),
        body(3, '3,13', '24,4'),
        body(5, '3,13', '4,24'),
        body(6, '3,13', '4,24'),
        body(7, '3,14', '4,24'),
        body(8, '3,13,4', '4,24,5'),
        body(10, '3,13,4', '4,24,5'),
        body(11, '0,10', '0,20'),
        body(5, '3,13', '4,24', 'ANGLE=30'),
        body(15, '3,13', '4,24'),
        body(5, '3,x', '4,24'),
      ];
      const text = `[ROIBase FileInformation]\nName="2"\n${regions.join('')}`;
      writeFileSync(join(folder, 'planes.oif.files', 's_1.roi'), utf16(text));
      const { dataset, notices } = await openWith('oif', join(folder, 'planes.oif'));
      const look = { StrokeWidth: '1', StrokeWidthUnit: 'pixel', FontSize: '10', FontSizeUnit: 'pt' };
      const shapes = dataset.ome.ROIs!.map(({ Shapes }) =>
        Shapes.map(({ name, attributes }) => ({ name, ...attributes })),
      );
      const cell = (k: number, X: string, Y: string) => {
        return { ID: `Shape:7:${k}`, name: 'Rectangle', X, Y, Width: '5', Height: '10', ...look };
      };
      expect(shapes).toEqual([
        [{ ID: 'Shape:0:0', name: 'Point', X: '7', Y: '8', ...look }],
        [{ ID: 'Shape:1:0', name: 'Line', X1: '3', Y1: '24', X2: '13', Y2: '4', ...look }],
        [{ ID: 'Shape:2:0', name: 'Rectangle', X: '3', Y: '4', Width: '10', Height: '20', ...look }],
        [{ ID: 'Shape:3:0', name: 'Ellipse', X: '8', Y: '9', RadiusX: '5', RadiusY: '5', ...look }],
        [{ ID: 'Shape:4:0', name: 'Ellipse', X: '8.5', Y: '14', RadiusX: '5.5', RadiusY: '10', ...look }],
        [{ ID: 'Shape:5:0', name: 'Polygon', Points: '3,4 13,24 4,5', ...look }],
        [{ ID: 'Shape:6:0', name: 'Polyline', Points: '3,4 13,24 4,5', ...look }],
        [cell(0, '0', '0'), cell(1, '5', '0'), cell(2, '0', '10'), cell(3, '5', '10')],
      ]);
      expect(dataset.ome.ROIs![0]!.Name).toBe('region');
      expect(dataset.ome.Images[0]!.ROIRefs!.length).toBe(8);
      expect(notices).toContainEqual(expect.objectContaining({ code: 'OIF_ROI', text: expect.stringMatching(/^3 /) }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
