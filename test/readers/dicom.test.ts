import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dicom } from '../../readers/dicom/format.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { openTree } from '../../src/io/tree.js';
import { describeFixtures, openWith, planeHashes, readManifest } from './fixture-suite.js';
import { describeMutations } from './mutations.js';

const FOLDER = 'fixtures/dicom';
const BROKEN = [
  'explicit.dcm',
  'implicit.dcm',
  'deflated.dcm',
  'rle-16.dcm',
  'jpegls-fragments.dcm',
  'jpegls-extended.dcm',
  'enhanced.dcm',
  'segmentation.dcm',
  'sparse.dcm',
  'segmented-palette.dcm',
];

describeFixtures('dicom', BROKEN);
describeMutations('dicom', BROKEN, 40);

const manifest = readManifest(FOLDER);
const having = (fact: string) => manifest.filter(([, fixture]) => fixture[fact] !== undefined);

describe('dicom: what belongs to a file', () => {
  it.each(having('files'))('%s', async (name, fixture) => {
    const { dataset } = await openWith('dicom', `${FOLDER}/${name}`);
    expect(dataset.files.length).toBe(fixture.files);
    expect(dataset.missing?.length ?? 0).toBe(fixture.missing ?? 0);
  });

  it('opens a file alone where asked', async () => {
    const { dataset } = await openWith('dicom', `${FOLDER}/series/a.dcm`, { series: 'false' });
    expect(dataset.images[0]!.levels[0].shape).toEqual([1, 1, 1, 6, 5]);
    expect(dataset.files.length).toBe(1);
  });

  it('opens a folder: each series and picture is an image', async () => {
    const tree = await openTree(`${FOLDER}/series`);
    expect(dicom.probe(tree).score).toBe(25);
    expect((await dicom.identify!(tree)).score).toBe(75);
    const dataset = await dicom.open(tree, { limits: DEFAULT_LIMITS, notice: () => undefined, reader: {} });
    expect(dataset.images.map((image) => image.levels[0].shape[2]).sort()).toEqual([1, 4]);
    await tree.close();
  });

  it('does not take another header for the first element of a data set', () => {
    const head = new Uint8Array(128);
    head.set(Buffer.from('\0\u0008Porsches', 'latin1'));
    expect(dicom.probe({ head, name: 'porsches.mac', isFolder: false }).score).toBe(0);
  });

  it('says nothing of damage in a copy that is left out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'imgconv-dicom-'));
    const whole = readFileSync(`${FOLDER}/explicit.dcm`);
    writeFileSync(join(folder, 'a.dcm'), whole);
    writeFileSync(join(folder, 'b.dcm'), whole.subarray(0, whole.length - 20));
    try {
      const { dataset, notices } = await openWith('dicom', join(folder, 'a.dcm'));
      expect(dataset.files.length).toBe(1);
      expect(notices.map(({ code }) => code)).toContain('DICOM_DUPLICATE');
      expect(notices.filter(({ rank }) => rank === 'damage')).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('opens the folder of a medium by its DICOMDIR', async () => {
    const tree = await openTree(`${FOLDER}/medium`);
    const dataset = await dicom.open(tree, { limits: DEFAULT_LIMITS, notice: () => undefined, reader: {} });
    expect(dataset.images.length).toBe(1);
    expect(dataset.missing?.length).toBe(1);
    await tree.close();
  });

  it('leaves out copies of an object', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'imgconv-dicom-'));
    const bytes = readFileSync(`${FOLDER}/series/a.dcm`);
    for (const name of ['x.dcm', 'y.dcm']) writeFileSync(join(folder, name), bytes);
    const { dataset, notices } = await openWith('dicom', join(folder, 'x.dcm'));
    expect(dataset.images[0]!.levels[0].shape[2]).toBe(1);
    expect(notices.map((notice) => notice.code)).toContain('DICOM_DUPLICATE');
    rmSync(folder, { recursive: true });
  });
});

describe('dicom: slides', () => {
  it.each(having('levels'))('%s: stored levels, roles', async (name, fixture) => {
    const { dataset } = await openWith('dicom', `${FOLDER}/${name}`);
    const [first] = dataset.images;
    const levels: string[][] = [];
    for (const i of first!.levels.keys()) levels.push((await planeHashes(first!, i)).hashes);
    expect(levels).toEqual(fixture.levels);
    expect(dataset.images.map((image) => image.role)).toEqual(fixture.roles);
  });

  it.each(having('channels'))('%s: channel names', async (name, fixture) => {
    const { dataset } = await openWith('dicom', `${FOLDER}/${name}`);
    expect(dataset.ome.Images[0]!.Pixels.Channels.map((channel) => channel.Name)).toEqual(fixture.channels);
  });

  it('maps lens, light, date and place', async () => {
    const { dataset } = await openWith('dicom', `${FOLDER}/paths.dcm`);
    const [image] = dataset.ome.Images;
    expect(image!.AcquisitionDate).toBe('2021-03-04T05:06:07.5+02:00');
    expect(dataset.ome.Instruments![0]!.Objectives![0]!.NominalMagnification).toBe(20);
    expect(image!.Pixels.Channels[1]!.ExcitationWavelength).toEqual({ value: 550, unit: 'nm' });
    expect(image!.Pixels.Planes![0]!.PositionX).toEqual({ value: 12.5, unit: 'mm' });
  });
});

describe('dicom: colour', () => {
  it.each(having('palette'))('%s: palette', async (name, fixture) => {
    const { palette } = (await openWith('dicom', `${FOLDER}/${name}`)).dataset.images[0]!;
    expect(palette!.depth).toBe(16);
    const { buffer, byteOffset, byteLength } = palette!.rgb;
    expect([...new Uint16Array(buffer, byteOffset, byteLength / 2)]).toEqual(fixture.palette);
  });

  it('keeps stored YCbCr, and converts it where asked', async () => {
    const kept = (await openWith('dicom', `${FOLDER}/ybr-full.dcm`)).dataset;
    expect(kept.ome.Images[0]!.Pixels.Channels.map((channel) => channel.Name)).toEqual(['Y', 'Cb', 'Cr']);
    const rgb = (await openWith('dicom', `${FOLDER}/ybr-full.dcm`, { rgb: 'true' })).dataset;
    expect(rgb.ome.Images[0]!.Pixels.Channels.map((channel) => channel.SamplesPerPixel)).toEqual([3]);
    expect((await planeHashes(rgb.images[0]!)).hashes).not.toEqual((await planeHashes(kept.images[0]!)).hashes);
  });
});

describe('dicom: metadata', () => {
  it('keeps the scale as metadata and says so', async () => {
    const { dataset, notices } = await openWith('dicom', `${FOLDER}/explicit.dcm`);
    expect(notices.map((notice) => notice.code)).toEqual(['DICOM_RESCALE']);
    expect(dataset.original).toContainEqual({ image: 0, key: 'RescaleSlope', value: '2.0' });
    expect(dataset.original).toContainEqual({ image: 0, key: '0011,1001 imgconv test', value: 'kept' });
    expect(dataset.original).toContainEqual({ image: 0, key: 'PatientName', value: 'Test^Ä' });
    // Window 0 ± 1000 in scaled values.
    expect(dataset.images[0]!.display![0]!.window).toMatchObject({ start: -0.25, end: 999.75 });
    expect(dataset.ome.Images[0]!.AcquisitionDate).toBe('2020-01-02T03:04:05.25+01:00');
    expect(dataset.ome.Experimenters![0]).toMatchObject({ LastName: 'Doe', FirstName: 'Jane', Institution: 'Lab' });
  });

  it('gives planes their place and time', async () => {
    const { dataset } = await openWith('dicom', `${FOLDER}/series/a.dcm`);
    const planes = dataset.ome.Images[0]!.Pixels.Planes!;
    expect(planes.map((plane) => plane.PositionZ!.value)).toEqual([30, 31.5, 33, 34.5]);
    expect(planes.map((plane) => plane.DeltaT!.value)).toEqual([0, 1, 2, 3]);
    expect(dataset.original).toContainEqual({ image: 0, key: 'InstanceNumber #2', value: '2' });
    expect(dataset.original).toContainEqual({ image: 0, key: 'SliceThickness', value: '3.0' });
  });

  it('plays films along t', async () => {
    const { dataset } = await openWith('dicom', `${FOLDER}/film.dcm`);
    expect(dataset.ome.Images[0]!.Pixels.TimeIncrement).toEqual({ value: 0.04, unit: 's' });
  });
});
