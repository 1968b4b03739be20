// `imgconv to-ometiff` through the built command line, on synthetic inputs.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { imgconv, lines, scratchFolder } from './run-imgconv.js';

const scratch = scratchFolder();
afterAll(() => scratch.remove());
let folders = 0;

function folder(): string {
  const path = join(scratch.path, String(folders++));
  mkdirSync(path);
  return path;
}

const SMALL = 'small&sizeX=64&sizeY=48&sizeC=2&sizeZ=2&pixelType=uint16.fake';
const COMMAND = ['to-ometiff', '-q'];

describe('to-ometiff', () => {
  test('makes an OME-TIFF, says so in one line, writes nothing to stdout', async () => {
    const cwd = folder();
    const { code, out, err } = await imgconv(['to-ometiff', SMALL, 'out.ome.tiff'], { cwd });
    expect([code, out]).toEqual([0, '']);
    expect(lines(err)).toHaveLength(1);
    expect(err).toMatch(/^small&.*\.fake -> out\.ome\.tiff: 1 image, 1 level, .* in .* s\n$/);
    expect(readdirSync(cwd)).toEqual(['out.ome.tiff']);
  });

  test('equal runs give equal files, whatever the number of workers; --uuid random does not', async () => {
    const cwd = folder();
    const input = 'w&sizeX=2600&sizeY=2500&sizeC=2&pixelType=uint16.fake';
    const sums: string[] = [];
    for (const [name, ...args] of [
      ['a', '--max-workers', '1'],
      ['b', '--max-workers', '4'],
      ['c', '--uuid', 'random'],
    ]) {
      mkdirSync(join(cwd, name!));
      expect((await imgconv([...COMMAND, ...args, input, `${name}/x.ome.tiff`], { cwd })).code).toBe(0);
      sums.push(
        createHash('sha256')
          .update(readFileSync(join(cwd, name!, 'x.ome.tiff')))
          .digest('hex'),
      );
    }
    expect(sums[0]).toBe(sums[1]);
    expect(sums[0]).not.toBe(sums[2]);
  });

  test('names a set by its pattern, with a companion', async () => {
    const cwd = folder();
    const args = ['--split', 'planes', '--companion', SMALL, 'x_%c-%z.ome.tif'];
    expect((await imgconv([...COMMAND, ...args], { cwd })).code).toBe(0);
    expect(readdirSync(cwd).sort()).toEqual([
      'x_0-0.companion.ome',
      'x_0-0.ome.tif',
      'x_0-1.ome.tif',
      'x_1-0.ome.tif',
      'x_1-1.ome.tif',
    ]);
  });

  test('any file of a set that exists stays without --overwrite', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'x_c1.ome.tiff'), 'mine');
    const args = ['--split', 'channels', SMALL, 'x.ome.tiff'];
    const { code, err } = await imgconv([...COMMAND, ...args], { cwd });
    expect([code, err]).toEqual([2, 'imgconv: x_c1.ome.tiff exists already; --overwrite replaces it\n']);
    expect(readdirSync(cwd)).toEqual(['x_c1.ome.tiff']);
    expect((await imgconv([...COMMAND, '--overwrite', ...args], { cwd })).code).toBe(0);
    expect(readdirSync(cwd).sort()).toEqual(['x_c0.ome.tiff', 'x_c1.ome.tiff']);
    expect(readFileSync(join(cwd, 'x_c1.ome.tiff')).subarray(0, 4)).toEqual(Buffer.from('II*\0'));
  });

  test('a folder is not replaced, the input neither', async () => {
    const cwd = folder();
    mkdirSync(join(cwd, 'made'));
    expect((await imgconv([...COMMAND, '--overwrite', SMALL, 'made'], { cwd })).err).toContain('is a folder');
    await imgconv([...COMMAND, SMALL, 'in.ome.tiff'], { cwd });
    const { code, err } = await imgconv([...COMMAND, '--overwrite', 'in.ome.tiff', 'in.ome.tiff'], { cwd });
    expect([code, err]).toEqual([2, 'imgconv: in.ome.tiff holds the input; choose another name\n']);
    const set = ['--overwrite', '--split', 'channels', 'in.ome.tiff', 'in.ome.tiff'];
    expect((await imgconv([...COMMAND, '--split', 'z', SMALL, 'in.ome.tiff'], { cwd })).code).toBe(2);
    expect((await imgconv([...COMMAND, ...set], { cwd })).code).toBe(2);
    expect(existsSync(join(cwd, 'in_c0.ome.tiff'))).toBe(false);
  });

  test('a batch goes into a folder under the names of the inputs', async () => {
    const cwd = folder();
    await imgconv([...COMMAND, SMALL, 'a.ome.tiff'], { cwd });
    const { code } = await imgconv([...COMMAND, 'a.ome.tiff', SMALL, 'made'], { cwd });
    expect(code).toBe(0);
    expect(readdirSync(join(cwd, 'made')).sort()).toEqual(['a.ome.tiff', SMALL.replace('.fake', '.ome.tiff')]);
  });

  test('goes to stdout as a whole', async () => {
    const cwd = folder();
    const { code, out } = await imgconv([...COMMAND, '-c', 'none', '--bigtiff', SMALL, '-'], { cwd });
    expect([code, readdirSync(cwd)]).toEqual([0, []]);
    expect(out.startsWith('II+\0')).toBe(true);
    expect(out).toContain('</OME>');
    expect((await imgconv([...COMMAND, '--split', 'z', SMALL, '-'], { cwd })).code).toBe(2);
    expect((await imgconv([...COMMAND, '--report', '-', SMALL, '-'], { cwd })).code).toBe(2);
    expect((await imgconv(['to-ngff', SMALL, '-'], { cwd })).code).toBe(2);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test.each([['out.ome.tiff'], ['-']])('leaves nothing when it is interrupted: %s', async (output) => {
    const cwd = folder();
    const tmp = folder();
    let sent = false;
    const endless = 'big&sizeX=60000&sizeY=60000&sizeC=4&pixelType=uint16.fake';
    const { code, out } = await imgconv(['to-ometiff', '--progress', 'json', '-c', 'none', endless, output], {
      cwd,
      env: { TMPDIR: tmp },
      onStderr(text, kill) {
        if (sent || !text.includes('"progress"')) return;
        sent = true;
        kill('SIGINT');
      },
    });
    expect([code, out]).toEqual([130, '']);
    expect([readdirSync(cwd), readdirSync(tmp)]).toEqual([[], []]);
  });

  test('a set that cannot be put in place leaves the old files', async () => {
    const cwd = folder();
    const args = ['--overwrite', '--split', 'channels', SMALL, 'x.ome.tiff'];
    writeFileSync(join(cwd, 'x_c0.ome.tiff'), 'old');
    mkdirSync(join(cwd, 'x_c1.ome.tiff'));
    const { code, err } = await imgconv([...COMMAND, ...args], { cwd });
    expect([code, lines(err)]).toEqual([2, [expect.stringContaining('x_c1.ome.tiff is a folder')]]);
    expect(readFileSync(join(cwd, 'x_c0.ome.tiff'), 'utf8')).toBe('old');
    expect(readdirSync(cwd).sort()).toEqual(['x_c0.ome.tiff', 'x_c1.ome.tiff']);
  });

  const mistakes: (readonly [string[], RegExp])[] = [
    [['--bigtiff', '--no-bigtiff'], /exclude each other/],
    [['-c', 'webp'], /must be one of/],
    [['-c', 'lzw', '--quality', '80'], /--quality goes with jpeg/],
    [['-c', 'jpeg', '--quality', '0.5'], /1 to 100/],
    [['-w', '100'], /multiple of 16/],
    [['--companion'], /needs --split/],
    [['--dimension-order', 'CXYZT'], /must be one of/],
  ];
  for (const [args, text] of mistakes) {
    test(`refuses ${args.join(' ')} before the input is looked at`, async () => {
      const { code, err } = await imgconv([...COMMAND, ...args, 'missing.tif', 'o.tiff'], { cwd: folder() });
      expect([code, lines(err).length]).toEqual([2, 1]);
      expect(err).toMatch(text);
    });
  }

  test('--dry-run tells files and tiles', async () => {
    const cwd = folder();
    const { code, out } = await imgconv([...COMMAND, '--dry-run', '--split', 'channels', SMALL, 'd.ome.tiff'], { cwd });
    expect([code, readdirSync(cwd)]).toEqual([0, []]);
    expect(out).toContain('image d_c1.ome.tiff: small, uint16');
    expect(out).toContain('in 4 tiles, at most 2 files');
  });
});
