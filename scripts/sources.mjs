// Which files a build depends on, and a fingerprint of them (path, size, time of change) that tells a fresh dist from a stale one.

import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const dist = join(root, 'dist');
export const stampFile = join(dist, '.build-stamp');

/** Every file below a folder of the repository, absolute, sorted; empty where the folder does not exist. */
export function listFiles(folder) {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? listFiles(path) : [join(root, path)];
    });
}

/** Slash-separated path inside the repository. */
export function inside(path) {
  return relative(root, path).split(sep).join('/');
}

export function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${inside(file)}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

export function buildInputs() {
  const isScript = (file) => /[\\/](build[^\\/]*|licenses|sources)\.mjs$/.test(file);
  return [
    ...['src', 'readers', 'writers'].flatMap(listFiles),
    ...listFiles('scripts').filter(isScript),
    join(root, 'package.json'),
    join(root, 'package-lock.json'),
  ];
}
