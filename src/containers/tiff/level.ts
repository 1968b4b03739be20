// Block maps from pages. Pages with one block grid become a grid layout; mixed ones are placed. Uncompressed strips that follow each other
// are joined into one block a plane, and single huge strips are cut by rows, so that blocks have a workable size whatever the writer did.

import type { BlockMap, Chain } from '../../core/blocks.js';
import type { Level } from '../../core/contracts.js';
import { formatError, ImgconvError } from '../../core/errors.js';
import type { Tczyx } from '../../core/geometry.js';
import { bytesPerSample } from '../../core/pixel-type.js';
import { checkBlockSize, gridKey, gridOf, planeKey, rowBytes, type TiffPage } from './page.js';
import { type ChainOptions, chainIsPlain, chainOf } from './steps.js';
import { type BlockTable, blockTable, rowsOf } from './table.js';
import { TAG } from './tags.js';

/** A page in its place. `table`: where its blocks are, if the directory does not say it itself (planes of single-directory stacks). */
export interface PlaneSource {
  readonly page: TiffPage;
  readonly table?: BlockTable;
  /** How its blocks are coded, where the tags do not tell. */
  readonly chain?: Chain;
}

export interface LevelOptions extends ChainOptions {
  /** Pages along t, channel, z; planes are listed in that order, z fastest. A page's own samples are inside `channel`. */
  readonly t: number;
  readonly c: number;
  readonly z: number;
}

/** Rows of a page's blocks as they are addressed: as stored, joined or cut. */
interface Segments {
  readonly rows: number;
  readonly offset: Float64Array;
  readonly length: Float64Array;
}

const JOINED_RAW = 2 ** 28;
const JOINED_CODED = 2 ** 20;

function isRaw(chain: Chain): boolean {
  return chain.codecs.length === 0 || (chain.codecs.length === 1 && chain.codecs[0]!.id === 'endian');
}

/** Rows in a joined block of an uncompressed page; undefined where strips cannot be joined or cut. */
function joinedRows(page: TiffPage, chain: Chain): number | undefined {
  if (page.compression !== 1 || page.tiled || page.depth > 1 || page.subsampling[0] * page.subsampling[1] > 1)
    return undefined;
  if (chain.codecs.some((step) => step.id === 'float-predictor')) return undefined;
  const budget = isRaw(chain) ? JOINED_RAW : JOINED_CODED;
  return Math.max(1, Math.min(page.height, Math.floor(budget / rowBytes(page))));
}

/** True if the strips of each sample plane lie one after the other, complete. */
function contiguous(page: TiffPage, table: BlockTable): boolean {
  const [nc, , ny] = gridOf(page);
  if (ny === 1) return table.offset.every((at) => at >= 0);
  for (let c = 0; c < nc; c++) {
    for (let y = 0; y < ny; y++) {
      const i = c * ny + y;
      if (table.offset[i]! < 0 || table.length[i] !== rowBytes(page) * rowsOf(page, y)) return false;
      if (y > 0 && table.offset[i] !== table.offset[i - 1]! + table.length[i - 1]!) return false;
    }
  }
  return true;
}

function join(page: TiffPage, table: BlockTable, rows: number): Segments {
  const [nc, , ny] = gridOf(page);
  const row = rowBytes(page);
  const each = Math.ceil(page.height / rows);
  const offset = new Float64Array(nc * each).fill(-1);
  const length = new Float64Array(nc * each);
  for (let c = 0; c < nc; c++) {
    const start = table.offset[c * ny]!;
    const end = table.offset[c * ny + ny - 1]! + table.length[c * ny + ny - 1]!;
    for (let k = 0; k < each; k++) {
      const at = start + k * rows * row;
      const bytes = Math.min(Math.min(rows, page.height - k * rows) * row, end - at);
      if (bytes <= 0) continue;
      offset[c * each + k] = at;
      length[c * each + k] = bytes;
    }
  }
  return { rows, offset, length };
}

interface Prepared {
  readonly page: TiffPage;
  readonly table: BlockTable;
  readonly chain: number;
}

/** Number that GDAL names for pixels without data; 0 where it names none. */
async function fillOf(page: TiffPage): Promise<number> {
  const text = page.ifd.has(TAG.GdalNodata) ? await page.ifd.text(TAG.GdalNodata) : undefined;
  const value = text === undefined ? 0 : Number.parseFloat(text);
  if (Number.isNaN(value)) return page.format === 3 && text !== undefined ? Number.NaN : 0;
  return value;
}

/** Pages whose blocks may legally be absent: GDAL leaves empty tiles out. */
function isSparse(page: TiffPage): boolean {
  return [TAG.GdalNodata, TAG.GdalMetadata, TAG.GeoKeyDirectory].some((tag) => page.ifd.has(tag));
}

/** Tells old-style LZW by its first clear code. libtiff tells it the same way: a 9-bit 256, least significant bit first. */
export async function isOldLzw(page: TiffPage, table: BlockTable): Promise<boolean> {
  if (page.compression !== 5) return false;
  const i = table.offset.findIndex((at, k) => at >= 0 && table.length[k]! >= 2);
  if (i < 0) return false;
  const bytes = await page.ifd.file.source.read(table.offset[i]!, 2);
  return bytes[0] === 0 && (bytes[1]! & 1) === 1;
}

async function prepare(
  planes: readonly (PlaneSource | undefined)[],
  options: LevelOptions,
): Promise<{ list: (Prepared | undefined)[]; chains: Chain[] }> {
  const chains: Chain[] = [];
  const keys = new Map<string, number>();
  const list: (Prepared | undefined)[] = [];
  let oldLzw: boolean | undefined;
  let last: Prepared | undefined;
  for (const plane of planes) {
    if (!plane) {
      list.push(undefined);
      continue;
    }
    const table = plane.table ?? (await blockTable(plane.page));
    const { page } = plane;
    if (
      last &&
      !plane.chain &&
      page.model !== undefined &&
      page.model === (last.page.model ?? last.page) &&
      chainIsPlain(page)
    ) {
      last = { page, table, chain: last.chain };
      list.push(last);
      continue;
    }
    if (page.compression === 5 && !plane.chain) oldLzw ??= await isOldLzw(page, table);
    const made = plane.chain ?? (await chainOf(page, { ...options, oldLzw }));
    const key = JSON.stringify(made, (_, value: unknown) => (value instanceof Uint8Array ? value.join() : value));
    let chain = keys.get(key);
    if (chain === undefined) {
      chain = chains.length;
      keys.set(key, chain);
      chains.push(made);
    }
    last = { page, table, chain };
    list.push(last);
  }
  return { list, chains };
}

/**
 * One resolution of an image from its pages.
 * @param planes pages in the order t, channel, z (z fastest); undefined: missing. All must have the first one's size and type.
 */
export async function buildLevel(planes: readonly (PlaneSource | undefined)[], options: LevelOptions): Promise<Level> {
  const model = planes.find((plane) => plane !== undefined)?.page;
  if (!model) throw formatError('TIFF_EMPTY', 'no page to build an image from');
  if (planes.length !== options.t * options.c * options.z || (model.depth > 1 && planes.length > 1)) {
    throw new ImgconvError(
      'internal',
      'TIFF_PLANES',
      `${planes.length} pages for ${options.t} × ${options.c} × ${options.z} planes`,
    );
  }
  for (const plane of planes) {
    if (plane && planeKey(plane.page) !== planeKey(model)) {
      throw formatError(
        'TIFF_MIXED',
        `pages of one image differ: ${planeKey(plane.page)}, expected ${planeKey(model)}`,
        {
          file: plane.page.ifd.file.source.name,
          offset: plane.page.ifd.offset,
        },
      );
    }
  }
  const { list, chains } = await prepare(planes, options);
  const shape: Tczyx = [options.t, options.c * model.channels, options.z * model.depth, model.height, model.width];
  checkPresent(list, shape.reduce((a, b) => a * b, 1) * bytesPerSample(model.type));
  const key = gridKey(model);
  const uniform = list.every(
    (p) => !p || (gridKey(p.page) === key && p.table.whole === list.find((q) => q)?.table.whole),
  );
  const rest = {
    files: [] as string[],
    chains: chains as [Chain, ...Chain[]],
    fill: await fillOf(model),
    absent: absence(list),
  };
  const blocks = uniform ? gridMap(list, model, options, rest) : placedMap(list, model, options, rest);
  return { shape, blocks };
}

/** Uncompressed pages that hold next to nothing of what they claim: a header with an absurd size, not a file that was cut. */
function checkPresent(list: readonly (Prepared | undefined)[], bytes: number): void {
  const prepared = list.filter((p): p is Prepared => p !== undefined);
  if (bytes < 2 ** 30 || !prepared.every((p) => p.page.compression === 1 && !isSparse(p.page))) return;
  const present = prepared.reduce((sum, p) => sum + p.table.length.reduce((a, b) => a + b, 0), 0);
  if (present * 1000 > bytes) return;
  const { ifd } = prepared[0]!.page;
  throw formatError('TIFF_TRUNCATED', `${bytes} bytes of pixels are declared, the file holds ${present} of them`, {
    file: ifd.file.source.name,
    offset: ifd.offset,
  });
}

type Rest = Pick<BlockMap, 'chains' | 'fill' | 'absent'> & { files: string[] };

function absence(list: readonly (Prepared | undefined)[]): BlockMap['absent'] {
  const sparse = list.every((p) => p && p.table.lost === 0 && (p.table.unwritten === 0 || isSparse(p.page)));
  return sparse && list.some((p) => p && p.table.unwritten > 0) ? 'sparse' : 'missing';
}

/** Numbers files in the order in which they are asked for. */
function fileNumbers(files: string[]): (name: string) => number {
  const known = new Map(files.map((name, i) => [name, i]));
  return (name) => {
    const at = known.get(name) ?? files.push(name) - 1;
    known.set(name, at);
    return at;
  };
}

/** Segments of a page: rows of a full block and its blocks in c, z, y, x order. */
function segmentsOf(p: Prepared, rows: number | undefined): Segments {
  if (p.table.whole) return { rows: p.page.height, offset: p.table.offset, length: p.table.length };
  if (rows !== undefined) return join(p.page, p.table, rows);
  return { rows: p.page.blockHeight, offset: p.table.offset, length: p.table.length };
}

function gridMap(
  list: readonly (Prepared | undefined)[],
  model: TiffPage,
  options: LevelOptions,
  rest: Rest,
): BlockMap {
  const whole = list.some((p) => p?.table.whole);
  const rows = joinedRows(model, rest.chains[0]);
  const joined =
    !whole && rows !== undefined && list.every((p) => !p || contiguous(p.page, p.table)) ? rows : undefined;
  if (joined === undefined && !(isRaw(rest.chains[0]) && rest.chains.length === 1)) checkBlockSize(model);
  const [pagesC, , , nx] = gridOf(model);
  const blockRows = whole ? model.height : (joined ?? model.blockHeight);
  const ny = Math.ceil(model.height / blockRows);
  const nc = whole ? 1 : pagesC;
  const nz = Math.ceil(model.depth / model.blockDepth);
  const acrossX = whole ? 1 : nx;
  const perSample = ny * acrossX;
  const total = options.t * options.c * nc * options.z * nz * perSample;
  const offset = new Float64Array(total).fill(-1);
  const length = new Float64Array(total);
  const fileNumber = fileNumbers(rest.files);
  const files = list.map((p) => (p ? fileNumber(p.page.ifd.file.source.name) : 0));
  const file = rest.files.length > 1 ? new Uint32Array(total) : 0;
  const chain = rest.chains.length > 1 ? new Uint16Array(total) : undefined;
  list.forEach((p, index) => {
    if (!p) return;
    const z = index % options.z;
    const tc = (index - z) / options.z;
    const segments = segmentsOf(p, joined);
    for (let c = 0; c < nc; c++) {
      // Pages inside pages (ImageDepth) come alone, so z and its own depth never multiply.
      const to = ((tc * nc + c) * options.z * nz + z * nz) * perSample;
      const from = c * nz * perSample;
      offset.set(segments.offset.subarray(from, from + nz * perSample), to);
      length.set(segments.length.subarray(from, from + nz * perSample), to);
      if (file) file.fill(files[index]!, to, to + nz * perSample);
      chain?.fill(p.chain, to, to + nz * perSample);
    }
  });
  const block: Tczyx = [
    1,
    nc > 1 ? model.parts : model.channels,
    model.blockDepth,
    blockRows,
    whole ? model.width : model.blockWidth,
  ];
  return {
    ...rest,
    layout: { kind: 'grid', block, edge: model.tiled && !whole ? 'padded' : 'clipped' },
    address: { kind: 'table', file, offset, length },
    ...(chain ? { chain } : {}),
  };
}

function placedMap(
  list: readonly (Prepared | undefined)[],
  model: TiffPage,
  options: LevelOptions,
  rest: Rest,
): BlockMap {
  const start: number[] = [];
  const shape: number[] = [];
  const offset: number[] = [];
  const length: number[] = [];
  const file: number[] = [];
  const chain: number[] = [];
  const fileNumber = fileNumbers(rest.files);
  list.forEach((p, index) => {
    if (!p) return;
    const { page, table } = p;
    if (page.depth > 1) throw formatError('TIFF_MIXED', 'a page with ImageDepth among others');
    const z = index % options.z;
    const c0 = Math.floor(index / options.z) % options.c;
    const t = Math.floor(index / (options.z * options.c));
    const number = fileNumber(page.ifd.file.source.name);
    const [nc, , ny, nx] = table.whole ? [1, 1, 1, 1] : gridOf(page);
    const width = table.whole ? page.width : page.blockWidth;
    const channels = nc > 1 ? page.parts : page.channels;
    checkBlockSize(page);
    for (let i = 0; i < nc * ny * nx; i++) {
      const x = i % nx;
      const y = Math.floor(i / nx) % ny;
      const c = Math.floor(i / (nx * ny));
      start.push(t, c0 * page.channels + c * channels, z, y * page.blockHeight, x * width);
      shape.push(1, channels, 1, table.whole ? page.height : rowsOf(page, y), width);
      offset.push(table.offset[i]!);
      length.push(table.length[i]!);
      file.push(number);
      chain.push(p.chain);
    }
  });
  // Pages that are missing altogether: absent blocks, so that they are reported.
  list.forEach((p, index) => {
    if (p) return;
    start.push(
      Math.floor(index / (options.z * options.c)),
      (Math.floor(index / options.z) % options.c) * model.channels,
      index % options.z,
      0,
      0,
    );
    shape.push(1, model.channels, 1, model.height, model.width);
    offset.push(-1);
    length.push(0);
    file.push(0);
    chain.push(0);
  });
  return {
    ...rest,
    layout: { kind: 'placed', start: Int32Array.from(start), shape: Int32Array.from(shape) },
    address: {
      kind: 'table',
      file: rest.files.length > 1 ? Uint32Array.from(file) : 0,
      offset: Float64Array.from(offset),
      length: Float64Array.from(length),
    },
    ...(rest.chains.length > 1 ? { chain: Uint16Array.from(chain) } : {}),
  };
}
