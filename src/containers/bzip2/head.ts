// Start of a bzip2 stream, for headers of files that are compressed as a whole.

import { BZIP2_FIRST_BLOCK, firstBlock } from '../../codecs/bzip2.js';
import type { ByteSource } from '../../core/contracts.js';

export function isBzip2(head: Uint8Array): boolean {
  const level = head[3] ?? 0;
  return head[0] === 0x42 && head[1] === 0x5a && head[2] === 0x68 && level >= 0x31 && level <= 0x39;
}

/** What the first block decodes to; undefined where it is broken or cut. */
export async function bunzipStart(source: ByteSource): Promise<Uint8Array | undefined> {
  const bytes = await source.read(0, Math.min(BZIP2_FIRST_BLOCK, source.size));
  try {
    return firstBlock(bytes);
  } catch {
    return undefined;
  }
}
