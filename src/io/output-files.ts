// Files that workers write: whole ones, and growing ones. Synchronous, since a worker has nothing else to do meanwhile.

import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ioError } from './files.js';

export class OutputFiles {
  readonly #made = new Set<string>();

  #folderOf(file: string): void {
    const folder = dirname(file);
    if (this.#made.has(folder)) return;
    mkdirSync(folder, { recursive: true });
    this.#made.add(folder);
  }

  /** Write a whole file, folders made as needed. Errors: io. */
  write(file: string, bytes: Uint8Array): void {
    try {
      this.#folderOf(file);
      writeFileSync(file, bytes);
    } catch (error) {
      throw ioError(error, file, 'write');
    }
  }

  /** Start a growing file; returns its descriptor. */
  create(file: string): number {
    try {
      this.#folderOf(file);
      return openSync(file, 'w');
    } catch (error) {
      throw ioError(error, file, 'write');
    }
  }

  append(descriptor: number, bytes: Uint8Array, file: string): void {
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(descriptor, bytes, done, bytes.length - done);
    } catch (error) {
      throw ioError(error, file, 'write');
    }
  }

  close(descriptor: number): void {
    closeSync(descriptor);
  }
}

/** Remove a folder of temporary files. */
export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
