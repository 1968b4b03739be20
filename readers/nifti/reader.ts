// NIfTI-1, NIfTI-2 and Analyze 7.5. Layout and sources: NOTES.md.

import { gunzipStart, isGzip } from '../../src/containers/gzip/head.js';
import {
  AXIS,
  checkExtent,
  planeBlocks,
  rawBlocks,
  type StoredAxis,
  shapeOf,
  storedBytes,
} from '../../src/containers/raw/blocks.js';
import { packedArray, packedPlanes } from '../../src/containers/raw/gzip.js';
import { unitNotice } from '../../src/containers/raw/model.js';
import { orderSteps } from '../../src/containers/raw/steps.js';
import type { BlockMap, CodecStep } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, InputTree, OpenOptions } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import { needPartner } from './files.js';
import { type NiftiHeader, parseHeader, recognise } from './header.js';
import { describe, type Extension, originalMetadata, unitsOf } from './metadata.js';
import { type Voxel, voxelOf } from './voxel.js';

/** Compressed bytes read to find the header and its extensions in a gzip stream. */
const GZIP_HEAD = 2 ** 20;
const LABELS = 1002;

interface Start {
  readonly header: NiftiHeader;
  readonly extensions: readonly Extension[];
}

/** Extensions follow the header: 4 flag bytes, then size (16 and more, its own 8 bytes included), code, content. */
function parseExtensions(bytes: Uint8Array, header: NiftiHeader, end: number): Extension[] {
  const { size, littleEndian } = header;
  const list: Extension[] = [];
  if (header.flavour === 'analyze' || bytes.length < size + 4 || bytes[size] === 0) return list;
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = size + 4; at + 8 <= end; ) {
    const length = v.getInt32(at, littleEndian);
    if (length < 8 || at + length > end) break;
    list.push({ code: v.getInt32(at + 4, littleEndian), bytes: bytes.slice(at + 8, at + length) });
    at += length;
  }
  return list;
}

async function readStart(source: ByteSource, options: OpenOptions): Promise<Start> {
  const file = source.name;
  const first = await source.read(0, Math.min(4096, source.size));
  const packed = isGzip(first);
  const head = packed ? gunzipStart(await source.read(0, Math.min(GZIP_HEAD, source.size))) : first;
  if (!head) throw formatError('NIFTI_GZIP', `${file}: the gzip stream is broken at its start`, { file });
  const header = parseHeader(head, file);
  const wanted = header.single ? header.offset : packed ? head.length : source.size;
  if (wanted > options.limits.metadataBytes) {
    const text = `${file}: ${wanted} bytes before the pixels, the limit is ${options.limits.metadataBytes}`;
    throw new ImgconvError('limit', 'METADATA_SIZE', text, { file });
  }
  const bytes = packed ? head : wanted > first.length ? await source.read(0, Math.min(wanted, source.size)) : first;
  return { header, extensions: parseExtensions(bytes, header, Math.min(wanted, bytes.length)) };
}

/** Stored axes, fastest first: samples, x, y, z, t, vector. The 6th and 7th dimension continue the vector. */
function storedAxes(header: NiftiHeader, voxel: Voxel): readonly StoredAxis[] {
  const [x, y, z, t, ...rest] = header.dims as [number, number, number, number, ...number[]];
  const vector = rest.reduce((a, b) => a * b, 1);
  const axes: StoredAxis[] = [
    { axis: AXIS.x, size: x },
    { axis: AXIS.y, size: y },
    { axis: AXIS.z, size: z },
    { axis: AXIS.t, size: t },
  ];
  if (voxel.samples > 1) axes.unshift({ axis: AXIS.c, size: voxel.samples });
  if (vector > 1) axes.push({ axis: AXIS.c, size: vector });
  return axes;
}

/** Blocks of an array with samples inside and a vector outside: both are c, so planes are addressed one by one. */
function vectorOfSamples(axes: readonly StoredAxis[], voxel: Voxel, offset: number, codecs: readonly CodecStep[]) {
  const [samples, x, y, z, t, vector] = axes as readonly [
    StoredAxis,
    StoredAxis,
    StoredAxis,
    StoredAxis,
    StoredAxis,
    StoredAxis,
  ];
  const plane = [samples, x, y];
  const bytes = storedBytes(plane, voxel.bits);
  return {
    plane,
    bits: voxel.bits,
    codecs,
    counts: [t.size, vector.size, z.size] as const,
    offsetOf: (ti: number, ci: number, zi: number): number => offset + bytes * ((ci * t.size + ti) * z.size + zi),
  };
}

function blocksOf(
  pixels: ByteSource,
  packed: boolean,
  header: NiftiHeader,
  voxel: Voxel,
  options: OpenOptions,
): BlockMap {
  const { offset } = header;
  const file = pixels.name;
  const axes = storedAxes(header, voxel);
  const needed = storedBytes(axes, voxel.bits);
  if (!Number.isSafeInteger(offset + needed)) {
    throw formatError('EXTENT', `${file}: sizes make no sense: ${header.dims.join(' x ')}`, { file });
  }
  const bits: CodecStep[] = voxel.bits === 1 ? [{ id: 'bits', bits: 1, order: 'msb' }] : [];
  const codecs = [...orderSteps(voxel.bits / 8, header.littleEndian), ...bits];
  const maxBlocks = options.limits.directories;
  const nested = axes.length === 6;
  if (packed) {
    if (nested) {
      return packedPlanes({
        ...vectorOfSamples(axes, voxel, offset, codecs),
        file,
        maxBlocks,
        fileBytes: pixels.size,
        unpackedBytes: offset + needed,
      });
    }
    return packedArray({
      file,
      axes,
      bits: voxel.bits,
      type: voxel.type,
      codecs,
      skip: offset,
      start: 0,
      fileBytes: pixels.size,
      limits: options.limits,
    });
  }
  const available = pixels.size - offset;
  const planeAxes = axes.filter(({ axis }, i) => axis === AXIS.x || axis === AXIS.y || (axis === AXIS.c && i === 0));
  const cut = checkExtent(file, needed, available, storedBytes(planeAxes, voxel.bits));
  if (cut) options.notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
  if (nested)
    return planeBlocks({ ...vectorOfSamples(axes, voxel, offset, codecs), file, maxBlocks, fileBytes: pixels.size });
  return rawBlocks({ file, offset, available, axes, bits: voxel.bits, codecs, maxBlocks });
}

function fullShape(header: NiftiHeader, voxel: Voxel): Tczyx {
  const axes = storedAxes(header, voxel);
  const [t, , z, y, x] = shapeOf(axes);
  const c = axes.reduce((n, each) => (each.axis === AXIS.c ? n * each.size : n), 1);
  return [t, c, z, y, x];
}

function tell(header: NiftiHeader, options: OpenOptions): void {
  const { slope, intercept } = header;
  if (Number.isFinite(slope) && slope !== 0 && (slope !== 1 || intercept !== 0)) {
    const text = `values are stored ones; the header scales them: value = ${slope} x stored + ${intercept} (kept as scl_slope and scl_inter)`;
    options.notice({ code: 'VALUE_SCALE', rank: 'info', text });
  }
}

export async function openNifti(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const head = isGzip(input.head) ? gunzipStart(input.head) : input.head;
  const isHeader = head !== undefined && recognise(head) !== undefined;
  const start = await input.open(
    isHeader || !/\.img(\.gz)?$/i.test(input.name) ? undefined : await needPartner(input, 'hdr'),
  );
  let pixels: ByteSource | undefined;
  try {
    const { header, extensions } = await readStart(start, options);
    pixels = header.single ? start : await input.open(isHeader ? await needPartner(input, 'img') : undefined);
    const voxel = voxelOf(header, start.name);
    const shape = fullShape(header, voxel);
    const packed = isGzip(await pixels.read(0, Math.min(16, pixels.size)));
    const blocks = blocksOf(pixels, packed, header, voxel, options);
    const units = unitsOf(header, options);
    const sized = header.spacing.slice(0, 3).some((n) => n > 0);
    if (units.assumed && units.length && sized && options.reader.unit === undefined)
      options.notice(unitNotice(units.length));
    tell(header, options);
    return {
      format: header.flavour === 'analyze' ? 'analyze' : 'nifti',
      ome: { Images: [describe(input.name, header, voxel, shape, units)] },
      images: [
        {
          name: input.name,
          role: 'pixels',
          type: voxel.type,
          levels: [{ shape, blocks }],
          ...(header.intent === LABELS ? { categorical: true } : {}),
        },
      ],
      original: originalMetadata(header, extensions),
      files: [...new Set([start.name, pixels.name])],
    };
  } finally {
    await start.close();
    await pixels?.close();
  }
}
