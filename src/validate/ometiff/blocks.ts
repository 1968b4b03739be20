// One directory: its entries, its tiles or strips. Stricter than the reader, which repairs what it can. TIFF 6.0, sections 2, 3 and 15.

import type { TiffIfd } from '../../containers/tiff/ifd.js';
import { describePage, gridOf, rawBytes, type TiffPage } from '../../containers/tiff/page.js';
import { rowsOf } from '../../containers/tiff/table.js';
import { TAG, tagName } from '../../containers/tiff/tags.js';
import { ImgconvError } from '../../core/errors.js';
import type { Report } from '../report.js';

const USUAL = new Set([1, 5, 6, 7, 8, 32773, 32946, 33003, 33004, 33005, 34712]);
/** A file may hold a hundred thousand broken tiles; the first few and their number say it all. */
const TOLD = 3;

/** Check a directory and describe its page; undefined (reported) where it holds no image that can be described. */
export async function checkDirectory(
  ifd: TiffIfd,
  where: string,
  before: TiffPage | undefined,
  report: Report,
): Promise<TiffPage | undefined> {
  checkEntries(ifd, where, report);
  let page: TiffPage;
  try {
    page = await describePage(ifd, before);
  } catch (error) {
    report.fault(error, where, 'TIFF_PAGE');
    return undefined;
  }
  if (page.tiled && (page.blockWidth % 16 !== 0 || page.blockHeight % 16 !== 0))
    report.add('TIFF_TILE_SIZE', where, `tiles of ${page.blockWidth} × ${page.blockHeight} pixels`);
  if (page.predictor === 3) report.add('TIFF_PREDICTOR', where, 'predictor 3');
  if (!USUAL.has(page.compression)) report.add('TIFF_COMPRESSION', where, `compression ${page.compression}`);
  await checkBlocks(page, where, report);
  return page;
}

function checkEntries(ifd: TiffIfd, where: string, report: Report): void {
  const { source, inlineBytes } = ifd.file;
  let last = -1;
  for (const { tag, type, count, bytes, at } of ifd.list()) {
    if (tag <= last) report.add('TIFF_TAG', where, `${tagName(tag)} is out of order or appears twice`, 'warning');
    last = Math.max(last, tag);
    if (Number.isNaN(bytes)) report.add('TIFF_TAG', where, `${tagName(tag)} has unknown field type ${type}`, 'warning');
    else if (bytes > inlineBytes && at + bytes > source.size)
      report.add('TIFF_TAG', where, `${tagName(tag)}: ${count} values at ${at}, the file ends at ${source.size}`);
  }
}

async function checkBlocks(page: TiffPage, where: string, report: Report): Promise<void> {
  const { ifd } = page;
  // Old-style JPEG has one stream with rules of its own.
  if (page.compression === 6) return;
  const { size } = ifd.file.source;
  const what = page.tiled ? 'tile' : 'strip';
  const [nc, nz, ny, nx] = gridOf(page);
  const blocks = nc * nz * ny * nx;
  let offsets: Float64Array | undefined;
  let counts: Float64Array | undefined;
  try {
    offsets =
      (await ifd.numbers(page.tiled ? TAG.TileOffsets : TAG.StripOffsets)) ??
      (await ifd.numbers(page.tiled ? TAG.StripOffsets : TAG.TileOffsets));
    counts =
      (await ifd.numbers(page.tiled ? TAG.TileByteCounts : TAG.StripByteCounts)) ??
      (await ifd.numbers(page.tiled ? TAG.StripByteCounts : TAG.TileByteCounts));
  } catch (error) {
    if (!(error instanceof ImgconvError)) throw error;
    report.fault(error, where, 'TIFF_BLOCK_COUNT');
    return;
  }
  const one = offsets?.length === 1 && page.compression === 1 && !page.tiled;
  if (!offsets || !counts || (offsets.length !== blocks && !one) || counts.length !== offsets.length) {
    const found = `${offsets?.length ?? 0} offsets and ${counts?.length ?? 0} byte counts`;
    const enough = (offsets?.length ?? 0) >= blocks && (counts?.length ?? 0) >= blocks;
    report.add('TIFF_BLOCK_COUNT', where, `${blocks} ${what}s, but ${found}`, enough ? 'warning' : undefined);
    if (!offsets || !counts) return;
  }
  const outside: string[] = [];
  const short: string[] = [];
  let absent = 0;
  for (let i = 0; i < Math.min(blocks, offsets.length, counts.length); i++) {
    const at = offsets[i]!;
    const bytes = counts[i]!;
    if (bytes === 0) absent++;
    else if (at + bytes > size || at < 8) outside.push(`${what} ${i} at ${at} with ${bytes} bytes`);
    else if (page.compression === 1 && !one) {
      const expected = rawBytes(page, rowsOf(page, Math.floor(i / nx) % ny));
      if (bytes < expected) short.push(`${what} ${i} has ${bytes} of ${expected} bytes`);
    }
  }
  tell('TIFF_BLOCK_RANGE', outside, `; the file has ${size}`, where, report);
  tell('TIFF_BLOCK_BYTES', short, '', where, report);
  if (absent > 0) report.add('TIFF_BLOCK_ABSENT', where, `${absent} of ${blocks} ${what}s were never written`);
}

function tell(rule: string, list: readonly string[], rest: string, where: string, report: Report): void {
  if (list.length === 0) return;
  const more = list.length > TOLD ? ` and ${list.length - TOLD} more` : '';
  report.add(rule, where, `${list.slice(0, TOLD).join(', ')}${more}${rest}`);
}
