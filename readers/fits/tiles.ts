// Tile-compressed images: a binary table with a row a tile. FITS Standard 4.0, Section 10.

import { type StoredAxis, shapeOf } from '../../src/containers/raw/blocks.js';
import { orderSteps } from '../../src/containers/raw/steps.js';
import type { BlockMap, Chain, CodecStep } from '../../src/core/blocks.js';
import type { ByteSource } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';
import { gridCounts, type Tczyx } from '../../src/core/geometry.js';
import type { Limits } from '../../src/core/limits.js';
import type { Hdu } from './header.js';

/** Bytes of one element of a column, by the letter of its TFORM; bits (X) are counted apart. */
const WIDTHS: Readonly<Record<string, number>> = {
  L: 1,
  B: 1,
  A: 1,
  I: 2,
  J: 4,
  K: 8,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
  P: 8,
  Q: 16,
};

interface Column {
  readonly at: number;
  /** Descriptors of 64 bits. */
  readonly wide: boolean;
}

function columnsOf({ values }: Hdu): Map<string, Column> {
  const columns = new Map<string, Column>();
  let at = 0;
  for (let i = 1; i <= Number(values.get('TFIELDS') ?? 999); i++) {
    const form = /^(\d*)([LXBAIJKEDCMPQ])/.exec(values.get(`TFORM${i}`) ?? '');
    if (!form) break;
    const repeat = form[1] === '' ? 1 : Number(form[1]);
    columns.set(values.get(`TTYPE${i}`) ?? '', { at, wide: form[2] === 'Q' });
    at += form[2] === 'X' ? Math.ceil(repeat / 8) : repeat * WIDTHS[form[2]!]!;
  }
  return columns;
}

/** The header as that of the image itself: BITPIX and axes from their Z keywords. */
export function imageOfTiles(hdu: Hdu): Hdu {
  const number = (key: string): number => Number(hdu.values.get(key));
  const count = number('ZNAXIS');
  const axes = Array.from({ length: count > 0 && count < 100 ? count : 0 }, (_, i) => number(`ZNAXIS${i + 1}`));
  return {
    ...hdu,
    bitpix: number('ZBITPIX'),
    axes,
    length: axes.reduce((a, b) => a * b, Math.abs(number('ZBITPIX')) / 8),
  };
}

/** What keeps a tile-compressed image from being read; undefined: nothing. */
export function tileObstacle({ values }: Hdu): string | undefined {
  const method = values.get('ZCMPTYPE') ?? '';
  if (!['RICE_1', 'RICE_ONE', 'GZIP_1', 'GZIP_2', 'NOCOMPRESS'].includes(method))
    return `compression ${method || 'unknown'}`;
  const float = Number(values.get('ZBITPIX')) < 0;
  const quantized = [...values].some(
    ([key, value]) => /^TTYPE\d+$/.test(key) && (value === 'ZSCALE' || value === 'ZZERO'),
  );
  if (float && (quantized || values.has('ZSCALE') || method.startsWith('RICE'))) return 'quantised floating point';
  if (!/^(8|16|32|64|-32|-64)$/.test(values.get('ZBITPIX') ?? '')) return 'no ZBITPIX';
  if (Number(values.get('ZNAXIS')) > 4) return 'more than four axes';
  return undefined;
}

const INTEGERS: Readonly<Record<number, string>> = { 8: 'uint8', 16: 'int16', 32: 'int32' };

/** `stored`: bytes of an integer in the stream, which some programs widen to 4. */
function stepsOf({ values, bitpix }: Hdu, stored: number): readonly CodecStep[] {
  const size = Math.abs(bitpix) / 8;
  const method = values.get('ZCMPTYPE')!;
  const parameters = new Map<string, number>();
  for (let i = 1; values.has(`ZNAME${i}`); i++)
    parameters.set(values.get(`ZNAME${i}`)!, Number(values.get(`ZVAL${i}`)));
  if (method.startsWith('RICE')) {
    const stored = parameters.get('BYTEPIX') ?? 4;
    if (stored !== size)
      throw unsupported('FITS_TILES', `Rice-coded integers of ${stored} bytes for pixels of ${size}`);
    const block = parameters.get('BLOCKSIZE') ?? 32;
    if (!Number.isInteger(block) || block < 1 || block > 2 ** 16)
      throw formatError('FITS_TILES', `Rice coding in blocks of ${block} pixels`);
    return [{ id: 'rice', size, block }];
  }
  const order = orderSteps(size, false);
  if (method === 'NOCOMPRESS') return order;
  // GZIP_2: bytes of equal significance stand together.
  if (method === 'GZIP_2' && size > 1) return [{ id: 'gzip' }, { id: 'unshuffle', size }, ...order];
  const to = INTEGERS[bitpix];
  if (stored === 4 && size < 4 && to)
    return [{ id: 'gzip' }, ...orderSteps(4, false), { id: 'cast', from: 'int32', to }];
  return [{ id: 'gzip' }, ...order];
}

/** Bytes of an integer in a gzip stream, whose last 4 bytes are its decoded length. */
async function storedSize(source: ByteSource, end: number, pixels: number): Promise<number> {
  const bytes = await source.read(end - 4, 4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) / pixels;
}

/** `image`: from `imageOfTiles`; `axes`: its stored axes. Errors: format FITS_TILES, limit METADATA_SIZE. */
export async function tileBlocks(
  source: ByteSource,
  image: Hdu,
  axes: readonly StoredAxis[],
  limits: Limits,
): Promise<BlockMap> {
  const file = source.name;
  const { values } = image;
  const where = { file, offset: image.offset };
  const [rowBytes, rows] = [Number(values.get('NAXIS1')), Number(values.get('NAXIS2'))];
  const shape = shapeOf(axes);
  // Without ZTILE a tile is a row.
  const tile = axes.map((each, i) => ({
    ...each,
    size: Math.min(each.size, Number(values.get(`ZTILE${i + 1}`) ?? (i === 0 ? each.size : 1))),
  }));
  const block: Tczyx = shapeOf(tile);
  const total = gridCounts(shape, block).reduce((a, b) => a * b, 1);
  const main = columnsOf(image).get('COMPRESSED_DATA');
  const spare = columnsOf(image).get('GZIP_COMPRESSED_DATA');
  if (!main || !block.every((n) => Number.isInteger(n) && n > 0) || total !== rows || !(rowBytes >= 8)) {
    const text = `${file}: ${rows} rows of compressed tiles do not make ${shape.join(' x ')} pixels`;
    throw formatError('FITS_TILES', text, where);
  }
  if (rowBytes * rows > limits.metadataBytes) {
    throw new ImgconvError('limit', 'METADATA_SIZE', `${file}: the table of tiles has ${rowBytes * rows} bytes`, where);
  }
  const bytes = await source.read(image.offset, rowBytes * rows);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const heap = image.offset + Number(values.get('THEAP') ?? rowBytes * rows);
  const offset = new Float64Array(total).fill(-1);
  const length = new Float64Array(total);
  const chain = new Uint8Array(total);
  const place = (i: number, column: Column | undefined): boolean => {
    if (!column || column.at + (column.wide ? 16 : 8) > rowBytes) return false;
    const at = i * rowBytes + column.at;
    const size = column.wide ? Number(view.getBigInt64(at)) : view.getUint32(at);
    const from = heap + (column.wide ? Number(view.getBigInt64(at + 8)) : view.getUint32(at + 4));
    if (!(size > 0) || from >= source.size) return false;
    offset[i] = from;
    length[i] = Math.min(size, source.size - from);
    return true;
  };
  for (let i = 0; i < total; i++) if (!place(i, main) && place(i, spare)) chain[i] = 1;
  // The first tile is a whole one.
  const pixels = block.reduce((a, b) => a * b, 1);
  const stored = offset[0]! >= 0 && length[0]! > 18 ? await storedSize(source, offset[0]! + length[0]!, pixels) : 0;
  const first: Chain = { codecs: stepsOf(image, stored), order: 'tczyx' };
  const second: Chain = { codecs: [{ id: 'gzip' }, ...orderSteps(Math.abs(image.bitpix) / 8, false)], order: 'tczyx' };
  return {
    layout: { kind: 'grid', block, edge: 'clipped' },
    address: { kind: 'table', file: 0, offset, length },
    files: [file],
    chains: spare ? [first, second] : [first],
    chain: spare ? chain : undefined,
    fill: 0,
    absent: 'missing',
  };
}
