// Output that nobody can take for finished: built under a temporary sibling name, renamed at the end.

import { existsSync, lstatSync, rmSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ImgconvError } from '../core/errors.js';
import type { OutputSink } from '../core/writer.js';
import { ioError } from './files.js';
import { GrowingFile } from './growing-file.js';
import { removeLeftovers, temporaryName } from './leftovers.js';

/**
 * Reserve a place for an output: a folder, or one or several files that lie side by side (`names`; absent: one of the output's own name).
 * It is built under a temporary name in the same folder; what killed runs left there is removed. Errors: usage OUTPUT_EXISTS, io.
 */
export async function openSink(
  path: string,
  options: { overwrite: boolean; kind: 'folder' | 'files'; names?: readonly string[] },
): Promise<OutputSink> {
  const final = resolve(path);
  const parent = dirname(final);
  await removeLeftovers(final);
  for (const name of options.names ?? [basename(final)]) {
    if (existsSync(join(parent, name)) && !options.overwrite) throw exists(name === basename(final) ? path : name);
  }
  const temporary = temporaryName(final);
  try {
    await mkdir(parent, { recursive: true });
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
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
    grow: (relative) => GrowingFile.create(join(temporary, ...relative.split('/'))),
    async commit() {
      if (ended) return;
      if (options.kind === 'files') {
        await moveFiles(temporary, final, options.overwrite);
        ended = true;
        process.off('exit', cleanUp);
        await rm(temporary, { recursive: true, force: true });
        return;
      }
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

function exists(path: string): ImgconvError {
  return new ImgconvError('usage', 'OUTPUT_EXISTS', `${path} exists already; use --overwrite to replace it`, {
    file: path,
  });
}

/**
 * Move finished files beside the final name; the one of that name goes last, so that a set is never seen without its parts. Files that are
 * replaced are set aside first and come back where a move fails.
 */
async function moveFiles(folder: string, final: string, overwrite: boolean): Promise<void> {
  const parent = dirname(final);
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  names.sort((a, b) => Number(a === basename(final)) - Number(b === basename(final)) || (a < b ? -1 : 1));
  if (!overwrite) for (const name of names) if (existsSync(join(parent, name))) throw exists(join(parent, name));
  const aside = join(folder, '.imgconv-replaced');
  await mkdir(aside);
  const moved: string[] = [];
  let current = final;
  try {
    for (const name of names) {
      current = join(parent, name);
      moved.push(name);
      // A link on the old name is replaced, not followed; a single file takes the old one's place in one step.
      if (names.length > 1 && existsSync(current)) {
        if (lstatSync(current).isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
        await rename(current, join(aside, name));
      }
      await rename(join(folder, name), current);
    }
  } catch (error) {
    for (const name of moved) {
      const target = join(parent, name);
      if (existsSync(join(aside, name))) await rename(join(aside, name), target);
      else if (names.length > 1 && !existsSync(join(folder, name))) await rm(target, { force: true });
    }
    throw ioError(error, current, 'finish');
  }
}
