// Bytes of a WASM file that a package brings along.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Read `file` of an installed package. */
export async function readPackageFile(name: string, file: string): Promise<Uint8Array> {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return readFile(join(dirname(manifest), file));
}
