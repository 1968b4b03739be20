import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { imgconv, lines, scratchFolder } from './run-imgconv.js';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

const input = join(scratch.path, 'big&sizeX=3000&sizeY=3000&sizeC=2&pixelType=uint16.fake');

/** Loaded into every worker: the 21st file that it writes ends it in the given way. */
function sabotage(name: string, deed: string): string {
  const file = join(scratch.path, `${name}.mjs`);
  writeFileSync(
    file,
    `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';
if (!isMainThread) {
  let writes = 0;
  const write = fs.writeFileSync;
  fs.writeFileSync = (...args) => {
    if (++writes > 20) { ${deed} }
    return write(...args);
  };
  syncBuiltinESMExports();
}
`,
  );
  return `--import=${pathToFileURL(file).href}`;
}

describe('a worker that fails', () => {
  const deeds: [name: string, deed: string, code: number, text: string][] = [
    ['exit', 'process.exit(7);', 70, 'a worker ended with code 7'],
    ['throw', "throw new TypeError('sabotage');", 70, 'sabotage'],
    ['full', "throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });", 5, 'no space left on the disk'],
  ];
  for (const [name, deed, code, text] of deeds) {
    it(`ends the run and leaves nothing behind: ${name}`, async () => {
      const folder = join(scratch.path, `out-${name}`);
      mkdirSync(folder);
      const args = [
        'to-ngff',
        '--ngff-version',
        '0.4',
        '--tile-width',
        '128',
        '--tile-height',
        '128',
        '--max-workers',
        '3',
      ];
      const ended = await imgconv([...args, input, join(folder, 'out.ome.zarr')], {
        env: { NODE_OPTIONS: sabotage(name, deed) },
      });
      expect(ended.code).toBe(code);
      expect(ended.err).toContain(text);
      expect(lines(ended.err)).toHaveLength(1);
      expect(readdirSync(folder)).toEqual([]);
    });
  }
});

describe('what a killed run left', () => {
  const host = hostname()
    .replace(/[^A-Za-z0-9-]/g, '_')
    .slice(0, 40);
  const small = join(scratch.path, 'small&sizeX=20&sizeY=20.fake');
  const dead = spawnSync(process.execPath, ['-e', '']).pid;

  it('is removed by the next run to the same place, others are left alone', async () => {
    const folder = join(scratch.path, 'killed');
    mkdirSync(join(folder, `.a.ome.zarr.imgconv-${host}-${dead}`), { recursive: true });
    mkdirSync(join(folder, `.a.ome.zarr.imgconv-elsewhere-${dead}`));
    mkdirSync(join(folder, `.a.ome.zarr.imgconv-${host}-${process.pid}`));
    mkdirSync(join(folder, `.b.ome.zarr.imgconv-${host}-${dead}`));
    expect((await imgconv(['to-ngff', small, join(folder, 'a.ome.zarr')])).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(
      [
        `.a.ome.zarr.imgconv-elsewhere-${dead}`,
        `.a.ome.zarr.imgconv-${host}-${process.pid}`,
        `.b.ome.zarr.imgconv-${host}-${dead}`,
        'a.ome.zarr',
      ].sort(),
    );
  });

  it('is put back where it was the only whole output', async () => {
    const folder = join(scratch.path, 'between');
    mkdirSync(join(folder, `.a.ome.zarr.imgconv-${host}-${dead}-old`), { recursive: true });
    const ended = await imgconv(['to-ngff', small, join(folder, 'a.ome.zarr')]);
    expect(ended.code).toBe(2);
    expect(readdirSync(folder)).toEqual(['a.ome.zarr']);
  });
});
