// Where outputs may go: what lies at a path already, and small files written whole.

import { stat, statSync } from 'node:fs';
import { lstat, mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { ImgconvError } from '../core/errors.js';
import { ioError, isRemote } from './files.js';
import { temporaryName } from './leftovers.js';

export type Place =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'file'; readonly bytes: number }
  | { readonly kind: 'folder'; readonly entries: readonly string[] }
  /** A device, pipe or socket, or a link that leads nowhere. */
  | { readonly kind: 'special' };

/** What lies at a path. */
export async function lookAt(path: string): Promise<Place> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) {
      const target = await lookAt(await realpath(path).catch(() => ''));
      return target.kind === 'nothing' ? { kind: 'special' } : target;
    }
    if (found.isDirectory()) return { kind: 'folder', entries: await readdir(path) };
    return found.isFile() ? { kind: 'file', bytes: found.size } : { kind: 'special' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { kind: 'nothing' };
    if (code === 'ENOTDIR')
      throw new ImgconvError('io', 'ENOTDIR', `cannot write ${path}: a part of the path is a file`, { file: path });
    throw ioError(error, path, 'look at');
  }
}

function sizeNow(path: string): number {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() ? found.size : 0;
  } catch {
    return 0;
  }
}

const STATS_AT_ONCE = 32;
/** Files that are asked one after the other, to find out how fast the disk answers. */
const PROBED = 64;
/** Milliseconds for those: a local disk is done before callbacks come back, one behind a network wants many questions at once. */
const FAST = 4;

/** Bytes of each file; 0 for folders and what does not exist. Data sets have 100,000 files: promises would take longer than the questions. */
export async function fileSizes(paths: readonly string[]): Promise<readonly number[]> {
  if (paths.some(isRemote)) return remoteSizes(paths);
  const sizes = new Array<number>(paths.length).fill(0);
  let next = 0;
  const started = performance.now();
  for (; next < paths.length && (next < PROBED || performance.now() - started < (FAST * next) / PROBED); next++) {
    sizes[next] = sizeNow(paths[next]!);
  }
  return new Promise((resolve) => {
    let running = 0;
    const ask = (): void => {
      if (next === paths.length && running === 0) resolve(sizes);
      while (running < STATS_AT_ONCE && next < paths.length) {
        const i = next++;
        running++;
        stat(paths[i]!, (_, found) => {
          if (found?.isFile()) sizes[i] = found.size;
          running--;
          ask();
        });
      }
    };
    ask();
  });
}

async function remoteSizes(paths: readonly string[]): Promise<readonly number[]> {
  const { HttpClient } = await import('./remote/client.js');
  const client = new HttpClient();
  // A folder may be forbidden ground where its files are not.
  const sizeOf = (path: string): Promise<number | undefined> =>
    client.size(path).catch((error: unknown) => {
      if (error instanceof ImgconvError && error.blame === 'io') return undefined;
      throw error;
    });
  return Promise.all(paths.map(async (path) => Math.max(0, (await sizeOf(path)) ?? 0)));
}

/** Absolute path without links, also where the last parts do not exist yet. */
export async function truePath(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(await truePath(parent), basename(absolute));
  }
}

/** True if `inner` is `outer` or lies in it. Both as `truePath` gives them. */
export function isInside(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** A small file, whole or not at all; a device or pipe gets the text as it is. */
export async function writeWhole(path: string, text: string | Uint8Array): Promise<void> {
  if ((await lookAt(path)).kind === 'special') {
    return writeFile(path, text).catch((error: unknown) => {
      throw ioError(error, path, 'write');
    });
  }
  const temporary = temporaryName(resolve(path));
  try {
    await mkdir(dirname(temporary), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, resolve(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw ioError(error, path, 'write');
  }
}
