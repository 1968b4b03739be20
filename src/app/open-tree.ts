// Inputs by path or address. What folders on servers hold follows from their metadata.

import { MetadataListing } from '../containers/zarr/listing.js';
import type { InputTree } from '../core/contracts.js';
import { openTree } from '../io/tree.js';

/** Open a file, a folder or an http(s) address. Errors: io, unsupported URL. */
export function openAnyTree(path: string): Promise<InputTree> {
  const listing = new MetadataListing();
  return openTree(path, (folder, get) => listing.list(folder, get));
}
