// Planes of a stack in the order t, c, z from what the file stores: channels fastest, then slices, then frames.

import type { TiffFile } from '../../src/containers/tiff/file.js';
import type { PlaneSource } from '../../src/containers/tiff/level.js';
import type { TiffPage } from '../../src/containers/tiff/page.js';
import { stackTables } from '../../src/containers/tiff/table.js';
import { type Description, type Dimensions, dimensionsOf, numberOf } from './description.js';

export async function arrange(
  pages: readonly TiffPage[],
  description: Description,
  file: TiffFile,
): Promise<{ planes: (PlaneSource | undefined)[]; size: Dimensions }> {
  const page = pages[0]!;
  const images = numberOf(description, 'images') ?? 1;
  let stored: (PlaneSource | undefined)[] = pages.map((p) => ({ page: p }));
  if (pages.length === 1 && Number.isInteger(images) && images > 1 && images <= file.limits.directories) {
    // More than 4 GB, or written by a stream: one directory, all planes behind it.
    const tables = await stackTables(page, images);
    const bytes = (k: number): number => tables![k]!.length.reduce((sum, n) => sum + n, 0);
    if (tables && bytes(1) === bytes(0)) stored = tables.map((table) => ({ page, table }));
    else file.report('IMAGEJ_PLANES', 'info', `the description promises ${images} planes, the file holds one`);
  }
  const declared = dimensionsOf(description, images, page.samples);
  const complete = declared.c * declared.z * declared.t === images;
  if (
    stored.length < images &&
    stored.length > 1 &&
    complete &&
    file.notices.some((n) => n.code === 'TIFF_TRUNCATED')
  ) {
    // A file that was cut short keeps its declared shape; the lost planes are absent.
    stored = Array.from({ length: images }, (_, i) => stored[i]);
  }
  const size = dimensionsOf(description, stored.length, page.samples);
  const planes: (PlaneSource | undefined)[] = [];
  for (let t = 0; t < size.t; t++) {
    for (let c = 0; c < size.c; c++) {
      for (let z = 0; z < size.z; z++) planes.push(stored[(t * size.z + z) * size.c + c]);
    }
  }
  return { planes, size };
}
