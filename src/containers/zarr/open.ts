// From what the user named to a hierarchy: a folder, a metadata file inside one, or a ZIP archive. Shared by all readers of Zarr-like formats.

import type { InputTree } from '../../core/contracts.js';
import type { Limits } from '../../core/limits.js';
import { ZipArchive } from '../zip/archive.js';
import { folderStore, type ZarrStore } from './store.js';
import { hierarchyRoot, ZipStore } from './zip-store.js';

/** Files that make their folder a node. */
const METADATA = new Set(['zarr.json', '.zgroup', '.zattrs', '.zarray', '.zmetadata', 'attributes.json']);

export function isMetadataFile(name: string): boolean {
  return METADATA.has(name);
}

/** Local file header, or the end record of an empty archive. */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

/** The hierarchy, or undefined where the input can be none. The directory of an archive is read once for all readers. */
export function openStore(input: InputTree, limits: Limits): Promise<ZarrStore | undefined> {
  return input.once(`zarr-store:${limits.metadataBytes}:${limits.directories}`, async () => {
    if (input.isFolder || isMetadataFile(input.name)) return folderStore(input, limits);
    if (!isZip(input.head)) return undefined;
    const archive = await ZipArchive.open(await input.open(), limits);
    const root = hierarchyRoot(archive);
    return root === undefined ? undefined : new ZipStore(archive, root, limits);
  });
}
