import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith, planeHashes } from './fixture-suite.js';
import { describeMutations } from './mutations.js';

describeFixtures('lof', ['single.lof', 'bare.lof']);
describeMutations('lof', ['single.lof', 'bare.lof']);
describeFixtures('xlef', ['project/project.xlef']);
describeMutations('xlef', ['project/project.xlef']);

describe('lof', () => {
  it('is named by itself, else by its file', async () => {
    const names = await Promise.all(
      ['single', 'bare'].map(
        async (name) => (await openWith('lof', `fixtures/lof/${name}.lof`)).dataset.images[0]!.name,
      ),
    );
    expect(names).toEqual(['single', 'bare']);
  });
});

describe('xlef', () => {
  it('names images by their collections, and lists every file', async () => {
    const { dataset } = await openWith('xlef', 'fixtures/xlef/project/project.xlef');
    expect(dataset.images.map((image) => image.name)).toEqual([
      'in lof',
      'collection/in tiffs',
      'collection/in one',
      'in pngs',
    ]);
    expect(dataset.files.length).toBe(1 + 5 + 1 + 4 + 1 + 2);
    expect(dataset.missing).toBeUndefined();
  });

  it('reports files that are not there', async () => {
    const { dataset, notices } = await openWith('xlef', 'fixtures/xlef/project/missing.xlef');
    expect(dataset.images.length).toBe(3);
    expect(dataset.missing).toEqual(['Metadata/gone.xlif']);
    expect(notices.map((notice) => [notice.code, notice.rank])).toEqual([['FILE_MISSING', 'damage']]);
  });

  it('an image alone needs its files below it', async () => {
    await expect(openWith('xlef', 'fixtures/xlef/project/Metadata/tiffs.xlif')).rejects.toThrow(
      /no image can be read.*open the \.xlef/,
    );
  });

  it('a circle is an error', async () => {
    await expect(openWith('xlef', 'fixtures/xlef/project/loop.xlef')).rejects.toThrow(/circle/);
  });

  it('reads each kind of file', async () => {
    const { dataset } = await openWith('xlef', 'fixtures/xlef/project/project.xlef');
    for (const image of dataset.images) expect((await planeHashes(image)).damage).toBe(0);
  });
});
