import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeFixtures, openWith } from './fixture-suite.js';
import { describeMutations } from './mutations.js';

describeFixtures('bdv', ['plain.h5']);
describeMutations('bdv', ['plain.h5'], 40);

describe('bdv', () => {
  it('puts channels of a tile into one image, at its place', async () => {
    const { dataset, notices } = await openWith('bdv', 'fixtures/bdv/tiles.xml');
    expect(dataset.ome.Images.map(({ Name }) => Name)).toEqual([
      'angle 0, tile 0, illumination 0',
      'angle 0, tile 1, illumination 0',
    ]);
    expect(dataset.ome.Images[0]!.Pixels.Channels.map(({ Name }) => Name)).toEqual(['488', '561']);
    expect(dataset.images.map(({ origin }) => origin)).toEqual([undefined, [0, 0, 0, 0, 12.5]]);
    expect(dataset.images[0]!.levels.map(({ shape }) => shape)).toEqual([
      [2, 2, 3, 20, 25],
      [2, 2, 3, 10, 13],
    ]);
    expect(notices).toContainEqual(expect.objectContaining({ code: 'BDV_MISSING', rank: 'damage' }));
    expect(dataset.original).toContainEqual({ key: 'SpimData/BasePath@type', value: 'relative' });
  });

  it('follows links into other files', async () => {
    const { dataset } = await openWith('bdv', 'fixtures/bdv/linked.xml');
    expect(dataset.files.map((file) => file.replace(/^.*[\\/]/, ''))).toEqual([
      'linked.xml',
      'linked.h5',
      'linked-1.h5',
      'linked-2.h5',
    ]);
  });

  it('finds the XML of an HDF5 file', async () => {
    const { dataset } = await openWith('bdv', 'fixtures/bdv/tiles.h5');
    expect(dataset.ome.Images[1]!.Pixels.PhysicalSizeZ).toEqual({ value: 2, unit: 'µm' });
  });

  it.each([
    ['<SpimData><SequenceDescription><ImageLoader format="bdv.n5"/></SequenceDescription></SpimData>', 'BDV_BACKEND'],
    ['<SpimData><SequenceDescription/></SpimData>', 'BDV_XML'],
    [
      '<SpimData><SequenceDescription><ImageLoader format="bdv.hdf5"><hdf5>no.h5</hdf5></ImageLoader></SequenceDescription></SpimData>',
      'NOT_FOUND',
    ],
    [
      '<SpimData><SequenceDescription><ImageLoader format="bdv.hdf5"><hdf5>../no.h5</hdf5></ImageLoader></SequenceDescription></SpimData>',
      'PATH_ESCAPES',
    ],
  ])('refuses %s', async (xml, code) => {
    const folder = mkdtempSync(join(tmpdir(), 'imgconv-bdv-'));
    try {
      writeFileSync(join(folder, 'a.xml'), xml);
      await expect(openWith('bdv', join(folder, 'a.xml'))).rejects.toMatchObject({ code });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
