// The TIFFs of a field. Every file's directory is read (see NOTES.md, "Opening"), a field's files at a time, and only block tables are kept.

import { parseTiff } from '../../src/containers/tiff/file.js';
import { buildLevel, type PlaneSource } from '../../src/containers/tiff/level.js';
import { describePage, planeKey, type TiffPage } from '../../src/containers/tiff/page.js';
import type { InputTree, Level, OpenOptions } from '../../src/core/contracts.js';
import { ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import type { Field } from './planes.js';

const FOLDERS = ['', 'Images/', 'flex/', 'Flex/'] as const;
const AT_ONCE = 16;

export interface FieldPixels {
  /** undefined: no TIFF of the field could be read. */
  readonly level?: Level;
  readonly type?: PixelType;
  readonly samples: number;
  readonly files: readonly string[];
  /** Names of the index. */
  readonly missing: readonly string[];
  readonly broken: readonly string[];
}

/** Opens the files that the index names, wherever they lie. */
export class Tiffs {
  #folder: (typeof FOLDERS)[number] = '';

  constructor(
    readonly input: InputTree,
    /** Folder of the index, with '/' at its end, or ''. */
    readonly base: string,
    readonly options: OpenOptions,
  ) {}

  /** The first page (or page `number`) of a file; undefined: it does not exist. Errors: those of TIFF. */
  async page(url: string, number: number): Promise<TiffPage | undefined> {
    const name = url.replaceAll('\\', '/').replace(/^.*\//, '');
    for (const folder of [this.#folder, ...FOLDERS]) {
      let source: Awaited<ReturnType<InputTree['open']>>;
      try {
        source = await this.input.open(`${this.base}${folder}${name}`);
      } catch (error) {
        if (error instanceof ImgconvError && error.code === 'NOT_FOUND') continue;
        throw error;
      }
      this.#folder = folder;
      try {
        const tiff = await parseTiff(source, this.options.limits, { first: number + 1 });
        const ifd = tiff.ifds[number];
        if (!ifd) throw new ImgconvError('format', 'TIFF_EMPTY', `${source.name}: has no page ${number + 1}`);
        // The file stays open until its block table is made.
        return await describePage(ifd);
      } catch (error) {
        await source.close();
        throw error;
      }
    }
    return undefined;
  }
}

export async function fieldPixels(field: Field, tiffs: Tiffs): Promise<FieldPixels> {
  const [nt, nc, nz] = field.counts;
  const planes: (PlaneSource | undefined)[] = new Array(nt * nc * nz).fill(undefined);
  const missing: string[] = [];
  const broken: string[] = [];
  const files: string[] = [];
  let first: TiffPage | undefined;
  const opened: TiffPage[] = [];
  try {
    for (let i = 0; i < field.planes.length; i += AT_ONCE) {
      tiffs.options.signal?.throwIfAborted();
      await Promise.all(
        field.planes.slice(i, i + AT_ONCE).map(async ({ t, c, z, facts }) => {
          const url = facts.text('URL');
          if (url === undefined) return;
          let page: TiffPage | undefined;
          try {
            page = await tiffs.page(url, facts.number('BufferNo') ?? 0);
          } catch (error) {
            if (!(error instanceof ImgconvError) || error.blame === 'limit') throw error;
            broken.push(error.message);
            return;
          }
          if (!page) {
            missing.push(url);
            return;
          }
          opened.push(page);
          files.push(page.ifd.file.source.name);
          planes[(t * nc + c) * nz + z] = { page };
        }),
      );
    }
    // The first plane in place decides, so that the result does not depend on which file came first.
    for (const [i, plane] of planes.entries()) {
      first ??= plane?.page;
      if (!plane || !first || planeKey(plane.page) === planeKey(first)) continue;
      broken.push(`${plane.page.ifd.file.source.name}: another size or type than its neighbours`);
      planes[i] = undefined;
    }
    if (!first) return { samples: 1, files, missing, broken };
    const level = await buildLevel(planes, { t: nt, c: nc, z: nz });
    // Planes that the measurement never took are no damage; as soon as a TIFF is lost, every gap is listed.
    const absent =
      missing.length === 0 && broken.length === 0 && level.blocks.absent === 'missing' ? sparse(level) : level;
    return { level: absent, type: first.type, samples: first.channels, files, missing, broken };
  } finally {
    await Promise.all(opened.map((page) => page.ifd.file.source.close()));
  }
}

/** Gaps as 'sparse', unless a page that is there lacks blocks. */
function sparse(level: Level): Level {
  const { address, layout } = level.blocks;
  if (address.kind !== 'table' || layout.kind !== 'grid') return level;
  const [t, c, z, y, x] = level.shape;
  const inPlane = Math.ceil(y / layout.block[3]) * Math.ceil(x / layout.block[4]);
  const planes = (t * Math.ceil(c / layout.block[1]) * z) / layout.block[2];
  for (let p = 0; p < planes; p++) {
    let absent = 0;
    for (let i = 0; i < inPlane; i++) if (address.offset[p * inPlane + i]! < 0) absent++;
    if (absent > 0 && absent < inPlane) return level;
  }
  return { ...level, blocks: { ...level.blocks, absent: 'sparse' } };
}

/** A field of which nothing is left: all planes are missing. */
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
