import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nameOutputs } from '../../src/cli/jobs.js';

const name = (...inputs: string[]): readonly string[] => nameOutputs(inputs, '.ome.zarr');

describe('names of batch outputs', () => {
  test('the name of the input without its extension', () => {
    expect(name('a.xyz', 'd/b.c.xyz', 'noext', '.hidden')).toEqual([
      'a.ome.zarr',
      'b.c.ome.zarr',
      'noext.ome.zarr',
      '.hidden.ome.zarr',
    ]);
  });

  test('inputs that share it keep their extensions', () => {
    expect(name('x/a.aaa', 'x/a.bbb', 'x/c.bbb')).toEqual(['a.aaa.ome.zarr', 'a.bbb.ome.zarr', 'c.ome.zarr']);
  });

  test('letter case does not tell names apart', () => {
    expect(name('a.aaa', 'A.bbb')).toEqual(['a.aaa.ome.zarr', 'A.bbb.ome.zarr']);
  });

  test('inputs that share the extension too are preceded by the folders in which they differ', () => {
    expect(name('data/day1/p/a.xyz', 'data/day2/p/a.xyz', 'data/b.xyz')).toEqual([
      'day1_p_a.xyz.ome.zarr',
      'day2_p_a.xyz.ome.zarr',
      'b.ome.zarr',
    ]);
  });

  test('the same input twice is refused', () => {
    expect(() => name('a.xyz', resolve('a.xyz'))).toThrow(/named twice/);
  });

  test('names that cannot be told apart are refused', () => {
    expect(() => name('x/y/a.t', 'x_y/a.t', 'x/a.t', 'x_a.t', 'q/x_a.t', 'q/x/a.t')).toThrow(/the same output name/);
  });
});
