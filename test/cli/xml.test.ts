// `imgconv xml` through the built command line.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { imgconv, lines, scratchFolder } from './run-imgconv.js';

const scratch = scratchFolder();
afterAll(() => scratch.remove());
let folders = 0;

async function made(...args: string[]): Promise<string> {
  const cwd = join(scratch.path, String(folders++));
  mkdirSync(cwd);
  const input = 'a&sizeX=40&sizeY=30&sizeC=2&pixelType=uint16.fake';
  expect((await imgconv(['to-ometiff', '-q', ...args, input, 'a.ome.tiff'], { cwd })).code).toBe(0);
  return cwd;
}

describe('xml', () => {
  test('get, set and validate an OME-TIFF in place, pixels untouched', async () => {
    for (const kind of ['--bigtiff', '--no-bigtiff']) {
      const cwd = await made(kind);
      const { code, out } = await imgconv(['xml', 'get', 'a.ome.tiff'], { cwd });
      expect([code, out.endsWith('</OME>\n')]).toEqual([0, true]);
      const pixels = readFileSync(join(cwd, 'a.ome.tiff')).subarray(16, 200);
      for (const name of ['b', 'a name that is much longer than before, so that it has to move: µ ¹']) {
        const stdin = out.replace('Name="a"', `Name="${name}"`);
        expect(await imgconv(['xml', 'set', 'a.ome.tiff', '-'], { cwd, stdin })).toEqual({ code: 0, out: '', err: '' });
        expect((await imgconv(['xml', 'get', 'a.ome.tiff'], { cwd })).out).toBe(stdin);
      }
      expect(readFileSync(join(cwd, 'a.ome.tiff')).subarray(16, 200).equals(pixels)).toBe(true);
      const valid = await imgconv(['xml', 'validate', 'a.ome.tiff'], { cwd });
      expect([valid.code, valid.out]).toEqual([0, 'a.ome.tiff: valid OME-XML\n']);
      expect((await imgconv(['to-ngff', '-q', 'a.ome.tiff', 'a.zarr'], { cwd })).code).toBe(0);
    }
  });

  test('refuses XML that is not valid, unless --force', async () => {
    const cwd = await made();
    const before = readFileSync(join(cwd, 'a.ome.tiff'));
    const { out } = await imgconv(['xml', 'get', 'a.ome.tiff'], { cwd });
    const wrong = out.replace('Type="uint16"', 'Type="uint17"');
    for (const stdin of [wrong, '', 'no xml', out.slice(0, -20)]) {
      const { code, err } = await imgconv(['xml', 'set', 'a.ome.tiff', '-'], { cwd, stdin });
      expect([code, lines(err).length]).toEqual([4, 1]);
    }
    expect(readFileSync(join(cwd, 'a.ome.tiff')).equals(before)).toBe(true);
    const forced = await imgconv(['xml', 'set', '--force', 'a.ome.tiff', '-'], { cwd, stdin: wrong });
    expect([forced.code, forced.err]).toEqual([0, expect.stringContaining('uint17')]);
    const judged = await imgconv(['xml', 'validate', '--json', 'a.ome.tiff'], { cwd });
    expect([judged.code, JSON.parse(judged.out)]).toMatchObject([4, [{ file: 'a.ome.tiff', valid: false }]]);
  });

  test('works on companion files and OME-Zarr folders', async () => {
    const cwd = await made('--split', 'channels', '--companion');
    const companion = readdirSync(cwd).find((name) => name.endsWith('.companion.ome'))!;
    const { out } = await imgconv(['xml', 'get', companion], { cwd });
    const stdin = out.replace('Name="a"', 'Name="µ"');
    expect((await imgconv(['xml', 'set', companion, '-'], { cwd, stdin })).code).toBe(0);
    expect(readFileSync(join(cwd, companion), 'utf8')).toBe(stdin);
    expect((await imgconv(['to-ngff', '-q', companion, 'z.zarr'], { cwd })).code).toBe(0);
    expect((await imgconv(['xml', 'get', 'z.zarr'], { cwd })).out).toContain('Name="µ"');
    const all = await imgconv(['xml', 'validate', 'z.zarr', ...readdirSync(cwd).filter((n) => n !== 'z.zarr')], {
      cwd,
    });
    expect([all.code, lines(all.out).length]).toEqual([0, 4]);
  });

  test('other encodings become UTF-8', async () => {
    const cwd = await made();
    const { out } = await imgconv(['xml', 'get', 'a.ome.tiff'], { cwd });
    const latin = out.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"').replace('Name="a"', 'Name="\u00b5"');
    writeFileSync(join(cwd, 'latin.xml'), Buffer.from(latin, 'latin1'));
    writeFileSync(join(cwd, 'wide.xml'), Buffer.from(`\ufeff${latin.replace('ISO-8859-1', 'UTF-16')}`, 'utf16le'));
    for (const file of ['latin.xml', 'wide.xml']) {
      expect((await imgconv(['xml', 'set', 'a.ome.tiff', file], { cwd })).code).toBe(0);
      expect((await imgconv(['xml', 'get', 'a.ome.tiff'], { cwd })).out).toBe(out.replace('Name="a"', 'Name="µ"'));
    }
  });

  test('says what it cannot do', async () => {
    const cwd = await made();
    writeFileSync(join(cwd, 'text.txt'), 'hello');
    mkdirSync(join(cwd, 'empty'));
    const xml = (await imgconv(['xml', 'get', 'a.ome.tiff'], { cwd })).out;
    const cases: (readonly [string[], number, RegExp])[] = [
      [['xml'], 2, /get, set or validate/],
      [['xml', 'get'], 2, /takes one file/],
      [['xml', 'get', 'none.tif'], 5, /no such file/],
      [['xml', 'get', 'empty'], 4, /has no OME\/METADATA\.ome\.xml/],
      [['xml', 'set', 'text.txt', '-'], 4, /neither a TIFF nor XML/],
      [['xml', 'validate', 'text.txt'], 4, /^$/],
    ];
    for (const [args, code, text] of cases) {
      const ended = await imgconv(args, { cwd, stdin: xml });
      expect([args, ended.code]).toEqual([args, code]);
      expect(ended.err).toMatch(text);
    }
    expect(readFileSync(join(cwd, 'text.txt'), 'utf8')).toBe('hello');
  });
});
