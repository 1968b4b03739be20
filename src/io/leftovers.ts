// Temporary outputs of runs that were killed: removed by the next run to the same place.

import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Name of this process on this machine, as a part of file names. */
const HOST = hostname()
  .replace(/[^A-Za-z0-9-]/g, '_')
  .slice(0, 40);

/** Temporary sibling of an output, on the same file system: `.NAME.imgconv-HOST-PID`. */
export function temporaryName(final: string): string {
  return join(dirname(final), `.${basename(final)}.imgconv-${HOST}-${process.pid}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Alive, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Remove what dead processes of this machine left beside `final`; those of other machines may be at work. */
export async function removeLeftovers(final: string): Promise<void> {
  const start = `.${basename(final)}.imgconv-${HOST}-`;
  const names = await readdir(dirname(final)).catch(() => []);
  for (const name of names) {
    const found = name.startsWith(start) ? /^(\d+)(-old)?$/.exec(name.slice(start.length)) : null;
    if (!found || isAlive(Number(found[1]))) continue;
    const path = join(dirname(final), name);
    // Killed between moving the old output aside and putting the new one in its place: the old one is the only whole one.
    if (found[2] && !existsSync(final)) await rename(path, final);
    else await rm(path, { recursive: true, force: true });
  }
}
