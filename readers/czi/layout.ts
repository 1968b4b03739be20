// From subblocks to images: which scene, plane, position and resolution each one is.
// Scenes (S), acquisition blocks (B), views (V) and pixel types are images of their own; rotations (R) extend z, illuminations (I) c,
// phases (H) t. Tiles (M) are painted in the order of their numbers, or are images of their own.

import { formatError } from '../../src/core/errors.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { Subblock } from './subblocks.js';

export interface PixelKind {
  readonly pixelType: number;
  /** 2: real and imaginary part, which are channels of their own. */
  readonly samples: 1 | 2 | 3 | 4;
}

/** One resolution: subblocks with the same ratio of full to stored size. */
export interface CziLevel {
  readonly zoom: number;
  readonly shape: Tczyx;
  readonly blocks: readonly PlacedSubblock[];
}

export interface PlacedSubblock {
  readonly block: Subblock;
  readonly t: number;
  /** Channel, not sample. */
  readonly c: number;
  readonly z: number;
  /** Pixels of the level. */
  readonly y: number;
  readonly x: number;
}

export interface CziImage {
  readonly scene: number;
  readonly acquisition: number;
  readonly view: number;
  readonly tile: number | undefined;
  readonly kind: PixelKind;
  /** Channel numbers of the document, in order; those of one illumination. */
  readonly channels: readonly number[];
  /** Sizes of the dimensions that are folded in. */
  readonly rotations: number;
  readonly illuminations: number;
  readonly phases: number;
  /** First z, t and pixel in the document's coordinates. */
  readonly first: { readonly z: number; readonly t: number; readonly x: number; readonly y: number };
  readonly levels: readonly [CziLevel, ...CziLevel[]];
  readonly droppedLevels: number;
}

/** Bounds of what a document may claim: pixels along a side, planes of an image. */
const MAX_SIDE = 2 ** 24;
const MAX_PLANES = 5_000_000;

const SAMPLES: Readonly<Record<number, 2 | 3 | 4>> = { 3: 3, 4: 3, 8: 3, 9: 4, 10: 2 };

function zoomOf(block: Subblock): number {
  if (block.width === block.storedWidth && block.height === block.storedHeight) return 1;
  return Math.max(1, Math.round(Math.max(block.width / block.storedWidth, block.height / block.storedHeight)));
}

function range(blocks: readonly Subblock[], of: (block: Subblock) => number): { first: number; count: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const block of blocks) {
    const value = of(block);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { first: low, count: high - low + 1 };
}

function groupBy<K>(blocks: readonly Subblock[], key: (block: Subblock) => K): Map<K, Subblock[]> {
  const groups = new Map<K, Subblock[]>();
  for (const block of blocks) {
    const k = key(block);
    const list = groups.get(k);
    if (list) list.push(block);
    else groups.set(k, [block]);
  }
  return groups;
}

/** Later tiles cover earlier ones; the order of the directory decides among equals. */
function inPaintOrder(blocks: readonly Subblock[]): Subblock[] {
  return blocks
    .map((block, i) => ({ block, i }))
    .sort((a, b) => a.block.at.M - b.block.at.M || a.i - b.i)
    .map(({ block }) => block);
}

/** Errors: format CZI_BOUNDS. */
export function buildImages(subblocks: readonly Subblock[], tiles: boolean): CziImage[] {
  const keys = groupBy(subblocks, ({ at, pixelType }) => `${at.S},${at.B},${at.V},${pixelType}`);
  const images: CziImage[] = [];
  const isFull = (group: readonly Subblock[]): boolean => group.some((block) => zoomOf(block) === 1);
  const groups = [...keys.values()];
  // Pyramid levels across scenes belong to no scene, and are no image.
  const kept = groups.some(isFull) ? groups.filter(isFull) : groups;
  for (const group of kept) {
    // Pyramid levels have no tile numbers.
    const split = tiles
      ? [
          ...groupBy(
            group.filter((block) => zoomOf(block) === 1),
            (block) => block.at.M,
          ).values(),
        ]
      : [group];
    for (const each of split) if (each.length > 0) images.push(buildImage(each, tiles && split.length > 1));
  }
  const order = (a: CziImage, b: CziImage): number =>
    a.scene - b.scene ||
    a.acquisition - b.acquisition ||
    a.view - b.view ||
    a.channels[0]! - b.channels[0]! ||
    (a.tile ?? 0) - (b.tile ?? 0);
  return images.sort(order);
}

function buildImage(group: readonly Subblock[], isTile: boolean): CziImage {
  const byZoom = groupBy(group, zoomOf);
  const zooms = [...byZoom.keys()].sort((a, b) => a - b);
  const base = zooms[0]!;
  const blocks = byZoom.get(base)!;
  const { at, pixelType } = blocks[0]!;
  const samples = SAMPLES[pixelType] ?? 1;

  const z = range(blocks, (b) => b.at.Z);
  const t = range(blocks, (b) => b.at.T);
  const r = range(blocks, (b) => b.at.R);
  const i = range(blocks, (b) => b.at.I);
  const h = range(blocks, (b) => b.at.H);
  const channels = [...new Set(blocks.map((b) => b.at.C))].sort((a, b) => a - b);
  const channelAt = new Map(channels.map((c, index) => [c, index]));
  const x = range(blocks, (b) => b.x).first;
  const y = range(blocks, (b) => b.y).first;
  const right = blocks.reduce((max, b) => Math.max(max, b.x + b.width), x);
  const bottom = blocks.reduce((max, b) => Math.max(max, b.y + b.height), y);

  const planes: readonly [number, number, number] = [
    t.count * h.count,
    channels.length * i.count * samples,
    z.count * r.count,
  ];
  const count = planes[0] * planes[1] * planes[2];
  if (!(right - x <= MAX_SIDE && bottom - y <= MAX_SIDE && count <= MAX_PLANES)) {
    const claim = `${right - x} x ${bottom - y} pixels in ${count} planes`;
    throw formatError('CZI_BOUNDS', `the subblocks of scene ${at.S} claim ${claim}; the directory is broken`);
  }
  const place = (block: Subblock, zoom: number): PlacedSubblock => ({
    block,
    t: (block.at.H - h.first) * t.count + (block.at.T - t.first),
    c: (block.at.I - i.first) * channels.length + (channelAt.get(block.at.C) ?? 0),
    z: (block.at.R - r.first) * z.count + (block.at.Z - z.first),
    x: Math.floor((block.x - x) / zoom),
    y: Math.floor((block.y - y) / zoom),
  });
  const levels: CziLevel[] = [];
  let dropped = 0;
  for (const zoom of zooms) {
    const width = Math.ceil((right - x) / zoom);
    const height = Math.ceil((bottom - y) / zoom);
    const placed = inPaintOrder(byZoom.get(zoom)!).map((block) => place(block, zoom));
    const level: CziLevel = { zoom, shape: [...planes, height, width], blocks: placed };
    if (zoom === base || isComplete(level, levels[0]!, { x, y })) levels.push(level);
    else dropped++;
  }
  return {
    scene: at.S,
    acquisition: at.B,
    view: at.V,
    tile: isTile ? at.M : undefined,
    kind: { pixelType, samples },
    channels,
    rotations: r.count,
    illuminations: i.count,
    phases: h.count,
    first: { z: z.first, t: t.first, x, y },
    levels: levels as [CziLevel, ...CziLevel[]],
    droppedLevels: dropped,
  };
}

/** Covers every plane, on whole pixels of the level, within its bounds. */
function isComplete(level: CziLevel, base: CziLevel, first: { x: number; y: number }): boolean {
  const { zoom, shape } = level;
  if (zoom % base.zoom !== 0) return false;
  const [, , , height, width] = shape;
  const planes = new Set<string>();
  let [right, bottom] = [0, 0];
  for (const { block, t, c, z, y, x } of level.blocks) {
    if ((block.x - first.x) % zoom !== 0 || (block.y - first.y) % zoom !== 0) return false;
    if (x < 0 || y < 0 || x + block.storedWidth > width || y + block.storedHeight > height) return false;
    if (Math.abs(block.width / zoom - block.storedWidth) >= 1) return false;
    right = Math.max(right, x + block.storedWidth);
    bottom = Math.max(bottom, y + block.storedHeight);
    planes.add(`${t},${c},${z}`);
  }
  if (right < width || bottom < height) return false;
  return base.blocks.every(({ t, c, z }) => planes.has(`${t},${c},${z}`));
}
