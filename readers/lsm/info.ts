// CZ_LSMINFO (tag 34412) and the small blocks it points to.
// Layout: Zeiss's "LSM 5/7 file format" as published, checked against tifffile's list of fields.

import type { ByteSource } from '../../src/core/contracts.js';
import { formatError } from '../../src/core/errors.js';
import { blockAt, Cursor } from './bytes.js';

/** 0x0300494C (release 1.3) and 0x0400494C (from 1.5 on). */
const MAGIC: readonly number[] = [50350412, 67127628];

export interface LsmInfo {
  /** Pixels, planes, channels as declared. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly c: number;
  readonly t: number;
  /** Positions and mosaic tiles, 1 where there are none. */
  readonly p: number;
  readonly m: number;
  /** SIM: rotations, phases, illuminations. */
  readonly sim: readonly [rotations: number, phases: number, illuminations: number];
  /** Metres. */
  readonly voxel: readonly [x: number, y: number, z: number];
  readonly origin: readonly [x: number, y: number, z: number];
  /** 0 x-y-z · 1 x-z · 2 line · 3 x-y in time · 4 x-z in time · 5 mean of ROIs · 6 x-y-z in time · 7–9 spline · 10 point. */
  readonly scanType: number;
  readonly spectral: boolean;
  /** Seconds, 0 where it is not constant. */
  readonly interval: number;
  readonly offsets: Readonly<Record<OffsetName, number>>;
  /** All numbers as found. */
  readonly listed: readonly (readonly [name: string, value: number])[];
}

export type OffsetName =
  | 'ChannelColors'
  | 'ScanInformation'
  | 'ApplicationTags'
  | 'TimeStamps'
  | 'EventList'
  | 'ChannelWavelength'
  | 'TilePositions'
  | 'VectorOverlay'
  | 'Roi'
  | 'BleachRoi'
  | 'MeanOfRoisOverlay'
  | 'TopoIsolineOverlay'
  | 'TopoProfileOverlay'
  | 'LinescanOverlay'
  | 'Positions';

type Field = readonly [name: string, type: 'i' | 'f' | 'h' | 'skip', bytes?: number];

/** In stored order; `skip` leaves bytes out. */
const FIELDS: readonly Field[] = [
  ...[
    'MagicNumber',
    'StructureSize',
    'DimensionX',
    'DimensionY',
    'DimensionZ',
    'DimensionChannels',
    'DimensionTime',
    'DataType',
    'ThumbnailX',
    'ThumbnailY',
  ].map((name): Field => [name, 'i']),
  ...['VoxelSizeX', 'VoxelSizeY', 'VoxelSizeZ', 'OriginX', 'OriginY', 'OriginZ'].map((name): Field => [name, 'f']),
  ['ScanType', 'h'],
  ['SpectralScan', 'h'],
  ['TypeOfData', 'i'],
  ['OffsetVectorOverlay', 'i'],
  ['', 'skip', 8], // input and output lookup tables
  ['OffsetChannelColors', 'i'],
  ['TimeInterval', 'f'],
  ['', 'skip', 4], // channel data types
  ['OffsetScanInformation', 'i'],
  ['OffsetApplicationTags', 'i'],
  ['OffsetTimeStamps', 'i'],
  ['OffsetEventList', 'i'],
  ['OffsetRoi', 'i'],
  ['OffsetBleachRoi', 'i'],
  ['', 'skip', 4], // next recording
  ...['DisplayAspectX', 'DisplayAspectY', 'DisplayAspectZ', 'DisplayAspectTime'].map((name): Field => [name, 'f']),
  ['OffsetMeanOfRoisOverlay', 'i'],
  ['OffsetTopoIsolineOverlay', 'i'],
  ['OffsetTopoProfileOverlay', 'i'],
  ['OffsetLinescanOverlay', 'i'],
  ['ToolbarFlags', 'i'],
  ['OffsetChannelWavelength', 'i'],
  ['', 'skip', 4], // channel factors
  ['ObjectiveSphereCorrection', 'f'],
  ['', 'skip', 16], // unmixing, acquisition parameters, characteristics, palette
  ...['TimeDifferenceX', 'TimeDifferenceY', 'TimeDifferenceZ'].map((name): Field => [name, 'f']),
  ['', 'skip', 4],
  ...['DimensionP', 'DimensionM', 'Rotations', 'Phases', 'Illuminations'].map((name): Field => [name, 'i']),
  ['', 'skip', 52],
  ['OffsetTilePositions', 'i'],
  ['', 'skip', 36],
  ['OffsetPositions', 'i'],
];

/** The structure in its tag's bytes: older files have a shorter one. */
export function parseInfo(bytes: Uint8Array, file: string): LsmInfo {
  const cursor = new Cursor(bytes);
  const values = new Map<string, number>();
  for (const [name, type, length = 0] of FIELDS) {
    const size = type === 'skip' ? length : type === 'f' ? 8 : type === 'h' ? 2 : 4;
    if (cursor.left < size) break;
    if (type === 'skip') cursor.skip(size);
    else
      values.set(
        name,
        type === 'f'
          ? cursor.f64()
          : type === 'h'
            ? cursor.u16()
            : name.startsWith('Offset')
              ? cursor.u32()
              : cursor.i32(),
      );
  }
  const magic = values.get('MagicNumber') ?? 0;
  if (!MAGIC.includes(magic)) {
    throw formatError('LSM_INFO', `the CZ_LSMINFO structure starts with ${magic}, expected ${MAGIC.join(' or ')}`, {
      file,
    });
  }
  const get = (name: string): number => values.get(name) ?? 0;
  const count = (name: string): number => Math.max(1, get(name));
  const vector = (name: string): [number, number, number] => [get(`${name}X`), get(`${name}Y`), get(`${name}Z`)];
  return {
    x: get('DimensionX'),
    y: get('DimensionY'),
    z: count('DimensionZ'),
    c: count('DimensionChannels'),
    t: count('DimensionTime'),
    p: count('DimensionP'),
    m: count('DimensionM'),
    sim: [count('Rotations'), count('Phases'), count('Illuminations')],
    voxel: vector('VoxelSize'),
    origin: vector('Origin'),
    scanType: get('ScanType'),
    spectral: get('SpectralScan') === 1,
    interval: get('TimeInterval'),
    offsets: {
      ChannelColors: get('OffsetChannelColors'),
      ScanInformation: get('OffsetScanInformation'),
      ApplicationTags: get('OffsetApplicationTags'),
      TimeStamps: get('OffsetTimeStamps'),
      EventList: get('OffsetEventList'),
      ChannelWavelength: get('OffsetChannelWavelength'),
      TilePositions: get('OffsetTilePositions'),
      Positions: get('OffsetPositions'),
      VectorOverlay: get('OffsetVectorOverlay'),
      Roi: get('OffsetRoi'),
      BleachRoi: get('OffsetBleachRoi'),
      MeanOfRoisOverlay: get('OffsetMeanOfRoisOverlay'),
      TopoIsolineOverlay: get('OffsetTopoIsolineOverlay'),
      TopoProfileOverlay: get('OffsetTopoProfileOverlay'),
      LinescanOverlay: get('OffsetLinescanOverlay'),
    },
    listed: [...values].filter(([name]) => !name.startsWith('Offset')),
  };
}

const MOST = 4 * 2 ** 20;

export interface ChannelLook {
  readonly names: readonly string[];
  readonly colors: readonly (readonly [red: number, green: number, blue: number])[];
}

/** Most blocks begin with their size. */
const stated = (head: Cursor): number => head.u32();

/** Size, number of colours, number of names, offset of colours, offset of names (both from the block's start). */
export async function readChannelLook(source: ByteSource, info: LsmInfo): Promise<ChannelLook> {
  const block = await blockAt(source, info.offsets.ChannelColors, 2 ** 20, stated);
  if (!block) return { names: [], colors: [] };
  block.skip(4);
  const [nColors, nNames, colorsAt, namesAt] = [block.u32(), block.u32(), block.u32(), block.u32()];
  const colors: [number, number, number][] = [];
  block.at = colorsAt;
  for (let i = 0; i < nColors && colorsAt > 0 && block.left >= 4; i++) {
    const value = block.u32();
    colors.push([value & 255, (value >> 8) & 255, (value >> 16) & 255]);
  }
  const names: string[] = [];
  block.at = namesAt;
  for (let i = 0; i < nNames && namesAt > 0 && block.left >= 4; i++) {
    const length = block.u32();
    if (length > 4096 || length > block.left) break;
    names.push(block.string(length));
  }
  return { names, colors };
}

/** Seconds, one a time point. */
export async function readTimeStamps(source: ByteSource, info: LsmInfo): Promise<number[]> {
  const block = await blockAt(source, info.offsets.TimeStamps, 2 ** 24, stated);
  if (!block) return [];
  block.skip(4);
  const count = block.u32();
  return Array.from({ length: Math.min(count, Math.floor(block.left / 8)) }, () => block.f64());
}

export interface LsmEvent {
  /** Seconds. */
  readonly time: number;
  readonly type: number;
  readonly text: string;
}

export async function readEvents(source: ByteSource, info: LsmInfo): Promise<LsmEvent[]> {
  const block = await blockAt(source, info.offsets.EventList, 2 ** 20, stated);
  if (!block) return [];
  block.skip(4);
  const count = block.u32();
  const events: LsmEvent[] = [];
  while (events.length < count && block.left >= 16) {
    const size = block.u32();
    if (size < 16 || size - 4 > block.left) break;
    events.push({ time: block.f64(), type: block.u32(), text: block.string(size - 16) });
  }
  return events;
}

/** Detection bands, metres. */
export async function readWavelengths(source: ByteSource, info: LsmInfo): Promise<[start: number, end: number][]> {
  const block = await blockAt(source, info.offsets.ChannelWavelength, 2 ** 16, (head) => 4 + 16 * head.u32());
  if (!block) return [];
  const count = block.u32();
  return Array.from({ length: Math.min(count, Math.floor(block.left / 16)) }, () => [block.f64(), block.f64()]);
}

/** Metres. */
export async function readPositions(source: ByteSource, offset: number): Promise<[x: number, y: number, z: number][]> {
  const block = await blockAt(source, offset, MOST, (head) => 4 + 24 * head.u32());
  if (!block) return [];
  const count = block.u32();
  return Array.from({ length: Math.min(count, Math.floor(block.left / 24)) }, () => [
    block.f64(),
    block.f64(),
    block.f64(),
  ]);
}

/** Key and value of each entry: size, name length, name, type, value length, value, then coordinates that are of no use here. */
export async function readApplicationTags(source: ByteSource, info: LsmInfo): Promise<[key: string, value: string][]> {
  const block = await blockAt(source, info.offsets.ApplicationTags, MOST, stated);
  if (!block) return [];
  block.skip(4);
  const count = block.u32();
  const tags: [string, string][] = [];
  while (tags.length < count && block.left >= 16) {
    const start = block.at;
    const size = block.u32();
    if (size < 16 || size > block.left + 4) break;
    const name = block.string(block.u32());
    const type = block.u32();
    const length = block.u32();
    const value = type === 2 ? block.string(length) : type === 5 ? block.f64() : block.i32();
    if (name !== '' && block.at <= start + size) tags.push([name, String(value)]);
    block.at = start + size;
  }
  return tags;
}
