// Conversions through the built command line, on synthetic inputs.

import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { imgconv, lines, scratchFolder } from './run-imgconv.js';

const scratch = scratchFolder();
afterAll(() => scratch.remove());
let folders = 0;

/** A fresh folder for one test. */
function folder(): string {
  const path = join(scratch.path, String(folders++));
  mkdirSync(path);
  return path;
}

/** Grayscale, 8 bits, with far too little data. */
function pngOf(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8 + body.length);
    frame.writeUInt32BE(data.length);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), 4 + body.length);
    return frame;
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0]);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  const data = deflateSync(Buffer.alloc(100));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

const SMALL = 'small&sizeX=64&sizeY=48&sizeC=2&pixelType=uint16.fake';

describe('one input', () => {
  test('makes an OME-Zarr, says so in one line, writes nothing to stdout', async () => {
    const cwd = folder();
    const { code, out, err } = await imgconv(['to-ngff', SMALL, 'out.ome.zarr'], { cwd });
    expect([code, out]).toEqual([0, '']);
    expect(lines(err)).toHaveLength(1);
    expect(err).toMatch(/^small&.*\.fake -> out\.ome\.zarr: 1 image, 1 level, .* in .* s\n$/);
    expect(readdirSync(cwd)).toEqual(['out.ome.zarr']);
    const root = JSON.parse(readFileSync(join(cwd, 'out.ome.zarr/zarr.json'), 'utf8')) as { node_type: string };
    expect(root.node_type).toBe('group');
  });

  test('--quiet is silent', async () => {
    expect(await imgconv(['to-ngff', '-q', SMALL, 'o.zarr'], { cwd: folder() })).toEqual({ code: 0, out: '', err: '' });
  });

  test("bioformats2raw's names of options", async () => {
    const cwd = folder();
    const args = ['--ngff-version', '0.4', '--compact', '--use-existing-resolutions', '-w', '32', '--tile_height=32'];
    const more = ['-r', '1', '-c', 'zlib', '--compression-properties', 'level=9', '--downsample-type', 'SIMPLE', '-p'];
    const { code, err } = await imgconv(['to-ngff', ...args, ...more, SMALL, 'out.zarr'], { cwd });
    expect([code, err.includes('imgconv:')]).toEqual([0, false]);
    const array = JSON.parse(readFileSync(join(cwd, 'out.zarr/0/.zarray'), 'utf8')) as Record<string, unknown>;
    expect(array).toMatchObject({ shape: [2, 48, 64], chunks: [1, 32, 32], compressor: { id: 'zlib', level: 9 } });
  });

  test('a trailing slash means: into this folder', async () => {
    const cwd = folder();
    const { code } = await imgconv(['to-ngff', SMALL, 'made/'], { cwd });
    expect(code).toBe(0);
    expect(readdirSync(join(cwd, 'made'))).toEqual([SMALL.replace('.fake', '.ome.zarr')]);
  });

  test('the same bytes for 1 and 8 workers', async () => {
    const cwd = folder();
    const input = 'w&sizeX=1500&sizeY=1300&sizeC=3&pixelType=uint16.fake';
    for (const n of ['1', '8']) {
      const { code } = await imgconv(['to-ngff', '-q', '--max-workers', n, input, `${n}.zarr`], { cwd });
      expect(code).toBe(0);
    }
    const files = (name: string): string[] =>
      readdirSync(join(cwd, name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(cwd, name).length + 1))
        .sort();
    expect(files('1.zarr')).toEqual(files('8.zarr'));
    for (const file of files('1.zarr'))
      expect(readFileSync(join(cwd, '1.zarr', file)).equals(readFileSync(join(cwd, '8.zarr', file))), file).toBe(true);
  });
});

describe('outputs that exist', () => {
  test('stay without --overwrite, and the input is not even looked at', async () => {
    const cwd = folder();
    mkdirSync(join(cwd, 'out.zarr'));
    writeFileSync(join(cwd, 'out.zarr/zarr.json'), '{}');
    const { code, err } = await imgconv(['to-ngff', 'missing.tif', 'out.zarr'], { cwd });
    expect([code, err]).toEqual([2, 'imgconv: out.zarr exists already; --overwrite replaces it\n']);
    expect(readFileSync(join(cwd, 'out.zarr/zarr.json'), 'utf8')).toBe('{}');
  });

  test('are replaced with --overwrite', async () => {
    const cwd = folder();
    mkdirSync(join(cwd, 'out.zarr'));
    writeFileSync(join(cwd, 'out.zarr/zarr.json'), '{}');
    writeFileSync(join(cwd, 'out.zarr/old'), '');
    expect((await imgconv(['to-ngff', '--overwrite', SMALL, 'out.zarr'], { cwd })).code).toBe(0);
    expect(readdirSync(join(cwd, 'out.zarr'))).not.toContain('old');
    expect(readdirSync(cwd)).toEqual(['out.zarr']);
  });

  test('stay with --overwrite where the new one fails', async () => {
    const cwd = folder();
    mkdirSync(join(cwd, 'out.zarr'));
    writeFileSync(join(cwd, 'out.zarr/zarr.json'), '{}');
    expect((await imgconv(['to-ngff', '--overwrite', 'missing.tif', 'out.zarr'], { cwd })).code).toBe(5);
    expect(readFileSync(join(cwd, 'out.zarr/zarr.json'), 'utf8')).toBe('{}');
  });

  test('are never deleted where they are not Zarr, or hold the input', async () => {
    const cwd = folder();
    mkdirSync(join(cwd, 'thesis'));
    writeFileSync(join(cwd, 'thesis/chapter1.txt'), 'x');
    writeFileSync(join(cwd, 'file.zarr'), 'x');
    const thesis = await imgconv(['to-ngff', '--overwrite', SMALL, 'thesis'], { cwd });
    expect([thesis.code, thesis.err]).toEqual([
      2,
      'imgconv: thesis is a folder that holds no Zarr; --overwrite will not delete it\n',
    ]);
    expect((await imgconv(['to-ngff', '--overwrite', SMALL, 'file.zarr'], { cwd })).code).toBe(2);
    mkdirSync(join(cwd, 'in.zarr'));
    writeFileSync(join(cwd, 'in.zarr/zarr.json'), '{}');
    writeFileSync(join(cwd, 'in.zarr/a.tif'), 'x');
    for (const input of ['in.zarr', 'in.zarr/a.tif']) {
      const { code, err } = await imgconv(['to-ngff', '--overwrite', input, 'in.zarr'], { cwd });
      expect([code, err]).toEqual([2, 'imgconv: in.zarr holds the input; choose another name\n']);
    }
    expect(readdirSync(cwd)).toEqual(['file.zarr', 'in.zarr', 'thesis']);
  });
});

describe.skipIf(process.platform === 'win32')('pipes, devices, links that lead nowhere', () => {
  test.each(['to-ngff', 'to-ometiff'])('are never replaced by %s', async (command) => {
    const cwd = folder();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    symlinkSync('nowhere', join(cwd, 'link'));
    for (const output of ['pipe', 'link']) {
      const { code, err } = await imgconv([command, '--overwrite', SMALL, output], { cwd });
      expect([code, err]).toEqual([
        2,
        `imgconv: ${output} is a device, a pipe or a link that leads nowhere; choose another name\n`,
      ]);
    }
    expect(lstatSync(join(cwd, 'pipe')).isFIFO()).toBe(true);
    expect(readdirSync(cwd)).toEqual(['link', 'pipe']);
  });

  test('a report goes to them as it is', async () => {
    const cwd = folder();
    symlinkSync('report.json', join(cwd, 'link'));
    const { code } = await imgconv(['to-ngff', '--report', 'link', SMALL, 'out.zarr'], { cwd });
    expect(code).toBe(0);
    expect(lstatSync(join(cwd, 'link')).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8'))).toMatchObject({ damaged: 0 });
  });

  test('are no inputs', async () => {
    const cwd = folder();
    execFileSync('mkfifo', [join(cwd, 'pipe.tif')]);
    const { code, err } = await imgconv(['to-ngff', 'pipe.tif', 'out.zarr'], { cwd });
    expect(code).toBe(5);
    expect(err).toMatch(/^imgconv: cannot open .*pipe\.tif: is a pipe, socket or device, a file was expected\n$/);
  });
});

describe('--memory', () => {
  test('lets larger blocks through, as the message says', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'large.png'), pngOf(40_000, 40_000));
    const plan = (...more: string[]) => imgconv(['to-ngff', '--dry-run', ...more, 'large.png', 'out.zarr'], { cwd });
    expect(await plan()).toMatchObject({ code: 6, err: expect.stringMatching(/1600000000 bytes.*--memory/) as string });
    expect((await plan('--memory', '2G')).code).toBe(0);
  });
});

describe('names that are empty', () => {
  test('are mistakes, not the current folder', async () => {
    const cwd = folder();
    expect(await imgconv(['to-ngff', '', 'out.zarr'], { cwd })).toMatchObject({
      code: 2,
      err: 'imgconv: the input has no name\n',
    });
    expect(await imgconv(['to-ngff', SMALL, ''], { cwd })).toMatchObject({
      code: 2,
      err: 'imgconv: the output has no name\n',
    });
  });
});

describe('inputs that cannot be converted: one line, the exit code, nothing left', () => {
  test.each<[string, string | undefined, number, RegExp]>([
    ['missing.tif', undefined, 5, /^imgconv: cannot open missing\.tif: no such file or folder$/],
    ['empty.tif', '', 4, /^imgconv: empty\.tif: the file is empty$/],
    ['notes.txt', 'dear diary', 3, /^imgconv: notes\.txt: unknown format/],
  ])('%s', async (name, text, exit, message) => {
    const cwd = folder();
    if (text !== undefined) writeFileSync(join(cwd, name), text);
    const before = readdirSync(cwd);
    const { code, out, err } = await imgconv(['to-ngff', name, 'deep/er/out.zarr'], { cwd });
    expect([code, out]).toEqual([exit, '']);
    expect(lines(err)).toHaveLength(1);
    expect(lines(err)[0]).toMatch(message);
    expect(readdirSync(cwd)).toEqual(before);
  });

  test('a reader that does not exist', async () => {
    const { code, err } = await imgconv(['to-ngff', '--reader', 'nope', SMALL, 'o.zarr'], { cwd: folder() });
    expect(code).toBe(2);
    expect(err).toMatch(/^imgconv: no reader nope; there are .*\n$/);
  });

  test('an output below a file', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'file'), '');
    const { code, err } = await imgconv(['to-ngff', SMALL, 'file/out.zarr'], { cwd });
    expect(code).toBe(5);
    expect(lines(err)).toHaveLength(1);
    expect(err).toMatch(/^imgconv: cannot .*file\/out\.zarr/);
  });
});

describe('batch', () => {
  test('one bad file does not stop the others; summary and exit code 1', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'bad.tif'), 'no image');
    const other = SMALL.replace('small', 'other');
    const { code, out, err } = await imgconv(['to-ngff', SMALL, 'bad.tif', other, 'made'], { cwd });
    expect([code, out]).toEqual([1, '']);
    expect(readdirSync(join(cwd, 'made')).sort()).toEqual([other, SMALL].map((n) => n.replace('.fake', '.ome.zarr')));
    expect(lines(err).slice(-2)).toEqual(['imgconv: 2 of 3 inputs converted, 1 failed', '  failed: bad.tif']);
  });

  test.each([
    ['one a line', '\n'],
    ['with NUL between', '\0'],
    ['from Windows', '\r\n'],
  ])('names on stdin, %s', async (_, separator) => {
    const cwd = folder();
    const stdin = [SMALL, SMALL.replace('small', 'with space')].join(separator);
    const { code, err } = await imgconv(['to-ngff', '-', 'made/'], { cwd, stdin });
    expect(code).toBe(0);
    expect(lines(err).at(-1)).toBe('imgconv: 2 of 2 inputs converted, 0 failed');
    expect(readdirSync(join(cwd, 'made'))).toHaveLength(2);
  });

  test('a list of one on stdin is a batch too', async () => {
    const cwd = folder();
    const { code } = await imgconv(['to-ngff', '-', 'made'], { cwd, stdin: SMALL });
    expect([code, readdirSync(join(cwd, 'made')).length]).toEqual([0, 1]);
  });

  test('the output folder may not be a Zarr or a file', async () => {
    const cwd = folder();
    mkdirSync(join(cwd, 'z.zarr'));
    writeFileSync(join(cwd, 'z.zarr/.zgroup'), '{}');
    writeFileSync(join(cwd, 'file'), '');
    for (const output of ['z.zarr', 'file']) {
      const { code, err } = await imgconv(['to-ngff', 'a', 'b', output], { cwd });
      expect([code, err]).toEqual([2, expect.stringMatching(/^imgconv: several inputs need an output folder/)]);
    }
  });
});

describe('plans, progress and reports', () => {
  test('--dry-run prints a plan and writes nothing', async () => {
    const cwd = folder();
    const { code, out, err } = await imgconv(['to-ngff', '--dry-run', SMALL], { cwd });
    expect([code, err, readdirSync(cwd)]).toEqual([0, '', []]);
    expect(out).toContain('level 0: 1×2×1×48×64');
    expect(out).toMatch(/in all: 12\.0 KiB raw in 2 chunks/);
  });

  test('--dry-run --json: one object a line', async () => {
    const cwd = folder();
    const { code, out } = await imgconv(['to-ngff', '--dry-run', '--json', SMALL, 'a.fake', 'made/'], { cwd });
    expect(code).toBe(0);
    const plans = lines(out).map((line) => JSON.parse(line) as { reader: string; plan: { bytes: number } });
    expect(plans.map(({ reader }) => reader)).toEqual(['fake', 'fake']);
    expect(plans[0]!.plan.bytes).toBe(64 * 48 * 2 * 2);
  });

  test('--progress json: every line of stderr is an object', async () => {
    const input = 'p&sizeX=3000&sizeY=3000.fake';
    const { code, out, err } = await imgconv(['to-ngff', '--progress', 'json', input, 'o.zarr'], { cwd: folder() });
    expect([code, out]).toEqual([0, '']);
    const events = lines(err).map((line) => JSON.parse(line) as { type: string; fraction?: number });
    expect(events[0]).toMatchObject({ type: 'start', input, output: 'o.zarr' });
    expect(events.at(-1)).toMatchObject({ type: 'end', reader: 'fake', damaged: 0 });
    expect(events.filter(({ type }) => type === 'progress').at(-1)).toMatchObject({ fraction: 1, input });
  });

  test('--progress json: errors are objects too', async () => {
    const { code, err } = await imgconv(['to-ngff', '--progress', 'json', 'no.tif', 'o.zarr'], { cwd: folder() });
    expect(code).toBe(5);
    expect(JSON.parse(lines(err).at(-1)!)).toMatchObject({ type: 'error', code: 'NOT_FOUND', exit: 5 });
  });

  test('--progress bar draws one, auto draws none where stderr is no terminal', async () => {
    const bar = await imgconv(['to-ngff', '--progress', 'bar', SMALL, 'o.zarr'], { cwd: folder() });
    expect(bar.err).toMatch(/\[=+\] 100 %/);
    const auto = await imgconv(['to-ngff', SMALL, 'o.zarr'], { cwd: folder() });
    expect(auto.err).not.toContain('[=');
  });

  test('little memory means fewer workers', async () => {
    const args = ['to-ngff', '-q', '--report', '-', '--memory', '150M', '--max-workers', '4', SMALL, 'o.zarr'];
    const { code, out } = await imgconv(args, { cwd: folder() });
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ workers: 1, memory: 150 * 2 ** 20 })]);
  });

  test('--report', async () => {
    const cwd = folder();
    const { code } = await imgconv(['to-ngff', '--report', 'deep/report.json', SMALL, 'o.zarr'], { cwd });
    expect(code).toBe(0);
    const report = JSON.parse(readFileSync(join(cwd, 'deep/report.json'), 'utf8')) as Record<string, unknown>;
    expect(report).toMatchObject({ input: SMALL, output: 'o.zarr', reader: 'fake', writer: 'ngff', damaged: 0 });
    const stdout = await imgconv(['to-ngff', '-q', '--report', '-', SMALL, 'missing.tif', 'made'], { cwd });
    expect(stdout.code).toBe(1);
    expect(JSON.parse(stdout.out)).toMatchObject([{ input: SMALL }, { input: 'missing.tif', error: { code: 5 } }]);
    expect(existsSync(join(cwd, 'made'))).toBe(true);
  });
});
