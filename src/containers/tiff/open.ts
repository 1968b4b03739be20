// One parse for all probes and readers that ask about the same file.

import type { InputTree } from '../../core/contracts.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import { parseTiff, type TiffFile, tiffSignature } from './file.js';

/** Header and first directory; undefined where the file is no readable TIFF. For `identify`. */
export async function peekTiff(input: InputTree): Promise<TiffFile | undefined> {
  if (input.isFolder || !tiffSignature(input.head)) return undefined;
  return input.once('tiff-first', async () => {
    try {
      return await parseTiff(await input.open(), DEFAULT_LIMITS, { first: 1 });
    } catch {
      return undefined;
    }
  });
}

/** The named file with its whole chain of directories. */
export async function openTiff(input: InputTree, limits: Limits): Promise<TiffFile> {
  return input.once('tiff', async () => parseTiff(await input.open(), limits));
}
