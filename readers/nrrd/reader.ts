// NRRD. Layout and sources: NOTES.md.

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
import { outlineImage, unitNotice } from '../../src/containers/raw/model.js';
import { orderSteps } from '../../src/containers/raw/steps.js';
import type { BlockMap, CodecStep } from '../../src/core/blocks.js';
import type { Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import { gridCounts, gridPosition, type Tczyx } from '../../src/core/geometry.js';
import { bytesPerSample } from '../../src/core/pixel-type.js';
import { axesOf, type NrrdAxes } from './axes.js';
import { type DataFile, dataNames, locate, locateAll } from './data.js';
import { type NrrdHeader, readHeader } from './header.js';

/** From the stored stream to little-endian samples. `needed`: bytes of the samples that the stream holds. */
function stepsOf(header: NrrdHeader, needed: number): readonly CodecStep[] {
  const order = orderSteps(bytesPerSample(header.type), header.littleEndian);
  const { byteSkip } = header;
  // Bytes are skipped after decompression; -1 (the last bytes) is meant for raw data and says nothing here.
  const skip: CodecStep[] = byteSkip > 0 ? [{ id: 'slice', offset: byteSkip, length: needed }] : [];
  switch (header.encoding) {
    case 'gzip':
      return [{ id: 'gzip' }, ...skip, ...order];
    case 'bzip2':
      return [{ id: 'bzip2' }, ...skip, ...order];
    case 'hex':
      return [{ id: 'hex' }, ...order];
    case 'ascii':
      return [{ id: 'ascii', type: header.type }];
    default:
      return order;
  }
}

/** Start of raw samples in a file that holds `needed` bytes of them. */
function rawStart(header: NrrdHeader, file: DataFile, needed: number): number {
  return header.byteSkip < 0 ? Math.max(file.start, file.bytes - needed) : file.start + header.byteSkip;
}

function oneFile(header: NrrdHeader, axes: readonly StoredAxis[], file: DataFile, options: OpenOptions): BlockMap {
  const elementBytes = bytesPerSample(header.type);
  const bits = elementBytes * 8;
  const needed = storedBytes(axes, bits);
  const codecs = stepsOf(header, needed);
  if (header.encoding === 'gzip') {
    return packedArray({
      file: file.path,
      fileBytes: file.bytes,
      start: file.start,
      // Bytes are skipped after decompression; -1 (the last bytes) is meant for raw data and says nothing here.
      skip: Math.max(0, header.byteSkip),
      axes,
      bits,
      type: header.type,
      codecs: orderSteps(elementBytes, header.littleEndian),
      limits: options.limits,
    });
  }
  if (header.encoding !== 'raw') {
    const available = file.bytes - file.start;
    return packedBlock({
      file: file.path,
      offset: file.start,
      available,
      axes,
      bits,
      codecs,
      elementBytes,
      maxBytes: options.limits.blockBytes,
    });
  }
  const offset = rawStart(header, file, needed);
  const plane = storedBytes(
    axes.filter(({ axis }) => axis !== AXIS.z && axis !== AXIS.t),
    bits,
  );
  const cut = checkExtent(file.path, needed, file.bytes - offset, plane);
  if (cut) options.notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
  const maxBlocks = options.limits.directories;
  return rawBlocks({ file: file.path, offset, available: file.bytes - offset, axes, bits, codecs, maxBlocks });
}

/** How much of each stored axis one of `count` files holds. */
function fileSizes(axes: readonly StoredAxis[], count: number, file: string): number[] {
  let rest = count;
  const sizes = axes.map((each) => each.size);
  for (let i = sizes.length - 1; i >= 0 && rest > 1; i--) {
    const size = sizes[i]!;
    const here = Math.min(size, rest);
    if (size % here !== 0 || rest % here !== 0) {
      throw formatError('NRRD_FILES', `${file}: ${count} data files do not divide the sizes ${sizes.join(' x ')}`, {
        file,
      });
    }
    sizes[i] = size / here;
    rest /= here;
  }
  return sizes;
}

/** One block a file. */
function manyFiles(
  header: NrrdHeader,
  axes: readonly StoredAxis[],
  files: readonly (DataFile | undefined)[],
  name: string,
  options: OpenOptions,
): BlockMap {
  const sizes = fileSizes(axes, files.length, name);
  const part = axes.map(({ axis }, i) => ({ axis, size: sizes[i]! }));
  const elementBytes = bytesPerSample(header.type);
  const needed = storedBytes(part, elementBytes * 8);
  const one = packedBlock({
    file: name,
    offset: 0,
    available: 0,
    axes: part,
    bits: elementBytes * 8,
    elementBytes,
    codecs: stepsOf(header, needed),
    maxBytes: header.encoding === 'raw' ? Number.MAX_SAFE_INTEGER : options.limits.blockBytes,
  });
  const shape = shapeOf(axes);
  const block = shapeOf(part);
  const counts = gridCounts(shape, block);
  const offset = new Float64Array(files.length).fill(-1);
  const length = new Float64Array(files.length);
  const index = new Uint32Array(files.length);
  for (let i = 0; i < files.length; i++) {
    const position = gridPosition(i, counts);
    // Files follow each other in stored order.
    let stored = 0;
    let stride = 1;
    for (const { axis } of axes) {
      stored += position[axis] * stride;
      stride *= counts[axis];
    }
    const file = files[stored];
    index[i] = stored;
    if (!file) continue;
    offset[i] = header.encoding === 'raw' ? rawStart(header, file, needed) : file.start;
    length[i] = Math.max(
      0,
      header.encoding === 'raw' ? Math.min(needed, file.bytes - offset[i]!) : file.bytes - file.start,
    );
  }
  return {
    ...one,
    layout: { kind: 'grid', block, edge: 'clipped' },
    address: { kind: 'table', file: index, offset, length },
    files: files.map((file) => file?.path ?? ''),
  };
}

function describe(name: string, header: NrrdHeader, axes: NrrdAxes, shape: Tczyx) {
  const { step, colorSamples } = axes;
  const names = axes.complex && shape[1] === 2 ? ['Real', 'Imaginary'] : undefined;
  const Description = header.fields.get('content');
  return outlineImage({
    index: 0,
    name,
    shape,
    type: header.type,
    samples: colorSamples ? [colorSamples] : undefined,
    channels: names?.map((Name) => ({ Name })),
    pixels: {
      PhysicalSizeX: step[AXIS.x],
      PhysicalSizeY: step[AXIS.y],
      PhysicalSizeZ: step[AXIS.z],
      TimeIncrement: step[AXIS.t],
    },
    image: { Description },
  });
}

export async function openNrrd(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const header = await readHeader(source);
    const axes = axesOf(header, file, options.reader.unit);
    if (axes.assumedUnit && options.reader.unit === undefined) options.notice(unitNotice(axes.assumedUnit));
    const shape = shapeOf(axes.axes);
    if (!Number.isSafeInteger(storedBytes(axes.axes, bytesPerSample(header.type) * 8))) {
      throw formatError('EXTENT', `${file}: sizes make no sense: ${header.sizes.join(' x ')}`, { file });
    }
    const names = dataNames(header, file, options);
    const { files, missing } = names
      ? await locateAll(input, names, header)
      : { files: [await locate(source, header, header.bytes)], missing: [] };
    if (missing.length === files.length) {
      const text = `${file}: no data file exists, first: ${missing[0] ?? 'none named'}`;
      throw missing.length === 0
        ? formatError('NRRD_FILES', text, { file })
        : new ImgconvError('io', 'NOT_FOUND', text, { file });
    }
    for (const name of missing)
      options.notice({ code: 'FILE_MISSING', rank: 'damage', text: `data file is missing: ${name}` });
    const single = files.length === 1 ? files[0] : undefined;
    const blocks = single
      ? oneFile(header, axes.axes, single, options)
      : manyFiles(header, axes.axes, files, file, options);
    return {
      format: 'nrrd',
      ome: { Images: [describe(input.name, header, axes, shape)] },
      images: [{ name: input.name, role: 'pixels', type: header.type, levels: [{ shape, blocks }] }],
      original: header.original.map(([key, value]) => ({ key, value })),
      files: [...new Set([file, ...files.flatMap((each) => (each ? [each.path] : []))])],
      missing: missing.length > 0 ? missing : undefined,
    };
  } finally {
    await source.close();
  }
}
