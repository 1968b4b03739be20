// Where a page's blocks are: offsets and byte counts, checked against the file, repaired where the repair is certain.

import { ImgconvError } from '../../core/errors.js';
import { interchangeStream } from './old-jpeg.js';
import { gridOf, rawBytes, type TiffPage } from './page.js';
import { TAG } from './tags.js';

/** One entry a block, in the page's order: c (planar samples), z, y, x. offset -1, length 0: absent. */
export interface BlockTable {
  readonly offset: Float64Array;
  readonly length: Float64Array;
  /** Blocks that are named but cannot be there (outside the file), or whose entries are missing. */
  readonly lost: number;
  /** Blocks with offset 0 and length 0: never written. */
  readonly unwritten: number;
  /** The whole page is one block, although strips or tiles are declared. */
  readonly whole: boolean;
}

function countError(page: TiffPage, blocks: number, found: number): ImgconvError {
  return new ImgconvError(
    'format',
    'TIFF_BLOCK_COUNT',
    `${page.width} × ${page.height} pixels need ${blocks} ${page.tiled ? 'tiles' : 'strips'}, but offsets are given for ${found}`,
    { file: page.ifd.file.source.name, offset: page.ifd.offset },
  );
}

/** Rows of block row `y`: strips end with the image, tiles are stored whole. */
export function rowsOf(page: TiffPage, y: number): number {
  return page.tiled ? page.blockHeight : Math.min(page.blockHeight, page.height - y * page.blockHeight);
}

export async function blockTable(page: TiffPage): Promise<BlockTable> {
  const stream = await interchangeStream(page);
  if (stream) {
    return {
      offset: Float64Array.of(stream.offset),
      length: Float64Array.of(stream.length),
      lost: 0,
      unwritten: 0,
      whole: true,
    };
  }
  const { ifd } = page;
  const size = ifd.file.source.size;
  const [nc, nz, ny, nx] = gridOf(page);
  const blocks = nc * nz * ny * nx;
  // Some writers put strips into the tile tags and the other way round.
  const offsets =
    (await ifd.numbers(page.tiled ? TAG.TileOffsets : TAG.StripOffsets)) ??
    (await ifd.numbers(page.tiled ? TAG.StripOffsets : TAG.TileOffsets));
  const found = offsets?.length ?? 0;
  if (!offsets || blocks > 4 * found + 4096) throw countError(page, blocks, found);
  const counts =
    (await ifd.numbers(page.tiled ? TAG.TileByteCounts : TAG.StripByteCounts)) ??
    (await ifd.numbers(page.tiled ? TAG.StripByteCounts : TAG.TileByteCounts));
  const offset = new Float64Array(blocks).fill(-1);
  const length = new Float64Array(blocks);
  const raw = page.compression === 1;
  const unknown = !counts || counts.every((n) => n === 0);
  const ends = unknown && !raw ? nextStarts(offsets, size) : undefined;
  let lost = Math.max(0, blocks - found);
  let unwritten = 0;
  for (let i = 0; i < Math.min(blocks, found); i++) {
    const at = offsets[i]!;
    let bytes = counts?.[i] ?? 0;
    if (at === 0 && bytes === 0) {
      unwritten++;
      continue;
    }
    if (raw) {
      // Stored as they are: the geometry says how long. A 32-bit count that overflowed, or no count at all, is repaired by it.
      const expected = rawBytes(page, rowsOf(page, Math.floor(i / nx) % ny));
      if (unknown || bytes >= expected || bytes === expected % 2 ** 32) bytes = expected;
      bytes = Math.min(bytes, Math.max(0, size - at));
    } else if (unknown || i >= (counts?.length ?? 0)) {
      bytes = ends ? ends(at) - at : 0;
    }
    if (!(at > 0 && at < size && bytes > 0)) {
      lost++;
      continue;
    }
    // A count that reaches beyond the end may be wrong or the file cut: the codec can tell.
    offset[i] = at;
    length[i] = Math.min(bytes, size - at);
  }
  return { offset, length, lost, unwritten, whole: false };
}

/** Where the data that starts at a position must end: at the next block, or at the end of the file. */
function nextStarts(offsets: Float64Array, size: number): (at: number) => number {
  const sorted = offsets.slice().sort();
  return (at) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return sorted[low] ?? size;
  };
}

/**
 * Tables of `count` planes that lie one after the other behind a single directory (ImageJ stacks above 4 GB, tifffile's truncated
 * series); planes beyond the end of the file are absent. Undefined where the page is compressed or not stored in one piece.
 */
export async function stackTables(page: TiffPage, count: number): Promise<BlockTable[] | undefined> {
  if (page.compression !== 1 || page.tiled || page.depth > 1) return undefined;
  const base = await blockTable(page);
  const blocks = base.offset.length;
  const start = base.offset[0]!;
  if (start < 0) return undefined;
  const [, , ny] = gridOf(page);
  const full = Float64Array.from(base.length, (_, i) => rawBytes(page, rowsOf(page, i % ny)));
  const plane = full.reduce((sum, n) => sum + n, 0);
  for (let i = 1; i < blocks; i++) if (base.offset[i] !== base.offset[i - 1]! + full[i - 1]!) return undefined;
  const { size } = page.ifd.file.source;
  return Array.from({ length: count }, (_, k) => {
    if (k === 0) return base;
    const offset = new Float64Array(blocks).fill(-1);
    const length = new Float64Array(blocks);
    let at = start + k * plane;
    let lost = 0;
    for (let i = 0; i < blocks; i++) {
      if (at < size) {
        offset[i] = at;
        length[i] = Math.min(full[i]!, size - at);
      } else lost++;
      at += full[i]!;
    }
    return { offset, length, lost, unwritten: 0, whole: false };
  });
}
