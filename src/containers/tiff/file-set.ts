// An image whose planes are pages of many TIFF files. Every directory has to be read before pixels are, some files at a time, and only block
// tables are kept; a level can be described from one file of its kind, and the others looked up when pixels are asked for.

import type { ByteSource, Level, OpenOptions } from '../../core/contracts.js';
import { formatError, ImgconvError } from '../../core/errors.js';
import type { Tczyx } from '../../core/geometry.js';
import type { PixelType } from '../../core/pixel-type.js';
import { parseTiff, type TiffFile } from './file.js';
import { buildLevel, isOldLzw, type PlaneSource } from './level.js';
import { describePage, planeKey, type TiffPage } from './page.js';
import { chainOf } from './steps.js';
import { blockTable } from './table.js';
import { TAG } from './tags.js';

const AT_ONCE = 16;

export interface PlaneFile {
  /** Position; `c` counts channels. */
  readonly t: number;
  readonly c: number;
  readonly z: number;
  /** As the data set calls it. */
  readonly name: string;
  /** 0-based. */
  readonly page: number;
}

/** undefined: the file does not exist. */
export type OpenFile = (name: string) => Promise<ByteSource | undefined>;

export interface FileSetLevel {
  /** undefined: no file could be read. */
  readonly level?: Level;
  readonly type?: PixelType;
  /** Of one plane. */
  readonly samples: number;
  readonly bits: number;
  /** Absolute. */
  readonly files: readonly string[];
  /** Names of files that do not exist. */
  readonly missing: readonly string[];
  /** What is wrong with files that were left out. */
  readonly broken: readonly string[];
  /** Size and type of its planes; '' where no file could be read. */
  readonly key: string;
}

type Counts = readonly [t: number, c: number, z: number];

/** Planes by the file that holds them: a stack is parsed once, not once a plane. */
function byFile(list: readonly PlaneFile[]): (readonly [name: string, planes: readonly PlaneFile[]])[] {
  const files = new Map<string, PlaneFile[]>();
  for (const plane of list) {
    const planes = files.get(plane.name);
    if (planes) planes.push(plane);
    else files.set(plane.name, [plane]);
  }
  return [...files];
}

/** The page with all that needs its file, so that the file can be closed. */
async function planeOf(tiff: TiffFile, number: number, before: TiffPage | undefined): Promise<PlaneSource> {
  const ifd = tiff.ifds[number];
  const file = tiff.source.name;
  if (!ifd) throw formatError('TIFF_EMPTY', `${file}: has no page ${number + 1}`, { file });
  const page = await describePage(ifd, before);
  const table = await blockTable(page);
  return { page, table, chain: await chainOf(page, { oldLzw: await isOldLzw(page, table) }) };
}

/**
 * Planes of other sizes or types than expected, or than the first one in place, are left out as broken.
 * @param expected `FileSetLevel.key`
 */
export async function levelOfFiles(
  list: readonly PlaneFile[],
  counts: Counts,
  open: OpenFile,
  options: OpenOptions,
  expected?: string,
): Promise<FileSetLevel> {
  const [nt, nc, nz] = counts;
  if (!(nt * nc * nz <= options.limits.directories)) {
    const text = `an image of ${nt} x ${nc} x ${nz} planes, the limit is ${options.limits.directories}`;
    throw new ImgconvError('limit', 'DIRECTORIES', text);
  }
  const planes: (PlaneSource | undefined)[] = new Array(nt * nc * nz).fill(undefined);
  const missing: string[] = [];
  const broken: string[] = [];
  const files: string[] = [];
  const kept: ByteSource[] = [];

  async function add(name: string, wanted: readonly PlaneFile[]): Promise<void> {
    const source = await open(name);
    if (!source) {
      missing.push(name);
      return;
    }
    files.push(source.name);
    const leaveOut = (error: unknown): void => {
      if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
      broken.push(error.message.includes(source.name) ? error.message : `${source.name}: ${error.message}`);
    };
    let keep = false;
    try {
      const most = wanted.reduce((n, { page }) => Math.max(n, page + 1), 0);
      const tiff = await parseTiff(source, options.limits, { first: most });
      let before: TiffPage | undefined;
      for (const { t, c, z, page } of wanted) {
        try {
          const plane = await planeOf(tiff, page, before);
          planes[(t * nc + c) * nz + z] = plane;
          before = plane.page;
          // The value of absent pixels is read with the level.
          keep ||= plane.page.ifd.has(TAG.GdalNodata);
        } catch (error) {
          leaveOut(error);
        }
      }
    } catch (error) {
      leaveOut(error);
    } finally {
      if (keep) kept.push(source);
      else await source.close();
    }
  }

  try {
    const sources = byFile(list);
    for (let i = 0; i < sources.length; i += AT_ONCE) {
      options.signal?.throwIfAborted();
      await Promise.all(sources.slice(i, i + AT_ONCE).map(([name, wanted]) => add(name, wanted)));
    }
    files.sort();
    missing.sort();
    // The first plane in place decides, so that the result does not depend on which file came first.
    let first: TiffPage | undefined;
    let key = expected;
    for (const [i, plane] of planes.entries()) {
      if (!plane) continue;
      key ??= planeKey(plane.page);
      if (planeKey(plane.page) === key) {
        first ??= plane.page;
        continue;
      }
      broken.push(`${plane.page.ifd.file.source.name}: another size or type than its neighbours`);
      planes[i] = undefined;
    }
    if (!first) return { samples: 1, bits: 0, files, missing, broken, key: '' };
    const level = await buildLevel(planes, { t: nt, c: nc, z: nz });
    const { type, channels, bits } = first;
    return { level, type, samples: channels, bits, files, missing, broken, key: planeKey(first) };
  } finally {
    await Promise.all(kept.map((source) => source.close()));
  }
}

/** A level all of whose planes are missing. `shape`: c counts samples, of which a plane has so many. */
export function lostLevel(shape: Tczyx, samples: number): Level {
  const [t, c, z, y, x] = shape;
  const count = t * (c / samples) * z;
  return {
    shape,
    blocks: {
      layout: { kind: 'grid', block: [1, samples, 1, y, x], edge: 'clipped' },
      address: { kind: 'table', file: 0, offset: new Float64Array(count).fill(-1), length: new Float64Array(count) },
      files: [],
      chains: [{ codecs: [], order: 'tzyxc' }],
      fill: 0,
      absent: 'missing',
    },
  };
}

/**
 * A level of files that are like a sample, none of which is opened before pixels are read.
 * @param sample level of one plane
 * @param gaps planes known to be absent, and whether that is damage
 * @param settle reads the files
 */
export function pendingLevel(
  sample: Level,
  counts: Counts,
  gaps: { readonly count: number; readonly absent: 'sparse' | 'missing' },
  settle: () => Promise<Level>,
): Level {
  const [t, c, z] = counts;
  const [, channels, depth, y, x] = sample.shape;
  const { layout, chains, fill } = sample.blocks;
  const [, , , rows, columns] = layout.kind === 'grid' ? layout.block : sample.shape;
  const parts = layout.kind === 'grid' ? Math.ceil(channels / layout.block[1]) : 1;
  let settled: Promise<Level> | undefined;
  return {
    shape: [t, c * channels, z * depth, y, x],
    blocks: {
      layout: layout.kind === 'grid' ? layout : { kind: 'grid', block: [1, channels, 1, y, x], edge: 'clipped' },
      address: { kind: 'pending', absent: gaps.count * parts * Math.ceil(y / rows) * Math.ceil(x / columns) },
      files: [],
      chains,
      fill,
      absent: gaps.absent,
    },
    settle() {
      settled ??= settle();
      return settled;
    },
  };
}

/** The level with gaps that are no damage, unless a page that is there lacks blocks of its own. */
export function withSparseGaps(level: Level): Level {
  const { address, layout, absent } = level.blocks;
  if (absent === 'sparse' || address.kind !== 'table' || layout.kind !== 'grid') return level;
  const [t, c, z, y, x] = level.shape;
  const inPlane = Math.ceil(y / layout.block[3]) * Math.ceil(x / layout.block[4]);
  const planes = (t * Math.ceil(c / layout.block[1]) * z) / layout.block[2];
  for (let p = 0; p < planes; p++) {
    let lost = 0;
    for (let i = 0; i < inPlane; i++) if (address.offset[p * inPlane + i]! < 0) lost++;
    if (lost > 0 && lost < inPlane) return level;
  }
  return { ...level, blocks: { ...level.blocks, absent: 'sparse' } };
}
