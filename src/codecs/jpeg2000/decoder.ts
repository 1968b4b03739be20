// A JPEG 2000 code stream to interleaved samples: tiles one by one, each through packets, block decoding, wavelets and colour.

import { formatError, unsupported } from '../../core/errors.js';
import type { Kernels } from '../../kernels/kernels.js';
import { checkSize, type DecodedImage } from '../image-block.js';
import { type Band, type CodeBlock, layOut, type Rect, type Resolution } from './geometry.js';
import { type CodeStream, type Coding, readCodeStream, type Tile } from './header.js';
import { readPackets } from './packets.js';

/** Bit-planes that a 32-bit coefficient with one fraction bit can hold. */
const MAX_PLANES = 30;

/** `header`: the main header of a stream, where the input is one of its tiles alone, which then is the image. */
export function decodeCodeStream(
  kernels: Kernels,
  input: Uint8Array,
  maxBytes: number,
  header?: Uint8Array,
): DecodedImage {
  // Growing kernel memory would detach a view of it.
  const data = header ? Buffer.concat([header, input]) : kernels.owns(input) ? input.slice() : input;
  const stream = readCodeStream(data);
  const [only] = stream.tiles.keys();
  if (header && only === undefined) throw formatError('TRUNCATED', 'the JPEG 2000 tile is empty');
  return new Decoder(kernels, data, stream, header ? only : undefined, maxBytes).run();
}

class Decoder {
  /** What comes out, on the reference grid. */
  private readonly area: Rect;
  private readonly width: number;
  private readonly height: number;
  private readonly samples: number;
  private readonly size: 1 | 2 | 4;
  private readonly out: number;

  constructor(
    private readonly kernels: Kernels,
    private readonly data: Uint8Array,
    private readonly stream: CodeStream,
    private readonly only: number | undefined,
    maxBytes: number,
  ) {
    const { components } = stream.size;
    const { x0, y0, x1, y1 } = stream;
    this.area = only === undefined ? { x0, y0, x1, y1 } : this.tileArea(only);
    this.width = this.area.x1 - this.area.x0;
    this.height = this.area.y1 - this.area.y0;
    this.samples = components.length;
    const bits = Math.max(...components.map((c) => c.bits));
    if (bits > 32) throw unsupported('JPEG2000_DEPTH', `JPEG 2000 samples of ${bits} bits are not supported`);
    this.size = bits > 16 ? 4 : bits > 8 ? 2 : 1;
    checkSize('a JPEG 2000 image', this.width, this.height, this.samples * this.size, maxBytes);
    // A byte of data cannot make a million pixels: empty packets alone take one a precinct.
    if (this.width * this.height > data.length * 2 ** 20) {
      throw formatError(
        'TRUNCATED',
        `${data.length} bytes of JPEG 2000 data for ${this.width} × ${this.height} pixels`,
      );
    }
    this.out = kernels.scratch('jpeg2000.out', this.width * this.height * this.samples * this.size + 64);
  }

  run(): DecodedImage {
    const { stream, kernels, width, height, samples, size, only } = this;
    const count = stream.tilesAcross * Math.ceil((stream.y1 - stream.tileY) / stream.tileHeight);
    for (let index = only ?? 0; index < (only === undefined ? count : only + 1); index++) {
      const tile = stream.tiles.get(index);
      if (!tile) throw formatError('TRUNCATED', `the JPEG 2000 stream has no tile ${index} of ${count}`);
      this.decodeTile(tile, this.tileArea(index));
    }
    const pixels = kernels.view(this.out, width * height * samples * size);
    return { pixels, width, height, samples, size };
  }

  private tileArea(index: number): Rect {
    const { tilesAcross, tileX, tileY, tileWidth, tileHeight, x0, y0, x1, y1 } = this.stream;
    const x = tileX + (index % tilesAcross) * tileWidth;
    const y = tileY + Math.floor(index / tilesAcross) * tileHeight;
    return {
      x0: Math.max(x, x0),
      y0: Math.max(y, y0),
      x1: Math.min(x + tileWidth, x1),
      y1: Math.min(y + tileHeight, y1),
    };
  }

  private decodeTile(tile: Tile, area: Rect): void {
    const { components } = this.stream.size;
    const { coding } = tile;
    const resolutions = components.map((c, i) => layOut(area, coding.components[i]!, c.bits, c.dx, c.dy));
    const body = this.bodyOf(tile);
    const complete = readPackets(tile, resolutions, body);
    if (!complete && this.stream.cut) throw formatError('TRUNCATED', 'the JPEG 2000 data ends early');
    const store = (plane: number, i: number) => {
      this.storePlane(resolutions[i]!.at(-1)!, plane, i, !coding.components[i]!.reversible, area);
    };
    // Three planes at once for the colour transform, the others one by one.
    const first = resolutions
      .slice(0, 3)
      .map((levels, i) => this.decodePlane(levels, coding.components[i]!, i, body.data));
    const [a, b, c] = resolutions.map((levels) => levels.at(-1)!);
    if (coding.transform && a && b && c && sameSize(a, b) && sameSize(a, c)) {
      const float = coding.components[0]!.reversible ? 0 : 1;
      this.kernels.x.j2kColor(first[0]!, first[1]!, first[2]!, (a.x1 - a.x0) * (a.y1 - a.y0), float);
    }
    first.forEach(store);
    for (let i = 3; i < resolutions.length; i++) {
      store(this.decodePlane(resolutions[i]!, coding.components[i]!, i, body.data), i);
    }
  }

  /** The tile's packets as one stretch of bytes. */
  private bodyOf(tile: Tile): { data: Uint8Array; start: number; end: number } {
    if (tile.parts.length === 1) return { data: this.data, ...tile.parts[0]! };
    const data = Buffer.concat(tile.parts.map((p) => this.data.subarray(p.start, p.end)));
    return { data, start: 0, end: data.length };
  }

  /** Address of the component's samples: i32, or f32 in irreversible coding. */
  private decodePlane(levels: readonly Resolution[], coding: Coding, index: number, data: Uint8Array): number {
    const { kernels } = this;
    const full = levels.at(-1)!;
    const width = full.x1 - full.x0;
    const height = full.y1 - full.y0;
    const bytes = width * height * 4 + 64;
    const plane = kernels.scratch(`jpeg2000.plane${Math.min(index, 3)}`, bytes);
    const scratch = kernels.scratch('jpeg2000.lines', kernels.x.j2kSynthesisMemory(width, height));
    const blocks = kernels.scratch(
      'jpeg2000.block',
      kernels.x.j2kBlockMemory(2 ** coding.blockWidth, 2 ** coding.blockHeight),
    );
    kernels.view(plane, bytes).fill(0);
    for (const { precincts } of levels) {
      for (const { bands } of precincts) {
        for (const { band, blocks: list } of bands) {
          for (const block of list)
            if (block.passes > 0) this.decodeBlock(block, band, coding, data, plane, width, blocks);
        }
      }
    }
    for (const { x0, y0, x1, y1 } of levels.slice(1)) {
      if (x1 > x0 && y1 > y0) {
        kernels.x.j2kSynthesise(plane, width, x1 - x0, y1 - y0, x0, y0, coding.reversible ? 0 : 1, scratch);
      }
    }
    return plane;
  }

  private decodeBlock(
    block: CodeBlock,
    band: Band,
    coding: Coding,
    data: Uint8Array,
    plane: number,
    stride: number,
    memory: number,
  ): void {
    const { kernels } = this;
    const { segments } = block;
    const planes = block.planes + coding.region;
    if (planes > MAX_PLANES) {
      throw unsupported('JPEG2000_DEPTH', `JPEG 2000 code-blocks of ${planes} bit-planes are not supported`);
    }
    let bytes = 0;
    for (const s of segments) for (let i = 1; i < s.pieces.length; i += 2) bytes += s.pieces[i]!;
    const table = segments.length * 8;
    const at = kernels.scratch('jpeg2000.data', table + bytes + 2 * segments.length + 8);
    const view = kernels.view(at, table + bytes + 2 * segments.length);
    const numbers = new Int32Array(view.buffer, at, segments.length * 2);
    let to = table;
    segments.forEach((segment, k) => {
      const from = to;
      for (let i = 0; i < segment.pieces.length; i += 2) {
        const start = segment.pieces[i]!;
        const length = segment.pieces[i + 1]!;
        view.set(data.subarray(start, start + length), to);
        to += length;
      }
      numbers[2 * k] = to - from;
      numbers[2 * k + 1] = segment.passes;
      // What decoders see behind the end.
      view[to++] = 0xff;
      view[to++] = 0xff;
    });
    const place = (block.y0 - band.y0 + band.top) * stride + (block.x0 - band.x0 + band.left);
    const orientation = band.kind === 1 ? 1 : band.kind === 3 ? 2 : 0;
    const { x } = kernels;
    x.j2kBlock(
      memory,
      at + table,
      at,
      segments.length,
      block.x1 - block.x0,
      block.y1 - block.y0,
      orientation,
      planes,
      coding.style,
      coding.region,
      plane + place * 4,
      stride,
      band.step * 0.5,
    );
  }

  private storePlane(area: Rect, plane: number, index: number, float: boolean, tile: Rect): void {
    const { kernels, stream, samples, size, width } = this;
    const { bits, signed, dx, dy } = stream.size.components[index]!;
    const top = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
    const low = signed ? -(2 ** (bits - 1)) : 0;
    const shift = signed ? 0 : 2 ** (bits - 1);
    // Output pixels are those of the reference grid; coarser samples are repeated.
    const columns = area.x1 - area.x0;
    const rows = area.y1 - area.y0;
    if (columns === 0 || rows === 0) return;
    const left = tile.x0 - this.area.x0;
    const skip = Math.max(0, tile.x0 - area.x0 * dx);
    for (let y = tile.y0; y < tile.y1; y++) {
      const row = Math.min(Math.max(Math.floor(y / dy) - area.y0, 0), rows - 1);
      const to = this.out + (((y - this.area.y0) * width + left) * samples + index) * size;
      kernels.x.j2kStore(
        to,
        samples,
        size,
        plane + row * columns * 4,
        tile.x1 - tile.x0,
        dx,
        skip,
        float ? 1 : 0,
        shift,
        low,
        top,
      );
    }
  }
}

function sameSize(a: Rect, b: Rect): boolean {
  return a.x1 - a.x0 === b.x1 - b.x0 && a.y1 - a.y0 === b.y1 - b.y0;
}
