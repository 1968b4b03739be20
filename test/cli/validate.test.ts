import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { XML_BASE } from '../validate/defects/ome-xml.js';
import { imageStore, ome, writeStore } from '../validate/defects/store.js';
import { imgconv, lines, scratchFolder } from './run-imgconv.js';

const scratch = scratchFolder();
afterAll(() => scratch.remove());
const cwd = scratch.path;

writeFileSync(join(cwd, 'good.ome.xml'), XML_BASE);
writeFileSync(join(cwd, 'bad.ome.xml'), XML_BASE.replace('SizeX="4"', 'SizeX="0"'));
writeFileSync(join(cwd, 'other.txt'), 'hello');
mkdirSync(join(cwd, 'empty'));
const store = imageStore('0.5');
ome(store, '0.5').multiscales[0].axes[3].unit = 'micron';
writeStore(store, join(cwd, 'warned.ome.zarr'));

describe('imgconv validate', () => {
  it.each([
    ['valid', ['good.ome.xml'], 0],
    ['errors', ['bad.ome.xml'], 4],
    ['warnings', ['warned.ome.zarr'], 0],
    ['warnings, --strict', ['--strict', 'warned.ome.zarr'], 1],
    ['warnings, strict profile', ['--profile', 'strict', 'warned.ome.zarr'], 4],
    ['errors outweigh warnings', ['--strict', 'warned.ome.zarr', 'bad.ome.xml'], 4],
    ['another format', ['other.txt'], 3],
    ['a folder of something', ['empty'], 3],
    ['a server', ['s3://bucket/a.ome.zarr'], 3],
    ['no such file', ['gone.ome.tiff'], 5],
    ['nothing named', [], 2],
    ['a level that is none', ['--level', 'deep', 'good.ome.xml'], 2],
  ] as const)('%s: exit code %$', async (_what, args, code) => {
    const ended = await imgconv(['validate', ...args], { cwd });
    expect(ended.code, ended.err).toBe(code);
    if (code !== 0 && code !== 4 && !ended.out) expect(lines(ended.err)).toHaveLength(1);
  });

  it('says what, where and what to do', async () => {
    const { out } = await imgconv(['validate', 'bad.ome.xml'], { cwd });
    expect(out).toBe(
      'error OME_VALUE bad.ome.xml: OME/Image[0]/Pixels[0]: SizeX "0" is no positiveInt. Use a value that the schema allows.\n' +
        'bad.ome.xml: not valid OME-XML, 1 error (metadata)\n',
    );
  });

  it('takes names from stdin, prints a JSON line each', async () => {
    const ended = await imgconv(['validate', '--json', '-'], { cwd, stdin: 'good.ome.xml\nbad.ome.xml\ngone.xml\n' });
    expect(ended.code).toBe(4);
    expect(lines(ended.out).map((line) => JSON.parse(line).valid)).toEqual([true, false]);
    expect(lines(ended.err)).toHaveLength(1);
  });

  it('prints SARIF and JUnit as one document', async () => {
    const sarif = await imgconv(['validate', '--format', 'sarif', 'good.ome.xml', 'bad.ome.xml', 'gone.xml'], { cwd });
    expect(JSON.parse(sarif.out).runs[0].results.map((result: { ruleId: string }) => result.ruleId)).toEqual([
      'OME_VALUE',
      'INPUT',
    ]);
    expect(sarif.code).toBe(4);
    const junit = await imgconv(['validate', '--format', 'junit', 'good.ome.xml'], { cwd });
    expect(junit.out).toContain('<testsuite name="good.ome.xml" tests="1" failures="0" errors="0" ');
    expect(junit.code).toBe(0);
  });
});
