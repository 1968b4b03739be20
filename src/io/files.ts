// Local files: asynchronous sources for readers, and a pool of open descriptors with synchronous positional reads for workers.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ByteSource } from '../core/contracts.js';
import { formatError, ImgconvError } from '../core/errors.js';
import type { Need, RemoteObjects } from './remote/objects.js';

export type { Need };

/** Turn a system error into one clear line. */
export function ioError(error: unknown, file: string, doing: string): ImgconvError {
  if (error instanceof ImgconvError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  // Not the system's: a defect of the program.
  if (code === undefined)
    return new ImgconvError('internal', 'IO_DEFECT', `cannot ${doing} ${file}: ${error}`, { file }, error);
  const reason: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or folder',
    EACCES: 'permission denied',
    EPERM: 'operation not permitted',
    ENOSPC: 'no space left on the disk',
    EDQUOT: 'disk quota exceeded',
    EROFS: 'the file system is read-only',
    EISDIR: 'is a folder, a file was expected',
    ENOTDIR: 'is not a folder',
    EMFILE: 'too many open files',
    EEXIST: 'exists already',
    ENAMETOOLONG: 'the name is too long',
    ELOOP: 'symbolic links lead in a circle',
  };
  const text = reason[code] ?? (error instanceof Error ? error.message : String(error));
  const stable = code === 'ENOENT' ? 'NOT_FOUND' : code;
  return new ImgconvError('io', stable, `cannot ${doing} ${file}: ${text}`, { file }, error);
}

function truncated(file: string, offset: number, length: number, got: number): ImgconvError {
  return formatError(
    'TRUNCATED',
    `${file}: needs ${length} bytes at offset ${offset}, found ${got}; the file may be cut short`,
    { file, offset },
  );
}

/** Opening a pipe must not wait for somebody to write into it; regular files are not concerned. Windows knows no such flag. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Open a local file for random access. */
export async function openFile(path: string): Promise<ByteSource> {
  let handle: FileHandle;
  try {
    handle = await open(path, READ);
  } catch (error) {
    throw ioError(error, path, 'open');
  }
  const stat = await handle.stat();
  if (!stat.isFile() && !stat.isBlockDevice()) {
    await handle.close();
    const [code, what] = stat.isDirectory() ? ['EISDIR', 'a folder'] : ['NOT_A_FILE', 'a pipe, socket or device'];
    throw new ImgconvError('io', code, `cannot open ${path}: is ${what}, a file was expected`, { file: path });
  }
  const { size } = stat;
  let closed: Promise<void> | undefined;
  return {
    name: path,
    size,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > size) {
        throw truncated(path, offset, length, Math.max(0, size - Math.max(0, offset)));
      }
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done).catch((error: unknown) => {
          throw ioError(error, path, 'read');
        });
        if (bytesRead === 0) throw truncated(path, offset, length, done);
        done += bytesRead;
      }
      return bytes;
    },
    close() {
      closed ??= handle.close();
      return closed;
    },
  };
}

/** True for what lies on a server. */
export function isRemote(path: string): boolean {
  return /^https?:\/\//i.test(path);
}

/** Descriptors of recently used files, closed oldest first. One a thread. Objects on servers are read through it, too, after `prepare`. */
export class FilePool {
  readonly #open = new Map<string, { fd: number; size: number }>();
  #remote: RemoteObjects | undefined;
  constructor(readonly capacity = 48) {}

  #get(path: string): { fd: number; size: number } | undefined {
    const known = this.#open.get(path);
    if (known) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return known;
    }
    let fd: number;
    try {
      fd = openSync(path, READ);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw ioError(error, path, 'open');
    }
    const entry = { fd, size: fstatSync(fd).size };
    this.#open.set(path, entry);
    if (this.#open.size > this.capacity) {
      const oldest = this.#open.keys().next().value as string;
      this.release(oldest);
    }
    return entry;
  }

  /** Fetch what is about to be read of objects on servers; files need no preparation. Errors: io. */
  async prepare(needs: readonly Need[]): Promise<void> {
    const remote = needs.filter(({ file }) => isRemote(file));
    if (remote.length === 0) return;
    this.#remote ??= new (await import('./remote/objects.js')).RemoteObjects();
    await this.#remote.prepare(remote);
  }

  /** Bytes of the file; undefined where it does not exist. */
  size(path: string): number | undefined {
    if (this.#remote && isRemote(path)) return this.#remote.size(path);
    return this.#get(path)?.size;
  }

  /** Fill `target` from `offset`; returns the bytes read, fewer at the end of the file. A missing file throws (NOT_FOUND). */
  read(path: string, offset: number, target: Uint8Array): number {
    if (this.#remote && isRemote(path)) return this.#remote.read(path, offset, target);
    const entry = this.#get(path);
    if (!entry)
      throw new ImgconvError('io', 'NOT_FOUND', `cannot open ${path}: no such file or folder`, { file: path });
    let done = 0;
    try {
      while (done < target.length) {
        const n = readSync(entry.fd, target, done, target.length - done, offset + done);
        if (n === 0) break;
        done += n;
      }
    } catch (error) {
      throw ioError(error, path, 'read');
    }
    return done;
  }

  release(path: string): void {
    const entry = this.#open.get(path);
    if (!entry) return;
    this.#open.delete(path);
    closeSync(entry.fd);
  }

  close(): void {
    for (const path of [...this.#open.keys()]) this.release(path);
    this.#remote = undefined;
  }
}
