// Output that nobody can take for finished: built under a temporary sibling name, renamed at the end.

import { existsSync, rmSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ImgconvError } from '../core/errors.js';
import type { OutputSink } from '../core/writer.js';
import { ioError } from './files.js';

/**
 * Reserve a place for an output. The temporary name is `.NAME.imgconv-PID` in the same folder, so that the final rename stays
 * on one file system. Errors: usage OUTPUT_EXISTS, io.
 */
export async function openSink(
  path: string,
  options: { overwrite: boolean; kind: 'folder' | 'file' },
): Promise<OutputSink> {
  const final = resolve(path);
  if (existsSync(final) && !options.overwrite) {
    throw new ImgconvError('usage', 'OUTPUT_EXISTS', `${path} exists already; use --overwrite to replace it`, {
      file: path,
    });
  }
  const parent = dirname(final);
  const temporary = join(parent, `.${basename(final)}.imgconv-${process.pid}`);
  try {
    await mkdir(parent, { recursive: true });
    await rm(temporary, { recursive: true, force: true });
    if (options.kind === 'folder') await mkdir(temporary);
    else await writeFile(temporary, '');
  } catch (error) {
    throw ioError(error, path, 'write');
  }
  const made = new Set<string>();
  // A process that exits in any orderly way leaves nothing behind; only a kill -9 can leave the temporary name.
  const cleanUp = (): void => rmSync(temporary, { recursive: true, force: true });
  process.once('exit', cleanUp);
  let ended = false;

  return {
    temporary,
    path,
    async put(relative, bytes) {
      const file = join(temporary, ...relative.split('/'));
      try {
        const folder = dirname(file);
        if (!made.has(folder)) {
          await mkdir(folder, { recursive: true });
          made.add(folder);
        }
        await writeFile(file, bytes);
      } catch (error) {
        throw ioError(error, join(path, relative), 'write');
      }
    },
    async commit() {
      if (ended) return;
      const old = `${temporary}-old`;
      let replaced = false;
      try {
        if (existsSync(final)) {
          if (!options.overwrite) {
            throw new ImgconvError(
              'usage',
              'OUTPUT_EXISTS',
              `${path} appeared while it was being made; nothing was replaced`,
              { file: path },
            );
          }
          await rename(final, old);
          replaced = true;
        }
        await rename(temporary, final);
      } catch (error) {
        if (replaced && !existsSync(final)) await rename(old, final);
        throw ioError(error, path, 'finish');
      }
      ended = true;
      process.off('exit', cleanUp);
      if (replaced) await rm(old, { recursive: true, force: true });
    },
    async abort() {
      if (ended) return;
      ended = true;
      process.off('exit', cleanUp);
      await rm(temporary, { recursive: true, force: true });
    },
  };
}
