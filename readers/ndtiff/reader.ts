// NDTiff data sets. Layout and sources: NOTES.md.

import {
  argbColor,
  instrumentOf,
  omePlane,
  type PlaneFacts,
  planeFacts,
  summaryFacts,
} from '../../src/containers/micromanager/facts.js';
import {
  flatten,
  isObject,
  type MmObject,
  parseObject,
  textOf,
  valueAt,
} from '../../src/containers/micromanager/json.js';
import type {
  ByteSource,
  Dataset,
  ImageSource,
  InputTree,
  OpenOptions,
  OriginalMetadata,
} from '../../src/core/contracts.js';
import { formatError, ImgconvError } from '../../src/core/errors.js';
import type { OmeImage, OmePlane } from '../../src/core/ome.js';
import { defined, positive, simpleImage } from '../../src/core/ome-build.js';
import { canvasLevel, planeLevel, type StoredFile } from './blocks.js';
import { type IndexEntry, parseIndex } from './index-file.js';
import { type Frame, type ImageLayout, layOut } from './layout.js';

const INDEX = 'NDTiff.index';
const FULL = 'Full resolution';
/** Marks the acquisition's metadata in the header, before their length. */
const SUMMARY_STAMP = 2355492;
/** Planes whose metadata are kept one by one; beyond, those of each image's first plane stand for all. */
const KEPT_PLANES = 2000;
const AT_ONCE = 16;

interface Source extends StoredFile {
  readonly source: ByteSource;
}

/** Header of a file: summary metadata after two stamps; version 3 has a minor version between them. */
async function readSummary(source: ByteSource, options: OpenOptions): Promise<MmObject | undefined> {
  const head = await source.read(0, Math.min(28, source.size));
  if (head.length < 28) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const at =
    view.getUint32(16, true) === SUMMARY_STAMP ? 20 : view.getUint32(20, true) === SUMMARY_STAMP ? 24 : undefined;
  if (at === undefined) return undefined;
  const length = view.getUint32(at, true);
  if (length > options.limits.metadataBytes || at + 4 + length > source.size) return undefined;
  return parseObject(await source.read(at + 4, length));
}

async function findFiles(
  input: InputTree,
  folder: string,
  entries: readonly IndexEntry[],
): Promise<Map<string, Source | undefined>> {
  const files = new Map<string, Source | undefined>();
  for (const { file } of entries) {
    if (files.has(file)) continue;
    try {
      const source = await input.open(folder + file);
      files.set(file, { path: source.name, bytes: source.size, source });
    } catch (error) {
      if (!(error instanceof ImgconvError) || error.code !== 'NOT_FOUND') throw error;
      files.set(file, undefined);
    }
  }
  return files;
}

async function planeMetadata(
  { entry }: Frame,
  files: ReadonlyMap<string, Source | undefined>,
  limit: number,
): Promise<MmObject | undefined> {
  const stored = files.get(entry.file);
  const { metadataOffset: at, metadataLength: length } = entry;
  if (!stored || length === 0 || length > limit || at + length > stored.bytes) return undefined;
  return parseObject(await stored.source.read(at, length));
}

interface ImageMetadata {
  readonly first: MmObject | undefined;
  /** By frame. */
  readonly facts: readonly PlaneFacts[];
  readonly original: readonly OriginalMetadata[];
}

async function readMetadata(
  layout: ImageLayout,
  image: number,
  files: ReadonlyMap<string, Source | undefined>,
  keep: boolean,
  options: OpenOptions,
): Promise<ImageMetadata> {
  const facts: PlaneFacts[] = [];
  const original: OriginalMetadata[] = [];
  let first: MmObject | undefined;
  let before = new Map<string, string>();
  for (let i = 0; i < layout.frames.length; i += AT_ONCE) {
    options.signal?.throwIfAborted();
    const frames = layout.frames.slice(i, i + AT_ONCE);
    const objects = await Promise.all(frames.map((frame) => planeMetadata(frame, files, options.limits.metadataBytes)));
    for (const [k, object] of objects.entries()) {
      facts.push(planeFacts(object));
      if (!object || (first && !keep)) continue;
      const { t, c, z } = frames[k]!;
      const rows = flatten(object);
      // The first plane in full, of the others what differs from it.
      const prefix = first ? `Plane t${t} c${c} z${z} ` : '';
      for (const { key, value } of rows) {
        if (before.get(key) !== value || !first) original.push({ image, key: prefix + key, value });
      }
      if (!first) before = new Map(rows.map(({ key, value }) => [key, value]));
      first ??= object;
    }
  }
  return { first, facts, original };
}

function channelNames(layout: ImageLayout, metadata: ImageMetadata, names: readonly string[]): (string | undefined)[] {
  return Array.from({ length: layout.counts[1] }, (_, c) => {
    const value = layout.channels[c];
    if (typeof value === 'string' && value) return value;
    const frame = layout.frames.findIndex((each) => each.c === c);
    return names[c] || metadata.facts[frame]?.channel;
  });
}

function describe(
  index: number,
  name: string,
  layout: ImageLayout,
  shape: ImageSource['levels'][0]['shape'],
  metadata: ImageMetadata,
  summary: MmObject | undefined,
  display: MmObject | undefined,
): OmeImage {
  const facts = summaryFacts(summary);
  const { pixels } = layout.frames[0]!.entry;
  const { settings, objective, instrument } = instrumentOf(metadata.first);
  const size = positive(facts.pixelSize ?? metadata.facts[0]?.pixelSize, 'µm');
  const Planes: OmePlane[] = [];
  const seen = new Set<string>();
  for (const [i, { t, c, z }] of layout.frames.entries()) {
    // Tiles of a canvas share a plane: the first one's position is as good as any, and none is right for all.
    const plane = layout.tiled ? { ...metadata.facts[i]!, x: undefined, y: undefined } : metadata.facts[i]!;
    const key = `${z} ${c} ${t}`;
    if (!seen.has(key)) Planes.push(omePlane(plane, [z, c, t]));
    seen.add(key);
  }
  return simpleImage({
    index,
    name,
    shape,
    type: pixels.type,
    samplesPerPixel: pixels.samples,
    channels: channelNames(layout, metadata, facts.channelNames).map((Name) => {
      const color = argbColor(valueAt(display && Name !== undefined ? asObject(display[Name]) : undefined, 'Color'));
      return defined({ Name, Color: color, DetectorSettings: settings });
    }),
    image: defined({
      AcquisitionDate: facts.date ?? metadata.facts[0]?.date,
      Description: facts.comment,
      InstrumentRef: instrument?.ID,
      ObjectiveSettings: objective ? { ID: objective } : undefined,
      ExperimenterRef: facts.user ? 'Experimenter:0' : undefined,
    }),
    pixels: defined({
      SignificantBits: pixels.bits,
      PhysicalSizeX: size,
      PhysicalSizeY: size,
      PhysicalSizeZ: positive(facts.zStep, 'µm'),
      TimeIncrement: positive(facts.interval, 'ms'),
      Planes: Planes.length > 0 ? Planes : undefined,
    }),
  });
}

function asObject(value: unknown): MmObject | undefined {
  return isObject(value) ? value : undefined;
}

/** Overlap of neighbouring tiles, pixels; undefined: the acquisition is not tiled. */
function overlapOf(
  summary: MmObject | undefined,
  entries: readonly IndexEntry[],
): readonly [number, number] | undefined {
  if (valueAt(summary, 'TiledImageStorage') !== true) return undefined;
  const value = (key: string): number => {
    const n = valueAt(summary, key);
    return typeof n === 'number' && Number.isInteger(n) && n >= 0 ? n : 0;
  };
  const overlap = [value('GridPixelOverlapX'), value('GridPixelOverlapY')] as const;
  const fits = entries.every(({ width, height }) => overlap[0] < width && overlap[1] < height);
  const counted = entries.every(({ axes }) =>
    ['row', 'column'].every((axis) => Math.abs(Number(axes.get(axis) ?? 0)) < 2 ** 20),
  );
  return fits && counted ? overlap : undefined;
}

export async function openNdtiff(input: InputTree, options: OpenOptions): Promise<Dataset> {
  const folder = input.isFolder && (await input.list(FULL)).some((each) => each.name === INDEX) ? `${FULL}/` : '';
  const bytes = await input.readSmall(folder + INDEX, options.limits.metadataBytes);
  if (!bytes) throw new ImgconvError('io', 'NOT_FOUND', `${input.path}: there is no ${INDEX}`, { file: input.path });
  const index = `${input.root}/${folder}${INDEX}`;
  const { entries, cut } = parseIndex(bytes, index, options.limits.directories);
  if (entries.length === 0) throw formatError('NDTIFF_INDEX', `${index}: names no plane`, { file: index });
  if (cut)
    options.notice({
      code: 'TRUNCATED',
      rank: 'damage',
      text: `${index}: ends inside an entry after ${entries.length}`,
    });
  const files = await findFiles(input, folder, entries);
  try {
    const missing = [...files].filter(([, file]) => !file).map(([name]) => name);
    for (const name of missing)
      options.notice({ code: 'FILE_MISSING', rank: 'damage', text: `a file of the data set is missing: ${name}` });
    if (missing.length === files.size)
      throw new ImgconvError('io', 'NOT_FOUND', `${index}: none of its files exists, first: ${missing[0]}`, {
        file: index,
      });
    const first = [...files.values()].find((file) => file !== undefined)!;
    const summary = await readSummary(first.source, options);
    const display = parseObject((await input.readSmall('display_settings.txt', options.limits.metadataBytes)) ?? '');
    const overlap = overlapOf(summary, entries);
    const layouts = layOut(entries, overlap !== undefined && options.reader.mosaic !== 'tiles');
    if (layouts.length > options.limits.images)
      throw new ImgconvError(
        'limit',
        'IMAGE_COUNT',
        `${index}: ${layouts.length} images, the limit is ${options.limits.images}`,
        { file: index },
      );
    const keep = entries.length <= KEPT_PLANES;
    const images: ImageSource[] = [];
    const omeImages: OmeImage[] = [];
    const original: OriginalMetadata[] = [];
    if (summary) original.push(...flatten(summary, 'Summary '));
    if (display) original.push(...flatten(display, 'Display settings '));
    let instrument: ReturnType<typeof instrumentOf>['instrument'];
    for (const [i, layout] of layouts.entries()) {
      const level = layout.tiled
        ? canvasLevel(layout, overlap!, files, options.limits, index)
        : planeLevel(layout, files, options.limits, index);
      const name = layout.label && layouts.length > 1 ? `${input.name} ${layout.label}` : input.name;
      const metadata = await readMetadata(layout, i, files, keep, options);
      instrument ??= instrumentOf(metadata.first).instrument;
      images.push({ name, role: 'pixels', type: layout.frames[0]!.entry.pixels.type, levels: [level] });
      omeImages.push(describe(i, name, layout, level.shape, metadata, summary, display));
      original.push(...metadata.original);
    }
    const user = textOf(summary, 'UserName');
    return {
      format: 'ndtiff',
      ome: defined({
        Images: instrument ? omeImages : omeImages.map(({ InstrumentRef: _none, ...image }) => image),
        Instruments: instrument ? [instrument] : undefined,
        Experimenters: user ? [{ ID: 'Experimenter:0', UserName: user }] : undefined,
      }),
      images,
      original,
      files: [index, ...[...files.values()].flatMap((file) => (file ? [file.path] : []))],
      missing: missing.length > 0 ? missing : undefined,
    };
  } finally {
    await Promise.all([...files.values()].map((file) => file?.source.close()));
  }
}
