import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { nifti } from '../../readers/nifti/format.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { openTree } from '../../src/io/tree.js';
import { LevelReader } from '../../src/pipeline/read.js';
import { describeFixtures, openWith, planeHashes } from './fixture-suite.js';

describeFixtures('nifti', [
  'uint16.nii',
  'time.nii.gz',
  'nifti2.nii',
  'extension.nii',
  'vector.nii',
  'rgb-vector.nii.gz',
]);
describeFixtures('analyze', ['int16.hdr']);

describe('nifti', () => {
  it('keeps extensions, description and every field', async () => {
    const { dataset } = await openWith('nifti', 'fixtures/nifti/extension.nii');
    expect(dataset.original).toContainEqual({ key: 'Extension 0 (code 6)', value: 'a comment' });
    expect(dataset.original.find(({ key }) => key === 'Extension 1 (code 0)')?.value).toMatch(/^base64:AAEC\/w/);
    expect(dataset.original).toContainEqual({ key: 'sform_code', value: '2' });
    const described = await openWith('nifti', 'fixtures/nifti/uint8.nii');
    expect(described.dataset.ome.Images[0]!.Description).toBe('made by a script');
  });

  it('time steps, names of complex parts, unit that is not there', async () => {
    const time = await openWith('nifti', 'fixtures/nifti/time.nii.gz');
    expect(time.dataset.ome.Images[0]!.Pixels.TimeIncrement).toEqual({ value: 1.5, unit: 's' });
    const complex = await openWith('nifti', 'fixtures/nifti/complex64.nii');
    expect(complex.dataset.ome.Images[0]!.Pixels.Channels.map((c) => c.Name)).toEqual(['Real', 'Imaginary']);
    const bare = await openWith('nifti', 'fixtures/nifti/no-unit.nii');
    expect(bare.notices.map((n) => n.code)).toContain('UNIT_ASSUMED');
    const none = await openWith('nifti', 'fixtures/nifti/no-unit.nii', { unit: 'none' });
    expect(none.dataset.ome.Images[0]!.Pixels.PhysicalSizeX).toBeUndefined();
  });

  it('opens a pair by its pixels', async () => {
    const tree = await openTree('fixtures/nifti/pair.img');
    expect((await nifti.identify!(tree)).score).toBe(75);
    const limits = DEFAULT_LIMITS;
    const byPixels = await nifti.open(tree, { limits, notice: () => undefined, reader: {} });
    await tree.close();
    const { dataset } = await openWith('nifti', 'fixtures/nifti/pair.hdr');
    expect(await planeHashes(byPixels.images[0]!)).toEqual(await planeHashes(dataset.images[0]!));
  });
});

describe('gzip streams without random access', () => {
  /** 40 MiB of pixels, plane number in every pixel. */
  function big(planes: number): Buffer {
    const header = Buffer.alloc(352);
    header.writeInt32LE(348, 0);
    [3, 1024, 1024, planes, 1, 1, 1, 1].forEach((n, i) => void header.writeInt16LE(n, 40 + 2 * i));
    header.writeInt16LE(512, 70);
    header.writeInt16LE(16, 72);
    header.writeFloatLE(352, 108);
    header.write('n+1\0', 344, 'latin1');
    const pixels = Buffer.alloc(planes * 2 ** 21);
    for (let z = 0; z < planes; z++)
      new Uint16Array(pixels.buffer, pixels.byteOffset + z * 2 ** 21, 2 ** 20).fill(z + 1);
    return gzipSync(Buffer.concat([header, pixels]), { level: 1 });
  }

  async function read(bytes: Buffer, z: number): Promise<{ value: number; last: number; damaged: boolean }> {
    const folder = mkdtempSync(join(tmpdir(), 'imgconv-gz-'));
    try {
      writeFileSync(join(folder, 'big.nii.gz'), bytes);
      const { dataset } = await openWith('nifti', join(folder, 'big.nii.gz'));
      const [image] = dataset.images;
      expect(image!.levels[0].blocks.packed).toEqual({ codec: 'gzip', start: 0 });
      let damage = 0;
      const reader = new LevelReader(image!.levels[0], image!.type, { damage: () => void damage++ });
      const data = await reader.read({ start: [0, 0, z, 500, 1000], shape: [1, 1, 1, 20, 20] });
      reader.close();
      return { value: Number(data[0]), last: Number(data[399]), damaged: damage > 0 };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('are unpacked once, and any plane can be read', async () => {
    const bytes = big(20);
    expect(await read(bytes, 19)).toEqual({ value: 20, last: 20, damaged: false });
    expect(await read(bytes, 3)).toEqual({ value: 4, last: 4, damaged: false });
  });

  it('that are cut short: what is there is read, the rest is damage', async () => {
    const bytes = big(20);
    const cut = bytes.subarray(0, Math.floor(bytes.length / 2));
    expect(await read(cut, 3)).toEqual({ value: 4, last: 4, damaged: false });
    expect(await read(cut, 19)).toEqual({ value: 0, last: 0, damaged: true });
  });
});
