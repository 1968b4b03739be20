// Main and tile-part headers of a JPEG 2000 code stream (ITU-T T.800 Annex A).

import { formatError, unsupported } from '../../core/errors.js';
import { type J2kSize, readSize } from './size.js';

/** How a tile-component is coded (COD, COC, QCD, QCC, RGN). */
export interface Coding {
  levels: number;
  /** Logarithms of the code-block size. */
  blockWidth: number;
  blockHeight: number;
  style: number;
  reversible: boolean;
  /** Logarithms of the precinct size, a pair for each resolution. */
  precincts: readonly (readonly [x: number, y: number])[];
  quantStyle: number;
  guard: number;
  /** Exponent and mantissa for each band. */
  steps: readonly (readonly [exponent: number, mantissa: number])[];
  /** Shift of the region of interest. */
  region: number;
}

export interface Progression {
  readonly order: number;
  readonly layers: number;
  readonly resolutions: readonly [from: number, to: number];
  readonly components: readonly [from: number, to: number];
}

export interface TileCoding {
  order: number;
  layers: number;
  /** Colour transform of the first three components. */
  transform: boolean;
  /** EPH and SOP markers may occur; they are recognised where they do. */
  components: Coding[];
  changes: readonly Progression[];
}

export interface TilePart {
  /** Packets. */
  readonly start: number;
  readonly end: number;
}

export interface Tile {
  readonly index: number;
  readonly coding: TileCoding;
  readonly parts: TilePart[];
  /** Packet headers that were moved to the headers (PPM, PPT). */
  readonly packed: Uint8Array[];
}

export interface CodeStream {
  readonly size: J2kSize;
  /** Reference grid: image area, then tile size and offset. */
  readonly x1: number;
  readonly y1: number;
  readonly x0: number;
  readonly y0: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly tileX: number;
  readonly tileY: number;
  readonly tilesAcross: number;
  readonly tiles: ReadonlyMap<number, Tile>;
  /** The stream ends before its last tile-part does. */
  readonly cut: boolean;
}

const broken = (what: string, offset: number) =>
  formatError('JPEG2000_STREAM', `broken JPEG 2000 stream: ${what}`, { offset });

/** Default precinct: larger than anything. */
const WHOLE = [15, 15] as const;

export function readCodeStream(data: Uint8Array): CodeStream {
  const size = readSize(data);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const siz = size.start + 4;
  const u32 = (at: number) => view.getUint32(siz + at);
  const grid = {
    x1: u32(4),
    y1: u32(8),
    x0: u32(12),
    y0: u32(16),
    tileWidth: u32(20),
    tileHeight: u32(24),
    tileX: u32(28),
    tileY: u32(32),
  };
  const { tileWidth, tileHeight, tileX, tileY, x0, y0, x1, y1 } = grid;
  if (
    tileWidth === 0 ||
    tileHeight === 0 ||
    tileX > x0 ||
    tileY > y0 ||
    tileX + tileWidth <= x0 ||
    tileY + tileHeight <= y0
  ) {
    throw broken('impossible tile grid', siz);
  }
  const tilesAcross = Math.ceil((x1 - tileX) / tileWidth);
  const tilesDown = Math.ceil((y1 - tileY) / tileHeight);
  if (tilesAcross * tilesDown > 65_535) throw broken('more than 65535 tiles', siz);
  const reader = new HeaderReader(data, view, size.components.length);
  const tiles = reader.read(siz + view.getUint16(siz), tilesAcross * tilesDown);
  return { size, ...grid, tilesAcross, tiles, cut: reader.cut };
}

class HeaderReader {
  cut = false;
  private readonly tiles = new Map<number, Tile>();
  private readonly packedMain: { index: number; data: Uint8Array }[] = [];

  constructor(
    private readonly data: Uint8Array,
    private readonly view: DataView,
    private readonly count: number,
  ) {}

  read(at: number, tiles: number): ReadonlyMap<number, Tile> {
    const main: TileCoding = { order: 0, layers: 1, transform: false, components: [], changes: [] };
    main.components = Array.from({ length: this.count }, emptyCoding);
    let next = this.segments(at, main, undefined);
    while (next !== undefined) next = this.tilePart(next, main, tiles);
    this.spreadPacked();
    return this.tiles;
  }

  /** Marker segments up to SOT (its offset) in the main header, or SOD (the offset behind it) in a tile's. */
  private segments(at: number, coding: TileCoding, tile: Tile | undefined): number | undefined {
    const { data, view } = this;
    for (;;) {
      if (at + 4 > data.length) {
        this.cut = true;
        return undefined;
      }
      const marker = view.getUint16(at);
      if (marker === 0xff93 && tile) return at + 2;
      if (marker === 0xff90 && !tile) return at;
      if (marker < 0xff30) throw broken('no marker where one should be', at);
      // Reserved markers without a segment.
      if (marker <= 0xff3f) {
        at += 2;
        continue;
      }
      const length = view.getUint16(at + 2);
      if (length < 2 || at + 2 + length > data.length) throw broken('a marker segment is too long', at);
      const body = new DataView(data.buffer, data.byteOffset + at + 4, length - 2);
      try {
        this.segment(marker, body, coding, tile);
      } catch (error) {
        if (error instanceof RangeError) throw broken('a marker segment is too short', at);
        throw error;
      }
      at += 2 + length;
    }
  }

  private segment(marker: number, body: DataView, coding: TileCoding, tile: Tile | undefined): void {
    const wide = this.count > 256;
    const component = () => {
      const index = wide ? body.getUint16(0) : body.getUint8(0);
      if (index >= this.count) throw broken(`component ${index} of ${this.count}`, 0);
      return { index, rest: wide ? 2 : 1 };
    };
    if (marker === 0xff52) {
      coding.order = body.getUint8(1);
      coding.layers = body.getUint16(2);
      coding.transform = body.getUint8(4) === 1;
      if (coding.order > 4 || coding.layers === 0) throw broken('bad COD segment', 0);
      const style = readCoding(body, 5, (body.getUint8(0) & 1) !== 0);
      coding.components = coding.components.map((c) => ({ ...c, ...style }));
    } else if (marker === 0xff53) {
      const { index, rest } = component();
      Object.assign(coding.components[index]!, readCoding(body, rest + 1, (body.getUint8(rest) & 1) !== 0));
    } else if (marker === 0xff5c) {
      const quant = readQuantisation(body, 0);
      coding.components = coding.components.map((c) => ({ ...c, ...quant }));
    } else if (marker === 0xff5d) {
      const { index, rest } = component();
      Object.assign(coding.components[index]!, readQuantisation(body, rest));
    } else if (marker === 0xff5e) {
      const { index, rest } = component();
      coding.components[index]!.region = body.getUint8(rest + 1);
    } else if (marker === 0xff5f) {
      coding.changes = [...(tile ? coding.changes : []), ...readChanges(body, wide, this.count)];
    } else if (marker === 0xff60) {
      this.packedMain.push({ index: body.getUint8(0), data: rest(body, 1) });
    } else if (marker === 0xff61 && tile) {
      tile.packed.push(rest(body, 1));
    }
  }

  /** One tile-part; returns the offset of the next. */
  private tilePart(at: number, main: TileCoding, tiles: number): number | undefined {
    const { data, view } = this;
    if (at + 2 > data.length) {
      this.cut = true;
      return undefined;
    }
    if (view.getUint16(at) === 0xffd9) return undefined;
    if (view.getUint16(at) !== 0xff90 || at + 12 > data.length) {
      this.cut = true;
      return undefined;
    }
    const index = view.getUint16(at + 4);
    const length = view.getUint32(at + 6);
    if (index >= tiles) throw broken(`tile ${index} of ${tiles}`, at);
    let tile = this.tiles.get(index);
    const fresh = tile === undefined;
    tile ??= {
      index,
      coding: { ...main, components: main.components.map((c) => ({ ...c })), changes: main.changes },
      parts: [],
      packed: [],
    };
    if (fresh) this.tiles.set(index, tile);
    // A first POC in a tile replaces that of the main header.
    const own = { ...tile.coding, changes: [] as readonly Progression[] };
    const body = this.segments(at + 12, own, tile);
    if (body === undefined) return undefined;
    Object.assign(tile.coding, own, {
      changes: fresh ? (own.changes.length > 0 ? own.changes : main.changes) : [...tile.coding.changes, ...own.changes],
    });
    const end = length === 0 ? this.lastEnd() : at + length;
    if (end < body) throw broken('a tile-part is shorter than its header', at);
    if (end > data.length) this.cut = true;
    tile.parts.push({ start: body, end: Math.min(end, data.length) });
    return end >= data.length ? undefined : end;
  }

  /** A tile-part without a length reaches up to EOC. */
  private lastEnd(): number {
    const { length } = this.data;
    return length >= 2 && this.view.getUint16(length - 2) === 0xffd9 ? length - 2 : length;
  }

  /** PPM: a length before the packet headers of each tile-part, in the order of the code stream. */
  private spreadPacked(): void {
    if (this.packedMain.length === 0) return;
    const joined = Buffer.concat(this.packedMain.sort((a, b) => a.index - b.index).map((p) => p.data));
    if ([...this.tiles.values()].some((t) => t.parts.length > 1)) {
      throw unsupported(
        'JPEG2000_PPM',
        'JPEG 2000 with packed headers (PPM) and several tile-parts a tile is not supported',
      );
    }
    let at = 0;
    for (const tile of [...this.tiles.values()].sort((a, b) => a.parts[0]!.start - b.parts[0]!.start)) {
      if (at + 4 > joined.length) return;
      const length = joined.readUInt32BE(at);
      tile.packed.push(joined.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
  }
}

function rest(body: DataView, from: number): Uint8Array {
  return new Uint8Array(body.buffer, body.byteOffset + from, body.byteLength - from);
}

function emptyCoding(): Coding {
  return {
    levels: 0,
    blockWidth: 6,
    blockHeight: 6,
    style: 0,
    reversible: true,
    precincts: [],
    quantStyle: 0,
    guard: 0,
    steps: [],
    region: 0,
  };
}

function readCoding(body: DataView, at: number, precincts: boolean): Partial<Coding> {
  const levels = body.getUint8(at);
  const blockWidth = (body.getUint8(at + 1) & 15) + 2;
  const blockHeight = (body.getUint8(at + 2) & 15) + 2;
  if (levels > 32 || blockWidth > 10 || blockHeight > 10 || blockWidth + blockHeight > 12)
    throw broken('bad coding style', 0);
  const sizes = Array.from({ length: levels + 1 }, (_, i) => {
    if (!precincts) return WHOLE;
    const size = body.getUint8(at + 5 + i);
    // Above the lowest resolution a precinct covers three bands of half its size.
    if (i > 0 && ((size & 15) === 0 || size >> 4 === 0)) throw broken('a precinct of no size', 0);
    return [size & 15, size >> 4] as const;
  });
  return {
    levels,
    blockWidth,
    blockHeight,
    style: body.getUint8(at + 3),
    reversible: body.getUint8(at + 4) === 1,
    precincts: sizes,
  };
}

function readQuantisation(body: DataView, at: number): Partial<Coding> {
  const style = body.getUint8(at) & 31;
  const guard = body.getUint8(at) >> 5;
  const count = style === 0 ? body.byteLength - at - 1 : style === 1 ? 1 : (body.byteLength - at - 1) >> 1;
  const steps = Array.from({ length: count }, (_, i) => {
    if (style === 0) return [body.getUint8(at + 1 + i) >> 3, 0] as const;
    const value = body.getUint16(at + 1 + 2 * i);
    return [value >> 11, value & 0x7ff] as const;
  });
  if (style > 2 || count === 0) throw broken('bad quantisation', 0);
  return { quantStyle: style, guard, steps };
}

function readChanges(body: DataView, wide: boolean, count: number): Progression[] {
  const bytes = wide ? 9 : 7;
  const component = (at: number) => (wide ? body.getUint16(at) : body.getUint8(at));
  return Array.from({ length: Math.floor(body.byteLength / bytes) }, (_, i) => {
    const at = i * bytes;
    const after = at + (wide ? 3 : 2);
    const last = component(after + 3);
    return {
      resolutions: [body.getUint8(at), body.getUint8(after + 2)],
      components: [component(at + 1), last === 0 && !wide ? 256 : Math.min(last, count)],
      layers: body.getUint16(after),
      order: body.getUint8(after + 3 + (wide ? 2 : 1)),
    };
  });
}
