// Old-style JPEG (Compression 6): TIFF 6.0, Section 22, and what writers made of it (TIFF Technical Note 2).
// Either JPEGInterchangeFormat points to a whole JPEG stream, which then is the page's only block, or the tables are in tags of their own
// and strips and tiles hold bare scans: a header is made for them.

import type { CodecStep } from '../../core/blocks.js';
import { formatError } from '../../core/errors.js';
import { PHOTOMETRIC, type TiffPage } from './page.js';
import { TAG } from './tags.js';

/** Position of the JPEG stream that holds the whole page, or undefined where there is none. */
export async function interchangeStream(page: TiffPage): Promise<{ offset: number; length: number } | undefined> {
  if (page.compression !== 6) return undefined;
  const { ifd } = page;
  const { source, window } = ifd.file;
  const beginsAt = async (at: number | undefined): Promise<boolean> => {
    if (at === undefined || at <= 0 || at + 4 > source.size) return false;
    const start = await window.read(at, 2);
    return start[0] === 0xff && start[1] === 0xd8;
  };
  const offsets = await ifd.numbers(page.tiled ? TAG.TileOffsets : TAG.StripOffsets);
  const counts = await ifd.numbers(page.tiled ? TAG.TileByteCounts : TAG.StripByteCounts);
  let offset = await ifd.number(TAG.JpegInterchangeFormat);
  const length = (await ifd.number(TAG.JpegInterchangeFormatLength)) ?? 0;
  // A header alone (Wang), whose tables stand in tags as well: strips are scans of their own.
  const header = offset !== undefined && length > 0 && offset + length <= (offsets?.[0] ?? 0);
  if (header && offsets!.length > 1 && ifd.has(TAG.JpegDCTables)) return undefined;
  // Some point into the stream; the only strip begins with it then.
  if (!(await beginsAt(offset))) offset = offsets?.length === 1 ? offsets[0] : undefined;
  if (offset === undefined || !(await beginsAt(offset))) return undefined;
  // The stated length may cover the header alone: take what the strips reach, too.
  let end = offset + length;
  offsets?.forEach((at, i) => {
    end = Math.max(end, at + (counts?.[i] ?? 0));
  });
  return { offset, length: Math.min(end, source.size) - offset };
}

export async function oldJpegSteps(page: TiffPage): Promise<CodecStep[]> {
  const { bits, planar, samples, photometric } = page;
  const coloured = samples === 3 && !planar && (photometric === PHOTOMETRIC.YCbCr || photometric === PHOTOMETRIC.Rgb);
  if (await interchangeStream(page)) {
    // A stream knows better than a page that says RGB, as most do that are YCbCr.
    const color = !coloured ? 'none' : photometric === PHOTOMETRIC.YCbCr ? 'ycbcr' : 'auto';
    return [{ id: 'jpeg', color, bits }];
  }
  return [{ id: 'old-jpeg', header: await makeHeader(page), color: coloured ? 'ycbcr' : 'none', bits }];
}

/** JPEG markers up to the entropy-coded data: SOI, DQT, SOF, DHT, DRI, SOS. The frame height is that of a full block. */
async function makeHeader(page: TiffPage): Promise<Uint8Array> {
  const { ifd } = page;
  const where = { file: ifd.file.source.name, offset: ifd.offset };
  const components = page.planar ? 1 : page.samples;
  const tables = async (tag: number): Promise<Float64Array> => (await ifd.numbers(tag)) ?? new Float64Array();
  const quantization = await tables(TAG.JpegQTables);
  const dc = await tables(TAG.JpegDCTables);
  const ac = await tables(TAG.JpegACTables);
  const lossless = (await ifd.number(TAG.JpegProc)) === 14;
  if (dc.length === 0 || (!lossless && (quantization.length === 0 || ac.length === 0))) {
    throw formatError('TIFF_OLD_JPEG', 'old-style JPEG without its tables', where);
  }
  const read = async (at: number, length: number): Promise<Uint8Array> => {
    if (!(at >= 0) || at + length > ifd.file.source.size) {
      throw formatError('TIFF_OLD_JPEG', `a JPEG table at ${at} lies outside the file`, where);
    }
    return (await ifd.file.window.read(at, length)).slice();
  };
  const out: number[] = [0xff, 0xd8];
  const segment = (marker: number, body: readonly number[]): void => {
    out.push(0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body);
  };
  for (let i = 0; i < Math.min(quantization.length, 4); i++) segment(0xdb, [i, ...(await read(quantization[i]!, 64))]);
  const [sx, sy] = page.subsampling;
  const last = (list: Float64Array, i: number): number => Math.min(i, Math.min(list.length, 4) - 1);
  const frame = [
    page.bits,
    page.blockHeight >> 8,
    page.blockHeight & 255,
    page.blockWidth >> 8,
    page.blockWidth & 255,
    components,
  ];
  for (let i = 0; i < components; i++)
    frame.push(i + 1, i === 0 ? (sx << 4) | sy : 0x11, lossless ? 0 : last(quantization, i));
  segment(lossless ? 0xc3 : 0xc0, frame);
  const huffman = async (list: Float64Array, kind: number): Promise<void> => {
    for (let i = 0; i < Math.min(list.length, 4); i++) {
      const counts = await read(list[i]!, 16);
      const values = await read(
        list[i]! + 16,
        Math.min(
          256,
          counts.reduce((a, b) => a + b, 0),
        ),
      );
      segment(0xc4, [(kind << 4) | i, ...counts, ...values]);
    }
  };
  await huffman(dc, 0);
  if (!lossless) await huffman(ac, 1);
  const restart = (await ifd.number(TAG.JpegRestartInterval)) ?? 0;
  if (restart > 0) segment(0xdd, [restart >> 8, restart & 255]);
  const scan = [components];
  for (let i = 0; i < components; i++) scan.push(i + 1, (last(dc, i) << 4) | (lossless ? 0 : last(ac, i)));
  const predictor = lossless ? ((await ifd.number(TAG.JpegLosslessPredictors)) ?? 1) : 0;
  const transform = lossless ? ((await ifd.number(TAG.JpegPointTransforms)) ?? 0) : 0;
  segment(0xda, [...scan, predictor, lossless ? 0 : 63, transform]);
  return Uint8Array.from(out);
}
