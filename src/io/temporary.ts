// Files on their way to a stream.

import { createReadStream, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ioError } from './files.js';

/** A folder of its own in the system's place for temporary files (TMPDIR); an orderly exit of the process removes it too. Errors: io. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const base = join(tmpdir(), 'imgconv-');
  let path: string;
  try {
    path = await mkdtemp(base);
  } catch (error) {
    throw ioError(error, base, 'write');
  }
  const cleanUp = (): void => rmSync(path, { recursive: true, force: true });
  process.once('exit', cleanUp);
  return {
    path,
    async remove() {
      process.off('exit', cleanUp);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** The bytes of a file in pieces, each valid until the next is asked for. Errors: io. */
export async function* pieces(path: string, pieceBytes = 2 ** 20): AsyncIterable<Uint8Array> {
  try {
    for await (const piece of createReadStream(path, { highWaterMark: pieceBytes })) yield piece as Uint8Array;
  } catch (error) {
    throw ioError(error, path, 'read');
  }
}
