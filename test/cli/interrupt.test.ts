// Runs that cannot end well: interrupted, no space left, nobody reading. Nothing that looks finished may stay.

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { BIN, imgconv, lines, scratchFolder } from './run-imgconv.js';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

/** Takes minutes if nothing stops it. */
const ENDLESS = 'big&sizeX=60000&sizeY=60000&sizeC=4&pixelType=uint16.fake';

describe('signals', () => {
  test.each<[NodeJS.Signals]>([['SIGINT'], ['SIGTERM']])('%s while pixels are written', async (signal) => {
    const cwd = join(scratch.path, signal);
    mkdirSync(cwd);
    let sent = false;
    const { code, out, err } = await imgconv(['to-ngff', '--progress', 'json', ENDLESS, 'out.zarr'], {
      cwd,
      onStderr(text, kill) {
        if (sent || !text.includes('"progress"')) return;
        sent = true;
        kill(signal);
      },
    });
    expect([code, out]).toEqual([130, '']);
    expect(JSON.parse(lines(err).at(-1)!)).toMatchObject({ type: 'message', level: 'error' });
    expect(err).toContain('interrupted');
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('a batch stops too', async () => {
    const cwd = join(scratch.path, 'batch');
    mkdirSync(cwd);
    let sent = false;
    const { code, err } = await imgconv(['to-ngff', '--progress', 'json', ENDLESS, 'b.fake', 'made'], {
      cwd,
      onStderr(text, kill) {
        if (sent || !text.includes('"progress"')) return;
        sent = true;
        kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    expect(err).toContain('"left":2');
    expect(readdirSync(join(cwd, 'made'))).toEqual([]);
  });
});

describe('kill -9', () => {
  test('leaves nothing under the name of the output, and the next run works', async () => {
    const cwd = join(scratch.path, 'killed');
    mkdirSync(cwd);
    const { code } = await imgconv(['to-ngff', '--progress', 'json', ENDLESS, 'out.zarr'], {
      cwd,
      onStderr(text, kill) {
        if (text.includes('"progress"')) kill('SIGKILL');
      },
    });
    expect(code).toBeNull();
    expect(readdirSync(cwd)).not.toContain('out.zarr');
    const again = await imgconv(['to-ngff', '-q', 'small&sizeX=9&sizeY=9.fake', 'out.zarr'], { cwd });
    expect([again.code, again.err]).toEqual([0, '']);
    expect(readdirSync(cwd)).toContain('out.zarr');
  });
});

describe('a closed pipe', () => {
  test('ends quietly', async () => {
    const code = await new Promise((done) => {
      const child = spawn(process.execPath, [BIN, 'formats', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
      let err = '';
      child.stderr.on('data', (data: Buffer) => {
        err += data.toString();
      });
      child.stdout.destroy();
      child.on('close', (status) => done([status, err]));
    });
    expect(code).toEqual([0, '']);
  });
});

/** Runs a command with a small file system mounted at `folder`, in a mount namespace of its own; undefined where the system forbids it. */
function withMount(folder: string, options: string): readonly string[] | undefined {
  const script = `mount -t tmpfs -o ${options} none '${folder}' && exec "$0" "$@"`;
  for (const unshare of [
    ['unshare', '-m'],
    ['unshare', '-Urm'],
  ]) {
    const command = [...unshare, 'sh', '-c', script];
    try {
      execFileSync(command[0]!, [...command.slice(1), 'true'], { stdio: 'ignore' });
      return command;
    } catch {
      // Try the next way.
    }
  }
  return undefined;
}

/** Exit code and messages of a conversion into the mounted folder, then what lies there. */
function convertInto(folder: string, command: readonly string[], input: string): readonly string[] {
  const convert = [process.execPath, BIN, 'to-ngff', '-c', 'none', input, join(folder, 'out.zarr')];
  const script = `"$@" 2>&1; echo "code $?"; ls -A '${folder}'`;
  const args = [...command.slice(1), 'sh', '-c', script, 'sh', ...convert];
  return lines(execFileSync(command[0]!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
}

describe('disks: one line, exit code 5, nothing left', () => {
  test.for<[string, string, RegExp]>([
    ['full', 'size=3m', /^imgconv: cannot .*: no space left on the disk/],
    ['read-only', 'ro', /^imgconv: cannot .*: the file system is read-only/],
  ])('%s', ([name, options, message], { skip }) => {
    const folder = join(scratch.path, name);
    mkdirSync(folder);
    const command = withMount(folder, options);
    if (!command) return skip('no file system can be mounted here');
    const found = convertInto(folder, command, 'd&sizeX=4096&sizeY=4096&pixelType=uint16.fake');
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(message);
    expect(found[1]).toBe('code 5');
  });

  test('a folder without the right to write', async ({ skip }) => {
    if (process.getuid?.() === 0) return skip('root may write everywhere');
    const folder = join(scratch.path, 'locked');
    mkdirSync(folder, { mode: 0o555 });
    const { code, err } = await imgconv(['to-ngff', 'a.fake', join(folder, 'out.zarr')]);
    expect([code, lines(err).length]).toEqual([5, 1]);
    expect(err).toContain('permission denied');
  });
});
