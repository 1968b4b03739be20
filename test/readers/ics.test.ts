import { describe, expect, it } from 'vitest';
import { ics } from '../../readers/ics/format.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { openTree } from '../../src/io/tree.js';
import { describeFixtures, openWith, planeHashes } from './fixture-suite.js';

describeFixtures('ics', ['uint16.ics', 'packed.ics', 'channels.ics', 'complex.ics']);

describe('ics', () => {
  it('sizes, names, history', async () => {
    const { dataset } = await openWith('ics', 'fixtures/ics/uint16.ics');
    const { Name, Pixels } = dataset.ome.Images[0]!;
    expect(Name).toBe('uint16');
    expect([Pixels.PhysicalSizeX, Pixels.PhysicalSizeY, Pixels.PhysicalSizeZ]).toEqual([
      { value: 0.25, unit: 'µm' },
      { value: 0.5, unit: 'µm' },
      { value: 2, unit: 'µm' },
    ]);
    const channels = await openWith('ics', 'fixtures/ics/channels.ics');
    expect(channels.dataset.ome.Images[0]!.Description).toBe('a test');
    expect(channels.dataset.original).toContainEqual({ key: 'history author', value: 'someone' });
  });

  it('a pair opens by its pixels', async () => {
    const tree = await openTree('fixtures/ics/pair.ids');
    expect((await ics.identify!(tree)).score).toBe(75);
    const limits = DEFAULT_LIMITS;
    const byPixels = await ics.open(tree, { limits, notice: () => undefined, reader: {} });
    await tree.close();
    const { dataset } = await openWith('ics', 'fixtures/ics/pair.ics');
    expect(await planeHashes(byPixels.images[0]!)).toEqual(await planeHashes(dataset.images[0]!));
  });
});
