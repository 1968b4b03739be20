// Legacy ND2: a JPEG 2000 file whose boxes hold one code stream a channel and frame, and metadata as XML. NOTES.md, "Legacy".

import type { Chain } from '../../src/core/blocks.js';
import type { ByteSource, Dataset, Level, OpenOptions, OriginalMetadata } from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { type Nd2Channel, readChannels } from './channels.js';
import { type Arrangement, fitLoops, type Loop, loopsFromText, readLoops } from './experiment.js';
import { checkFormat, type FrameFormat } from './frames.js';
import { describe, type Nd2Facts, readEquipment } from './metadata.js';
import { flattenVariant, parseVariant, type Variant } from './variant.js';

const MAP_SIGNATURE = 'LABORATORY IMAGING ND BOX MAP 00';
const BOX = 8;

interface Box {
  readonly type: string;
  /** Nikon's own name of the box's content, where the box map has it. */
  readonly content?: string;
  /** Of the content, from the start of the file. */
  readonly offset: number;
  readonly length: number;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

async function readBox(source: ByteSource, at: number): Promise<Box | undefined> {
  if (at < 0 || at + BOX > source.size) return undefined;
  const head = await source.read(at, Math.min(16, source.size - at));
  const view = viewOf(head);
  const short = view.getUint32(0);
  const type = latin1(head.subarray(4, 8));
  if (!/^[\x20-\x7e]{4}$/.test(type)) return undefined;
  const long = short === 1 && head.length === 16;
  const length = short === 0 ? source.size - at : long ? Number(view.getBigUint64(8)) : short;
  const header = long ? 16 : BOX;
  if (length < header) return undefined;
  return { type, offset: at + header, length: Math.min(length - header, source.size - at - header) };
}

/** The map at the end names every box: type, content, position. */
async function readMap(source: ByteSource, limit: number): Promise<Box[] | undefined> {
  if (source.size < 40) return undefined;
  const tail = await source.read(source.size - 40, 40);
  if (latin1(tail.subarray(0, 32)) !== MAP_SIGNATURE) return undefined;
  const back = Number(viewOf(tail).getBigUint64(32, true));
  const start = source.size - back;
  if (back < 44 || start < 0) return undefined;
  const count = viewOf(await source.read(start, 4)).getUint32(0);
  if (count * 16 > back || count > limit) return undefined;
  const table = await source.read(start + 4, Math.min(count * 16, back - 4));
  const boxes: Box[] = [];
  for (let i = 0; (i + 1) * 16 <= table.length; i++) {
    const row = table.subarray(i * 16, i * 16 + 16);
    const wide = Number(viewOf(row).getBigUint64(8, true));
    const box = await readBox(source, wide < source.size ? wide : viewOf(row).getUint32(8, true));
    if (box) boxes.push({ ...box, content: latin1(row.subarray(4, 8)) });
  }
  return boxes.length > 0 ? boxes : undefined;
}

async function walk(source: ByteSource, limit: number): Promise<Box[]> {
  const boxes: Box[] = [];
  for (let at = 0; boxes.length < limit; ) {
    const box = await readBox(source, at);
    if (!box) break;
    boxes.push(box);
    at = box.offset + box.length;
  }
  return boxes;
}

/** XML begins after the box's own label. */
async function readTree(source: ByteSource, box: Box, maxBytes: number): Promise<Variant | undefined> {
  if (box.length > maxBytes) return undefined;
  const bytes = await source.read(box.offset, box.length);
  const start = bytes.indexOf(0x3c);
  if (start < 0 || start > 256) return undefined;
  let end = bytes.length;
  while (end > start && bytes[end - 1] === 0) end--;
  return parseVariant(bytes.subarray(start, end), maxBytes);
}

/** What differs from frame to frame. */
const COLUMNS = ['TimeMSec', 'XPos', 'YPos', 'ZPos'] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], number>>;

interface Trees {
  /** Metadata of the first frame, and numbers of every one. */
  first?: Variant;
  readonly rows: Row[];
  readonly other: Map<string, Variant>;
}

const META_BOX = /^(VIMD|VCAL|AIM1|AIMD|TINF|ARTT|ACAL|IEVE|CUST)$/;

/** What a tree is, where no map says so. */
function contentOf(root: Variant): string {
  const has = (key: string): boolean => root.children.some((each) => each.key === key || each.find(key) !== undefined);
  if (has('PicturePlanes')) return 'VIMD';
  if (has('LoopPars') || has('LoopNo00')) return 'AIM1';
  if (has('TextInfoItem') || root.children.some((each) => each.name.startsWith('TextInfo'))) return 'TINF';
  return root.children[0]?.name ?? 'XML';
}

async function readTrees(source: ByteSource, boxes: readonly Box[], options: OpenOptions): Promise<Trees> {
  const trees: Trees = { rows: [], other: new Map() };
  for (const box of boxes) {
    if (box.type === 'jp2c' || box.type === 'jp2h' || box.type === 'ftyp') continue;
    if (box.content !== undefined && !META_BOX.test(box.content)) continue;
    if (box.content === 'VCAL') continue;
    const root = await readTree(source, box, options.limits.metadataBytes);
    if (!root) continue;
    const content = box.content ?? contentOf(root);
    if (content === 'VIMD') {
      const frame = inner(root, 'PicturePlanes');
      trees.first ??= frame;
      const values = COLUMNS.map((key) => [key, frame.number(key) ?? Number.NaN] as const);
      trees.rows.push(Object.fromEntries(values) as Row);
    } else if (!trees.other.has(content)) trees.other.set(content, root);
  }
  return trees;
}

/** The element that has a child of that name, a few levels down. */
function inner(root: Variant, key: string, depth = 4): Variant {
  if (root.find(key) || depth === 0) return root;
  for (const each of root.children) {
    const found = inner(each, key, depth - 1);
    if (found.find(key)) return found;
  }
  return root;
}

function legacyLoops(root: Variant | undefined): Loop[] {
  if (!root) return [];
  const numbered = inner(root, 'LoopNo00');
  if (numbered.find('LoopNo00')) {
    return numbered.children
      .filter((each) => /^LoopNo\d+/.test(each.key))
      .flatMap((each) => readLoops(each).slice(0, 1));
  }
  const node = inner(root, 'LoopPars');
  return node.find('LoopPars') ? readLoops(node) : [];
}

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  readonly type: PixelType;
  readonly bits: number;
}

/** SIZ of a code stream (ISO/IEC 15444-1 A.5.1). */
async function readPicture(source: ByteSource, stream: Box): Promise<Picture | undefined> {
  if (stream.length < 48) return undefined;
  const view = viewOf(await source.read(stream.offset, 48));
  if (view.getUint16(0) !== 0xff4f || view.getUint16(2) !== 0xff51) return undefined;
  const bits = (view.getUint8(42) & 127) + 1;
  return {
    width: view.getUint32(8) - view.getUint32(16),
    height: view.getUint32(12) - view.getUint32(20),
    samples: view.getUint16(40),
    type: bits > 8 ? 'uint16' : 'uint8',
    bits,
  };
}

/** Frame by frame, channel by channel: one code stream each, or one a frame for all components. */
function levelOf(
  picture: Picture,
  perFrame: number,
  arrangement: Arrangement,
  p: number,
  streams: readonly Box[],
  file: string,
): Level {
  const { sizeT, sizeZ } = arrangement;
  const { width, height, samples } = picture;
  const shape: Tczyx = [sizeT, perFrame * samples, sizeZ, height, width];
  const count = sizeT * perFrame * sizeZ;
  const offset = new Float64Array(count).fill(-1);
  const length = new Float64Array(count);
  for (let t = 0; t < sizeT; t++) {
    for (let c = 0; c < perFrame; c++) {
      for (let z = 0; z < sizeZ; z++) {
        const stream = streams[arrangement.frame(p, t, z) * perFrame + c];
        if (!stream) continue;
        const block = (t * perFrame + c) * sizeZ + z;
        offset[block] = stream.offset;
        length[block] = stream.length;
      }
    }
  }
  const chain: Chain = { codecs: [{ id: 'jpeg2000' }], order: 'tzyxc' };
  return {
    shape,
    blocks: {
      layout: { kind: 'grid', block: [1, samples, 1, height, width], edge: 'clipped' },
      address: { kind: 'table', file: 0, offset, length },
      files: [file],
      chains: [chain],
      fill: 0,
      absent: 'missing',
    },
  };
}

/** Streams a frame: those of the described channels, where they divide the streams that there are. */
function streamsPerFrame(channels: readonly Nd2Channel[], picture: Picture, streams: number, frames: number): number {
  const described = channels.length;
  if (described > 0 && picture.samples !== described && streams % described === 0) return described;
  if (frames > 0 && streams > frames && streams % frames === 0) return streams / frames;
  return 1;
}

function textOf(root: Variant | undefined, index: number): string | undefined {
  if (!root) return undefined;
  const own = root.text(`TextInfoItem_${index}`) ?? root.text(`SLxImageTextInfo/TextInfoItem_${index}`);
  if (own) return own;
  const texts: string[] = [];
  const visit = (item: Variant): void => {
    if (item.key === 'Text' && typeof item.value === 'string') texts.push(item.value);
    for (const each of item.children) visit(each);
  };
  visit(root);
  return index === 5 ? texts.find((text) => /^(Metadata:|Dimensions:)/.test(text.trim())) : undefined;
}

/** A column of numbers, one a frame; undefined where no frame has it. */
function column(rows: readonly Row[], key: keyof Row): Float64Array | undefined {
  const values = Float64Array.from(rows, (row) => row[key]);
  return values.some((value) => !Number.isNaN(value)) ? values : undefined;
}

function originalOf(trees: Trees): OriginalMetadata[] {
  const rows: OriginalMetadata[] = [];
  for (const [content, root] of trees.other) flattenVariant(content, root, rows);
  const { first } = trees;
  if (first) flattenVariant('Image', first, rows);
  return rows;
}

export async function openLegacy(source: ByteSource, fileName: string, options: OpenOptions): Promise<Dataset> {
  const { limits, notice } = options;
  const useMap = options.reader.chunkmap !== 'false';
  const mapped = useMap ? await readMap(source, limits.directories) : undefined;
  if (!mapped && useMap) {
    const text = `${source.name}: the map of boxes is missing; the boxes are taken as they follow each other`;
    notice({ code: 'ND2_CHUNK_MAP', rank: 'damage', text });
  }
  const boxes = mapped ?? (await walk(source, limits.directories));
  const streams = boxes.filter((box) => box.type === 'jp2c');
  const picture = streams[0] && (await readPicture(source, streams[0]));
  if (!picture)
    throw formatError('ND2_NO_FRAMES', `${source.name}: no JPEG 2000 code stream found`, { file: source.name });
  if (picture.bits > 16)
    throw new ImgconvError('unsupported', 'ND2_PIXELS', `${source.name}: ${picture.bits} bits a component`, {
      file: source.name,
    });
  const trees = await readTrees(source, boxes, options);
  const channels = readChannels(trees.first);
  const perFrame = streamsPerFrame(channels, picture, streams.length, trees.rows.length);
  const samples = Array.from({ length: perFrame }, () => picture.samples);
  const description = textOf(trees.other.get('TINF'), 5);
  const frames = Math.ceil(streams.length / perFrame);
  const experiment = trees.other.get('AIM1') ?? trees.other.get('AIMD');
  const fitted = fitLoops(legacyLoops(experiment), loopsFromText(description), frames);
  if (fitted.note) notice({ code: 'ND2_LOOPS', rank: fitted.note.rank, text: `${source.name}: ${fitted.note.text}` });
  const { arrangement } = fitted;
  const { width, height, type } = picture;
  const rowBytes = width * perFrame * picture.samples * (picture.bits > 8 ? 2 : 1);
  const format: FrameFormat = { width, height, type, samples, rowBytes, codecs: [{ id: 'jpeg2000' }] };
  checkFormat(format, arrangement, limits, source.name);
  const facts: Nd2Facts = {
    file: fileName,
    metadata: trees.first,
    channels: samples.map((n, c) => ({ flags: 0, ...channels[c], samples: n })),
    values: {
      times: column(trees.rows, 'TimeMSec'),
      x: column(trees.rows, 'XPos'),
      y: column(trees.rows, 'YPos'),
      z: column(trees.rows, 'ZPos'),
    },
    description,
    significantBits: picture.bits,
  };
  const equipment = readEquipment(facts);
  const described = Array.from({ length: arrangement.positions }, (_, p) => ({
    ...describe(p, facts, format, arrangement, equipment),
    level: levelOf(picture, perFrame, arrangement, p, streams, source.name),
  }));
  return {
    format: 'nd2',
    ome: {
      Images: described.map((each) => each.image),
      Instruments: equipment.instrument ? [equipment.instrument] : undefined,
    },
    images: described.map(({ name, level }) => ({ name, role: 'pixels', type, levels: [level] })),
    original: originalOf(trees),
    files: [source.name],
  };
}
