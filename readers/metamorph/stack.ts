// One TIFF or STK file as a list of planes with their facts.

import type { TiffFile } from '../../src/containers/tiff/file.js';
import type { PlaneSource } from '../../src/containers/tiff/level.js';
import { gridOf, planeKey, rawBytes, type TiffPage } from '../../src/containers/tiff/page.js';
import { readablePages } from '../../src/containers/tiff/pyramid.js';
import { type BlockTable, rowsOf, stackTables } from '../../src/containers/tiff/table.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import { type Properties, parseProperties } from './description.js';
import { readUic, type UicFacts } from './uic.js';

export interface Stack {
  readonly file: TiffFile;
  readonly page: TiffPage;
  readonly planes: readonly PlaneSource[];
  /** One a directory. */
  readonly properties: readonly Properties[];
  readonly uic?: UicFacts;
}

/** Planes whose strips are all listed in the one directory. */
async function listedTables(page: TiffPage, planes: number): Promise<BlockTable[] | undefined> {
  const [, , ny, nx] = gridOf(page);
  const each = ny * nx;
  const offsets = await page.ifd.numbers(TAG.StripOffsets);
  const counts = await page.ifd.numbers(TAG.StripByteCounts);
  if (!offsets || offsets.length < each * planes || planes < 2 || page.planar) return undefined;
  const { size } = page.ifd.file.source;
  return Array.from({ length: planes }, (_, k): BlockTable => {
    const offset = new Float64Array(each).fill(-1);
    const length = new Float64Array(each);
    let lost = 0;
    for (let i = 0; i < each; i++) {
      const at = offsets[k * each + i]!;
      const raw = rawBytes(page, rowsOf(page, Math.floor(i / nx)));
      const bytes = page.compression === 1 ? raw : (counts?.[k * each + i] ?? 0);
      if (at > 0 && at < size && bytes > 0) {
        offset[i] = at;
        length[i] = Math.min(bytes, size - at);
      } else lost++;
    }
    return { offset, length, lost, unwritten: 0, whole: false };
  });
}

/** Planes of the file. Pages of another size or type than the first are left out. */
export async function readStack(file: TiffFile, signal: AbortSignal | undefined): Promise<Stack> {
  const pages = await readablePages(file.ifds, signal);
  const page = pages[0]!;
  const uic = await readUic(page.ifd);
  const texts: (string | undefined)[] = [];
  let planes: PlaneSource[] = [];
  for (const each of pages) {
    if (planeKey(each) !== planeKey(page)) {
      file.report('METAMORPH_PAGE', 'loss', `the page at ${each.ifd.offset} is of another size or type: left out`);
      continue;
    }
    planes.push({ page: each });
    texts.push(await each.ifd.text(TAG.ImageDescription));
  }
  if (uic && uic.planes > 1 && planes.length === 1) {
    const tables = (await listedTables(page, uic.planes)) ?? (await stackTables(page, uic.planes));
    if (tables) planes = tables.map((table) => ({ page, table }));
    else
      file.report(
        'METAMORPH_PLANES',
        'damage',
        `the file claims ${uic.planes} planes, but only the first can be located`,
      );
  }
  const properties = texts.map((text) => parseProperties(text, file.source.name));
  return { file, page, planes, properties, ...(uic ? { uic } : {}) };
}
