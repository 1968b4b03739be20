// Drawing elements: overlays and regions of interest. Blocks of a header (number of elements, bytes, 188 more) and elements of 204 bytes (type,
// bytes, line width, 36 more, height of the font …), then number of knots and their coordinates in pixels.

import type { ByteSource } from '../../src/core/contracts.js';
import type { OmeElement, OmeRoi } from '../../src/core/ome.js';
import { blockAt, type Cursor } from './bytes.js';
import type { LsmInfo, OffsetName } from './info.js';

const HEADER = 196;
const ELEMENT = 204;
const MOST = 4 * 2 ** 20;
const MOST_KNOTS = 100_000;

const BLOCKS: readonly (readonly [offset: OffsetName, name: string])[] = [
  ['VectorOverlay', 'Overlay'],
  ['Roi', 'ROI'],
  ['BleachRoi', 'Bleach ROI'],
  ['MeanOfRoisOverlay', 'Mean of ROIs'],
  ['TopoIsolineOverlay', 'Topography isoline'],
  ['TopoProfileOverlay', 'Topography profile'],
  ['LinescanOverlay', 'Line scan'],
];

type Point = readonly [x: number, y: number];

interface Drawn {
  readonly name: string;
  readonly numbers?: Readonly<Record<string, number>>;
  readonly points?: readonly Point[];
  readonly turned?: OmeElement;
}

/** Turn by an angle (radians, from x to y) about a point: the matrix of a Transform element. */
function turn(angle: number, [x, y]: Point): OmeElement {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const matrix = { A00: c, A10: s, A01: -s, A11: c, A02: x - c * x + s * y, A12: y - s * x - c * y };
  const attributes = Object.fromEntries(Object.entries(matrix).map(([key, value]) => [key, String(value)]));
  return { name: 'Transform', attributes, children: [] };
}

/** From the centre and one end of each axis. */
function ellipse(centre: Point, first: Point, second: Point): Drawn {
  const [ux, uy] = [first[0] - centre[0], first[1] - centre[1]];
  const [a, b] = [Math.hypot(ux, uy), Math.hypot(second[0] - centre[0], second[1] - centre[1])];
  const [X, Y] = centre;
  if (uy === 0) return { name: 'Ellipse', numbers: { X, Y, RadiusX: a, RadiusY: b } };
  if (ux === 0) return { name: 'Ellipse', numbers: { X, Y, RadiusX: b, RadiusY: a } };
  return { name: 'Ellipse', numbers: { X, Y, RadiusX: a, RadiusY: b }, turned: turn(Math.atan2(uy, ux), centre) };
}

function middle(p: Point, q: Point): Point {
  return [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2];
}

/**
 * Four knots in turn are the ends of the axes, which are at right angles, or corners of the box, whose diagonals are of equal length. Which of
 * the two is not documented: undefined where both could be.
 */
function ellipseOfFour(p: Point, q: Point, r: Point, s: Point): Drawn | undefined {
  const [ax, ay, bx, by] = [r[0] - p[0], r[1] - p[1], s[0] - q[0], s[1] - q[1]];
  const [a, b] = [Math.hypot(ax, ay), Math.hypot(bx, by)];
  const isBox = Math.abs(a - b) < 1e-6 * (a + b);
  const isCross = Math.abs(ax * bx + ay * by) < 1e-6 * a * b;
  if (isBox === isCross) return undefined;
  const centre = middle(p, r);
  return isBox ? ellipse(centre, middle(q, r), middle(r, s)) : ellipse(centre, r, s);
}

/** Centre of the circle through three points; undefined for points on a line. */
function centreOf([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): Point | undefined {
  const d = 2 * (ax * (by - cy) + bx * (cy - ay) + cx * (ay - by));
  if (d === 0) return undefined;
  const [a, b, c] = [ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy];
  return [(a * (by - cy) + b * (cy - ay) + c * (ay - by)) / d, (a * (cx - bx) + b * (ax - cx) + c * (bx - ax)) / d];
}

function circle(centre: Point | undefined, edge: Point): Drawn | undefined {
  if (!centre) return undefined;
  const radius = Math.hypot(edge[0] - centre[0], edge[1] - centre[1]);
  return { name: 'Ellipse', numbers: { X: centre[0], Y: centre[1], RadiusX: radius, RadiusY: radius } };
}

/** Undefined for texts, scale bars, palettes and broken elements. */
function shapeOf(type: number, knots: readonly Point[]): Drawn | undefined {
  const [p, q, r, s] = knots;
  if (!p || !q) return undefined;
  switch (type) {
    case 14:
    case 16:
    case 17:
      return { name: 'Line', numbers: { X1: p[0], Y1: p[1], X2: q[0], Y2: q[1] } };
    case 18: {
      const [X, Y] = [Math.min(p[0], q[0]), Math.min(p[1], q[1])];
      const [Width, Height] = [Math.abs(p[0] - q[0]), Math.abs(p[1] - q[1])];
      return { name: 'Rectangle', numbers: { X, Y, Width, Height } };
    }
    case 19:
      if (!r) return undefined;
      // Three knots are the centre and an end of each axis.
      return s ? ellipseOfFour(p, q, r, s) : ellipse(p, q, r);
    case 20:
    case 22:
      return { name: 'Polygon', points: knots };
    case 21:
    case 23:
    case 26:
    case 27:
    case 28:
      return { name: 'Polyline', points: knots };
    case 24:
      return circle(p, q);
    case 29:
      return r && circle(centreOf(p, q, r), p);
    default:
      return undefined;
  }
}

function readKnots(block: Cursor): Point[] {
  const count = block.u32();
  if (count > MOST_KNOTS || count * 16 > block.left) return [];
  const knots = Array.from({ length: count }, (): Point => [block.f64(), block.f64()]);
  return knots.every((knot) => knot.every(Number.isFinite)) ? knots : [];
}

function elementOf(id: string, { name, numbers, points, turned }: Drawn, width: number, font: number): OmeElement {
  const places = points
    ? { Points: points.map((point) => point.join(',')).join(' ') }
    : Object.fromEntries(Object.entries(numbers ?? {}).map(([key, value]) => [key, String(value)]));
  const look = {
    ...(width > 0 ? { StrokeWidth: String(width), StrokeWidthUnit: 'pixel' } : {}),
    ...(font > 0 ? { FontSize: String(font), FontSizeUnit: 'pt' } : {}),
  };
  return { name, attributes: { ID: id, ...places, ...look }, children: turned ? [turned] : [] };
}

export interface Overlays {
  readonly rois: readonly OmeRoi[];
  /** Elements without a counterpart. */
  readonly left: number;
}

export async function readOverlays(source: ByteSource, info: LsmInfo): Promise<Overlays> {
  const rois: OmeRoi[] = [];
  let left = 0;
  for (const [offset, Name] of BLOCKS) {
    const block = await blockAt(source, info.offsets[offset], MOST, (head) => {
      head.skip(4);
      return head.u32();
    });
    if (!block || block.left < HEADER) continue;
    const count = block.u32();
    if (block.u32() <= HEADER) continue;
    block.at = HEADER;
    for (let i = 0; i < count && block.left >= ELEMENT + 4; i++) {
      const start = block.at;
      const [type, bytes, width] = [block.u32(), block.u32(), block.i32()];
      if (bytes < ELEMENT || bytes > block.left + 12) break;
      block.at = start + 48;
      const font = block.i32();
      block.at = start + ELEMENT;
      const drawn = shapeOf(type, readKnots(block));
      if (drawn) {
        const Shapes = [elementOf(`Shape:${rois.length}:0`, drawn, width, font)];
        rois.push({ ID: `ROI:${rois.length}`, Name, Shapes });
      } else left++;
      block.at = start + bytes;
    }
  }
  return { rois, left };
}
