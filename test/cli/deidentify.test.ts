import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { imgconv, scratchFolder } from './run-imgconv.js';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

it('--deidentify leaves dates out of what is written, and says so', async () => {
  const input = join(scratch.path, 'a&sizeX=20&sizeY=20&acquisitionDate=2020-01-02_03-04-05.fake');
  const plain = join(scratch.path, 'plain.ome.zarr');
  const clean = join(scratch.path, 'clean.ome.zarr');
  expect((await imgconv(['to-ngff', input, plain])).code).toBe(0);
  const { code, err } = await imgconv(['to-ngff', '--deidentify', input, clean]);
  expect(code).toBe(0);
  expect(err).toContain('dates (1)');
  const xml = (folder: string): string => readFileSync(join(folder, 'OME', 'METADATA.ome.xml'), 'utf8');
  expect(xml(plain)).toContain('AcquisitionDate');
  expect(xml(clean)).not.toContain('AcquisitionDate');
});
