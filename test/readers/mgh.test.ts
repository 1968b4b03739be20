import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith } from './fixture-suite.js';

describeFixtures('mgh', ['int16.mgh', 'packed.mgz']);

describe('mgh', () => {
  it('repetition time of frames, geometry as metadata', async () => {
    const { dataset } = await openWith('mgh', 'fixtures/mgh/frames.mgh');
    expect(dataset.ome.Images[0]!.Pixels.TimeIncrement).toEqual({ value: 2500, unit: 'ms' });
    expect(dataset.original).toContainEqual({ key: 'spacing', value: '1.5 1 2' });
  });
});
