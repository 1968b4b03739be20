// Array metadata (Zarr v2 `.zarray`, Zarr v3 `zarr.json`), the codec chain and the chunk keys that go with it.

import type { Chain, ChunkFileAddress, ChunkKey, CodecStep, ShardAddress } from '../../src/core/blocks.js';
import { ImgconvError } from '../../src/core/errors.js';
import { map2 } from '../../src/core/geometry.js';
import { bytesPerSample, integerRange, type PixelType } from '../../src/core/pixel-type.js';
import { axisNames, pickAxes } from './axes.js';
import type { LevelPlan } from './levels.js';
import type { Compression, NgffOptions } from './options.js';

type Json = Readonly<Record<string, unknown>>;

const V2_TYPES: Readonly<Record<PixelType, string>> = {
  uint8: '|u1',
  int8: '|i1',
  uint16: '<u2',
  int16: '<i2',
  uint32: '<u4',
  int32: '<i4',
  uint64: '<u8',
  int64: '<i8',
  float: '<f4',
  double: '<f8',
};

/** Zarr v3 name of a pixel type. */
export function zarrType(type: PixelType): string {
  return type === 'float' ? 'float32' : type === 'double' ? 'float64' : type;
}

/** A fill value as both Zarr versions spell it. Error: usage NGFF_FILL where the type cannot hold it. */
export function fillValue(fill: number, type: PixelType): number | string {
  const range = integerRange(type);
  if (range) {
    if (Number.isInteger(fill) && fill >= range[0] && fill <= range[1]) return fill;
    throw new ImgconvError('usage', 'NGFF_FILL', `fill value ${fill} does not fit pixels of type ${type}`);
  }
  return Number.isFinite(fill) ? fill : String(fill);
}

const SHUFFLES = ['noshuffle', 'shuffle', 'bitshuffle'];

function v3Compressor(compression: Compression, type: PixelType): Json[] {
  switch (compression.id) {
    case 'none':
      return [];
    case 'blosc': {
      const { cname, clevel, shuffle, blocksize } = compression;
      const configuration = { cname, clevel, shuffle: SHUFFLES[shuffle], typesize: bytesPerSample(type), blocksize };
      return [{ name: 'blosc', configuration }];
    }
    case 'zstd':
      return [{ name: 'zstd', configuration: { level: compression.level, checksum: compression.checksum } }];
    default:
      return [{ name: compression.id, configuration: { level: compression.level } }];
  }
}

function v3Array(level: LevelPlan, type: PixelType, fill: number, axes: readonly number[], options: NgffOptions): Json {
  const bytes = bytesPerSample(type) > 1 ? { name: 'bytes', configuration: { endian: 'little' } } : { name: 'bytes' };
  const inner = [bytes, ...v3Compressor(options.compression, type)];
  const index = [{ name: 'bytes', configuration: { endian: 'little' } }, { name: 'crc32c' }];
  const chunk = pickAxes(level.chunk, axes);
  const configuration = { chunk_shape: chunk, codecs: inner, index_codecs: index, index_location: 'end' };
  return {
    zarr_format: 3,
    node_type: 'array',
    shape: pickAxes(level.shape, axes),
    data_type: zarrType(type),
    chunk_grid: {
      name: 'regular',
      configuration: { chunk_shape: level.shard ? pickAxes(level.shard, axes) : chunk },
    },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: fillValue(fill, type),
    codecs: level.shard ? [{ name: 'sharding_indexed', configuration }] : inner,
    attributes: {},
    dimension_names: axisNames(axes),
  };
}

function v2Compressor(compression: Compression): Json | null {
  if (compression.id === 'none') return null;
  // numcodecs may name the checksum too; the frame says so itself, and tensorstore refuses the key.
  if (compression.id === 'zstd') return { id: 'zstd', level: compression.level };
  return { ...compression };
}

function v2Array(level: LevelPlan, type: PixelType, fill: number, axes: readonly number[], options: NgffOptions): Json {
  return {
    zarr_format: 2,
    shape: pickAxes(level.shape, axes),
    chunks: pickAxes(level.chunk, axes),
    dtype: V2_TYPES[type],
    compressor: v2Compressor(options.compression),
    fill_value: fillValue(fill, type),
    order: 'C',
    filters: null,
    dimension_separator: options.nested ? '/' : '.',
  };
}

/** File name and content of an array's metadata. */
export function arrayMetadata(
  level: LevelPlan,
  type: PixelType,
  fill: number,
  axes: readonly number[],
  options: NgffOptions,
): { file: string; json: Json } {
  return options.ngffVersion === '0.4'
    ? { file: '.zarray', json: v2Array(level, type, fill, axes, options) }
    : { file: 'zarr.json', json: v3Array(level, type, fill, axes, options) };
}

/** How the engine encodes a chunk, in reading direction. */
export function chunkChain(compression: Compression, type: PixelType): Chain {
  if (compression.id === 'none') return { codecs: [], order: 'tczyx' };
  const step: CodecStep =
    compression.id === 'blosc' ? { ...compression, typesize: bytesPerSample(type) } : { ...compression };
  return { codecs: [step], order: 'tczyx' };
}

/** Where the chunks of a level go. `folder`: absolute path of the array. */
export function chunkAddress(
  level: LevelPlan,
  folder: string,
  axes: readonly number[],
  options: NgffOptions,
): ChunkFileAddress | ShardAddress {
  const v3 = options.ngffVersion === '0.5';
  const key: ChunkKey = { prefix: v3 ? 'c/' : '', separator: v3 || options.nested ? '/' : '.', axes };
  if (!level.shard) return { kind: 'files', folder, key };
  const inner = map2(level.shard, level.chunk, (shard, chunk) => shard / chunk);
  return { kind: 'shards', folder, key, inner, indexAt: 'end', indexChecksum: true };
}
