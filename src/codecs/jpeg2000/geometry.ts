// Resolutions, bands, precincts and code-blocks of a tile-component (ITU-T T.800 Annex B).

import { formatError } from '../../core/errors.js';
import { TagTree } from './bits.js';
import type { Coding } from './header.js';

export interface Rect {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface CodeBlock extends Rect {
  /** Bit-planes, the missing ones taken off; 0 until the block is first included. */
  planes: number;
  included: boolean;
  lengthBits: number;
  passes: number;
  /** Codeword segments: passes, and the pieces (offset, bytes) that they are made of. */
  readonly segments: { passes: number; limit: number; readonly pieces: number[] }[];
}

export interface Band extends Rect {
  /** 0 LL, 1 HL, 2 LH, 3 HH. */
  readonly kind: number;
  /** Bit-planes at most, and the quantisation step (0 in reversible coding). */
  readonly planes: number;
  readonly step: number;
  /** Where its first coefficient lies in the plane of the tile-component. */
  readonly left: number;
  readonly top: number;
}

export interface PrecinctBand {
  readonly band: Band;
  readonly blocks: readonly CodeBlock[];
  readonly inclusion: TagTree;
  readonly zeroPlanes: TagTree;
}

export interface Precinct {
  /** Reference grid position that orders it among others. */
  readonly x: number;
  readonly y: number;
  readonly bands: readonly PrecinctBand[];
  /** Layers read so far. */
  layers: number;
}

export interface Resolution extends Rect {
  readonly bands: readonly Band[];
  readonly precincts: readonly Precinct[];
}

/** Most precincts and code-blocks of a tile-component: a hostile header may promise any number. */
const MANY = 2 ** 22;

const ceilDiv = (a: number, b: number) => Math.ceil(a / b);

/** `tile`: on the reference grid. `dx`, `dy`: reference grid points a sample. `bits`: of a sample. */
export function layOut(tile: Rect, coding: Coding, bits: number, dx: number, dy: number): Resolution[] {
  const { levels } = coding;
  const area = {
    x0: ceilDiv(tile.x0, dx),
    y0: ceilDiv(tile.y0, dy),
    x1: ceilDiv(tile.x1, dx),
    y1: ceilDiv(tile.y1, dy),
  };
  let total = 0;
  return Array.from({ length: levels + 1 }, (_, r) => {
    const scale = 2 ** (levels - r);
    const rect = shrink(area, scale);
    const bands = bandsOf(area, rect, coding, bits, r);
    const [ppx, ppy] = coding.precincts[r] ?? [15, 15];
    const width = 2 ** ppx;
    const height = 2 ** ppy;
    const empty = rect.x0 === rect.x1 || rect.y0 === rect.y1;
    const firstX = Math.floor(rect.x0 / width);
    const firstY = Math.floor(rect.y0 / height);
    const across = empty ? 0 : ceilDiv(rect.x1, width) - firstX;
    const down = empty ? 0 : ceilDiv(rect.y1, height) - firstY;
    total += across * down;
    if (total > MANY) throw formatError('JPEG2000_STREAM', 'broken JPEG 2000 stream: too many precincts');
    const precincts: Precinct[] = [];
    for (let py = firstY; py < firstY + down; py++) {
      for (let px = firstX; px < firstX + across; px++) {
        const parts = bands.map((band) => {
          // Bands above the lowest resolution are half as large as it.
          const half = r === 0 ? 1 : 2;
          const region = {
            x0: (px * width) / half,
            y0: (py * height) / half,
            x1: ((px + 1) * width) / half,
            y1: ((py + 1) * height) / half,
          };
          const inside = intersect(region, band);
          const part = blocksOf(
            band,
            inside,
            Math.min(coding.blockWidth, r === 0 ? ppx : ppx - 1),
            Math.min(coding.blockHeight, r === 0 ? ppy : ppy - 1),
          );
          total += part.blocks.length;
          return part;
        });
        if (total > MANY) throw formatError('JPEG2000_STREAM', 'broken JPEG 2000 stream: too many code-blocks');
        precincts.push({
          // A precinct that the tile cuts is met at the tile's edge.
          x: px * width < rect.x0 ? tile.x0 : px * width * scale * dx,
          y: py * height < rect.y0 ? tile.y0 : py * height * scale * dy,
          bands: parts,
          layers: 0,
        });
      }
    }
    return { ...rect, bands, precincts };
  });
}

function shrink(a: Rect, scale: number): Rect {
  return { x0: ceilDiv(a.x0, scale), y0: ceilDiv(a.y0, scale), x1: ceilDiv(a.x1, scale), y1: ceilDiv(a.y1, scale) };
}

function intersect(a: Rect, b: Rect): Rect {
  const x0 = Math.max(a.x0, b.x0);
  const y0 = Math.max(a.y0, b.y0);
  return { x0, y0, x1: Math.max(x0, Math.min(a.x1, b.x1)), y1: Math.max(y0, Math.min(a.y1, b.y1)) };
}

function bandsOf(area: Rect, rect: Rect, coding: Coding, bits: number, r: number): Band[] {
  const { levels, reversible, guard, steps, quantStyle } = coding;
  const depth = r === 0 ? levels : levels - r + 1;
  const scale = 2 ** depth;
  const kinds = r === 0 ? [0] : [1, 2, 3];
  // Low bands of this resolution: the size of the one below.
  const lowWidth = r === 0 ? 0 : ceilDiv(rect.x1, 2) - ceilDiv(rect.x0, 2);
  const lowHeight = r === 0 ? 0 : ceilDiv(rect.y1, 2) - ceilDiv(rect.y0, 2);
  return kinds.map((kind) => {
    const shiftX = kind & 1 ? scale / 2 : 0;
    const shiftY = kind & 2 ? scale / 2 : 0;
    const index = r === 0 ? 0 : 3 * (r - 1) + kind;
    // Derived steps: the exponent falls with each level.
    const stored = quantStyle === 1 ? steps[0] : steps[index];
    const [base, mantissa] = stored ?? [0, 0];
    const exponent = quantStyle === 1 ? Math.max(0, base - (index === 0 ? 0 : Math.floor((index - 1) / 3))) : base;
    const gain = !reversible ? 0 : kind === 0 ? 0 : kind === 3 ? 2 : 1;
    return {
      kind,
      x0: ceilDiv(area.x0 - shiftX, scale),
      y0: ceilDiv(area.y0 - shiftY, scale),
      x1: ceilDiv(area.x1 - shiftX, scale),
      y1: ceilDiv(area.y1 - shiftY, scale),
      planes: exponent + guard - 1,
      step: reversible ? 0 : Math.fround((1 + mantissa / 2048) * 2 ** (bits + gain - exponent)),
      left: kind & 1 ? lowWidth : 0,
      top: kind & 2 ? lowHeight : 0,
    };
  });
}

function blocksOf(band: Band, area: Rect, logWidth: number, logHeight: number): PrecinctBand {
  const width = 2 ** logWidth;
  const height = 2 ** logHeight;
  const empty = area.x0 >= area.x1 || area.y0 >= area.y1;
  const firstX = Math.floor(area.x0 / width);
  const firstY = Math.floor(area.y0 / height);
  const across = empty ? 0 : ceilDiv(area.x1, width) - firstX;
  const down = empty ? 0 : ceilDiv(area.y1, height) - firstY;
  if (across * down > MANY) throw formatError('JPEG2000_STREAM', 'broken JPEG 2000 stream: too many code-blocks');
  const blocks: CodeBlock[] = [];
  for (let y = firstY; y < firstY + down; y++) {
    for (let x = firstX; x < firstX + across; x++) {
      const cell = { x0: x * width, y0: y * height, x1: (x + 1) * width, y1: (y + 1) * height };
      blocks.push({ ...intersect(cell, area), planes: 0, included: false, lengthBits: 3, passes: 0, segments: [] });
    }
  }
  return { band, blocks, inclusion: new TagTree(across, down), zeroPlanes: new TagTree(across, down) };
}
