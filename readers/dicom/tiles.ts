// Frames of a whole slide image (PS3.3 C.8.12): where each tile lies in the total pixel matrix, by its number (TILED_FULL) or by what it says
// (TILED_SPARSE).

import { TAG } from '../../src/containers/dicom/tags.js';
import { segmentRanks } from './arrange.js';
import type { LevelPlan, PlacedFrame } from './blocks.js';
import { type Frame, groupOf } from './frame.js';
import type { Instance } from './instance.js';

export interface Tiled extends LevelPlan {
  /** Identifiers of the optical paths, or labels of segments, by channel. */
  readonly channelKeys: readonly string[];
  readonly channelNames: readonly (string | undefined)[];
  /** Distance of focal planes, mm. */
  readonly spacing?: number;
}

/** True for images made of tiles. */
export function isTiled({ data }: Instance): boolean {
  return (data.number(TAG.TotalPixelMatrixColumns) ?? 0) > 0 && (data.number(TAG.TotalPixelMatrixRows) ?? 0) > 0;
}

interface Tile extends Frame {
  readonly key: string;
  readonly depth: number;
  readonly y: number;
  readonly x: number;
}

/** Optical path identifiers in the order of the file. */
function opticalPaths({ data }: Instance): readonly { readonly key: string; readonly name?: string }[] {
  return data.items(TAG.OpticalPathSequence).map((item, i) => ({
    key: item.text(TAG.OpticalPathIdentifier) ?? String(i + 1),
    name: item.text(TAG.OpticalPathDescription),
  }));
}

function fullTiles(instance: Instance, offset: number): Tile[] {
  const { data, format } = instance;
  const across = Math.ceil(data.number(TAG.TotalPixelMatrixColumns)! / format.columns);
  const down = Math.ceil(data.number(TAG.TotalPixelMatrixRows)! / format.rows);
  const planes = data.number(TAG.TotalPixelMatrixFocalPlanes) ?? 1;
  const paths = opticalPaths(instance);
  return Array.from({ length: format.frames }, (_, index): Tile => {
    const i = index + offset;
    const path = Math.floor(i / (across * down * planes));
    const z = Math.floor(i / (across * down)) % planes;
    return {
      instance,
      index,
      key: paths[path]?.key ?? String(path + 1),
      depth: z,
      y: (Math.floor(i / across) % down) * format.rows,
      x: (i % across) * format.columns,
    };
  });
}

/** Undefined where a frame does not say where it lies. */
function sparseTiles(instance: Instance): Tile[] | undefined {
  const paths = opticalPaths(instance);
  const tiles: Tile[] = [];
  for (let index = 0; index < instance.format.frames; index++) {
    const frame = { instance, index };
    const position = groupOf(frame, TAG.PlanePositionSlideSequence);
    const x = position?.number(TAG.ColumnPositionInTotalImagePixelMatrix);
    const y = position?.number(TAG.RowPositionInTotalImagePixelMatrix);
    if (x === undefined || y === undefined) return undefined;
    const path = groupOf(frame, TAG.OpticalPathIdentificationSequence)?.text(TAG.OpticalPathIdentifier);
    const segment = groupOf(frame, TAG.SegmentIdentificationSequence)?.number(TAG.ReferencedSegmentNumber);
    tiles.push({
      ...frame,
      key: segment !== undefined ? String(segment) : (path ?? paths[0]?.key ?? '1'),
      depth: position?.number(TAG.ZOffsetInSlide) ?? 0,
      y: y - 1,
      x: x - 1,
    });
  }
  return tiles;
}

/** Frames that precede those of this file in a concatenation. */
function frameOffset({ data }: Instance): number {
  return data.number(TAG.ConcatenationFrameOffsetNumber) ?? 0;
}

/** Instances of one total pixel matrix: one, the parts of a concatenation, or one an optical path. Undefined for no tiles at all. */
export function tile(instances: readonly Instance[]): Tiled | undefined {
  const first = instances[0]!;
  const { data, format } = first;
  let sparse = false;
  const tiles = instances.flatMap((instance) => {
    const full = instance.data.text(TAG.DimensionOrganizationType) === 'TILED_FULL';
    const said = full ? undefined : sparseTiles(instance);
    if (said) sparse = true;
    return said ?? fullTiles(instance, frameOffset(instance));
  });
  if (tiles.length === 0) return undefined;
  const declared = instances.flatMap(opticalPaths);
  const segments = segmentRanks(tiles);
  const used = new Set(tiles.map((each) => each.key));
  const ordered = segments
    ? segments.numbers.map(String)
    : [...new Set([...declared.map((path) => path.key).filter((key) => used.has(key)), ...used])];
  const channel = new Map(ordered.map((key, i) => [key, i]));
  const depths = [...new Set(tiles.map((each) => each.depth))].sort((a, b) => a - b);
  const plane = new Map(depths.map((depth, i) => [depth, i]));
  const frames = tiles.map(
    (each): PlacedFrame => ({ ...each, t: 0, c: channel.get(each.key)!, z: plane.get(each.depth)! }),
  );
  return {
    sizeT: 1,
    channels: ordered.length,
    sizeZ: depths.length,
    rows: data.number(TAG.TotalPixelMatrixRows)!,
    columns: data.number(TAG.TotalPixelMatrixColumns)!,
    samples: format.samples,
    frames,
    absent: sparse ? 'sparse' : 'missing',
    fill: sparse ? fillOf(first) : 0,
    channelKeys: ordered,
    channelNames: segments ? segments.names : ordered.map((key) => declared.find((path) => path.key === key)?.name),
    spacing: sparse ? stepOf(depths) : undefined,
  };
}

/** Tiles that a sparse image leaves out: background, which Pixel Padding Value may name. */
function fillOf({ data }: Instance): number {
  return data.get(TAG.SegmentSequence) ? 0 : (data.number(TAG.PixelPaddingValue) ?? 0);
}

/** Z offsets are in micrometres (PS3.3 C.8.12.2.1.1); the result is in mm. */
function stepOf(depths: readonly number[]): number | undefined {
  if (depths.length < 2) return undefined;
  const step = (depths[depths.length - 1]! - depths[0]!) / (depths.length - 1);
  const same = depths.every((depth, i) => i === 0 || Math.abs(depth - depths[i - 1]! - step) < 0.01 * step);
  return same ? step / 1000 : undefined;
}
