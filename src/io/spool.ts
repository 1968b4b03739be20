// Decompressed copies of files that are compressed as a whole: one forward pass, bounded memory.

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { constants, createUnzip } from 'node:zlib';
import { ioError, isRemote } from './files.js';

const PIECE = 2 ** 20;
/** Bytes of one request. */
const REMOTE_PIECE = 8 * 2 ** 20;

/** An object on a server from `start` to its end. */
async function* remotePieces(url: string, start: number): AsyncGenerator<Uint8Array> {
  const { HttpClient } = await import('./remote/client.js');
  const client = new HttpClient();
  for (let offset = start, end = Number.POSITIVE_INFINITY; offset < end; ) {
    const found = await client.get(url, { offset, length: REMOTE_PIECE });
    if (!found) throw Object.assign(new Error('not found'), { code: 'ENOENT' });
    const bytes = found.bytes.subarray(offset - found.offset);
    if (bytes.length === 0) return;
    yield bytes;
    offset += bytes.length;
    end = found.total;
  }
}

/**
 * Write at most `limit` decompressed bytes of the gzip or zlib stream (its first bytes tell) that begins at `start` of `from` to the new file `to`; returns their number.
 * A stream that breaks or ends early gives what it holds, and so does one that the signal stops. Errors: io.
 */
export async function unpackStream(
  from: string,
  start: number,
  to: string,
  limit: number,
  signal?: AbortSignal,
): Promise<number> {
  const input = isRemote(from)
    ? Readable.from(remotePieces(from, start), { objectMode: false, highWaterMark: PIECE })
    : createReadStream(from, { start, highWaterMark: PIECE });
  const unzip = createUnzip({ chunkSize: PIECE, finishFlush: constants.Z_SYNC_FLUSH });
  let readError: unknown;
  input.on('error', (error: unknown) => {
    readError = error;
    unzip.destroy();
  });
  const output = await open(to, 'wx').catch((error: unknown) => {
    throw ioError(error, to, 'write');
  });
  let done = 0;
  try {
    try {
      for await (const piece of input.pipe(unzip)) {
        if (signal?.aborted) break;
        const bytes = (piece as Uint8Array).subarray(0, limit - done);
        await output.write(bytes, 0, bytes.length).catch((error: unknown) => {
          throw ioError(error, to, 'write');
        });
        done += bytes.length;
        if (done >= limit) break;
      }
    } catch (error) {
      if (readError !== undefined) throw ioError(readError, from, 'read');
      // What a broken stream gave so far is good; the engine reports the blocks that it lacks.
      const { code } = error as NodeJS.ErrnoException;
      if (!code?.startsWith('Z_')) throw error;
    }
    if (readError !== undefined) throw ioError(readError, from, 'read');
    return done;
  } finally {
    input.destroy();
    await output.close();
  }
}
