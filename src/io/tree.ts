// The input that the user named, and its neighbours on a local file system.

import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ByteSource, InputTree, TreeEntry } from '../core/contracts.js';
import { ImgconvError, unsupported } from '../core/errors.js';
import { ioError, isRemote, openFile } from './files.js';
import type { Listing } from './remote/tree.js';

export type { Listing };

const HEAD_BYTES = 4096;
/** Sources left open by careless readers are closed with the tree; this many at a time is plenty. */
const PROCEDURAL = '.fake';

/** '/'-separated name below the root, or an error where it would climb out. */
function below(root: string, relative: string): string {
  const parts = relative.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || relative.startsWith('/') || relative.includes('\0') || /^[A-Za-z]:/.test(relative)) {
    throw new ImgconvError(
      'format',
      'PATH_ESCAPES',
      `the file names ${JSON.stringify(relative)}, which lies outside its folder`,
      {
        file: root,
      },
    );
  }
  return join(root, ...parts);
}

/** True for an address, of whatever kind. */
function isUrl(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path);
}

async function openUrl(path: string, listing: Listing = async () => []): Promise<InputTree> {
  if (!isRemote(path))
    throw unsupported(
      'URL',
      `${path}: addresses begin with https:// or http://; copy the data, or mount it as a folder`,
    );
  const { openRemoteTree } = await import('./remote/tree.js');
  return openRemoteTree(path, listing);
}

/**
 * Open a file or folder, or what lies at an http or https address, as the root of an input. A name that ends in '.fake' need not exist: its parameters are in the name.
 * `listing` says what folders on servers hold, which cannot be listed. Errors: io NOT_FOUND, EACCES …
 */
export async function openTree(path: string, listing?: Listing): Promise<InputTree> {
  // An empty name would mean the current folder: an unset variable in a script, rather.
  if (path === '') throw new ImgconvError('usage', 'INPUT_NAME', 'the input has no name');
  if (isUrl(path)) return openUrl(path, listing);
  const absolute = resolve(path);
  const sources = new Set<ByteSource>();
  const made = new Map<string, Promise<unknown>>();
  let bytesRead = 0;
  const lists = new Map<string, Promise<readonly TreeEntry[]>>();
  let isFolder = false;
  let exists = true;
  try {
    isFolder = (await stat(absolute)).isDirectory();
  } catch (error) {
    if (!absolute.toLowerCase().endsWith(PROCEDURAL)) throw ioError(error, path, 'open');
    exists = false;
  }
  const root = isFolder ? absolute : dirname(absolute);

  async function openAt(file: string): Promise<ByteSource> {
    const source = await openFile(file);
    const tracked: ByteSource = {
      name: source.name,
      size: source.size,
      read(offset, length) {
        bytesRead += Math.max(0, Math.min(length, source.size - offset));
        return source.read(offset, length);
      },
      async close() {
        sources.delete(tracked);
        await source.close();
      },
    };
    sources.add(tracked);
    return tracked;
  }

  async function readList(folder: string): Promise<readonly TreeEntry[]> {
    try {
      const entries = await readdir(below(root, folder), { withFileTypes: true });
      const found = await Promise.all(
        entries.map(async (entry) => ({
          name: entry.name,
          folder: entry.isSymbolicLink()
            ? await stat(join(below(root, folder), entry.name)).then(
                (s) => s.isDirectory(),
                () => false,
              )
            : entry.isDirectory(),
        })),
      );
      return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return [];
      throw ioError(error, join(root, folder), 'list');
    }
  }

  let head: Uint8Array = new Uint8Array(0);
  if (exists && !isFolder) {
    const source = await openFile(absolute);
    try {
      head = await source.read(0, Math.min(HEAD_BYTES, source.size));
      bytesRead += head.length;
    } finally {
      await source.close();
    }
  }

  return {
    path,
    isFolder,
    name: basename(absolute),
    root,
    head,
    get bytesRead() {
      return bytesRead;
    },
    list(folder = '') {
      let listing = lists.get(folder);
      if (!listing) {
        listing = readList(folder);
        lists.set(folder, listing);
      }
      return listing;
    },
    open(relative) {
      return openAt(relative === undefined ? absolute : below(root, relative));
    },
    async readSmall(relative, limit) {
      let source: ByteSource;
      try {
        source = await openFile(below(root, relative));
      } catch (error) {
        if (error instanceof ImgconvError && (error.code === 'NOT_FOUND' || error.code === 'ENOTDIR')) return undefined;
        throw error;
      }
      try {
        if (source.size > limit) {
          throw new ImgconvError(
            'limit',
            'METADATA_SIZE',
            `${relative} has ${source.size} bytes, more than the limit of ${limit}`,
            {
              file: source.name,
            },
          );
        }
        bytesRead += source.size;
        return await source.read(0, source.size);
      } finally {
        await source.close();
      }
    },
    once<T>(key: string, make: () => Promise<T>): Promise<T> {
      let value = made.get(key);
      if (!value) {
        value = make();
        made.set(key, value);
      }
      return value as Promise<T>;
    },
    async close() {
      await Promise.all([...sources].map((source) => source.close()));
    },
  };
}
