import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { zarr } from '../../readers/zarr/format.js';
import { codeOf, FIXTURES, hashLevel, memoryTree, openWith, unpack } from '../containers/zarr-support.js';

const folder = join(FIXTURES, 'zarr');
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { arrays: Record<string, string> };
const REFUSED = ['text', 'shard-nested'];

function expectedOf(kind: string): Record<string, string> {
  const names = Object.entries(manifest.arrays).filter(([name]) => name.startsWith(`${kind}/`));
  return Object.fromEntries(
    names.map(([name, hash]) => [name.slice(3), hash]).filter(([name]) => !REFUSED.includes(name!)),
  );
}

async function hashes(input: string): Promise<Record<string, string>> {
  const { dataset } = await openWith(zarr, input);
  const found: Record<string, string> = {};
  for (const image of dataset.images) {
    try {
      found[image.name] = await hashLevel(image);
    } catch (error) {
      found[image.name] = (error as Error).message;
    }
  }
  return found;
}

describe.each(['v2', 'v3'])('Zarr %s', (kind) => {
  it('reads every case from a ZIP archive', async () => {
    expect(await hashes(join(folder, `${kind}.zarr.zip`))).toEqual(expectedOf(kind));
  });

  it('reads every case from a folder', async () => {
    expect(await hashes(await unpack(join(folder, `${kind}.zarr.zip`)))).toEqual(expectedOf(kind));
  });

  it('says which arrays are left out', async () => {
    const { notices } = await openWith(zarr, join(folder, `${kind}.zarr.zip`));
    const codes = notices.filter((notice) => notice.rank === 'loss').map((notice) => notice.code);
    expect(codes.sort()).toEqual(kind === 'v2' ? ['ZARR_DATA_TYPE'] : ['ZARR_AXIS', 'ZARR_CODEC']);
  });
});

const ARRAY = {
  zarr_format: 2,
  shape: [4, 4],
  chunks: [2, 2],
  dtype: '|u1',
  compressor: null,
  fill_value: 0,
  order: 'C',
  filters: null,
};
const V3 = {
  zarr_format: 3,
  node_type: 'array',
  shape: [4, 4],
  data_type: 'uint8',
  chunk_grid: { name: 'regular', configuration: { chunk_shape: [2, 2] } },
  chunk_key_encoding: { name: 'default' },
  fill_value: 0,
  codecs: ['bytes'],
};

describe('Zarr reader', () => {
  it('takes the last dimensions for z, y, x and complex parts for channels', async () => {
    const { dataset } = await openWith(
      zarr,
      memoryTree({ '.zarray': { ...ARRAY, shape: [3, 4, 5], chunks: [1, 4, 5], dtype: '<c8' } }),
    );
    expect(dataset.images[0]!.levels[0].shape).toEqual([1, 2, 3, 4, 5]);
    expect(dataset.ome.Images[0]!.Pixels).toMatchObject({ Type: 'complex', SizeC: 2 });
    expect(dataset.ome.Images[0]!.Pixels.Channels.map((channel) => channel.Name)).toEqual(['real', 'imaginary']);
  });

  it('leaves coordinates of dimensions out', async () => {
    const { dataset, notices } = await openWith(
      zarr,
      memoryTree({
        '.zgroup': { zarr_format: 2 },
        'x/.zarray': { ...ARRAY, shape: [4], chunks: [4], dtype: '<f8' },
        'x/.zattrs': { _ARRAY_DIMENSIONS: ['x'] },
        'data/.zarray': ARRAY,
        'data/.zattrs': { _ARRAY_DIMENSIONS: ['y', 'x'], units: 'counts' },
      }),
    );
    expect(dataset.images.map((image) => image.name)).toEqual(['data']);
    expect(dataset.original).toContainEqual({ image: 0, key: 'data/units', value: 'counts' });
    expect(notices.map((notice) => notice.code)).toContain('ZARR_COORDINATES');
  });

  it('prefers v3 where both kinds of metadata lie side by side', async () => {
    const { dataset } = await openWith(zarr, memoryTree({ '.zarray': ARRAY, 'zarr.json': { ...V3, shape: [6, 6] } }));
    expect(dataset.images[0]!.levels[0].shape).toEqual([1, 1, 1, 6, 6]);
  });

  const broken: readonly (readonly [string, Record<string, unknown>, string])[] = [
    [
      'huge chunks',
      { '.zarray': { ...ARRAY, shape: [2 ** 40, 2 ** 40], chunks: [2 ** 31, 2 ** 31] } },
      'ZARR_CHUNK_SIZE',
    ],
    ['a huge shape', { '.zarray': { ...ARRAY, shape: [2 ** 40, 2 ** 40] } }, 'ZARR_SHAPE'],
    ['a shape of 0', { '.zarray': { ...ARRAY, shape: [0, 4] } }, 'ZARR_EMPTY'],
    ['a negative shape', { '.zarray': { ...ARRAY, shape: [-1, 4] } }, 'ZARR_SHAPE'],
    ['a shape that is no list', { '.zarray': { ...ARRAY, shape: '4,4' } }, 'ZARR_SHAPE'],
    ['chunks of 0', { '.zarray': { ...ARRAY, chunks: [0, 2] } }, 'ZARR_SHAPE'],
    ['chunks of another rank', { '.zarray': { ...ARRAY, chunks: [2] } }, 'ZARR_SHAPE'],
    ['structures', { '.zarray': { ...ARRAY, dtype: [['a', '<i4']] } }, 'ZARR_DATA_TYPE'],
    ['dates', { '.zarray': { ...ARRAY, dtype: '<M8[ns]' } }, 'ZARR_DATA_TYPE'],
    ['an unknown compressor', { '.zarray': { ...ARRAY, compressor: { id: 'zfpy' } } }, 'ZARR_CODEC'],
    ['an unknown filter', { '.zarray': { ...ARRAY, filters: [{ id: 'categorize' }] } }, 'ZARR_CODEC'],
    ['a fill value beyond the type', { '.zarray': { ...ARRAY, fill_value: 300 } }, 'ZARR_FILL_VALUE'],
    ['another order', { '.zarray': { ...ARRAY, order: 'Z' } }, 'ZARR_ORDER'],
    ['another version', { '.zarray': { ...ARRAY, zarr_format: 1 } }, 'ZARR_VERSION'],
    ['six dimensions', { '.zarray': { ...ARRAY, shape: [2, 2, 2, 2, 2, 2], chunks: [1, 1, 1, 1, 2, 2] } }, 'ZARR_AXES'],
    ['no JSON', { '.zarray': '{"zarr_format": 2,' }, 'ZARR_JSON'],
    ['deep JSON', { '.zarray': '['.repeat(100_000) }, 'ZARR_JSON'],
    ['an unknown key', { 'zarr.json': { ...V3, extra: 1 } }, 'ZARR_EXTENSION'],
    ['a storage transformer', { 'zarr.json': { ...V3, storage_transformers: [{ name: 'x' }] } }, 'ZARR_EXTENSION'],
    ['an irregular grid', { 'zarr.json': { ...V3, chunk_grid: { name: 'rectangular' } } }, 'ZARR_CHUNK_GRID'],
    ['no serialiser', { 'zarr.json': { ...V3, codecs: [] } }, 'ZARR_CODEC'],
    ['unknown chunk keys', { 'zarr.json': { ...V3, chunk_key_encoding: { name: 'fanout' } } }, 'ZARR_CHUNK_KEYS'],
    ['nothing', { 'notes.txt': 'x' }, 'ZARR_METADATA'],
  ];
  it.each(broken)('refuses %s', async (_, files, code) => {
    expect(await codeOf(openWith(zarr, memoryTree(files)))).toBe(code);
  });

  it('takes extensions that need not be understood, bare codec names and consolidated metadata', async () => {
    const files = { 'zarr.json': { ...V3, extra: { must_understand: false }, consolidated_metadata: null } };
    expect((await openWith(zarr, memoryTree(files))).dataset.images).toHaveLength(1);
  });

  it('keeps 64-bit fill values exact', async () => {
    const text = JSON.stringify({ ...ARRAY, dtype: '<u8', fill_value: 'F' }).replace('"F"', '18446744073709551615');
    const { dataset } = await openWith(zarr, memoryTree({ '.zarray': text }));
    expect(dataset.images[0]!.levels[0].blocks.exactFill).toBe(2n ** 64n - 1n);
  });
});
