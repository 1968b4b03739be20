import { describe, expect, it } from 'vitest';
import { dateOf, exposureOf, numberOf, parseDescription } from '../../readers/svs/description.js';
import { planeHashes, readManifest } from './fixture-suite.js';
import { describeVendor, openBest } from './vendor-suite.js';

describeVendor('svs', ['jpeg.svs', 'slide_DAPI.svs']);

const manifest = new Map(readManifest('fixtures/svs'));
const open = (name: string, options: Record<string, string> = {}) => openBest('svs', `fixtures/svs/${name}`, options);

describe('svs: images', () => {
  it('levels, label, macro; the thumbnail is a copy', async () => {
    const { dataset } = await open('jpeg.svs');
    expect(dataset.images.map(({ name, role, levels }) => [name, role, levels.length])).toEqual([
      ['jpeg.svs', 'pixels', 2],
      ['label', 'label', 1],
      ['macro', 'macro', 1],
    ]);
    expect((await planeHashes(dataset.images[0]!, 1)).hashes).toEqual(manifest.get('jpeg.svs')!.level1);
  });

  it('keeps the thumbnail when asked', async () => {
    const { dataset } = await open('jpeg.svs', { thumbnails: 'true' });
    expect(dataset.images.map(({ role }) => role)).toEqual(['pixels', 'thumbnail', 'label', 'macro']);
    expect((await planeHashes(dataset.images[1]!)).hashes).toEqual(manifest.get('jpeg.svs')!.thumbnail);
  });

  it('associated images without names: the second directory is the thumbnail, flags tell the rest', async () => {
    const { dataset } = await open('ycbcr.svs', { thumbnails: 'true' });
    expect(dataset.images.map(({ role }) => role)).toEqual(['pixels', 'thumbnail', 'macro']);
    expect((await planeHashes(dataset.images[1]!)).hashes).toEqual(manifest.get('ycbcr.svs')!.second);
  });

  it('channels of an AFI list, one file missing', async () => {
    const { dataset } = await open('slide.afi');
    expect(dataset.missing).toEqual(['slide_Cy5.svs']);
    expect(dataset.files.length).toBe(3);
    expect(dataset.images[0]!.levels.length).toBe(2);
    const { Channels, Planes } = dataset.ome.Images[0]!.Pixels;
    expect(Channels.map(({ Name }) => Name)).toEqual(['DAPI', 'Cy5', 'FITC']);
    expect(Channels[0]).toMatchObject({ EmissionWavelength: { value: 460, unit: 'nm' }, Color: 0x0000ffff });
    expect(Channels[1]!.EmissionWavelength).toBeUndefined();
    expect(Planes!.map(({ TheC, ExposureTime }) => [TheC, ExposureTime!.value])).toEqual([
      [0, 0.025],
      [2, 0.026],
    ]);
  });
});

describe('svs: metadata', () => {
  it('of the first directory', async () => {
    const { dataset } = await open('jpeg.svs');
    const [image] = dataset.ome.Images;
    expect(image).toMatchObject({
      AcquisitionDate: '2009-12-29T09:59:15',
      Description: 'Aperio Image Library v10.0.51',
    });
    expect(image!.Pixels.Planes![0]).toMatchObject({ PositionX: { value: 25.691574, unit: 'mm' } });
    expect(dataset.ome.Instruments![0]).toMatchObject({
      Microscope: { SerialNumber: 'CPAPERIOCS' },
      Objectives: [{ NominalMagnification: 20 }],
    });
    expect(dataset.ome.Experimenters![0]!.UserName).toBe('b414003d-95c6-48b0-9369-8010ed517ba7');
    expect(dataset.original).toContainEqual({ image: 0, key: 'Aperio StripeWidth', value: '2040' });
  });

  it('dates, zones, numbers', async () => {
    const of = (pairs: string) => parseDescription(`Aperio x\r\n1x1|${pairs}`);
    expect((await open('ycbcr.svs')).dataset.ome.Images[0]!.AcquisitionDate).toBe('2019-01-23T09:59:15-08:00');
    expect(dateOf(of('Date = 02/30/09|Time = 09:59:15'))).toBeUndefined();
    expect(dateOf(of('Date = 12/29/09'))).toBeUndefined();
    expect(numberOf(of('MPP = 0,25'), 'MPP')).toBe(0.25);
    expect(numberOf(of('MPP = '), 'MPP')).toBeUndefined();
    expect(exposureOf(of('Exposure Time = 0.5 s'))).toBe(0.5);
  });
});
