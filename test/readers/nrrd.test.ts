import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith } from './fixture-suite.js';

describeFixtures('nrrd', ['raw.nrrd', 'gzip.nrrd', 'bzip2.nrrd', 'ascii.nrrd', 'hex.nrrd']);

describe('nrrd', () => {
  it('says which data file is missing', async () => {
    const { dataset, notices } = await openWith('nrrd', 'fixtures/nrrd/missing.nhdr');
    expect(dataset.missing).toEqual(['nothere.raw']);
    expect(notices).toContainEqual(expect.objectContaining({ code: 'FILE_MISSING', rank: 'damage' }));
  });

  it('reads time steps', async () => {
    const { dataset } = await openWith('nrrd', 'fixtures/nrrd/time.nrrd');
    expect(dataset.ome.Images[0]!.Pixels.TimeIncrement).toEqual({ value: 5, unit: 's' });
  });
});
