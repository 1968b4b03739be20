// Block maps over data sets: one, or one for each time point and channel. Filters run where pixels are read.

import type { BlockMap, Chain, CodecStep } from '../../core/blocks.js';
import type { Level } from '../../core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../core/errors.js';
import { gridCounts, gridIndex, pixelCount, type Tczyx } from '../../core/geometry.js';
import { bytesPerSample, type PixelType } from '../../core/pixel-type.js';
import { visitChunks } from './chunks.js';
import type { Dataset5, Filter } from './dataset.js';
import type { Hdf5File } from './file.js';
import { pixelTypeOf } from './types.js';

/** A data set in its place. */
export interface Part {
  readonly file: Hdf5File;
  readonly dataset: Dataset5;
  readonly t: number;
  readonly c: number;
}

const LETTERS = 'tczyx';

/** Extents along t, c, z, y, x; `axes[i]` is the index of dimension i, -1 for a dimension of extent 1 that is left out. */
function spread(extents: readonly number[], axes: readonly number[]): Tczyx {
  const out = [1, 1, 1, 1, 1];
  for (const [i, axis] of axes.entries()) if (axis >= 0) out[axis] = extents[i]!;
  return out as unknown as Tczyx;
}

/** Parameters of filter 6: kind, factor, elements, class, bytes, sign, byte order, fill value given, fill value … */
function scaleOffset({ values }: Filter, dataset: Dataset5, file: string): CodecStep {
  const [kind = 0, , count = 0, , size = 0, , order = 0, filled = 0, ...fill] = values;
  if (kind !== 2) {
    throw unsupported(
      'HDF5_FILTER',
      `${file}: the scale-offset filter of ${dataset.path} for floats is not supported`,
      { file },
    );
  }
  const chunk = dataset.layout.kind === 'chunked' ? dataset.layout.chunk.reduce((product, n) => product * n, 1) : 0;
  if (size !== dataset.type.size || count !== chunk) {
    throw formatError('HDF5_FILTER', `${file}: the scale-offset filter of ${dataset.path} is for other data`, { file });
  }
  const bytes = new Uint8Array(Uint32Array.from(fill).buffer);
  return { id: 'hdf5-scale-offset', size, count, bigEndian: order === 1, ...(filled ? { fill: bytes } : {}) };
}

/** What bitshuffle is combined with: nothing, LZ4 or Zstandard. */
function inner(filter: Filter, dataset: Dataset5, file: string): number {
  const kind = filter.values[4] ?? 0;
  if (kind === 0 || kind === 2 || kind === 3) return kind;
  throw unsupported('HDF5_FILTER', `${file}: bitshuffle of ${dataset.path} with compressor ${kind} is not supported`, {
    file,
  });
}

/** Registered filters (HDF Group, "Registered Filter Plugins"), as they are undone. */
function step(filter: Filter, dataset: Dataset5, file: string): CodecStep {
  const element = (i: number): number => {
    const size = filter.values[i] ?? dataset.type.size;
    if (size >= 1 && size <= 2 ** 16) return size;
    throw formatError('HDF5_FILTER', `${file}: filter ${filter.id} of ${dataset.path} has elements of ${size} bytes`, {
      file,
    });
  };
  const chunk = dataset.layout.kind === 'chunked' ? dataset.layout.chunk : [];
  switch (filter.id) {
    case 1:
      return { id: 'zlib' };
    case 2:
      return { id: 'shuffle', size: element(0) };
    case 3:
      return { id: 'fletcher32' };
    case 6:
      return scaleOffset(filter, dataset, file);
    case 307:
      return { id: 'bzip2' };
    case 32000:
      return { id: 'lzf', bytes: chunk.reduce((product, n) => product * n, dataset.type.size) };
    case 32001:
      return { id: 'blosc' };
    case 32004:
      return { id: 'hdf5-lz4' };
    case 32008:
      return {
        id: 'hdf5-bitshuffle',
        size: element(2),
        inner: inner(filter, dataset, file),
        block: filter.values[3] ?? 0,
      };
    case 32015:
      return { id: 'zstd' };
    default: {
      const name = { 4: 'szip', 5: 'n-bit' }[filter.id] ?? (filter.name || 'without a name');
      throw unsupported(
        'HDF5_FILTER',
        `${file}: the filter ${filter.id} (${name}) of ${dataset.path} is not supported`,
        { file },
      );
    }
  }
}

/** Steps for a chunk that skips the filters in `mask`. */
function stepsOf(dataset: Dataset5, mask: number, file: string): readonly CodecStep[] {
  const used = dataset.filters.filter((_, i) => ((mask >>> i) & 1) === 0);
  const steps = used.reverse().map((filter) => step(filter, dataset, file));
  if (dataset.type.bigEndian && dataset.type.size > 1) steps.push({ id: 'endian', size: dataset.type.size });
  if (pixelTypeOf(dataset.type)?.half) steps.push({ id: 'half' });
  return steps;
}

/** Pixel type of a data set. Error: unsupported. */
export function pixelsOf(file: Hdf5File, dataset: Dataset5): PixelType {
  const found = pixelTypeOf(dataset.type);
  if (found) return found.type;
  const text = `${file.name}: elements of ${dataset.path} (class ${dataset.type.number}, ${dataset.type.size} bytes) are not pixels that imgconv can hold`;
  throw unsupported('HDF5_DATATYPE', text, { file: file.name, part: dataset.path });
}

/** Extents of a unit that is read at once. */
function blockOf({ dataset }: Part, axes: readonly number[]): Tczyx {
  if (dataset.layout.kind === 'chunked') return spread(dataset.layout.chunk, axes);
  const { shape } = dataset.space;
  if (dataset.layout.kind === 'compact') return spread(shape, axes);
  // Contiguous: the last three dimensions are stored together, slower ones lead to blocks of their own.
  return spread(
    shape.map((n, i) => (i < shape.length - (axes.at(-1) === 1 ? 3 : 2) ? 1 : n)),
    axes,
  );
}

interface Table {
  readonly offset: Float64Array;
  readonly length: Float64Array;
  readonly file: Uint32Array;
  readonly chain: Uint16Array;
}

class Builder {
  readonly files: string[] = [];
  readonly chains: Chain[] = [];
  readonly #keys = new Map<string, number>();
  readonly #order: string;
  readonly table: Table;

  constructor(
    readonly shape: Tczyx,
    readonly block: Tczyx,
    readonly counts: Tczyx,
    readonly axes: readonly number[],
  ) {
    const total = pixelCount(counts);
    this.table = {
      offset: new Float64Array(total).fill(-1),
      length: new Float64Array(total),
      file: new Uint32Array(total),
      chain: new Uint16Array(total),
    };
    const present = axes.map((axis) => LETTERS[axis] ?? '').join('');
    this.#order = [...LETTERS].filter((letter) => !present.includes(letter)).join('') + present;
  }

  chain(dataset: Dataset5, mask: number, file: string): number {
    const codecs = stepsOf(dataset, mask, file);
    const key = JSON.stringify(codecs);
    let index = this.#keys.get(key);
    if (index === undefined) {
      index = this.chains.push({ codecs, order: this.#order }) - 1;
      this.#keys.set(key, index);
    }
    return index;
  }

  fileNumber(name: string): number {
    const at = this.files.indexOf(name);
    return at >= 0 ? at : this.files.push(name) - 1;
  }

  put(position: Tczyx, file: number, offset: number, length: number, chain: number): void {
    if (!position.every((n, i) => n >= 0 && n < this.counts[i]!)) return;
    const i = gridIndex(position, this.counts);
    this.table.offset[i] = offset;
    this.table.length[i] = length;
    this.table.file[i] = file;
    this.table.chain[i] = chain;
  }
}

async function addChunks(part: Part, builder: Builder): Promise<void> {
  const { file, dataset } = part;
  const { axes, block } = builder;
  const number = builder.fileNumber(file.name);
  const { shape } = dataset.space;
  const layout = dataset.layout.kind === 'chunked' ? dataset.layout : undefined;
  const all = 2 ** dataset.filters.length - 1;
  const chains = new Map<number, number>();
  await visitChunks(file, dataset, ({ at, address, bytes, mask }) => {
    const [t, c, z, y, x] = spread(at, axes).map((n, axis) => (axes.includes(axis) ? n : 0)) as unknown as Tczyx;
    const cut = layout?.plainEdges && at.some((n, i) => (n + 1) * layout.chunk[i]! > shape[i]!);
    const skipped = cut ? all : mask;
    let chain = chains.get(skipped);
    if (chain === undefined) {
      chain = builder.chain(dataset, skipped, file.name);
      chains.set(skipped, chain);
    }
    if (address >= 0)
      builder.put([t + part.t / block[0], c + part.c / block[1], z, y, x], number, address + file.base, bytes, chain);
  });
}

function addContiguous(part: Part, builder: Builder): void {
  const { file, dataset } = part;
  const { layout } = dataset;
  const { axes, block } = builder;
  const start =
    layout.kind === 'compact' ? layout.offset : layout.kind === 'contiguous' ? layout.address + file.base : -1;
  if (layout.kind === 'contiguous' && layout.address < 0) return;
  const number = builder.fileNumber(file.name);
  const chain = builder.chain(dataset, 0, file.name);
  const { shape } = dataset.space;
  const blocks = shape.map((n, i) => (axes[i]! >= 0 ? Math.ceil(n / block[axes[i]!]!) : 1));
  const bytes = pixelCount(block) * dataset.type.size;
  const total = blocks.reduce((product, n) => product * n, 1);
  for (let i = 0; i < total; i++) {
    let rest = i;
    const at = blocks.map(() => 0);
    for (let k = blocks.length - 1; k >= 0; k--) {
      at[k] = rest % blocks[k]!;
      rest = Math.floor(rest / blocks[k]!);
    }
    const [t, c, z, y, x] = spread(at, axes).map((n, axis) => (axes.includes(axis) ? n : 0)) as unknown as Tczyx;
    builder.put([t + part.t, c + part.c, z, y, x], number, start + i * bytes, bytes, chain);
  }
}

function checkLevel(name: string, shape: Tczyx, block: Tczyx, type: PixelType, parts: readonly Part[]): Tczyx {
  const [{ file }] = parts as readonly [Part];
  const { limits } = file;
  const valid = [...shape, ...block].every((n) => Number.isSafeInteger(n) && n >= 1);
  if (!valid)
    throw formatError('HDF5_SHAPE', `${name}: a shape of ${shape.join(' × ')} holds no pixels`, { file: file.name });
  const bytes = pixelCount(block) * bytesPerSample(type);
  const chunked = parts.some(({ dataset }) => dataset.layout.kind === 'chunked');
  if (chunked && bytes > limits.blockBytes) {
    const text = `${name}: a chunk takes ${bytes} bytes, more than the limit of ${limits.blockBytes}`;
    throw new ImgconvError('limit', 'BLOCK_SIZE', text, { file: file.name });
  }
  const counts = gridCounts(shape, block);
  if (!(pixelCount(counts) <= limits.directories)) {
    const text = `${name}: ${pixelCount(counts)} chunks, more than the limit of ${limits.directories}`;
    throw new ImgconvError('limit', 'DIRECTORIES', text, { file: file.name });
  }
  return counts;
}

/**
 * One resolution of an image.
 * @param axes index into t, c, z, y, x for each dimension of the data sets; dimensions with -1 must have extent 1
 * @param shape what counts of the data: padding beyond it is left out
 * @param absent what chunks that are not stored are: the fill value, or a loss where whole data sets are missing
 */
export async function datasetLevel(
  parts: readonly Part[],
  axes: readonly number[],
  shape: Tczyx,
  absent: BlockMap['absent'] = 'sparse',
): Promise<Level> {
  const [first] = parts;
  if (!first) throw formatError('HDF5_EMPTY', 'no data set to build an image from');
  const name = `${first.file.name}: ${first.dataset.path}`;
  const type = pixelsOf(first.file, first.dataset);
  const block = blockOf(first, axes);
  const counts = checkLevel(name, shape, block, type, parts);
  const builder = new Builder(shape, block, counts, axes);
  const chunked = first.dataset.layout.kind === 'chunked';
  for (const part of parts) {
    const { file, dataset } = part;
    const same =
      (dataset.layout.kind === 'chunked') === chunked &&
      blockOf(part, axes).every((n, i) => n === block[i]) &&
      pixelsOf(file, dataset) === type;
    if (!same) {
      const text = `${file.name}: ${dataset.path} differs in type or chunks from ${first.dataset.path}`;
      throw unsupported('HDF5_MIXED', text, { file: file.name, part: dataset.path });
    }
    if (chunked) await addChunks(part, builder);
    else {
      const own = spread(dataset.space.shape, axes);
      if (own[3] !== shape[3] || own[4] !== shape[4]) {
        throw unsupported('HDF5_PADDING', `${file.name}: ${dataset.path} is padded without chunks`, {
          file: file.name,
        });
      }
      addContiguous(part, builder);
    }
  }
  if (builder.chains.length === 0) builder.chain(first.dataset, 0, first.file.name);
  const { offset, length, file, chain } = builder.table;
  const blocks: BlockMap = {
    layout: { kind: 'grid', block, edge: chunked ? 'padded' : 'clipped' },
    address: { kind: 'table', file: builder.files.length > 1 ? file : 0, offset, length },
    files: builder.files.length > 0 ? builder.files : [first.file.name],
    chains: builder.chains as [Chain, ...Chain[]],
    ...(builder.chains.length > 1 ? { chain } : {}),
    fill: first.dataset.fill,
    absent,
  };
  return { shape, blocks };
}
