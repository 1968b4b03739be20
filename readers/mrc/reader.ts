// MRC2014 / CCP4 maps. Layout and sources: NOTES.md.

import { bunzipStart, isBzip2 } from '../../src/containers/bzip2/head.js';
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
import { orderSteps } from '../../src/containers/raw/steps.js';
import type { BlockMap } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import { type ExtendedHeader, parseExtended } from './extended.js';
import { HEADER_BYTES, type MrcHeader, parseHeader } from './header.js';
import { describe, originalMetadata } from './metadata.js';
import { type Mode, modeOf } from './modes.js';

/** Compressed bytes read to find the headers in a gzip stream. */
const GZIP_HEAD = 2 ** 18;

interface Start {
  readonly header: MrcHeader;
  readonly extended: ExtendedHeader;
}

type Packing = 'gzip' | 'bzip2' | undefined;

async function readStart(source: ByteSource, packed: Packing, options: OpenOptions): Promise<Start> {
  const file = source.name;
  let unpacked: Uint8Array | undefined;
  if (packed === 'gzip') unpacked = gunzipStart(await source.read(0, Math.min(GZIP_HEAD, source.size)));
  if (packed === 'bzip2') unpacked = await bunzipStart(source);
  if (packed && !unpacked)
    throw formatError('MRC_PACKED', `${file}: the ${packed} stream is broken at its start`, { file });
  const head = unpacked ?? (await source.read(0, Math.min(HEADER_BYTES, source.size)));
  const header = parseHeader(head, file);
  const { extendedBytes } = header;
  if (!packed && HEADER_BYTES + extendedBytes > source.size) {
    const text = `${file}: the extended header has ${extendedBytes} bytes, the file only ${source.size}`;
    throw formatError('MRC_HEADER', text, { file, offset: 92 });
  }
  if (extendedBytes > options.limits.metadataBytes) {
    const text = `${file}: the extended header has ${extendedBytes} bytes, more than the limit of ${options.limits.metadataBytes}`;
    throw new ImgconvError('limit', 'METADATA_SIZE', text, { file });
  }
  const bytes = unpacked
    ? unpacked.subarray(HEADER_BYTES, HEADER_BYTES + extendedBytes)
    : await source.read(HEADER_BYTES, extendedBytes);
  return { header, extended: parseExtended(bytes, header) };
}

/** Sections are z; a stack of volumes (space groups 401 to 630) splits them into z and t. */
function storedAxes(header: MrcHeader, mode: Mode): readonly StoredAxis[] {
  const [nx, ny, nz] = header.size;
  const deep = header.grid[2];
  const volumes = header.spaceGroup >= 401 && header.spaceGroup <= 630 && deep > 0 && nz % deep === 0 ? nz / deep : 1;
  return [
    { axis: AXIS.c, size: mode.samples },
    { axis: AXIS.x, size: nx },
    { axis: AXIS.y, size: ny },
    { axis: AXIS.z, size: nz / volumes },
    { axis: AXIS.t, size: volumes },
  ].slice(mode.samples === 1 ? 1 : 0) as StoredAxis[];
}

function blocksOf(source: ByteSource, packed: Packing, header: MrcHeader, mode: Mode, options: OpenOptions): BlockMap {
  const axes = storedAxes(header, mode);
  const start = HEADER_BYTES + header.extendedBytes;
  const steps = [...orderSteps(mode.bits / 8, header.littleEndian), ...(mode.codecs ?? [])];
  const needed = storedBytes(axes, mode.bits);
  const array = { file: source.name, axes, bits: mode.bits };
  if (packed) {
    const { limits } = options;
    return packedArray({
      ...array,
      type: mode.type,
      codecs: steps,
      fileBytes: source.size,
      codec: packed,
      start: 0,
      skip: start,
      limits,
    });
  }
  const available = source.size - start;
  const cut = checkExtent(source.name, needed, available, storedBytes(axes.slice(0, -2), mode.bits));
  if (cut) options.notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
  return rawBlocks({ ...array, offset: start, available, codecs: steps, maxBlocks: options.limits.directories });
}

export async function openMrc(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const source = await input.open();
  try {
    const packed = isGzip(input.head) ? 'gzip' : isBzip2(input.head) ? 'bzip2' : undefined;
    const { header, extended } = await readStart(source, packed, options);
    const mode = modeOf(header);
    const shape = shapeOf(storedAxes(header, mode));
    const blocks = blocksOf(source, packed, header, mode, options);
    return {
      format: 'mrc',
      ome: { Images: [describe(input.name, header, extended, mode, shape)] },
      images: [{ name: input.name, role: 'pixels', type: mode.type, levels: [{ shape, blocks }] }],
      original: originalMetadata(header, extended),
      files: [source.name],
    };
  } finally {
    await source.close();
  }
}
