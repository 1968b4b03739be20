// One N5 data set as an array: attributes.json. Dimensions are listed fastest first, elements are big-endian.

import { checkSizes, type ZarrArray } from '../../src/containers/zarr/array.js';
import { parseDataType } from '../../src/containers/zarr/data-type.js';
import {
  asList,
  asNumber,
  asNumbers,
  asObject,
  asText,
  type Json,
  type JsonObject,
  printJson,
} from '../../src/containers/zarr/json.js';
import type { PlainImage } from '../../src/containers/zarr/plain.js';
import type { CodecStep } from '../../src/core/blocks.js';
import { formatError, unsupported } from '../../src/core/errors.js';
import type { Limits } from '../../src/core/limits.js';
import type { Quantity } from '../../src/core/ome.js';
import { lengthSymbol } from '../../src/core/unit-words.js';

export interface N5Node {
  readonly path: string;
  readonly attributes: JsonObject;
}

export function isDataset({ attributes }: N5Node): boolean {
  return attributes.dimensions !== undefined && attributes.dataType !== undefined && attributes.blockSize !== undefined;
}

/** Attributes that describe the storage; the others are the user's. */
const STORAGE = new Set(['dimensions', 'blockSize', 'dataType', 'compression', 'compressionType']);
const ORDER = ['x', 'y', 'z', 'c', 't'];

function decompress(attributes: JsonObject, name: string): readonly CodecStep[] {
  const { compression } = attributes;
  const options = asObject(compression);
  const type = asText(options.type) ?? asText(compression) ?? asText(attributes.compressionType) ?? 'raw';
  switch (type) {
    case 'raw':
      return [];
    case 'gzip':
      return [{ id: options.useZlib === true ? 'zlib' : 'gzip' }];
    case 'bzip2':
      return [{ id: 'bzip2' }];
    case 'xz':
      return [{ id: 'xz' }];
    case 'blosc':
    case 'zstd':
      return [{ id: type }];
    case 'zstandard':
      return [{ id: 'zstd' }];
    default:
      throw unsupported('N5_COMPRESSION', `${name}: N5 compression ${JSON.stringify(type)} is not supported`, {
        file: name,
      });
  }
}

function sizes(value: Json | undefined, what: string, name: string): readonly number[] {
  const list = asNumbers(value);
  if (list && list.length > 0 && list.length <= 32 && list.every((n) => Number.isSafeInteger(n) && n > 0)) return list;
  throw formatError(
    'N5_SHAPE',
    `${name}: ${what} is ${printJson(value).slice(0, 80)}, expected a list of whole numbers from 1`,
    { file: name },
  );
}

/** Axis of each dimension: attribute `axes` where it names them, else x, y, z, c, t. */
function axisNames(attributes: JsonObject, rank: number, name: string): readonly string[] {
  const given = asList(attributes.axes).map((axis) =>
    (asText(axis) ?? asText(asObject(axis).name) ?? '').toLowerCase(),
  );
  const usable = given.length === rank && given.every((axis) => ORDER.includes(axis)) && new Set(given).size === rank;
  if (usable) return given;
  if (rank > 5)
    throw unsupported('ZARR_AXES', `${name}: ${rank} dimensions do not fit into t, c, z, y, x`, { file: name });
  return ORDER.slice(0, rank);
}

function toQuantity(value: number | undefined, unit: string | undefined): Quantity | undefined {
  if (value === undefined || !(value > 0) || !Number.isFinite(value)) return undefined;
  const symbol = unit === undefined ? undefined : lengthSymbol(unit);
  // Sizes without a unit, or in pixels, say how pixels compare.
  if (symbol === undefined || symbol === 'pixel')
    return value === 1 ? undefined : { value, unit: symbol ?? 'reference frame' };
  return { value, unit: symbol };
}

/** COSEM `transform` (by axis name), else n5-viewer `pixelResolution` times `downsamplingFactors`, else `resolution` or `res`. */
function spacingOf(attributes: JsonObject, axes: readonly string[]): readonly (Quantity | undefined)[] {
  const transform = asObject(attributes.transform);
  const scale = asNumbers(transform.scale);
  const named = asList(transform.axes).map((axis) => asText(axis)?.toLowerCase());
  if (scale && named.length === scale.length) {
    const units = asList(transform.units).map(asText);
    return axes.map((axis) => {
      const i = named.indexOf(axis);
      return i < 0 ? undefined : toQuantity(scale[i], units[i]);
    });
  }
  const resolution = asObject(attributes.pixelResolution);
  const plain = attributes.pixelResolution ?? attributes.resolution ?? attributes.res;
  const values = asNumbers(resolution.dimensions) ?? asNumbers(plain);
  const factors = asNumbers(attributes.downsamplingFactors);
  const unit = asText(resolution.unit) ?? asText(asList(attributes.units)[0]);
  return axes.map((axis, i) => {
    if (axis === 'c' || axis === 't') return undefined;
    return toQuantity(values?.[i] === undefined ? undefined : values[i]! * (factors?.[i] ?? 1), unit);
  });
}

/** Describe a data set. Errors: format, unsupported, limit. */
export function parseDataset(node: N5Node, store: string, limits: Limits): Omit<PlainImage, 'name'> {
  const name = node.path === '' ? store : `${store}/${node.path}`;
  const { attributes } = node;
  const shape = sizes(attributes.dimensions, 'dimensions', name);
  const block = sizes(attributes.blockSize, 'blockSize', name);
  if (block.length !== shape.length) {
    throw formatError('N5_SHAPE', `${name}: blockSize has ${block.length} sizes, dimensions ${shape.length}`, {
      file: name,
    });
  }
  const type = parseDataType(attributes.dataType, name);
  const base = { name, shape, object: block, chunk: block, type };
  checkSizes(base, limits);
  const axes = axisNames(attributes, shape.length, name);
  const steps: CodecStep[] = [{ id: 'n5' }, ...decompress(attributes, name)];
  if (type.size > 1) steps.push({ id: 'endian', size: type.size });
  const padded = shape.some((n, i) => n % block[i]! !== 0);
  if (padded) steps.push({ id: 'n5-edge', full: block, shape, axes: axes.join(''), size: type.size });
  const array: ZarrArray = {
    ...base,
    path: node.path,
    version: 2,
    steps,
    stored: shape.map((_, i) => shape.length - 1 - i),
    key: { prefix: '', separator: '/' },
    fill: { value: asNumber(attributes.fillValue) ?? 0 },
    edge: 'clipped',
    attributes: Object.fromEntries(Object.entries(attributes).filter(([key]) => !STORAGE.has(key))),
  };
  return { array, axes: axes.map((axis) => ({ name: axis })), spacing: spacingOf(attributes, axes) };
}
