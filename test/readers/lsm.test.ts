import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseObjective } from '../../readers/lsm/instrument.js';
import { dateOf } from '../../readers/lsm/metadata.js';
import { unwrap } from '../../readers/lsm/planes.js';
import { planeHashes, readManifest } from './fixture-suite.js';
import { describeVendor, openBest } from './vendor-suite.js';

describeVendor('lsm', ['stack.lsm', 'times.lsm', 'spectral-float.lsm', 'drawn.lsm']);

const manifest = new Map(readManifest('fixtures/lsm'));
const folder = mkdtempSync(join(tmpdir(), 'imgconv-lsm-'));
afterAll(() => rmSync(folder, { recursive: true }));
const open = (name: string) => openBest('lsm', `fixtures/lsm/${name}`);

describe('lsm: overlays', () => {
  it('are regions; what has no counterpart is told', async () => {
    const { dataset, notices } = await open('drawn.lsm');
    const rois = dataset.ome.ROIs!;
    const look = { StrokeWidth: '2', StrokeWidthUnit: 'pixel', FontSize: '12', FontSizeUnit: 'pt' };
    const ellipse = (X: number, Y: number, RadiusX: number, RadiusY: number) => {
      return ['Ellipse', { X: `${X}`, Y: `${Y}`, RadiusX: `${RadiusX}`, RadiusY: `${RadiusY}` }];
    };
    const shapes = rois.map(({ Shapes: [shape] }) => {
      const { ID, ...attributes } = shape!.attributes;
      expect(attributes).toMatchObject(look);
      const rest = Object.entries(attributes).filter(([key]) => !(key in look));
      return [shape!.name, Object.fromEntries(rest)];
    });
    expect(shapes).toEqual([
      ['Line', { X1: '1', Y1: '2', X2: '3', Y2: '4.5' }],
      ['Rectangle', { X: '10', Y: '12', Width: '10', Height: '18' }],
      ellipse(20, 20, 10, 5), // ends of axes
      ellipse(20, 20, 10, 5), // corners
      ellipse(20, 20, 5, 5),
      ['Polygon', { Points: '1,1 5,1 5,5' }],
      ['Polyline', { Points: '1,1 5,1 5,5' }],
      ellipse(10, 10, 5, 5), // through three points
      ellipse(20, 20, 10, 5), // turned
    ]);
    const [turned] = rois.at(-1)!.Shapes[0]!.children;
    expect(turned!.name).toBe('Transform');
    const matrix = ['A00', 'A10', 'A01', 'A11', 'A02', 'A12'].map((key) => Number(turned!.attributes[key]));
    for (const [i, value] of [0.6, 0.8, -0.8, 0.6, 24, -8].entries()) expect(matrix[i]).toBeCloseTo(value, 9);
    expect(rois.map(({ Name }) => Name)).toEqual([...Array(8).fill('Overlay'), 'ROI']);
    expect(dataset.ome.Images[0]!.ROIRefs).toEqual(rois.map(({ ID }) => ID));
    expect(notices).toContainEqual(
      expect.objectContaining({ code: 'LSM_OVERLAY', text: expect.stringMatching(/^2 /) }),
    );
  });
});

describe('lsm: metadata', () => {
  it('channels, instrument, person, date', async () => {
    const { dataset } = await open('stack.lsm');
    const [image] = dataset.ome.Images;
    expect(image).toMatchObject({ Name: 'stack', AcquisitionDate: '2023-02-09T10:22:37', Description: 'first try' });
    expect(image!.Pixels).toMatchObject({ SignificantBits: 12, TimeIncrement: { value: 1.5, unit: 's' } });
    const [first, second] = image!.Pixels.Channels;
    expect(first).toMatchObject({
      Name: 'Ch2-T1',
      Color: 0x00ff00ff,
      Fluor: 'Alexa 488',
      PinholeSize: { value: 52.5, unit: 'µm' },
      ExcitationWavelength: { value: 488, unit: 'nm' },
      LightSourceSettings: { ID: 'LightSource:0:0' },
      LightPath: { EmissionFilterRefs: ['Filter:0:0'] },
    });
    expect(second!.Color).toBeUndefined();
    const [instrument] = dataset.ome.Instruments!;
    expect(instrument!.LightSources).toMatchObject([
      { Model: 'Argon/2', LaserMedium: 'Ar', Wavelength: { value: 488, unit: 'nm' }, Power: { value: 30, unit: 'mW' } },
      { Model: 'HeNe543', LaserMedium: 'HeNe' },
    ]);
    expect(instrument!.LightSources![1]!.Wavelength).toBeUndefined();
    expect(instrument!.Filters).toMatchObject([
      { Type: 'BandPass', TransmittanceRange: { CutIn: { value: 505 }, CutOut: { value: 530 } } },
      { Type: 'LongPass', TransmittanceRange: { CutIn: { value: 560 } } },
    ]);
    expect(instrument!.Detectors).toMatchObject([{ Gain: 650, AmplificationGain: 1, Zoom: 2.5 }, { Gain: 500 }]);
    expect(instrument!.Dichroics).toEqual([{ ID: 'Dichroic:0:0', Model: 'HFT 488/543' }]);
    expect(dataset.ome.Experimenters).toEqual([{ ID: 'Experimenter:0', UserName: 'jane' }]);
    expect(dataset.original).toContainEqual({
      key: 'LSM Recording Track 1 DetectionChannel 1 DyeName',
      value: 'Alexa 488',
    });
    expect(dataset.original).toContainEqual({ key: 'LSM Event 1', value: '1.5 s, type 0: marker' });
  });

  it('positions and times', async () => {
    const { dataset } = await open('times.lsm');
    expect(dataset.ome.Images.map(({ Name }) => Name)).toEqual(['times #1', 'times #2']);
    const planes = dataset.ome.Images[1]!.Pixels.Planes!;
    expect(planes.map(({ DeltaT }) => DeltaT!.value)).toEqual([0, 2.5, 5]);
    expect(planes[0]!.PositionX).toEqual({ value: expect.closeTo(41, 6), unit: 'reference frame' });
    expect(dataset.ome.Images[0]!.Pixels.TimeIncrement).toEqual({ value: 2.5, unit: 's' });
  });

  it('detection bands', async () => {
    const { Pixels } = (await open('spectral-float.lsm')).dataset.ome.Images[0]!;
    expect(Pixels.Channels[3]!.EmissionWavelength).toEqual({ value: expect.closeTo(435, 6), unit: 'nm' });
  });

  it('objectives and dates', () => {
    expect(parseObjective('Plan-Neofluar 40x/1.3 Oil')).toMatchObject({
      Correction: 'PlanNeofluar',
      NominalMagnification: 40,
      LensNA: 1.3,
      Immersion: 'Oil',
    });
    expect(parseObjective('C-Apochromat 63x/1.2W Corr')).toMatchObject({ Model: 'C-Apochromat 63x/1.2W Corr' });
    expect(dateOf(0)).toBeUndefined();
    expect(dateOf(Number.NaN)).toBeUndefined();
  });
});

describe('lsm: files above 4 GB', () => {
  it('unwraps offsets in the order of writing', () => {
    // Two positions, two time points: written p0t0 p1t0 p0t1 p1t1, listed p0t0 p0t1 p1t0 p1t1.
    const listed = [[4e9], [100], [4.2e9], [2e8]].map((list) => Float64Array.from(list));
    expect(unwrap(listed, 2, 2).map(([at]) => at)).toEqual([4e9, 2 ** 32 + 100, 4.2e9, 2 ** 32 + 2e8]);
  });

  it('reads a plane whose offset has wrapped', async () => {
    const bytes = Buffer.from(readFileSync('fixtures/lsm/odd-bits.lsm'));
    // The second channel's strip moves by 4 GiB; its listed offset stays below the first one's.
    const first = bytes.readUInt32LE(4);
    const entries = bytes.readUInt16LE(first);
    let list = 0;
    for (let i = 0; i < entries; i++) {
      const entry = first + 2 + 12 * i;
      if (bytes.readUInt16LE(entry) === 273) list = bytes.readUInt32LE(entry + 8);
    }
    const at = bytes.readUInt32LE(list + 4);
    const pixels = Buffer.from(bytes.subarray(at, at + 54));
    bytes.fill(0xee, at, at + 54);
    bytes.writeUInt32LE(10, list + 4);
    const path = join(folder, 'far.lsm');
    const file = openSync(path, 'w');
    writeSync(file, bytes, 0, bytes.length, 0);
    writeSync(file, pixels, 0, pixels.length, 2 ** 32 + 10);
    closeSync(file);
    const { dataset } = await openBest('lsm', path);
    expect((await planeHashes(dataset.images[0]!)).hashes).toEqual(manifest.get('odd-bits.lsm')!.images[0]!.planes);
  });
});
