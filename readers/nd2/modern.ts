// Modern ND2 (version 2 to 3): frames and metadata in named chunks.

import type { ByteSource, Dataset, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, unsupported } from '../../src/core/errors.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { type Nd2Channel, readChannels } from './channels.js';
import { type ChunkMap, readChunk, readChunkMap, readHeader } from './chunks.js';
import { fitLoops, loopsFromText, readLoops } from './experiment.js';
import { checkFormat, components, type FrameFormat, levelOf, type StoredFrame } from './frames.js';
import { describe, type FrameValues, type Nd2Facts, readEquipment } from './metadata.js';
import { readRois } from './rois.js';
import { flattenVariant, parseVariant, utf16, type Variant } from './variant.js';

/** Each frame begins with its time, a double. */
const STAMP = 8;
const FRAME = /^ImageDataSeq\|(\d+)$/;
const READS_AT_ONCE = 16;
/** Above this many frames the headers of some are read, and the others taken to be like them. */
const MANY_FRAMES = 200_000;

interface Stored {
  readonly frames: ReadonlyMap<number, StoredFrame>;
  /** Highest frame number plus one. */
  readonly count: number;
}

class Nd2File {
  constructor(
    readonly source: ByteSource,
    readonly map: ChunkMap,
    readonly options: OpenOptions,
  ) {}

  bytes(name: string): Promise<Uint8Array | undefined> {
    return readChunk(this.source, this.map, name, this.options.limits);
  }

  /** The first of these chunks that exists, without the element that wraps it all. */
  async tree(names: readonly string[], wrapper: string): Promise<Variant | undefined> {
    for (const name of names) {
      const bytes = await this.bytes(name);
      if (!bytes || bytes.length === 0) continue;
      const root = parseVariant(bytes, this.options.limits.metadataBytes);
      return root.find(wrapper) ?? root;
    }
    return undefined;
  }
}

async function readFrames(file: Nd2File): Promise<Stored> {
  const { source, map, options } = file;
  const entries: { frame: number; name: string; position: number }[] = [];
  for (const [name, position] of map.positions) {
    const number = FRAME.exec(name)?.[1];
    if (number !== undefined && Number(number) < options.limits.directories)
      entries.push({ frame: Number(number), name, position });
  }
  entries.sort((a, b) => a.frame - b.frame);
  const frames = new Map<number, StoredFrame>();
  const step = Math.max(1, Math.ceil(entries.length / MANY_FRAMES));
  let wrong = 0;
  const add = async (entry: (typeof entries)[number]): Promise<void> => {
    const header = await readHeader(source, entry.position);
    if (header?.name === entry.name && header.length > STAMP)
      frames.set(entry.frame, { offset: header.offset + STAMP, length: header.length - STAMP });
    else wrong++;
  };
  for (let i = 0; i < entries.length; i += READS_AT_ONCE * step) {
    const some = entries.slice(i, i + READS_AT_ONCE * step).filter((_, k) => k % step === 0);
    await Promise.all(some.map(add));
  }
  if (step > 1 && wrong === 0) {
    const [first] = frames.values();
    const shift = (first?.offset ?? 0) - entries[0]!.position;
    for (const { frame, position } of entries)
      if (!frames.has(frame)) frames.set(frame, { offset: position + shift, length: first!.length });
  }
  if (wrong > 0) {
    const text = `${source.name}: ${wrong} frames are not where the chunk map places them`;
    options.notice({ code: 'ND2_FRAMES', rank: 'damage', text });
  }
  return { frames, count: (entries.at(-1)?.frame ?? -1) + 1 };
}

/** Samples of each channel: as the planes say where that adds up, else one each, or three of a single one. */
function samplesOf(channels: readonly Nd2Channel[], all: number): number[] {
  const stated = channels.map((channel) => channel.samples);
  if (stated.length > 0 && stated.every((n) => n === 1 || n === 3) && stated.reduce((a, b) => a + b, 0) === all)
    return stated;
  return channels.length === 1 && all === 3 ? [3] : Array.from({ length: all }, () => 1);
}

function typeOf(bits: number, pixelType: number | undefined, file: string): PixelType {
  if (bits === 8) return pixelType === 2 ? 'int8' : 'uint8';
  if (bits === 16) return pixelType === 2 ? 'int16' : 'uint16';
  if (bits === 32) return 'float';
  throw unsupported('ND2_PIXELS', `${file}: components of ${bits} bits are not supported`, { file });
}

async function readFormat(
  file: Nd2File,
  attributes: Variant | undefined,
  channels: readonly Nd2Channel[],
  frames: ReadonlyMap<number, StoredFrame>,
): Promise<FrameFormat> {
  const { name } = file.source;
  const number = (key: string): number | undefined => attributes?.positive(key);
  const [width, height] = [number('Width'), number('Height')];
  const bits = number('BpcInMemory');
  const all = number('Comp') ?? number('VirtualComponents');
  if (width === undefined || height === undefined || bits === undefined || all === undefined) {
    const text = `${name}: the image attributes are missing, so the size of the frames is unknown; the file may be cut short`;
    throw formatError('ND2_ATTRIBUTES', text, { file: name });
  }
  if (!Number.isInteger(all) || all > 10_000)
    throw formatError('ND2_SIZE', `${name}: frames of ${all} components make no sense`, { file: name });
  const type = typeOf(bits, number('PixelType'), name);
  const rowBytes = number('WidthBytes') ?? (width * all * bits) / 8;
  const plain: FrameFormat = { width, height, type, samples: samplesOf(channels, all), rowBytes, codecs: [] };
  const [first] = frames.values();
  const isPacked = attributes?.number('Compression') === 0;
  const isFull = first !== undefined && first.length >= rowBytes * height;
  if (!first || (isFull && !isPacked) || first.offset + 8 > file.source.size) return plain;
  // What the frames begin with decides: attributes say "lossless" of files whose frames are not packed as well.
  const head = await file.source.read(first.offset, 8);
  if ((head[0]! & 15) === 8 && ((head[0]! << 8) | head[1]!) % 31 === 0) return { ...plain, codecs: [{ id: 'zlib' }] };
  const isJpeg =
    (head[0] === 0xff && head[1] === 0x4f) || Buffer.from(head.subarray(4, 8)).toString('latin1') === 'jP  ';
  if (isJpeg) return { ...plain, rowBytes: (width * all * bits) / 8, codecs: [{ id: 'jpeg2000' }] };
  return plain;
}

async function readColumn(file: Nd2File, names: readonly string[]): Promise<Float64Array | undefined> {
  for (const name of names) {
    const bytes = await file.bytes(`CustomData|${name}`);
    if (bytes && bytes.length >= 8) return new Float64Array(bytes.slice(0, bytes.length & ~7).buffer);
  }
  return undefined;
}

async function readValues(file: Nd2File, frames: ReadonlyMap<number, StoredFrame>): Promise<FrameValues> {
  let times = await readColumn(file, ['AcqTimesCache']);
  if (!times && frames.size <= MANY_FRAMES) {
    const count = Math.max(-1, ...frames.keys()) + 1;
    times = new Float64Array(count).fill(Number.NaN);
    for (const [frame, { offset }] of frames) {
      if (offset > file.source.size) continue;
      const stamp = await file.source.read(offset - STAMP, STAMP);
      times[frame] = new DataView(stamp.buffer, stamp.byteOffset, STAMP).getFloat64(0, true);
    }
  }
  return {
    times,
    x: await readColumn(file, ['X']),
    y: await readColumn(file, ['Y']),
    z: await readColumn(file, ['Z', 'Z1']),
  };
}

/** Numbers a row, one a frame. */
function columnText(bytes: Uint8Array, type: number, count: number): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 3)
    return Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) => view.getFloat64(8 * i, true)).join(' ');
  if (type === 2)
    return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getInt32(4 * i, true)).join(' ');
  if (type !== 1 || count < 1) return undefined;
  const each = Math.floor(bytes.length / count);
  return Array.from({ length: count }, (_, i) => utf16(bytes.subarray(i * each, (i + 1) * each))).join('\n');
}

async function readColumns(file: Nd2File, rows: OriginalMetadata[]): Promise<void> {
  const tags = await file.tree(['CustomDataVar|CustomDataV2_0'], 'CustomTagDescription_v1.0');
  for (const tag of tags?.children ?? []) {
    const id = tag.text('ID');
    const bytes = id === undefined ? undefined : await file.bytes(`CustomData|${id}`);
    const text = bytes && columnText(bytes, tag.number('Type') ?? 0, tag.number('Size') ?? 0);
    const unit = tag.text('Unit');
    if (text) rows.push({ key: `Frames/${tag.text('Desc') ?? id}${unit ? ` [${unit}]` : ''}`, value: text });
  }
}

const SKIPPED =
  /^(ImageDataSeq|CustomDataSeq|ImageMetadataSeq(LV)?\|[1-9])|Authentication|ND2 |ReportObjects|GUIDStore/;

/** Every chunk that holds a tree. Of the frames' own metadata the first frame's is kept. */
async function readOriginal(file: Nd2File): Promise<OriginalMetadata[]> {
  const rows: OriginalMetadata[] = [];
  for (const name of [...file.map.positions.keys()].sort()) {
    const isTree = /^Image|^CustomDataVar\||RoiMetadata|ExperimentEvents|CustomDescription|JobDefinitionDesc/.test(
      name,
    );
    if (!isTree || SKIPPED.test(name)) continue;
    const bytes = await file.bytes(name).catch(() => undefined);
    if (!bytes) continue;
    const prefix = name.replace(/(LV)?(\|0)?$/, '').replace(/^CustomData(Var)?\|/, '');
    flattenVariant(prefix, parseVariant(bytes, file.options.limits.metadataBytes), rows);
  }
  await readColumns(file, rows);
  return rows;
}

export async function openModern(source: ByteSource, fileName: string, options: OpenOptions): Promise<Dataset> {
  const { notice, limits, reader } = options;
  const map = await readChunkMap(source, limits, reader.chunkmap !== 'false');
  if (map.rebuilt) {
    const rank = reader.chunkmap === 'false' ? 'info' : 'damage';
    const text = `${source.name}: ${map.rebuilt}; ${map.positions.size} chunks found by looking for them`;
    notice({ code: 'ND2_CHUNK_MAP', rank, text });
  }
  const file = new Nd2File(source, map, options);
  const attributes = await file.tree(['ImageAttributesLV', 'ImageAttributes'], 'SLxImageAttributes');
  const metadata = await file.tree(['ImageMetadataSeqLV|0', 'ImageMetadataSeq|0'], 'SLxPictureMetadata');
  const experiment = await file.tree(['ImageMetadataLV', 'ImageMetadata'], 'SLxExperiment');
  const info = await file.tree(['ImageTextInfoLV', 'ImageTextInfo'], 'SLxImageTextInfo');
  const channels = readChannels(metadata);
  const { frames, count } = await readFrames(file);
  if (count === 0) throw formatError('ND2_NO_FRAMES', `${source.name}: no frames are stored`, { file: source.name });
  const format = await readFormat(file, attributes, channels, frames);
  const description = info?.text('TextInfoItem_5');
  // A number of frames far beyond those that exist is damage, not frames to come.
  const stated = attributes?.positive('SequenceCount') ?? 0;
  const planned = Math.max(count, stated > 100_000 && stated > 10 * count ? 0 : stated);
  const fitted = fitLoops(readLoops(experiment), loopsFromText(description), planned);
  if (fitted.note) notice({ code: 'ND2_LOOPS', rank: fitted.note.rank, text: `${source.name}: ${fitted.note.text}` });
  const { arrangement } = fitted;
  checkFormat(format, arrangement, limits, source.name);
  const bits = attributes?.positive('BpcSignificant');
  const facts: Nd2Facts = {
    file: fileName,
    metadata,
    channels: channels.length > 0 ? channels : format.samples.map((samples) => ({ samples, flags: 0 })),
    values: await readValues(file, frames),
    description,
    optics: info?.text('TextInfoItem_13'),
    significantBits: bits !== undefined && format.type !== 'float' ? bits : undefined,
  };
  if (facts.channels.length !== format.samples.length)
    notice({
      code: 'ND2_CHANNELS',
      rank: 'info',
      text: `${source.name}: ${channels.length} channels are described, but frames have ${components(format)} components`,
    });
  const equipment = readEquipment(facts);
  const regions = await file.tree(['CustomData|RoiMetadata_v1'], 'RoiMetadata_v1');
  const { rois, refs, left } = readRois(regions, arrangement.positions, format);
  if (left > 0) {
    const text = `${source.name}: ${left} regions of interest have no counterpart; they are kept as original metadata only`;
    notice({ code: 'ND2_ROI', rank: 'info', text });
  }
  const described = Array.from({ length: arrangement.positions }, (_, p) => ({
    ...describe(p, { ...facts, rois: refs[p]! }, format, arrangement, equipment),
    level: levelOf(format, arrangement, p, frames, source.name),
  }));
  return {
    format: 'nd2',
    ome: {
      Images: described.map((each) => each.image),
      Instruments: equipment.instrument ? [equipment.instrument] : undefined,
      ...(rois.length > 0 ? { ROIs: rois } : {}),
    },
    images: described.map(({ name, level }) => ({ name, role: 'pixels', type: format.type, levels: [level] })),
    original: await readOriginal(file),
    files: [source.name],
  };
}
