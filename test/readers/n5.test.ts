import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { n5 } from '../../readers/n5/format.js';
import { openTree } from '../../src/io/tree.js';
import { codeOf, FIXTURES, hashLevel, memoryTree, openWith, pixelsOf, unpack } from '../containers/zarr-support.js';

const folder = join(FIXTURES, 'n5');
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { arrays: Record<string, string> };
const RAW = { dimensions: [4, 4], blockSize: [2, 2], dataType: 'uint8', compression: { type: 'raw' } };

/** A data set of five dimensions whose values count up, in blocks of 2 along all but c: stored whole, as zarr-python does, or cut at the edges. */
function fiveDimensions(whole: boolean): string {
  const root = mkdtempSync(join(tmpdir(), 'imgconv-n5-'));
  const dimensions = [3, 5, 3, 2, 3];
  const blockSize = [2, 2, 2, 1, 2];
  writeFileSync(join(root, 'attributes.json'), JSON.stringify({ ...RAW, dimensions, blockSize }));
  const grid = dimensions.map((n, i) => Math.ceil(n / blockSize[i]!));
  const indices = (extents: readonly number[]): number[][] =>
    extents.reduceRight(
      (lists, n) => Array.from({ length: n }, (_, i) => i).flatMap((i) => lists.map((l) => [i, ...l])),
      [[]] as number[][],
    );
  for (const block of indices(grid)) {
    const start = block.map((g, i) => g * blockSize[i]!);
    const extents = blockSize.map((n, i) => (whole ? n : Math.min(n, dimensions[i]! - start[i]!)));
    // Last dimension first: the first one runs fastest.
    const values = indices([...extents].reverse()).map((backwards) => {
      const at = backwards.reverse().map((v, i) => v + start[i]!);
      if (at.some((v, i) => v >= dimensions[i]!)) return 0xff;
      return at.reduceRight((sum, v, i) => sum * dimensions[i]! + v, 0) % 251;
    });
    const head = Buffer.alloc(4 + 4 * 5);
    head.writeUInt16BE(5, 2);
    extents.forEach((n, i) => {
      head.writeUInt32BE(n, 4 + 4 * i);
    });
    const file = join(root, ...block.map(String));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.concat([head, Buffer.from(values)]));
  }
  return root;
}

describe('N5', () => {
  it.each([true, false])('reads blocks that extend along z and t (stored whole: %s)', async (whole) => {
    const { dataset } = await openWith(n5, fiveDimensions(whole));
    expect(dataset.images[0]!.levels[0].shape).toEqual([3, 2, 3, 5, 3]);
    expect(await pixelsOf(dataset.images[0]!)).toEqual(Array.from({ length: 270 }, (_, i) => i % 251));
  });

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
