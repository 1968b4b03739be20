// Start of a gzip stream (RFC 1952), for headers of files that are compressed as a whole.

import { constants, gunzipSync } from 'node:zlib';

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

/**
 * What the first bytes of a stream decode to (at most about 1,030 times as many); undefined where they are no gzip stream.
 * Meant for the first few kilobytes.
 */
export function gunzipStart(head: Uint8Array): Uint8Array | undefined {
  if (!isGzip(head)) return undefined;
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}
