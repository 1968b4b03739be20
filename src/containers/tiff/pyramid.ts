// Pyramids of whole-slide files: pages of one picture at several sizes, each size with the same planes.

import type { Level } from '../../core/contracts.js';
import { formatError, ImgconvError } from '../../core/errors.js';
import type { TiffIfd } from './ifd.js';
import { buildLevel, type LevelOptions, type PlaneSource } from './level.js';
import { describePage, type TiffPage } from './page.js';

/** Planes of one size, in the order t, channel, z (z fastest); undefined: missing. */
export type LevelPlanes = readonly (PlaneSource | undefined)[];

function modelOf(planes: LevelPlanes): TiffPage | undefined {
  return planes.find((plane) => plane !== undefined)?.page;
}

/** True if a page can be a smaller copy of another: same samples, smaller along x and y. */
export function isSmallerCopy(small: TiffPage, page: TiffPage): boolean {
  return (
    small.width <= page.width &&
    small.height <= page.height &&
    small.width * small.height < page.width * page.height &&
    small.channels === page.channels &&
    small.type === page.type
  );
}

/**
 * Levels, full size first. Sizes that cannot be copies of the one before (other samples, other number of planes) are left out.
 * @param sizes one entry a size, in any order, at least one
 */
export async function buildPyramid(
  sizes: readonly LevelPlanes[],
  options: LevelOptions | ((page: TiffPage) => LevelOptions | Promise<LevelOptions>),
): Promise<readonly [Level, ...Level[]]> {
  const area = (planes: LevelPlanes): number => {
    const page = modelOf(planes);
    return page ? page.width * page.height : 0;
  };
  const sorted = [...sizes].sort((a, b) => area(b) - area(a));
  const levels: Level[] = [];
  let last: TiffPage | undefined;
  for (const planes of sorted) {
    const page = modelOf(planes);
    if (last && (!page || planes.length !== sorted[0]!.length || !isSmallerCopy(page, last))) continue;
    levels.push(
      await buildLevel(planes, typeof options === 'function' && page ? await options(page) : (options as LevelOptions)),
    );
    last = page;
  }
  return levels as [Level, ...Level[]];
}

/** All pages that can be read; others are left out with a damage notice. ImgconvError where none can. */
export async function readablePages(ifds: readonly TiffIfd[], signal?: AbortSignal): Promise<TiffPage[]> {
  const pages: TiffPage[] = [];
  let failure: ImgconvError | undefined;
  for (const ifd of ifds) {
    signal?.throwIfAborted();
    try {
      pages.push(await describePage(ifd, pages.at(-1)));
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
      failure ??= error;
      ifd.file.report('TIFF_PAGE', 'damage', `a page is left out: ${error.message}`);
    }
  }
  if (pages.length === 0) throw failure ?? formatError('TIFF_EMPTY', 'the file has no page');
  return pages;
}
