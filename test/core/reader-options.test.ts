import { describe, expect, test } from 'vitest';
import { readers } from '../../readers/index.js';
import { checkReaderOptions } from '../../src/core/reader-options.js';

const by = (id: string) => readers.find((reader) => reader.id === id)!;
const check = (given: Record<string, string>, id: string) => checkReaderOptions(given, by(id), readers);

describe('settings of readers', () => {
  test('known keys and values pass', () => {
    expect(check({ mosaic: 'tiles', thumbnails: 'true' }, 'czi')).toEqual([]);
    expect(check({ unit: 'nm' }, 'nrrd')).toEqual([]);
  });

  test('a key of other readers has no effect', () => {
    expect(check({ mosaic: 'tiles' }, 'png')).toEqual(['mosaic']);
  });

  test.each([
    [{ mosiac: 'tiles' }, 'czi', /--option mosiac: no reader has such an option; czi has mosaic, thumbnails/],
    [{ constructor: 'x' }, 'png', /no reader has such an option; png has none/],
    [{ mosaic: 'yes' }, 'czi', /--option mosaic=yes: czi takes stitched or tiles/],
  ])('%j on %s is refused', (given, id, text) => {
    expect(() => check(given as unknown as Record<string, string>, id)).toThrow(text);
  });

  test('every enumerated setting has a default and another value', () => {
    for (const { options } of readers)
      for (const { values } of Object.values(options ?? {})) if (values) expect(values.length).toBeGreaterThan(1);
  });
});
