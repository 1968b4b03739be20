// Directories of an LSM file as planes: every image is followed by its thumbnail, which is skipped. Tables of strips are repaired here:
// offsets of files above 4 GB have lost their upper half, byte counts of compressed strips are those of the uncompressed data.

import type { TiffFile } from '../../src/containers/tiff/file.js';
import type { TiffIfd } from '../../src/containers/tiff/ifd.js';
import type { PlaneSource } from '../../src/containers/tiff/level.js';
import { describePage, gridOf, planeKey, rawBytes, type TiffPage } from '../../src/containers/tiff/page.js';
import { type BlockTable, rowsOf } from '../../src/containers/tiff/table.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { LsmInfo } from './info.js';

/** Planes of one image along t and z, t slowest; undefined: not in the file. */
export interface PlaneGrid {
  readonly t: number;
  readonly z: number;
  readonly planes: readonly (PlaneSource | undefined)[];
}

interface Strips {
  readonly page: TiffPage;
  offsets: Float64Array;
  readonly counts: Float64Array;
}

/**
 * Bits of a sample where the tag cannot be trusted: some writers store two 16-bit values outside the entry although they fit into it, so
 * that the entry holds a file position.
 */
async function bitsOf(ifd: TiffIfd): Promise<number | undefined> {
  if (ifd.entry(TAG.BitsPerSample)?.count !== 2) return undefined;
  const [low = 0, high = 0] = (await ifd.numbers(TAG.BitsPerSample)) ?? [];
  if (low === high) return undefined;
  const at = low + high * 65536;
  const { source } = ifd.file;
  if (at + 4 > source.size) return undefined;
  const stored = await source.read(at, 4);
  const bits = stored[0]! | (stored[1]! << 8);
  return bits === 8 || bits === 16 || bits === 32 ? bits : undefined;
}

/** What LSM files mean by their tags: no predictor without LZW, 32 bits are floating point, one strip a channel unless more are listed. */
function corrected(page: TiffPage): TiffPage {
  const listed = page.ifd.entry(TAG.StripOffsets)?.count ?? 1;
  const whole = !page.tiled && listed === (page.planar ? page.samples : 1);
  return {
    ...page,
    ...(page.compression === 1 ? { predictor: 1 } : {}),
    ...(page.bits === 32 && page.format === 1 ? { format: 3, type: 'float' } : {}),
    ...(whole ? { blockHeight: page.height } : {}),
  };
}

/** Image pages in file order. */
async function imagePages(file: TiffFile, signal: AbortSignal | undefined): Promise<TiffPage[]> {
  const pages: TiffPage[] = [];
  let described: TiffPage | undefined;
  for (const ifd of file.ifds) {
    signal?.throwIfAborted();
    if (((await ifd.number(TAG.NewSubfileType)) ?? 0) & 1) continue;
    try {
      described = await describePage(ifd, described, { bits: await bitsOf(ifd) });
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
      file.report('LSM_PAGE', 'damage', `a page is left out: ${error.message}`);
      continue;
    }
    const page = corrected(described);
    if (pages[0] && planeKey(page) !== planeKey(pages[0])) {
      file.report('LSM_PAGE', 'loss', `the page at ${ifd.offset} is of another size or type than the others: left out`);
    } else pages.push(page);
  }
  return pages;
}

async function stripsOf(page: TiffPage): Promise<Strips> {
  const none = new Float64Array(0);
  const offsets = (await page.ifd.numbers(TAG.StripOffsets)) ?? (await page.ifd.numbers(TAG.TileOffsets)) ?? none;
  const counts = (await page.ifd.numbers(TAG.StripByteCounts)) ?? (await page.ifd.numbers(TAG.TileByteCounts)) ?? none;
  return { page, offsets, counts };
}

/**
 * Upper halves of 32-bit offsets: strips were written one after the other, all positions of a time point before the next time point, while
 * the directories are sorted by position first. Wherever an offset falls back, 4 GiB were passed.
 */
export function unwrap(offsets: readonly Float64Array[], positions: number, times: number): Float64Array[] {
  const each = offsets.length / (positions * times);
  const result = offsets.map((list) => list.slice());
  let high = 0;
  let last = 0;
  for (let t = 0; t < times; t++) {
    for (let p = 0; p < positions; p++) {
      for (let k = 0; k < each; k++) {
        const list = result[(p * times + t) * each + k]!;
        for (let i = 0; i < list.length; i++) {
          const low = list[i]!;
          if (low <= 0) continue;
          if (low < last) high += 2 ** 32;
          last = low;
          list[i] = low + high;
        }
      }
    }
  }
  return result;
}

function tableOf({ page, offsets, counts }: Strips, ends: Float64Array): BlockTable {
  const { size } = page.ifd.file.source;
  const [nc, , ny, nx] = gridOf(page);
  const blocks = nc * ny * nx;
  const offset = new Float64Array(blocks).fill(-1);
  const length = new Float64Array(blocks);
  let lost = 0;
  for (let i = 0; i < blocks; i++) {
    const at = offsets[i] ?? 0;
    if (!(at > 0 && at < size)) {
      lost++;
      continue;
    }
    const raw = rawBytes(page, rowsOf(page, Math.floor(i / nx) % ny));
    // Compressed data may be longer than what it stands for, but not by much.
    const bytes =
      page.compression === 1 ? raw : Math.min(nextEnd(ends, at, size) - at, 2 * Math.max(raw, counts[i] ?? 0));
    offset[i] = at;
    length[i] = Math.min(bytes, size - at);
  }
  return { offset, length, lost, unwritten: 0, whole: false };
}

/** Start of the first strip behind a position. */
function nextEnd(sorted: Float64Array, at: number, size: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return sorted[low] ?? size;
}

/** How many time points and planes a position has: as declared, or fewer where writing was stopped early. */
export function sizesOf(info: LsmInfo, planes: number): { t: number; z: number } {
  const [rotations, phases] = info.sim;
  // Lines, points and x-z sections are the rows of a page, not pages of their own.
  const section = [1, 4, 8, 9].includes(info.scanType);
  const line = [2, 5, 10].includes(info.scanType);
  const declared = [info.z * rotations, info.t * phases] as const;
  const z = section || line ? 1 : declared[0];
  const t = line ? 1 : declared[1];
  if (z * t === planes) return { t, z };
  if (declared[0] * declared[1] === planes) return { t: declared[1], z: declared[0] };
  if (planes > z * t) return planes % z === 0 ? { t: planes / z, z } : { t: planes, z: 1 };
  if (t === 1 || z > planes) return { t: 1, z: planes };
  return { t: Math.ceil(planes / z), z };
}

/** Planes of every position (and tile), positions in stored order. */
export async function readPlanes(
  file: TiffFile,
  info: LsmInfo,
  signal: AbortSignal | undefined,
): Promise<readonly [PlaneGrid, ...PlaneGrid[]]> {
  const pages = await imagePages(file, signal);
  if (pages.length === 0) throw formatError('LSM_EMPTY', 'the file has no image', { file: file.source.name });
  const wanted = info.p * info.m;
  const positions = pages.length % wanted === 0 ? wanted : 1;
  if (positions !== wanted) {
    file.report(
      'LSM_POSITIONS',
      'damage',
      `${pages.length} planes cannot be shared among ${wanted} positions: they are kept as one image`,
    );
  }
  const each = pages.length / positions;
  const { t, z } = sizesOf(info, each);
  const strips: Strips[] = [];
  for (const page of pages) strips.push(await stripsOf(page));
  if (file.source.size >= 2 ** 32) {
    const times = each % t === 0 ? t : 1;
    const whole = unwrap(
      strips.map(({ offsets }) => offsets),
      positions,
      times,
    );
    for (const [i, offsets] of whole.entries()) strips[i]!.offsets = offsets;
  }
  const ends = pages[0]!.compression === 1 ? new Float64Array(0) : await startsOf(file, strips);
  const grids = Array.from(
    { length: positions },
    (_, p): PlaneGrid => ({
      t,
      z,
      planes: Array.from({ length: t * z }, (_, i) => {
        const own = i < each ? strips[p * each + i] : undefined;
        return own && { page: own.page, table: tableOf(own, ends) };
      }),
    }),
  );
  return grids as [PlaneGrid, ...PlaneGrid[]];
}

/** Starts of all strips, thumbnails included, sorted. */
async function startsOf(file: TiffFile, strips: readonly Strips[]): Promise<Float64Array> {
  const all = strips.flatMap(({ offsets }) => [...offsets]);
  if (file.source.size < 2 ** 32) {
    for (const ifd of file.ifds) {
      if (((await ifd.number(TAG.NewSubfileType)) ?? 0) & 1) all.push(...((await ifd.numbers(TAG.StripOffsets)) ?? []));
    }
  }
  return Float64Array.from(all).sort();
}
