// What the readers of Zarr see before they look inside.

import type { InputTree, Verdict } from '../../core/contracts.js';

const METADATA = /^(zarr\.json|\.zgroup|\.zattrs|\.zarray|\.zmetadata)$/;

/** @param named whether the name has an extension of the format */
export function probeZarr(
  { head, name, isFolder }: Pick<InputTree, 'head' | 'name' | 'isFolder'>,
  named: RegExp,
): Verdict {
  if (isFolder) {
    return named.test(name)
      ? { score: 50, why: 'a folder named like a Zarr' }
      : { score: 25, why: 'a folder, which may hold Zarr metadata' };
  }
  if (METADATA.test(name)) return { score: 50, why: 'a metadata file of a Zarr' };
  if (head[0] === 0x50 && head[1] === 0x4b && head[2]! <= 5)
    return { score: 50, why: 'a ZIP archive, which may hold a Zarr' };
  return { score: 0, why: 'neither a folder nor a ZIP archive' };
}
