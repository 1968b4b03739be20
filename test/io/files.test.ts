import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FilePool, openFile } from '../../src/io/files.js';

const folder = mkdtempSync(join(tmpdir(), 'imgconv-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what is no regular file', () => {
  it('a folder', async () => {
    await expect(openFile(folder)).rejects.toMatchObject({ code: 'EISDIR', blame: 'io' });
  });

  it.skipIf(process.platform === 'win32')('a pipe nobody writes into is refused at once', async () => {
    const pipe = join(folder, 'pipe.tif');
    execFileSync('mkfifo', [pipe]);
    await expect(openFile(pipe)).rejects.toMatchObject({ code: 'NOT_A_FILE', blame: 'io' });
    const pool = new FilePool();
    expect(pool.size(pipe)).toBe(0);
    pool.close();
  });

  it.skipIf(process.platform === 'win32')('a device', async () => {
    await expect(openFile('/dev/zero')).rejects.toMatchObject({ code: 'NOT_A_FILE' });
  });
});
