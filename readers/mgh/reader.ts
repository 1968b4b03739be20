// FreeSurfer MGH and MGZ. Layout and sources: NOTES.md.

import { gunzipStart, isGzip } from '../../src/containers/gzip/head.js';
import {
  AXIS,
  checkExtent,
  rawBlocks,
  type StoredAxis,
  shapeOf,
  storedBytes,
} from '../../src/containers/raw/blocks.js';
import { packedArray } from '../../src/containers/raw/gzip.js';
import { outlineImage } from '../../src/containers/raw/model.js';
import { orderSteps } from '../../src/containers/raw/steps.js';
import type { BlockMap } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import type { OmePixels } from '../../src/core/ome.js';
import { positive } from '../../src/core/ome-build.js';
import { bytesPerSample } from '../../src/core/pixel-type.js';
import { HEADER_BYTES, type MghHeader, parseHeader } from './header.js';

/** Behind the pixels: repetition time (ms), flip angle (radians), echo and inversion time (ms), field of view. */
const TRAILER = ['TR', 'FlipAngle', 'TE', 'TI', 'FoV'] as const;

function blocksOf(
  source: ByteSource,
  packed: boolean,
  header: MghHeader,
  axes: readonly StoredAxis[],
  options: OpenOptions,
): BlockMap {
  const file = source.name;
  const { type } = header;
  const bits = 8 * bytesPerSample(type);
  const needed = storedBytes(axes, bits);
  if (!Number.isSafeInteger(needed))
    throw formatError('EXTENT', `${file}: sizes make no sense: ${header.size.join(' x ')}`, { file });
  const codecs = orderSteps(bits / 8, false);
  const { limits } = options;
  if (packed) {
    return packedArray({
      file,
      fileBytes: source.size,
      start: 0,
      skip: HEADER_BYTES,
      axes,
      bits,
      type,
      codecs,
      limits,
    });
  }
  const available = source.size - HEADER_BYTES;
  const cut = checkExtent(file, needed, available, storedBytes(axes.slice(0, 2), bits));
  if (cut) options.notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
  return rawBlocks({ file, offset: HEADER_BYTES, available, axes, bits, codecs, maxBlocks: limits.directories });
}

/** The trailer of an uncompressed file. */
async function trailerOf(source: ByteSource, at: number): Promise<[string, number][]> {
  const length = Math.min(4 * TRAILER.length, source.size - at);
  if (length < 4) return [];
  const bytes = await source.read(at, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return TRAILER.slice(0, Math.floor(length / 4)).map((name, i) => [name, view.getFloat32(4 * i)]);
}

export async function openMgh(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const file = source.name;
    const packed = isGzip(input.head);
    const start = packed ? gunzipStart(input.head) : await source.read(0, Math.min(HEADER_BYTES, source.size));
    if (!start) throw formatError('MGH_GZIP', `${file}: the gzip stream is broken at its start`, { file });
    const header = parseHeader(start, file);
    const [x, y, z, t] = header.size;
    const axes: StoredAxis[] = [
      { axis: AXIS.x, size: x },
      { axis: AXIS.y, size: y },
      { axis: AXIS.z, size: z },
      { axis: AXIS.t, size: t },
    ];
    const shape = shapeOf(axes);
    const blocks = blocksOf(source, packed, header, axes, options);
    const end = HEADER_BYTES + storedBytes(axes, 8 * bytesPerSample(header.type));
    const trailer = packed ? [] : await trailerOf(source, end);
    const size = (i: number): OmePixels['PhysicalSizeX'] => positive(header.spacing?.[i], 'mm');
    const repetition = trailer.find(([name]) => name === 'TR')?.[1];
    const image = outlineImage({
      index: 0,
      name: input.name,
      shape,
      type: header.type,
      pixels: {
        PhysicalSizeX: size(0),
        PhysicalSizeY: size(1),
        PhysicalSizeZ: size(2),
        TimeIncrement: t > 1 ? positive(repetition, 'ms') : undefined,
      },
    });
    return {
      format: 'mgh',
      ome: { Images: [image] },
      images: [{ name: input.name, role: 'pixels', type: header.type, levels: [{ shape, blocks }] }],
      original: [...header.fields, ...trailer].map(([key, value]) => ({ key, value: String(value) })),
      files: [file],
    };
  } finally {
    await source.close();
  }
}
