// Packets of a tile: their order (ITU-T T.800 B.12) and headers (B.10).

import { formatError, ImgconvError } from '../../core/errors.js';
import { HeaderBits } from './bits.js';
import type { CodeBlock, Precinct, PrecinctBand, Resolution } from './geometry.js';
import type { Coding, Progression, Tile } from './header.js';

/** Code-block styles (table A.19). */
const LAZY = 1;
const TERMINATE = 4;

interface Entry {
  readonly component: number;
  readonly resolution: number;
  /** Number within the resolution. */
  readonly index: number;
  readonly precinct: Precinct;
}

/** Precincts in the order of one progression, and how layers run through them. */
function* walk(components: readonly Resolution[][], change: Progression): Generator<readonly [Entry, layer: number]> {
  const entries: Entry[] = [];
  const [c0, c1] = change.components;
  const [r0, r1] = change.resolutions;
  for (let component = c0; component < Math.min(c1, components.length); component++) {
    for (let resolution = r0; resolution < Math.min(r1, components[component]!.length); resolution++) {
      components[component]![resolution]!.precincts.forEach((precinct, index) => {
        entries.push({ component, resolution, index, precinct });
      });
    }
  }
  const by = (...keys: ((e: Entry) => number)[]) =>
    entries.sort((a, b) => {
      for (const key of keys) {
        const difference = key(a) - key(b);
        if (difference !== 0) return difference;
      }
      return 0;
    });
  const r = (e: Entry) => e.resolution;
  const c = (e: Entry) => e.component;
  const k = (e: Entry) => e.index;
  const x = (e: Entry) => e.precinct.x;
  const y = (e: Entry) => e.precinct.y;
  if (change.order === 0) {
    by(r, c, k);
    for (let layer = 0; layer < change.layers; layer++) for (const entry of entries) yield [entry, layer];
    return;
  }
  if (change.order === 1) {
    by(r, c, k);
    for (let from = 0; from < entries.length; ) {
      let to = from;
      while (to < entries.length && entries[to]!.resolution === entries[from]!.resolution) to++;
      for (let layer = 0; layer < change.layers; layer++) {
        for (let i = from; i < to; i++) yield [entries[i]!, layer];
      }
      from = to;
    }
    return;
  }
  if (change.order === 2) by(r, y, x, c, k);
  else if (change.order === 3) by(y, x, c, r, k);
  else by(c, y, x, r, k);
  for (const entry of entries) for (let layer = 0; layer < change.layers; layer++) yield [entry, layer];
}

/** Where packet data lies: the tile's parts as one stretch of bytes. */
export interface PacketData {
  readonly data: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Read all packets of a tile: code-blocks get their segments. False when the data ends early; what came before is kept.
 */
export function readPackets(tile: Tile, components: readonly Resolution[][], body: PacketData): boolean {
  const { coding } = tile;
  const all: Progression = {
    order: coding.order,
    layers: coding.layers,
    resolutions: [0, 33],
    components: [0, components.length],
  };
  const changes =
    coding.changes.length > 0
      ? coding.changes.map((c) => ({ ...c, layers: Math.min(c.layers, coding.layers) }))
      : [all];
  const packed = tile.packed.length > 0 ? Buffer.concat(tile.packed) : undefined;
  const headers = packed && { data: packed, start: 0, end: packed.length };
  const reader = new PacketReader(body, headers);
  try {
    for (const change of changes) {
      for (const [entry, layer] of walk(components, change)) {
        if (layer < entry.precinct.layers) continue;
        if (reader.done) return false;
        reader.read(entry.precinct, layer, coding.components[entry.component]!);
        entry.precinct.layers = layer + 1;
      }
    }
  } catch (error) {
    if (error instanceof ImgconvError && error.code === 'TRUNCATED') return false;
    throw error;
  }
  return true;
}

class PacketReader {
  private at: number;
  private headerAt: number;

  constructor(
    private readonly body: PacketData,
    private readonly headers: PacketData | undefined,
  ) {
    this.at = body.start;
    this.headerAt = headers?.start ?? 0;
  }

  get done(): boolean {
    return this.headers ? this.headerAt >= this.headers.end : this.at >= this.body.end;
  }

  read(precinct: Precinct, layer: number, coding: Coding): void {
    const { body, headers } = this;
    // SOP may stand before a packet.
    if (body.data[this.at] === 0xff && body.data[this.at + 1] === 0x91 && this.at + 6 <= body.end) this.at += 6;
    const source = headers ?? body;
    const bits = new HeaderBits(source.data, headers ? this.headerAt : this.at, source.end);
    const found: { block: CodeBlock; segment: CodeBlock['segments'][number]; bytes: number }[] = [];
    if (bits.bit() === 1) {
      for (const part of precinct.bands) {
        part.blocks.forEach((block, i) => {
          readBlock(bits, part, block, i, layer, coding, (segment, bytes) => found.push({ block, segment, bytes }));
        });
      }
    }
    bits.align();
    let after = bits.at;
    if (source.data[after] === 0xff && source.data[after + 1] === 0x92 && after + 2 <= source.end) after += 2;
    if (headers) this.headerAt = after;
    else this.at = after;
    for (const { segment, bytes } of found) {
      const there = Math.min(bytes, body.end - this.at);
      if (there < bytes) throw formatError('TRUNCATED', 'the JPEG 2000 data ends inside a packet');
      segment.pieces.push(this.at, bytes);
      this.at += bytes;
    }
  }
}

/** What a packet header says of one code-block. */
function readBlock(
  bits: HeaderBits,
  part: PrecinctBand,
  block: CodeBlock,
  index: number,
  layer: number,
  coding: Coding,
  add: (segment: CodeBlock['segments'][number], bytes: number) => void,
): void {
  if (!(block.included ? bits.bit() === 1 : part.inclusion.below(bits, index, layer + 1))) return;
  if (!block.included) {
    block.included = true;
    let zeros = 0;
    while (!part.zeroPlanes.below(bits, index, zeros + 1)) {
      if (++zeros > 64)
        throw formatError('JPEG2000_STREAM', 'broken JPEG 2000 stream: a code-block without bit-planes');
    }
    block.planes = part.band.planes - zeros;
  }
  let passes = readPasses(bits);
  while (bits.bit() === 1) {
    if (++block.lengthBits > 32) throw formatError('JPEG2000_STREAM', 'broken JPEG 2000 stream: a code-block too long');
  }
  while (passes > 0) {
    let segment = block.segments.at(-1);
    if (!segment || segment.passes >= segment.limit) {
      segment = { passes: 0, limit: limitOf(block, coding.style), pieces: [] };
      block.segments.push(segment);
    }
    const taken = Math.min(passes, segment.limit - segment.passes);
    const bytes = bits.bits(block.lengthBits + Math.floor(Math.log2(taken)));
    segment.passes += taken;
    block.passes += taken;
    passes -= taken;
    add(segment, bytes);
  }
}

/** Passes of the next codeword segment at most. */
function limitOf(block: CodeBlock, style: number): number {
  if ((style & TERMINATE) !== 0) return 1;
  if ((style & LAZY) === 0) return 1000;
  const last = block.segments.at(-1);
  if (!last) return 10;
  return last.limit === 1 || last.limit === 10 ? 2 : 1;
}

/** Number of passes (table B.4). */
function readPasses(bits: HeaderBits): number {
  if (bits.bit() === 0) return 1;
  if (bits.bit() === 0) return 2;
  let more = bits.bits(2);
  if (more < 3) return 3 + more;
  more = bits.bits(5);
  if (more < 31) return 6 + more;
  return 37 + bits.bits(7);
}
