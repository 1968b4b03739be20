// Tiles of a code stream as blocks, so that large images are read piece by piece: tile-parts are found by their headers (T.800 A.4.2).

import type { J2kSize } from '../../src/containers/raster/jpeg2000.js';
import type { BlockMap } from '../../src/core/blocks.js';
import type { ByteSource } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { Limits } from '../../src/core/limits.js';

const SOT = 0xff90;
const PPM = 0xff60;
/** Longest main header that every block carries along. */
const MAX_HEADER = 2 ** 16;

interface Part {
  readonly tile: number;
  readonly offset: number;
  readonly length: number;
}

/** A block map with a block a tile; undefined where the stream has one tile or the parts do not tell where they are. */
export async function tileBlocks(
  source: ByteSource,
  stream: { readonly offset: number; readonly length: number },
  size: J2kSize,
  shape: Tczyx,
  limits: Limits,
  color: string,
): Promise<BlockMap | undefined> {
  const { tile, width, height, components, ht } = size;
  if (!tile || ht || components.some((c) => c.dx !== 1 || c.dy !== 1)) return undefined;
  const across = Math.ceil(width / tile.width);
  const count = across * Math.ceil(height / tile.height);
  if (count < 2 || count > 65_535) return undefined;
  const header = await mainHeader(source, stream);
  const parts = header && (await tileParts(source, stream, header.length, count, limits));
  if (!parts) return undefined;
  const first = new Uint32Array(count + 1);
  for (const part of parts) first[part.tile + 1]!++;
  if (first.subarray(1).some((n) => n === 0)) return undefined;
  for (let i = 1; i <= count; i++) first[i]! += first[i - 1]!;
  const sorted = [...parts].sort((a, b) => a.tile - b.tile || a.offset - b.offset);
  const block: Tczyx = [1, shape[1], 1, Math.min(tile.height, height), Math.min(tile.width, width)];
  return {
    layout: { kind: 'grid', block, edge: 'clipped' },
    address: {
      kind: 'table',
      file: 0,
      offset: Float64Array.from(sorted, (p) => p.offset),
      length: Float64Array.from(sorted, (p) => p.length),
      first,
    },
    files: [source.name],
    chains: [{ codecs: [{ id: 'jpeg2000', color, header }], order: 'tzyxc' }],
    fill: 0,
    absent: 'missing',
  };
}

/** Everything before the first tile-part. Packed packet headers (PPM) in it tie all tiles together. */
async function mainHeader(
  source: ByteSource,
  stream: { offset: number; length: number },
): Promise<Uint8Array | undefined> {
  const data = await source.read(stream.offset, Math.min(stream.length, MAX_HEADER));
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 2; at + 4 <= data.length; ) {
    const marker = view.getUint16(at);
    if (marker === SOT) return data.slice(0, at);
    if (marker === PPM || marker < 0xff40) return undefined;
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

async function tileParts(
  source: ByteSource,
  stream: { offset: number; length: number },
  start: number,
  count: number,
  limits: Limits,
): Promise<Part[] | undefined> {
  const parts: Part[] = [];
  const end = stream.offset + stream.length;
  for (let at = stream.offset + start; at + 12 <= end; ) {
    const head = await source.read(at, 12);
    const view = new DataView(head.buffer, head.byteOffset, 12);
    if (view.getUint16(0) !== SOT) break;
    const tile = view.getUint16(4);
    const length = view.getUint32(6);
    // The last part may leave its length open; one that the end of the file cuts is read as far as it goes.
    if (tile >= count || (length !== 0 && length < 14) || parts.length >= limits.directories) return undefined;
    const there = length === 0 ? end - at : Math.min(length, end - at);
    parts.push({ tile, offset: at, length: there });
    at += there;
  }
  return parts;
}
