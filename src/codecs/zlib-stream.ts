import { deflateSync } from 'node:zlib';
/** A zlib stream (RFC 1950) of `input`. */
export function zlibStream(input: Uint8Array, level: number): Uint8Array {
  return deflateSync(input, { level });
}
