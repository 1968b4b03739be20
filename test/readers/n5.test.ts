import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { n5 } from '../../readers/n5/format.js';
import { openTree } from '../../src/io/tree.js';
import { codeOf, FIXTURES, hashLevel, memoryTree, openWith, unpack } from '../containers/zarr-support.js';

const folder = join(FIXTURES, 'n5');
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { arrays: Record<string, string> };
const RAW = { dimensions: [4, 4], blockSize: [2, 2], dataType: 'uint8', compression: { type: 'raw' } };

describe('N5', () => {
  it('reads every compression and type, cut and padded edges', async () => {
    const root = await unpack(join(folder, 'n5.zip'));
    expect((await n5.identify!(await openTree(root))).score).toBe(75);
    const { dataset } = await openWith(n5, root);
    const found: Record<string, string> = {};
    for (const image of dataset.images) {
      const names = image.levels.map((_, level) => (image.levels.length > 1 ? `${image.name}/s${level}` : image.name));
      for (const [level, name] of names.entries()) found[name] = await hashLevel(image, level);
    }
    expect(found).toEqual(manifest.arrays);
  });

  it('knows the pixel sizes of n5-viewer and COSEM', async () => {
    const root = await unpack(join(folder, 'n5.zip'));
    const sizeOf = async (path: string) => (await openWith(n5, join(root, path))).dataset.ome.Images[0]!.Pixels;
    expect(await sizeOf('series')).toMatchObject({
      SizeX: 8,
      PhysicalSizeX: { value: 0.5, unit: 'µm' },
      PhysicalSizeY: { value: 0.25, unit: 'µm' },
      PhysicalSizeZ: { value: 2, unit: 'µm' },
    });
    expect(await sizeOf('cosem')).toMatchObject({
      PhysicalSizeX: { value: 5, unit: 'nm' },
      PhysicalSizeY: { value: 4, unit: 'nm' },
      PhysicalSizeZ: { value: 10, unit: 'nm' },
    });
  });

  it.each([
    ['no data set', { n5: '2.5.1' }, 'N5_EMPTY'],
    ['an unknown compression', { ...RAW, compression: { type: 'lz4' } }, 'N5_COMPRESSION'],
    ['text', { ...RAW, dataType: 'string' }, 'ZARR_DATA_TYPE'],
    ['blocks of another rank', { ...RAW, blockSize: [2] }, 'N5_SHAPE'],
    ['sizes of 0', { ...RAW, dimensions: [0, 4] }, 'N5_SHAPE'],
    ['huge blocks', { ...RAW, dimensions: [2 ** 40, 2], blockSize: [2 ** 40, 2] }, 'ZARR_CHUNK_SIZE'],
    ['six dimensions', { ...RAW, dimensions: [2, 2, 2, 2, 2, 2], blockSize: [1, 1, 1, 1, 1, 1] }, 'ZARR_AXES'],
  ])('refuses %s', async (_, attributes, code) => {
    expect(await codeOf(openWith(n5, memoryTree({ 'attributes.json': attributes })))).toBe(code);
  });
});
