// An image whose planes are pages of many TIFF files. Every directory is read, some files at a time, and only block tables are kept.

import type { ByteSource, Level, OpenOptions } from '../../core/contracts.js';
import { formatError, ImgconvError } from '../../core/errors.js';
import type { PixelType } from '../../core/pixel-type.js';
import { parseTiff } from './file.js';
import { buildLevel, type PlaneSource } from './level.js';
import { describePage, planeKey, type TiffPage } from './page.js';

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

export interface FileSetLevel {
  /** undefined: no file could be read. */
  readonly level?: Level;
  readonly type?: PixelType;
  /** Of one plane. */
  readonly samples: number;
  readonly bits: number;
  /** Absolute. */
  readonly files: readonly string[];
  /** Names of planes whose file does not exist. */
  readonly missing: readonly string[];
  /** What is wrong with files that were left out. */
  readonly broken: readonly string[];
}

/**
 * Planes of other sizes or types than the first one in place are left out as broken.
 * @param open undefined: the file does not exist
 */
export async function levelOfFiles(
  list: readonly PlaneFile[],
  counts: readonly [t: number, c: number, z: number],
  open: (name: string) => Promise<ByteSource | undefined>,
  options: OpenOptions,
): Promise<FileSetLevel> {
  const [nt, nc, nz] = counts;
  if (!(nt * nc * nz <= options.limits.directories)) {
    const text = `an image of ${nt} x ${nc} x ${nz} planes, the limit is ${options.limits.directories}`;
    throw new ImgconvError('limit', 'DIRECTORIES', text);
  }
  const planes: (PlaneSource | undefined)[] = new Array(nt * nc * nz).fill(undefined);
  const missing: string[] = [];
  const broken: string[] = [];
  const sources: ByteSource[] = [];

  async function pageOf(name: string, page: number): Promise<TiffPage | undefined> {
    const source = await open(name);
    if (!source) return undefined;
    sources.push(source);
    const tiff = await parseTiff(source, options.limits, { first: page + 1 });
    const ifd = tiff.ifds[page];
    if (!ifd) throw formatError('TIFF_EMPTY', `${source.name}: has no page ${page + 1}`, { file: source.name });
    return describePage(ifd);
  }

  try {
    for (let i = 0; i < list.length; i += AT_ONCE) {
      options.signal?.throwIfAborted();
      await Promise.all(
        list.slice(i, i + AT_ONCE).map(async ({ t, c, z, name, page }) => {
          try {
            const found = await pageOf(name, page);
            if (found) planes[(t * nc + c) * nz + z] = { page: found };
            else missing.push(name);
          } catch (error) {
            if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
            broken.push(error.message);
          }
        }),
      );
    }
    const files = sources.map((source) => source.name).sort();
    // The first plane in place decides, so that the result does not depend on which file came first.
    let first: TiffPage | undefined;
    for (const [i, plane] of planes.entries()) {
      first ??= plane?.page;
      if (!plane || !first || planeKey(plane.page) === planeKey(first)) continue;
      broken.push(`${plane.page.ifd.file.source.name}: another size or type than its neighbours`);
      planes[i] = undefined;
    }
    missing.sort();
    if (!first) return { samples: 1, bits: 0, files, missing, broken };
    const level = await buildLevel(planes, { t: nt, c: nc, z: nz });
    return { level, type: first.type, samples: first.channels, bits: first.bits, files, missing, broken };
  } finally {
    await Promise.all(sources.map((source) => source.close()));
  }
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
