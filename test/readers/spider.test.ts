import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith } from './fixture-suite.js';

describeFixtures('spider', ['image.spi', 'stack.spi']);

describe('spider', () => {
  it('pixel size', async () => {
    const { dataset } = await openWith('spider', 'fixtures/spider/volume.spi');
    expect(dataset.ome.Images[0]!.Pixels.PhysicalSizeZ).toEqual({ value: 2.5, unit: 'Å' });
  });
});
