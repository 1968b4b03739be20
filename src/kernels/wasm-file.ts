// Bytes of a WASM file that a package brings along.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** Read a file of an installed package by its import name: '@scope/name/file.wasm'. */
export async function readPackageFile(name: string): Promise<Uint8Array> {
  return readFile(createRequire(import.meta.url).resolve(name));
}
