// MetaImage. Layout and sources: NOTES.md.

import { isGzip } from '../../src/containers/gzip/head.js';
import {
  AXIS,
  checkExtent,
  packedBlock,
  rawBlocks,
  type StoredAxis,
  shapeOf,
  storedBytes,
} from '../../src/containers/raw/blocks.js';
import { packedArray } from '../../src/containers/raw/gzip.js';
import { outlineImage, unitNotice, unitOption } from '../../src/containers/raw/model.js';
import { orderSteps } from '../../src/containers/raw/steps.js';
import type { BlockMap } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError, unsupported } from '../../src/core/errors.js';
import { positive } from '../../src/core/ome-build.js';
import { bytesPerSample } from '../../src/core/pixel-type.js';
import { type MetaHeader, readHeader } from './header.js';

const UNITS: Readonly<Record<string, string>> = { mm: 'mm', cm: 'cm', um: 'µm', m: 'm', nm: 'nm' };

/** Fastest first: channels, x, y, z, t; a fifth dimension is c where there are no channels, and further ones continue the last. */
function axesOf({ sizes, channels }: MetaHeader): readonly StoredAxis[] {
  const [x = 1, y = 1, z = 1, t = 1, ...rest] = sizes;
  const more = rest.reduce((a, b) => a * b, 1);
  const axes: StoredAxis[] = channels > 1 ? [{ axis: AXIS.c, size: channels }] : [];
  axes.push({ axis: AXIS.x, size: x }, { axis: AXIS.y, size: y }, { axis: AXIS.z, size: z });
  axes.push({ axis: AXIS.t, size: channels > 1 ? t * more : t });
  if (channels === 1 && more > 1) axes.push({ axis: AXIS.c, size: more });
  return axes;
}

/** 'name%03d.raw first last step'. */
function patternNames(text: string, file: string, most: number): string[] | undefined {
  const match = /^(.*%0?\d*d\S*)\s+(\d+)\s+(\d+)\s+(\d+)$/.exec(text);
  if (!match) return undefined;
  const [first, last, step] = [Number(match[2]), Number(match[3]), Math.max(1, Number(match[4]))];
  const count = Math.floor((last - first) / step) + 1;
  if (!(count > 0 && count <= most)) throw formatError('META_FILES', `${file}: a pattern of ${count} files`, { file });
  return Array.from({ length: count }, (_, i) =>
    match[1]!.replace(/%(0?)(\d*)d/, (_all, zero: string, width: string) =>
      String(first + i * step).padStart(Number(width || 0), zero ? '0' : ' '),
    ),
  );
}

/** Steps and place of the pixels in one source. `needed`: bytes when decoded. */
async function oneFile(
  header: MetaHeader,
  axes: readonly StoredAxis[],
  source: ByteSource,
  start: number,
  options: OpenOptions,
): Promise<BlockMap> {
  const file = source.name;
  const elementBytes = bytesPerSample(header.type);
  const bits = 8 * elementBytes;
  const needed = storedBytes(axes, bits);
  const order = orderSteps(elementBytes, header.littleEndian);
  if (header.ascii) {
    const codecs = [{ id: 'ascii', type: header.type }];
    const maxBytes = options.limits.blockBytes;
    return packedBlock({
      file,
      offset: start,
      available: source.size - start,
      axes,
      bits,
      codecs,
      elementBytes,
      maxBytes,
    });
  }
  if (header.compressed) {
    const size = Number(header.fields.get('CompressedDataSize'));
    const end = size > 0 ? Math.min(source.size, start + size) : source.size;
    const head = await source.read(start, Math.min(3, Math.max(0, source.size - start)));
    const codec = isGzip(head) ? 'gzip' : 'zlib';
    const { type } = header;
    return packedArray({
      file,
      fileBytes: end,
      codec,
      start,
      skip: 0,
      axes,
      bits,
      type,
      codecs: order,
      limits: options.limits,
    });
  }
  const offset = header.skip < 0 ? Math.max(start, source.size - needed) : start + header.skip;
  const plane = storedBytes(
    axes.filter(({ axis }, i) => axis === AXIS.x || axis === AXIS.y || (axis === AXIS.c && i === 0)),
    bits,
  );
  const cut = checkExtent(file, needed, source.size - offset, plane);
  if (cut) options.notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
  return rawBlocks({
    file,
    offset,
    available: source.size - offset,
    axes,
    bits,
    codecs: order,
    maxBlocks: options.limits.directories,
  });
}

interface Files {
  readonly blocks: BlockMap;
  readonly files: readonly string[];
  readonly missing: readonly string[];
}

/** One slab of the slowest axis a file. */
async function manyFiles(
  input: InputTree,
  header: MetaHeader,
  names: readonly string[],
  options: OpenOptions,
): Promise<Files> {
  const file = input.path;
  if (header.compressed || header.ascii)
    throw unsupported('META_FILES', `${file}: compressed or ASCII data in several files`, { file });
  const axes = axesOf(header).filter(({ size }) => size > 1);
  const last = axes.at(-1);
  if (!last || (last.axis !== AXIS.z && last.axis !== AXIS.t) || last.size % names.length !== 0) {
    throw formatError(
      'META_FILES',
      `${file}: ${names.length} data files do not divide the sizes ${header.sizes.join(' x ')}`,
      { file },
    );
  }
  const part = [...axes.slice(0, -1), { axis: last.axis, size: last.size / names.length }];
  const elementBytes = bytesPerSample(header.type);
  const needed = storedBytes(part, 8 * elementBytes);
  const offset = new Float64Array(names.length).fill(-1);
  const length = new Float64Array(names.length);
  const files: string[] = [];
  const missing: string[] = [];
  for (const [i, name] of names.entries()) {
    files.push(`${input.root}/${name}`);
    let source: ByteSource;
    try {
      source = await input.open(name);
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.code !== 'NOT_FOUND') throw error;
      missing.push(name);
      options.notice({ code: 'FILE_MISSING', rank: 'damage', text: `data file is missing: ${name}` });
      continue;
    }
    const start = header.skip < 0 ? Math.max(0, source.size - needed) : header.skip;
    if (start < source.size) {
      offset[i] = start;
      length[i] = Math.min(needed, source.size - start);
    }
    await source.close();
  }
  const one = packedBlock({
    file,
    offset: 0,
    available: 0,
    axes: part,
    bits: 8 * elementBytes,
    elementBytes,
    codecs: orderSteps(elementBytes, header.littleEndian),
    maxBytes: Number.MAX_SAFE_INTEGER,
  });
  // Only the slowest axis has several blocks, so files follow the grid.
  const blocks: BlockMap = {
    ...one,
    address: { kind: 'table', file: Uint32Array.from(names, (_, i) => i), offset, length },
    files,
  };
  return { blocks, files, missing };
}

async function locate(input: InputTree, header: MetaHeader, own: ByteSource, options: OpenOptions): Promise<Files> {
  const { dataFile } = header;
  const axes = axesOf(header);
  if (/^LOCAL$/i.test(dataFile)) {
    return { blocks: await oneFile(header, axes, own, header.bytes, options), files: [], missing: [] };
  }
  const clean = (name: string): string => name.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
  const names = /^LIST\b/.test(dataFile) ? header.list : patternNames(dataFile, own.name, options.limits.directories);
  if (names) return manyFiles(input, header, names.map(clean), options);
  const source = await input.open(clean(dataFile));
  try {
    return { blocks: await oneFile(header, axes, source, 0, options), files: [source.name], missing: [] };
  } finally {
    await source.close();
  }
}

export async function openMetaImage(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const own = await input.open();
  try {
    const header = await readHeader(own);
    const { fields, type, channels } = header;
    const axes = axesOf(header);
    if (!Number.isSafeInteger(storedBytes(axes, 8 * bytesPerSample(type)))) {
      throw formatError('EXTENT', `${own.name}: sizes make no sense: ${header.sizes.join(' x ')}`, { file: own.name });
    }
    const shape = shapeOf(axes);
    const { blocks, files, missing } = await locate(input, header, own, options);
    const spacing = (fields.get('ElementSpacing') ?? fields.get('ElementSize') ?? '').split(/\s+/).map(Number);
    const named = UNITS[fields.get('DistanceUnits')?.toLowerCase() ?? ''];
    const unit = named ?? unitOption(options.reader.unit);
    if (!named && unit && spacing[0]! > 0 && options.reader.unit === undefined) options.notice(unitNotice(unit));
    const size = (i: number) => (unit === undefined ? undefined : positive(spacing[i], unit));
    const color = type === 'uint8' && (channels === 3 || channels === 4);
    const image = outlineImage({
      index: 0,
      name: input.name,
      shape,
      type,
      samples: color ? [channels] : undefined,
      image: fields.get('Comment') ? { Description: fields.get('Comment') } : {},
      pixels: {
        PhysicalSizeX: size(0),
        PhysicalSizeY: size(1),
        PhysicalSizeZ: header.sizes.length > 2 ? size(2) : undefined,
      },
    });
    return {
      format: 'metaimage',
      ome: { Images: [image] },
      images: [{ name: input.name, role: 'pixels', type, levels: [{ shape, blocks }] }],
      original: header.original.map(([key, value]) => ({ key, value })),
      files: [...new Set([own.name, ...files])],
      missing: missing.length > 0 ? missing : undefined,
    };
  } finally {
    await own.close();
  }
}
