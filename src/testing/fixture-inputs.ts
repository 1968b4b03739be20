// Which inputs the fixtures of a reader hold: files, and folders that open as a whole.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ZipArchive } from '../containers/zip/archive.js';
import { DEFAULT_LIMITS } from '../core/limits.js';
import { openFile } from '../io/files.js';

/** Readers whose fixtures lie with those of another one; names are picked by the expression. */
const ELSEWHERE: Readonly<Record<string, readonly [folder: string, names: RegExp]>> = {
  'imagej-tiff': ['tiff', /^imagej-/],
};
const NOT_THEIRS: Readonly<Record<string, RegExp>> = { tiff: /^imagej-/ };

export interface FixtureInput {
  /** Folder of all the fixtures. */
  readonly folder: string;
  /** What to open, '/'-separated below `folder`. */
  readonly name: string;
  /** Files that belong to it or may, likewise. */
  readonly files: readonly string[];
}

function filesBelow(folder: string, name: string): string[] {
  if (!statSync(join(folder, name)).isDirectory()) return [name];
  return readdirSync(join(folder, name))
    .sort()
    .flatMap((each) => filesBelow(folder, name === '' ? each : `${name}/${each}`));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Inputs of one reader below the folder of all fixtures; archives of folders count as files. */
export function fixtureInputs(id: string, fixtures: string): readonly FixtureInput[] {
  const [inside, names] = ELSEWHERE[id] ?? [id, /./];
  const folder = join(fixtures, inside);
  const manifest = join(folder, 'manifest.json');
  if (!existsSync(manifest)) return [];
  const all: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  if (!isObject(all)) return [];
  const known = isObject(all.files) ? all.files : all;
  return Object.entries(known).flatMap(([key, facts]) => {
    if (!names.test(key) || NOT_THEIRS[id]?.test(key) || !existsSync(join(folder, key)) || key === '_') return [];
    const index = isObject(facts) && typeof facts.index === 'string' ? `/${facts.index}` : '';
    const top = key.split('/')[0]!;
    // What belongs to a file starts like its name, folders too.
    const stem = key.replace(/[._-].*$/, '');
    const isFolder = statSync(join(folder, top)).isDirectory();
    const near = isFolder ? [top] : readdirSync(folder).filter((each) => each.startsWith(stem));
    return [{ folder, name: `${key}${index}`, files: near.flatMap((each) => filesBelow(folder, each)) }];
  });
}

/** Unpack an archive into `folder`; returns the files' names. */
export async function unpackArchive(archivePath: string, folder: string): Promise<readonly string[]> {
  const source = await openFile(archivePath);
  try {
    const archive = await ZipArchive.open(source, DEFAULT_LIMITS);
    const names = [...archive.entries.keys()].filter((name) => !name.endsWith('/'));
    for (const name of names) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), (await archive.read(name, 2 ** 24))!);
    }
    return names;
  } finally {
    await source.close();
  }
}
