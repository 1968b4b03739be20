// One parse for all probes and readers that ask about the same file.

import type { InputTree } from '../../core/contracts.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import { parseTiff, type TiffFile, tiffSignature } from './file.js';
import { decodeText } from './ifd.js';

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

/** Beginning of a text of the first directory, read once for all probes: descriptions can be very long. */
export async function peekText(input: InputTree, tag: number, most = 4096): Promise<string | undefined> {
  return input.once(`tiff-text-${tag}-${most}`, async () => {
    const ifd = (await peekTiff(input))?.ifds[0];
    const entry = ifd?.entry(tag);
    if (!ifd || !entry || !(entry.bytes > 0)) return undefined;
    const { source, window } = ifd.file;
    const bytes = Math.min(entry.bytes, most, source.size - entry.at);
    if (!(bytes > 0)) return undefined;
    try {
      return decodeText((await window.read(entry.at, bytes)).slice()) || undefined;
    } catch {
      return undefined;
    }
  });
}

/** The named file with its whole chain of directories. */
export async function openTiff(input: InputTree, limits: Limits): Promise<TiffFile> {
  return input.once('tiff', async () => parseTiff(await input.open(), limits));
}
