// One Zarr array, v2 or v3: shape, chunks, element type, codec chain, chunk names. Every size is checked against the limits here,
// so that nothing later is allocated by a hostile shape.
// Zarr v2 specification, "Metadata" of arrays; Zarr core v3, "Array metadata".

import type { CodecStep } from '../../core/blocks.js';
import { formatError, ImgconvError, unsupported } from '../../core/errors.js';
import type { Limits } from '../../core/limits.js';
import { type ChainV3, chainV2, chainV3 } from './chain.js';
import { type ElementType, type Fill, parseDataType, parseFill, parseNumpyType } from './data-type.js';
import { asList, asNumber, asObject, asText, isObject, type Json, type JsonObject, printJson } from './json.js';
import type { ZarrNode } from './node.js';
import type { ZarrStore } from './store.js';

export interface ZarrArray {
  /** Store and key, for messages. */
  readonly name: string;
  /** Key of the array's folder. */
  readonly path: string;
  readonly version: 2 | 3;
  /** Lists below are in the order of the array's dimensions. */
  readonly shape: readonly number[];
  /** Extents of a stored object: a chunk, or a shard of chunks. */
  readonly object: readonly number[];
  /** Extents of the smallest unit that is decoded at once. */
  readonly chunk: readonly number[];
  readonly type: ElementType;
  /** From stored bytes to little-endian numbers. */
  readonly steps: readonly CodecStep[];
  /** Dimension at each position of a decoded chunk, slowest first. */
  readonly stored: readonly number[];
  readonly shard?: { readonly indexAt: 'start' | 'end'; readonly indexChecksum: boolean };
  readonly key: { readonly prefix: string; readonly separator: '/' | '.' };
  readonly fill: Fill;
  /** Blocks at the far edge are stored at full size (Zarr) or cut (N5). */
  readonly edge: 'padded' | 'clipped';
  /** v3 `dimension_names`, or xarray's `_ARRAY_DIMENSIONS`. */
  readonly dimensionNames?: readonly (string | undefined)[];
  readonly attributes: JsonObject;
}

const MAX_RANK = 32;

function sizes(value: Json | undefined, what: string, minimum: number, name: string): readonly number[] {
  const list = Array.isArray(value) ? (value as readonly Json[]).map(asNumber) : undefined;
  if (
    !list ||
    list.length > MAX_RANK ||
    !list.every((n) => n !== undefined && Number.isSafeInteger(n) && n >= minimum)
  ) {
    const found = printJson(value).slice(0, 80);
    throw formatError(
      'ZARR_SHAPE',
      `${name}: ${what} is ${found}, expected at most ${MAX_RANK} whole numbers from ${minimum}`,
      { file: name },
    );
  }
  return list as number[];
}

/** Chunk sizes that memory and exact arithmetic can take. */
export function checkSizes(
  array: Pick<ZarrArray, 'name' | 'shape' | 'object' | 'chunk' | 'type'>,
  limits: Limits,
): void {
  const { name, shape, object, chunk, type } = array;
  const where = { file: name };
  const bytes = chunk.reduce((product, n) => product * n, type.size * type.parts);
  if (bytes > limits.blockBytes) {
    throw new ImgconvError(
      'limit',
      'ZARR_CHUNK_SIZE',
      `${name}: a chunk of ${chunk.join(' × ')} takes ${bytes} bytes, more than the limit of ${limits.blockBytes}`,
      where,
    );
  }
  const counts = shape.map((n, i) => Math.ceil(n / chunk[i]!));
  const pixels = shape.reduce((product, n) => product * n, 1);
  if (
    pixels * 16 > Number.MAX_SAFE_INTEGER ||
    counts.reduce((product, n) => product * n, 1) > Number.MAX_SAFE_INTEGER
  ) {
    throw new ImgconvError(
      'limit',
      'ZARR_SHAPE',
      `${name}: a shape of ${shape.join(' × ')} is larger than any image can be`,
      where,
    );
  }
  if (pixels === 0) throw unsupported('ZARR_EMPTY', `${name}: a shape of ${shape.join(' × ')} holds no pixels`, where);
  const inner = object.map((n, i) => n / chunk[i]!);
  if (!inner.every(Number.isInteger)) {
    throw formatError(
      'ZARR_SHARD',
      `${name}: chunks of ${chunk.join(' × ')} do not divide shards of ${object.join(' × ')}`,
      where,
    );
  }
  const indexBytes = 16 * inner.reduce((product, n) => product * n, 1);
  if (indexBytes > Math.min(limits.metadataBytes, limits.blockBytes)) {
    throw new ImgconvError(
      'limit',
      'METADATA_SIZE',
      `${name}: a shard index takes ${indexBytes} bytes, more than the limit of ${limits.metadataBytes}`,
      where,
    );
  }
}

/** Names of dimensions; undefined where none is named. */
function dimensionNames(value: Json | undefined, rank: number): readonly (string | undefined)[] | undefined {
  const list = asList(value);
  return list.length === rank && rank > 0 ? list.map(asText) : undefined;
}

function parseV2(node: ZarrNode, name: string, limits: Limits): ZarrArray {
  const { metadata } = node;
  const shape = sizes(metadata.shape, 'shape', 0, name);
  const chunk = sizes(metadata.chunks, 'chunks', 1, name);
  if (chunk.length !== shape.length) throw rankError('chunks', chunk.length, shape.length, name);
  const given = parseNumpyType(metadata.dtype, name);
  const { type } = given;
  const order = metadata.order ?? 'C';
  if (order !== 'C' && order !== 'F') {
    throw formatError('ZARR_ORDER', `${name}: order is ${printJson(order)}, expected C or F`, { file: name });
  }
  const separator = metadata.dimension_separator ?? '.';
  if (separator !== '.' && separator !== '/') {
    throw formatError('ZARR_CHUNK_KEYS', `${name}: dimension_separator is ${printJson(separator)}, expected . or /`, {
      file: name,
    });
  }
  const dimensions = shape.map((_, i) => i);
  const array = { name, shape, object: chunk, chunk, type };
  checkSizes(array, limits);
  return {
    ...array,
    path: node.path,
    version: 2,
    steps: chainV2(metadata, given, name),
    stored: order === 'F' ? dimensions.reverse() : dimensions,
    key: { prefix: shape.length === 0 ? '0' : '', separator },
    fill: parseFill(metadata.fill_value, type, given.bigEndian, name),
    edge: 'padded',
    dimensionNames: dimensionNames(node.attributes._ARRAY_DIMENSIONS, shape.length),
    attributes: node.attributes,
  };
}

function rankError(what: string, found: number, expected: number, name: string): ImgconvError {
  return formatError('ZARR_SHAPE', `${name}: ${what} has ${found} sizes, but the array has ${expected} dimensions`, {
    file: name,
  });
}

const KNOWN_KEYS = new Set([
  'zarr_format',
  'node_type',
  'shape',
  'data_type',
  'chunk_grid',
  'chunk_key_encoding',
  'codecs',
  'fill_value',
  'attributes',
  'dimension_names',
  'storage_transformers',
  'consolidated_metadata',
]);

/** Core v3, "Extension points": what is not known must be refused, unless it says that it need not be understood. */
function checkExtensions(metadata: JsonObject, name: string): void {
  for (const [key, value] of Object.entries(metadata)) {
    if (KNOWN_KEYS.has(key) || (isObject(value) && value.must_understand === false)) continue;
    throw unsupported('ZARR_EXTENSION', `${name}: the extension ${JSON.stringify(key)} is not supported`, {
      file: name,
    });
  }
  if (asList(metadata.storage_transformers).length > 0) {
    throw unsupported('ZARR_EXTENSION', `${name}: storage transformers are not supported`, { file: name });
  }
}

function parseKeyEncoding(value: Json | undefined, rank: number, name: string): ZarrArray['key'] {
  const id = asText(value) ?? asText(asObject(value).name);
  const separator = asObject(asObject(value).configuration).separator ?? (id === 'v2' ? '.' : '/');
  if ((id !== 'default' && id !== 'v2') || (separator !== '/' && separator !== '.')) {
    throw unsupported(
      'ZARR_CHUNK_KEYS',
      `${name}: the chunk key encoding ${printJson(value).slice(0, 80)} is not supported`,
      { file: name },
    );
  }
  if (rank === 0) return { prefix: id === 'v2' ? '0' : 'c', separator };
  return { prefix: id === 'v2' ? '' : `c${separator}`, separator };
}

function parseV3(node: ZarrNode, name: string, limits: Limits): ZarrArray {
  const { metadata } = node;
  checkExtensions(metadata, name);
  const shape = sizes(metadata.shape, 'shape', 0, name);
  const grid = asObject(metadata.chunk_grid);
  if (grid.name !== 'regular') {
    throw unsupported('ZARR_CHUNK_GRID', `${name}: the chunk grid ${printJson(grid.name)} is not supported`, {
      file: name,
    });
  }
  const object = sizes(asObject(grid.configuration).chunk_shape, 'chunk_shape', 1, name);
  if (object.length !== shape.length) throw rankError('chunk_shape', object.length, shape.length, name);
  const type = parseDataType(metadata.data_type, name);
  const chain: ChainV3 = chainV3(metadata.codecs, type, shape.length, name);
  const chunk = chain.shard?.chunk ?? object;
  const array = { name, shape, object, chunk, type };
  checkSizes(array, limits);
  return {
    ...array,
    path: node.path,
    version: 3,
    steps: chain.steps,
    stored: chain.stored,
    shard: chain.shard,
    key: parseKeyEncoding(metadata.chunk_key_encoding, shape.length, name),
    fill: parseFill(metadata.fill_value, type, false, name),
    edge: 'padded',
    dimensionNames: dimensionNames(metadata.dimension_names, shape.length),
    attributes: node.attributes,
  };
}

/** Describe an array node. Errors: format, unsupported or limit, naming the array and what it says. */
export function parseArray(node: ZarrNode, store: ZarrStore, limits: Limits): ZarrArray {
  const name = node.path === '' ? store.name : `${store.name}/${node.path}`;
  return node.version === 3 ? parseV3(node, name, limits) : parseV2(node, name, limits);
}
