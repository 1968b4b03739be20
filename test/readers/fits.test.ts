import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith } from './fixture-suite.js';

describeFixtures('fits', ['int16.fits', 'extensions.fits', 'five.fits', 'rice16.fits']);

describe('fits', () => {
  it('cards, date, title, pixel size', async () => {
    const { dataset } = await openWith('fits', 'fixtures/fits/five.fits');
    const [image] = dataset.ome.Images;
    expect(image).toMatchObject({ Description: "it's a test", AcquisitionDate: '2004-08-06T12:34:56.7' });
    expect(image!.Pixels.PhysicalSizeX).toEqual({ value: 0.5, unit: 'µm' });
    expect(image!.Pixels.PhysicalSizeY).toBeUndefined();
    const value = (key: string): string | undefined => dataset.original.find((each) => each.key === key)?.value;
    expect(value('LONGTEXT')).toMatch(/^a text that does not fit .* characters in it$/);
    expect(value('ESO DET NAME')).toBe('camera');
    expect(value('COMMENT')).toBe('a comment');
  });

  it('images of extensions are named; scaling is told, not applied', async () => {
    const { dataset, notices } = await openWith('fits', 'fixtures/fits/extensions.fits');
    expect(dataset.images.map((image) => image.name)).toEqual(['extensions.fits #1 SCI', 'extensions.fits #2 ERR']);
    expect(notices.map((n) => n.code)).toEqual(['VALUE_SCALE']);
  });
});
