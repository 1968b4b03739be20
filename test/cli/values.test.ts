import { describe, expect, test } from 'vitest';
import { selectSeries } from '../../src/cli/select.js';
import { byteSize, cropBox, decimal, indexRanges, keyValues, listIndices, whole, word } from '../../src/cli/values.js';
import type { Dataset } from '../../src/core/contracts.js';

describe('option values', () => {
  test.each([
    ['512M', 512 * 2 ** 20],
    ['1.5G', 1.5 * 2 ** 30],
    ['400MiB', 400 * 2 ** 20],
    ['2gb', 2 * 2 ** 30],
    ['1000000', 1_000_000],
    ['64k', 65536],
  ])('size %s', (text, bytes) => expect(byteSize(text, '--memory')).toBe(bytes));

  test.each(['', 'M', '-5M', '5X', '1e9', '5 M G'])('no size: %j', (text) =>
    expect(() => byteSize(text, '--memory')).toThrow(/^--memory: needs a size such as 512M or 2G, found: /),
  );

  test('index ranges are inclusive and may be open', () => {
    const ranges = indexRanges('0,2-5,8-', '--z');
    expect(ranges).toEqual([{ from: 0, to: 0 }, { from: 2, to: 5 }, { from: 8 }]);
    expect(listIndices(ranges, 10, '--z')).toEqual([0, 2, 3, 4, 5, 8, 9]);
    expect(() => listIndices(ranges, 8, '--z')).toThrow('--z: 8 is out of range: the input has 8, counted from 0');
  });

  test.each(['', 'a', '3-1', '-1', '1,,2', '1:3'])('no ranges: %j', (text) =>
    expect(() => indexRanges(text, '--z')).toThrow(/^--z: /),
  );

  test('crop', () => {
    expect(cropBox('1, 2,30,40', '--crop')).toEqual({ x: 1, y: 2, width: 30, height: 40 });
    for (const text of ['1,2,3', '1,2,0,4', '1,2,3,-4', 'a,b,c,d', '1.5,2,3,4'])
      expect(() => cropBox(text, '--crop')).toThrow(/^--crop: needs x,y,width,height/);
  });

  test('key=value pairs, with the separators that are in use', () => {
    expect(keyValues('cname=lz4;clevel=5', '-o')).toEqual({ cname: 'lz4', clevel: '5' });
    expect(keyValues('a=1|b=2', '-o')).toEqual({ a: '1', b: '2' });
    expect(keyValues('cname=zstd,clevel=5', '-o')).toEqual({ cname: 'zstd', clevel: '5' });
    expect(keyValues('list=1,2,3', '-o')).toEqual({ list: '1,2,3' });
    expect(keyValues('path=a=b', '-o')).toEqual({ path: 'a=b' });
    expect(() => keyValues('novalue', '--option')).toThrow('--option: needs key=value, found: novalue');
  });

  test('words and numbers', () => {
    const parse = word(['area', 'simple'], { nearest: 'simple' }, { cubic: 'rings' });
    expect(parse('AREA', '--d')).toBe('area');
    expect(parse('Nearest', '--d')).toBe('simple');
    expect(() => parse('CUBIC', '--d')).toThrow('--d CUBIC: rings');
    expect(() => parse('x', '--d')).toThrow('--d: needs one of area, simple, found: x');
    expect(whole(1, 64)('64', '-r')).toBe(64);
    for (const text of ['0', '65', '1.5', '', '1e2', '-1'])
      expect(() => whole(1, 64)(text, '-r')).toThrow(/from 1 to 64/);
    expect(decimal('-1.5', '-f')).toBe(-1.5);
    expect(decimal('NaN', '-f')).toBeNaN();
    expect(() => decimal('abc', '-f')).toThrow('-f: needs a number, found: abc');
  });
});

describe('--series', () => {
  const dataset = (...names: string[]): Dataset => ({ images: names.map((name) => ({ name })) }) as unknown as Dataset;
  const images = dataset('Overview', 'Position 1', 'Position 2', 'macro (x)', '7');

  test.each([
    ['0,2', [0, 2]],
    ['1-', [1, 2, 3, 4]],
    ['Position *', [1, 2]],
    ['position ?', [1, 2]],
    ['macro (x)', [3]],
    ['7', [4]],
    ['4,0', [4, 0]],
  ])('%s', (list, expected) => expect(selectSeries(list.split(','), images)).toEqual(expected));

  test('what does not exist is a usage error', () => {
    expect(() => selectSeries(['9'], images)).toThrow('--series: 9 is out of range: the input has 5, counted from 0');
    expect(() => selectSeries(['none'], images)).toThrow(/no image is called none; there are Overview, Position 1/);
  });
});
