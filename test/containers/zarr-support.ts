// Shared by the tests of Zarr: open an input with one reader, hash pixels, unpack archives.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ZipArchive } from '../../src/containers/zip/archive.js';
import type { Dataset, FormatReader, ImageSource, InputTree, Notice, TreeEntry } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../src/core/limits.js';
import { openFile } from '../../src/io/files.js';
import { openTree } from '../../src/io/tree.js';
import { readRegion } from '../../src/pipeline/read.js';

export const FIXTURES = join(import.meta.dirname, '../../fixtures');

export interface Opened {
  readonly dataset: Dataset;
  readonly notices: readonly Notice[];
}

export async function openWith(
  reader: FormatReader,
  input: string | InputTree,
  limits: Limits = DEFAULT_LIMITS,
): Promise<Opened> {
  const notices: Notice[] = [];
  const tree = typeof input === 'string' ? await openTree(input) : input;
  try {
    const dataset = await reader.open(tree, { limits, reader: {}, notice: (notice) => notices.push(notice) });
    return { dataset, notices };
  } finally {
    await tree.close();
  }
}

/** SHA-256 of all pixels of a level, C order t, c, z, y, x, little-endian. */
export async function hashLevel(image: ImageSource, level = 0): Promise<string> {
  const source = image.levels[level]!;
  const pixels = await readRegion(source, image.type, { start: [0, 0, 0, 0, 0], shape: source.shape });
  return createHash('sha256')
    .update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))
    .digest('hex');
}

export async function pixelsOf(image: ImageSource, level = 0): Promise<(number | bigint)[]> {
  const source = image.levels[level]!;
  return [...(await readRegion(source, image.type, { start: [0, 0, 0, 0, 0], shape: source.shape }))];
}

/** Unpack an archive into a new temporary folder; returns the folder. */
export async function unpack(archivePath: string): Promise<string> {
  const folder = join(mkdtempSync(join(tmpdir(), 'imgconv-zarr-')), basename(archivePath, '.zip'));
  const source = await openFile(archivePath);
  try {
    const archive = await ZipArchive.open(source, DEFAULT_LIMITS);
    for (const name of archive.entries.keys()) {
      if (name.endsWith('/')) continue;
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), (await archive.read(name, 2 ** 24))!);
    }
  } finally {
    await source.close();
  }
  return folder;
}

/** A hierarchy in memory: key → text or JSON value. Chunks cannot be read from it. */
export function memoryTree(files: Readonly<Record<string, unknown>>): InputTree {
  const bytes = new Map(
    Object.entries(files).map(([key, value]) => [
      key,
      new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
    ]),
  );
  const made = new Map<string, Promise<unknown>>();
  return {
    path: '/memory.zarr',
    isFolder: true,
    name: 'memory.zarr',
    root: '/memory.zarr',
    head: new Uint8Array(0),
    async list(folder = '') {
      const entries = new Map<string, TreeEntry>();
      for (const key of bytes.keys()) {
        if (folder !== '' && !key.startsWith(`${folder}/`)) continue;
        const [name, ...rest] = key.slice(folder === '' ? 0 : folder.length + 1).split('/');
        entries.set(name!, { name: name!, folder: rest.length > 0 });
      }
      return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async open(relative) {
      throw new ImgconvError('io', 'NOT_FOUND', `no ${relative}`);
    },
    async readSmall(relative) {
      return bytes.get(relative);
    },
    once<T>(key: string, make: () => Promise<T>): Promise<T> {
      const value = made.get(key) ?? make();
      made.set(key, value);
      return value as Promise<T>;
    },
    async close() {},
  };
}

/** Code of the ImgconvError that a promise ends in. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ImgconvError && error.blame !== 'internal') return error.code;
    throw error;
  }
  return 'no error';
}
