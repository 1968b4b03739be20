// ImageData of one image: dimensions, element type and block map.

import {
  AXIS,
  type AxisIndex,
  checkExtent,
  rawBlocks,
  type StoredAxis,
  shapeOf,
  storedBytes,
} from '../../src/containers/raw/blocks.js';
import { orderSteps } from '../../src/containers/raw/steps.js';
import type { BlockMap, Chain } from '../../src/core/blocks.js';
import type { OpenOptions } from '../../src/core/contracts.js';
import { formatError, unsupported } from '../../src/core/errors.js';
import { gridPosition, type Tczyx } from '../../src/core/geometry.js';
import type { Quantity } from '../../src/core/ome.js';
import type { PixelType } from '../../src/core/pixel-type.js';
import { at, type DmArray, type DmNode, items, numberOf, textOf } from './tags.js';

export interface DmPixels {
  readonly type: PixelType;
  readonly shape: Tczyx;
  readonly blocks: BlockMap;
  /** Interleaved samples: 4 for RGB with its fourth byte. */
  readonly samples: 1 | 4;
  readonly channelNames?: readonly string[];
  /** Which entry of the calibrations belongs to x, y, z. */
  readonly calibration: readonly [x: number, y: number, z: number];
  /** Where t is a calibrated axis. */
  readonly timeIncrement?: Quantity;
}

interface Element {
  readonly type: PixelType;
  readonly bits: number;
  readonly complex?: boolean;
  readonly rgb?: boolean;
  readonly packed?: boolean;
}

/** By DataType; names of the types: NOTES.md. */
const ELEMENTS: Readonly<Record<number, Element>> = {
  1: { type: 'int16', bits: 16 },
  2: { type: 'float', bits: 32 },
  3: { type: 'float', bits: 32, complex: true },
  5: { type: 'float', bits: 32, complex: true, packed: true },
  6: { type: 'uint8', bits: 8 },
  7: { type: 'int32', bits: 32 },
  8: { type: 'uint8', bits: 8, rgb: true },
  9: { type: 'int8', bits: 8 },
  10: { type: 'uint16', bits: 16 },
  11: { type: 'uint32', bits: 32 },
  12: { type: 'double', bits: 64 },
  13: { type: 'double', bits: 64, complex: true },
  14: { type: 'int8', bits: 8 },
  23: { type: 'uint8', bits: 8, rgb: true },
  27: { type: 'float', bits: 32, complex: true, packed: true },
  28: { type: 'double', bits: 64, complex: true, packed: true },
  39: { type: 'int64', bits: 64 },
  40: { type: 'uint64', bits: 64 },
};

/** Units of a third dimension that is time: frames of a camera, not sections. */
const TIMES: Readonly<Record<string, string>> = {
  s: 's',
  sec: 's',
  ms: 'ms',
  us: 'µs',
  µs: 'µs',
  ns: 'ns',
  min: 'min',
  h: 'h',
};

/** Distance of two frames, where the third of three dimensions is time. */
function timeStep(image: DmNode, dimensions: number): Quantity | undefined {
  if (dimensions !== 3) return undefined;
  const entry = items(at(image, 'ImageData/Calibrations/Dimension'))[2];
  const unit = TIMES[textOf(at(entry, 'Units')) ?? ''];
  const scale = Math.abs(numberOf(at(entry, 'Scale')) ?? 0);
  return unit && scale > 0 ? { value: scale, unit } : undefined;
}

/** Fastest first: x, y, z, t; further dimensions are folded into t. A spectrum is one row. */
function axesOf(sizes: readonly number[], film: boolean): StoredAxis[] {
  const order: AxisIndex[] = film ? [AXIS.x, AXIS.y, AXIS.t, AXIS.z] : [AXIS.x, AXIS.y, AXIS.z, AXIS.t];
  const folded = [...sizes.slice(0, 3), sizes.slice(3).reduce((a, b) => a * b, 1)];
  return folded.map((size, i) => ({ axis: order[i]!, size }));
}

/** One block a plane and channel: the four bytes of a pixel are a 32-bit number 0xAARRGGBB in the file's byte order. */
function rgbBlocks(data: DmArray, file: string, axes: readonly StoredAxis[], little: boolean): BlockMap {
  const [, , z, y, x] = shapeOf(axes);
  const [t] = shapeOf(axes);
  const plane = x * y * 4;
  const chains = (little ? [2, 1, 0, 3] : [1, 2, 3, 0]).map(
    (origin): Chain => ({ codecs: [], order: 'tczyx', strides: [plane, plane, plane, 4 * x, 4], origin }),
  ) as [Chain, ...Chain[]];
  const counts: Tczyx = [t, 4, z, 1, 1];
  const total = t * 4 * z;
  const offset = new Float64Array(total);
  const chain = new Uint8Array(total);
  for (let i = 0; i < total; i++) {
    const [ti, c, zi] = gridPosition(i, counts);
    offset[i] = data.offset + plane * (ti * z + zi);
    chain[i] = c;
  }
  return {
    layout: { kind: 'grid', block: [1, 1, 1, y, x], edge: 'clipped' },
    address: { kind: 'table', file: 0, offset, length: new Float64Array(total).fill(plane) },
    files: [file],
    chains,
    chain,
    fill: 0,
    absent: 'missing',
  };
}

/** Errors: format DM_IMAGE, unsupported DM_DATA_TYPE, DM_PACKED. */
export function readPixels(image: DmNode, file: string, little: boolean, options: OpenOptions): DmPixels {
  const data = at(image, 'ImageData/Data');
  const code = numberOf(at(image, 'ImageData/DataType'));
  const sizes = items(at(image, 'ImageData/Dimensions')).map((node) => numberOf(node) ?? 0);
  if (data?.kind !== 'array' || sizes.length === 0 || !sizes.every((n) => n > 0 && Number.isInteger(n))) {
    throw formatError('DM_IMAGE', `${file}: an image without data or dimensions: ${sizes.join(' x ')}`, { file });
  }
  const element = ELEMENTS[code ?? -1];
  if (!element) throw unsupported('DM_DATA_TYPE', `${file}: data type ${code} is not supported`, { file });
  if (element.packed) {
    // Half of a Hermitian spectrum, rows of floor(n/2) + 1 numbers: kept as it is stored.
    const half = Math.floor(sizes[0]! / 2) + 1;
    const needed = half * (sizes[1] ?? 1) * 2 * (element.bits / 8);
    if (sizes.length > 2 || data.bytes !== needed) {
      throw unsupported(
        'DM_PACKED',
        `${file}: packed complex data of this size is not supported: ${sizes.join(' x ')}`,
        { file },
      );
    }
    sizes[0] = half;
  }
  const timeIncrement = timeStep(image, sizes.length);
  const spatial = axesOf(sizes, timeIncrement !== undefined);
  const calibration = [0, 1, timeIncrement ? -1 : 2] as const;
  const axes: StoredAxis[] = element.complex ? [{ axis: AXIS.c, size: 2 }, ...spatial] : spatial;
  const bits = element.rgb ? 32 : element.bits;
  const planeAxes = axes.filter((each) => each.axis !== AXIS.z && each.axis !== AXIS.t);
  const cut = checkExtent(file, storedBytes(axes, bits), data.bytes, storedBytes(planeAxes, bits));
  if (cut) options.notice({ code: 'TRUNCATED', rank: 'damage', text: cut });
  if (element.rgb) {
    const [t, , z, y, x] = shapeOf(axes);
    return {
      type: 'uint8',
      shape: [t, 4, z, y, x],
      blocks: rgbBlocks(data, file, axes, little),
      samples: 4,
      calibration,
      timeIncrement,
    };
  }
  return {
    type: element.type,
    shape: shapeOf(axes),
    blocks: rawBlocks({
      file,
      offset: data.offset,
      available: data.bytes,
      axes,
      bits,
      codecs: orderSteps(bits / 8, little),
      maxBlocks: options.limits.directories,
    }),
    samples: 1,
    channelNames: element.complex ? ['Real', 'Imaginary'] : undefined,
    calibration,
    timeIncrement,
  };
}

/** One tile of a stack that is a montage. */
export function tileOf(pixels: DmPixels, tile: number, tiles: number): DmPixels {
  const { blocks, shape } = pixels;
  const z = shape[2] / tiles;
  const { address, layout } = blocks;
  if (address.kind !== 'table' || layout.kind !== 'grid') return pixels;
  const perZ = address.offset.length / (shape[0] * shape[2]);
  // Montages are stacks with t = 1 and one block a plane (and channel).
  const pick = <T extends Float64Array | Uint8Array>(list: T): T => {
    const picked: number[] = [];
    for (let i = 0; i < list.length; i++) {
      const at = i % shape[2];
      if (at >= tile * z && at < (tile + 1) * z) picked.push(list[i]!);
    }
    return (list instanceof Uint8Array ? Uint8Array.from(picked) : Float64Array.from(picked)) as T;
  };
  if (!Number.isInteger(perZ)) return pixels;
  return {
    ...pixels,
    shape: [shape[0], shape[1], z, shape[3], shape[4]],
    blocks: {
      ...blocks,
      address: { ...address, offset: pick(address.offset), length: pick(address.length) },
      chain: blocks.chain && pick(Uint8Array.from(blocks.chain)),
    },
  };
}
