import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith } from './fixture-suite.js';

describeFixtures('metaimage', ['uint16.mha', 'packed.mha', 'ascii.mha', 'big.mha']);

describe('metaimage', () => {
  it('keeps the header, names missing files, assumes a unit aloud', async () => {
    const { dataset, notices } = await openWith('metaimage', 'fixtures/metaimage/list.mhd');
    expect(dataset.missing).toEqual(['lost.raw']);
    expect(notices.map((n) => n.code)).toEqual(['FILE_MISSING']);
    const plain = await openWith('metaimage', 'fixtures/metaimage/uint8.mha');
    expect(plain.notices.map((n) => n.code)).toEqual(['UNIT_ASSUMED']);
    expect(plain.dataset.original).toContainEqual({ key: 'ElementType', value: 'MET_UCHAR' });
    const mm = await openWith('metaimage', 'fixtures/metaimage/uint8.mha', { unit: 'mm' });
    expect(mm.dataset.ome.Images[0]!.Pixels.PhysicalSizeX).toEqual({ value: 0.5, unit: 'mm' });
  });
});
