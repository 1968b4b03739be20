// Block maps of CZI images: pixel types, compressions, byte orders of colours.

import type { BlockMap, BlockMasks, Chain, CodecStep } from '../../src/core/blocks.js';
import type { Level } from '../../src/core/contracts.js';
import { unsupported } from '../../src/core/errors.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import type { CziImage, CziLevel, PlacedSubblock } from './layout.js';
import { COMPRESSION, type Subblock } from './subblocks.js';

const TYPES: Readonly<Record<number, PixelType>> = {
  0: 'uint8',
  1: 'uint16',
  2: 'float',
  3: 'uint8',
  4: 'uint16',
  8: 'float',
  9: 'uint8',
  10: 'float',
  12: 'uint32',
  13: 'double',
};

/** Errors: unsupported CZI_PIXEL_TYPE. */
export function pixelTypeOf(pixelType: number, file: string): PixelType {
  const type = TYPES[pixelType];
  if (type) return type;
  const what = pixelType === 11 ? 'complex colours' : `pixel type ${pixelType}`;
  throw unsupported('CZI_PIXEL_TYPE', `${file}: ${what} are not supported`, { file });
}

/** Errors: unsupported CZI_COMPRESSION. */
function stepsOf(block: Subblock, file: string): readonly CodecStep[] {
  switch (block.compression) {
    case COMPRESSION.none:
      return [];
    case COMPRESSION.jpeg:
      return [{ id: 'jpeg', color: 'auto' }];
    case COMPRESSION.lzw:
      return [{ id: 'lzw' }];
    case COMPRESSION.jpegXr:
      return [{ id: 'jpegxr' }];
    case COMPRESSION.zstd:
      return [{ id: 'zstd' }];
    case COMPRESSION.zstdPacked:
      return block.packed ? [{ id: 'zstd' }, { id: 'unshuffle', size: 2 }] : [{ id: 'zstd' }];
    default:
      throw unsupported('CZI_COMPRESSION', `${file}: compression ${block.compression} is not supported`, { file });
  }
}

/** Image codecs give red, green, blue; everything else is stored as blue, green, red (and alpha). */
function isReordered(block: Subblock): boolean {
  return block.compression !== COMPRESSION.jpeg && block.compression !== COMPRESSION.jpegXr;
}

interface Part {
  /** First sample and number of samples of the subblock that this block gives. */
  readonly sample: number;
  readonly samples: number;
  readonly chain: Chain;
}

/** A subblock is one block; one with blue, green, red and alpha is two, since no stride reaches alpha after the colours in reverse. */
function partsOf(block: Subblock, samples: number, file: string): readonly Part[] {
  const codecs = stepsOf(block, file);
  if (samples === 1) return [{ sample: 0, samples: 1, chain: { codecs, order: 'tczyx' } }];
  if (samples === 2 || !isReordered(block)) return [{ sample: 0, samples, chain: { codecs, order: 'tzyxc' } }];
  const { storedWidth: w, storedHeight: h } = block;
  const strides = (c: number) => [samples * w * h, c, samples * w * h, samples * w, samples] as const;
  const colors: Part = { sample: 0, samples: 3, chain: { codecs, order: 'tzyxc', strides: strides(-1), origin: 2 } };
  if (samples === 3) return [colors];
  return [colors, { sample: 3, samples: 1, chain: { codecs, order: 'tzyxc', strides: strides(1), origin: 3 } }];
}

/** Names of chains, so that equal ones are listed once. */
class Chains {
  readonly list: Chain[] = [];
  readonly #known = new Map<string, number>();

  index(chain: Chain): number {
    const key = JSON.stringify(chain);
    let index = this.#known.get(key);
    if (index === undefined) {
      index = this.list.push(chain) - 1;
      this.#known.set(key, index);
    }
    return index;
  }
}

interface Row {
  readonly start: readonly [number, number, number, number, number];
  readonly shape: readonly [number, number, number, number, number];
  readonly file: number;
  readonly offset: number;
  readonly bytes: number;
  readonly chain: number;
  readonly mask?: Subblock['mask'];
}

/** Planes that no subblock holds. */
function missingPlanes(level: CziLevel, samples: number): { t: number; c: number; z: number }[] {
  const [t, c, z] = level.shape;
  const present = new Set(level.blocks.map((each) => `${each.t},${each.c},${each.z}`));
  if (present.size === (t * c * z) / samples) return [];
  const missing: { t: number; c: number; z: number }[] = [];
  for (let ti = 0; ti < t; ti++) {
    for (let ci = 0; ci < c / samples; ci++) {
      for (let zi = 0; zi < z; zi++) if (!present.has(`${ti},${ci},${zi}`)) missing.push({ t: ti, c: ci, z: zi });
    }
  }
  return missing;
}

export interface PixelFiles {
  /** Paths by index. */
  readonly paths: readonly string[];
  /** Index of a part's file; undefined for one that does not exist. */
  indexOf(part: number): number | undefined;
  /** Added to every offset: a document inside another one. */
  readonly base: number;
}

/** Uses as few block layouts as it can: a grid where every plane is one subblock of full size. */
export function levelOf(image: CziImage, level: CziLevel, files: PixelFiles, masks: boolean): Level {
  const { samples } = image.kind;
  // Where nothing lies below, a tile shows what is stored.
  const masked = masks && level.blocks.length > new Set(level.blocks.map(({ t, c, z }) => `${t},${c},${z}`)).size;
  const file = files.paths[0] ?? '';
  const chains = new Chains();
  const rows: Row[] = [];
  const add = (placed: PlacedSubblock): void => {
    const { block, t, c, z, y, x } = placed;
    const index = files.indexOf(block.part);
    const absent = index === undefined || block.offset < 0;
    for (const part of partsOf(block, samples, file)) {
      rows.push({
        start: [t, c * samples + part.sample, z, y, x],
        shape: [1, part.samples, 1, block.storedHeight, block.storedWidth],
        file: index ?? 0,
        offset: absent ? -1 : files.base + block.offset,
        bytes: absent ? 0 : block.bytes,
        chain: chains.index(part.chain),
        mask: masked && block.mask ? { ...block.mask, offset: files.base + block.mask.offset } : undefined,
      });
    }
  };
  for (const each of level.blocks) add(each);
  const [, , , height, width] = level.shape;
  for (const { t, c, z } of missingPlanes(level, samples)) {
    const shape = [1, samples, 1, height, width] as const;
    rows.push({ start: [t, c * samples, z, 0, 0], shape, file: 0, offset: -1, bytes: 0, chain: 0 });
  }
  return { shape: level.shape, blocks: tableOf(rows, level, chains.list, files.paths) };
}

function masksOf(rows: readonly Row[]): BlockMasks {
  return {
    offset: Float64Array.from(rows, ({ mask }) => mask?.offset ?? -1),
    stride: Uint32Array.from(rows, ({ mask }) => mask?.stride ?? 0),
  };
}

function tableOf(rows: readonly Row[], level: CziLevel, chains: readonly Chain[], paths: readonly string[]): BlockMap {
  const [t, c, z, height, width] = level.shape;
  const first = rows[0]!;
  const whole = rows.every(
    (row) => row.shape[3] === height && row.shape[4] === width && row.shape[1] === first.shape[1],
  );
  const planes = (t * c * z) / first.shape[1];
  const isGrid = whole && rows.length === planes;
  const slot = (row: Row): number =>
    (row.start[0] * (c / first.shape[1]) + row.start[1] / first.shape[1]) * z + row.start[2];
  const ordered = isGrid ? [...rows].sort((a, b) => slot(a) - slot(b)) : rows;
  const unique = isGrid && ordered.every((row, i) => slot(row) === i);
  const list = unique ? ordered : rows;
  const pick = (axis: 'start' | 'shape'): Int32Array => Int32Array.from(list.flatMap((row) => row[axis]));
  return {
    layout: unique
      ? { kind: 'grid', block: [1, first.shape[1], 1, height, width], edge: 'clipped' }
      : { kind: 'placed', start: pick('start'), shape: pick('shape') },
    address: {
      kind: 'table',
      file: paths.length === 1 ? 0 : Uint32Array.from(list, (row) => row.file),
      offset: Float64Array.from(list, (row) => row.offset),
      length: Float64Array.from(list, (row) => row.bytes),
    },
    files: paths,
    chains: (chains.length > 0 ? chains : [{ codecs: [], order: 'tczyx' }]) as [Chain, ...Chain[]],
    chain: chains.length > 1 ? Uint16Array.from(list, (row) => row.chain) : undefined,
    masks: list.some(({ mask }) => mask) ? masksOf(list) : undefined,
    fill: 0,
    absent: 'missing',
  };
}
