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

/** A file system of 3 MB in its own mount namespace; undefined where the system allows neither. */
function smallDisk(folder: string): readonly string[] | undefined {
  const script = `mount -t tmpfs -o size=3m none '${folder}' && exec "$0" "$@"`;
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

describe('a full disk', () => {
  const folder = join(scratch.path, 'disk');
  mkdirSync(folder);
  const command = smallDisk(folder);
  const input = 'full&sizeX=4096&sizeY=4096&pixelType=uint16.fake';

  test.skipIf(!command)(
    `${command ? '' : 'skipped, no small disk can be mounted: '}one line, exit code 5, nothing left`,
    async () => {
      const convert = [process.execPath, BIN, 'to-ngff', '-c', 'none', input, join(folder, 'out.zarr')];
      const list = `"$@"; echo "code $?"; ls -A '${folder}'`;
      const out = execFileSync(command![0]!, [...command!.slice(1), 'sh', '-c', `${list} 2>&1`, 'sh', ...convert], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect(lines(out)).toEqual(['code 5']);
    },
  );
});
