import { describe, expect, test } from 'vitest';
import { imgconv, lines } from './run-imgconv.js';

describe('help and version', () => {
  test.each([['--version'], ['-V']])('%s', async (flag) => {
    const { code, out, err } = await imgconv([flag]);
    expect(out).toMatch(/^imgconv \d+\.\d+\.\d+\n$/);
    expect([code, err]).toEqual([0, '']);
  });

  test('--help lists the commands and the exit codes', async () => {
    const { code, out, err } = await imgconv(['--help']);
    expect([code, err]).toEqual([0, '']);
    for (const text of ['to-ngff', 'formats', 'Exit codes:', '130 interrupted']) expect(out).toContain(text);
  });

  test.each([[['to-ngff', '--help']], [['to-ngff', '-h']], [['help', 'to-ngff']]])(
    '%j shows the options in groups',
    async (args) => {
      const { code, out, err } = await imgconv(args);
      expect([code, err]).toEqual([0, '']);
      for (const text of [
        'Output:',
        'Pyramid:',
        'Selection:',
        '--ngff-version <0.4|0.5>',
        '-r, --resolutions',
        'Examples:',
      ])
        expect(out).toContain(text);
      // Aliases of other tools work, but help stays short.
      expect(out).not.toContain('--use-existing-resolutions');
    },
  );

  test('no command is a usage error, with help on stderr', async () => {
    const { code, out, err } = await imgconv([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: imgconv');
    expect(lines(err).at(-1)).toBe('imgconv: no command given');
  });
});

describe('usage errors: one line on stderr, exit code 2, nothing on stdout', () => {
  test.each<[string[], string | RegExp]>([
    [['convert', 'a', 'b'], 'imgconv: no command convert: the commands are to-ngff, to-ometiff, xml, '],
    [['to-ngff'], /^imgconv: needs an input and an output/],
    [['to-ngff', 'a.tif'], /^imgconv: needs an input and an output/],
    [['to-ngff', '--tile-with', '3', 'a', 'b'], "imgconv: unknown option '--tile-with'; did you mean --tile-width?"],
    [['to-ngff', 'a', 'b', '--memory'], /^imgconv: option '--memory <size>' argument missing$/],
    [['to-ngff', '-h', '512', 'a', 'b'], /^imgconv: -h is help; the tile height is --tile-height or -H$/],
    [['to-ngff', '-w', '0', 'a', 'b'], 'imgconv: --tile-width: needs a whole number from 1 to 16777216, found: 0'],
    [['to-ngff', '--memory', 'much', 'a', 'b'], 'imgconv: --memory: needs a size such as 512M or 2G, found: much'],
    [['to-ngff', '--downsample-type', 'LANCZOS', 'a', 'b'], /^imgconv: --downsample-type LANCZOS: is not offered/],
    [['to-ngff', '--ngff-version', '0.9', 'a', 'b'], /^imgconv: --ngff-version is 0.9, must be one of: 0.5, 0.4/],
    [['to-ngff', '--compression', 'lzw', 'a', 'b'], /^imgconv: --compression is lzw, must be one of/],
    [['to-ngff', '--ngff-version', '0.4', '--shard-width', '64', 'a', 'b'], /^imgconv: shards need --ngff-version 0.5/],
    [
      ['to-ngff', '--progress', 'loud', 'a', 'b'],
      'imgconv: --progress: needs one of auto, bar, none, json, found: loud',
    ],
    [['to-ngff', '--crop', '1,2,3', 'a', 'b'], /^imgconv: --crop: needs x,y,width,height/],
    [['to-ngff', '--json', 'a', 'b'], /^imgconv: --json goes with --dry-run/],
    [['to-ngff', 'x', 'x', 'out/'], /^imgconv: the input is named twice/],
    [['formats', 'czi'], 'imgconv: formats takes no argument, found: czi'],
  ])('%j', async (args, message) => {
    const { code, out, err } = await imgconv(args);
    expect([code, out]).toEqual([2, '']);
    expect(lines(err)).toHaveLength(1);
    expect(lines(err)[0]).toMatch(message);
  });

  test('an empty list on stdin', async () => {
    const { code, err } = await imgconv(['to-ngff', '-', 'out/'], { stdin: '\n\n' });
    expect([code, err]).toEqual([2, 'imgconv: no input: stdin names no file\n']);
  });
});

describe('formats', () => {
  test('a table and JSON from the same registry', async () => {
    const text = await imgconv(['formats']);
    const json = await imgconv(['formats', '--json']);
    expect([text.code, text.err, json.code, json.err]).toEqual([0, '', 0, '']);
    const list = JSON.parse(json.out) as { read: { id: string; extensions: string[] }[]; write: { id: string }[] };
    expect(list.read.length).toBeGreaterThan(0);
    for (const { id } of [...list.read, ...list.write]) expect(text.out).toContain(id);
    expect(list.write.map(({ id }) => id)).toContain('ngff');
  });
});
