// Graphics layers: shapes that were drawn in the picture. Their coordinates are pixels from the upper left corner of the box around all scenes
// (NOTES.md, "Graphics"); those of an image start at its own corner.

import { child, descendants, paths, textAt, type XmlElement } from '../../src/containers/xml/element.js';
import type { OmeElement, OmeRoi } from '../../src/core/ome.js';
import { defined } from '../../src/core/ome-build.js';
import type { CziImage } from './layout.js';
import { first, numberIn, numeric } from './xml.js';

type Numbers = Readonly<Record<string, number>>;
type Point = readonly [x: number, y: number];

interface Drawn {
  readonly name: string;
  readonly numbers?: Numbers;
  readonly points?: readonly Point[];
}

/** Elements whose geometry has one meaning only. */
const LINES = ['Line', 'OpenArrow', 'ClosedArrow'];
const BOXES = ['Rectangle', 'RectRoi', 'TextBox', 'Text'];
const CIRCLES = ['Circle', 'InOutCircle', 'OutInCircle', 'PointsCircle'];
const CLOSED = ['Polygon', 'ClosedPolyline', 'Bezier', 'ClosedBezier'];
const OPEN = ['Polyline', 'OpenPolyline', 'OpenBezier'];
const MARKS = ['Events', 'Points'];

function numbersAt<K extends string>(
  geometry: XmlElement | undefined,
  names: readonly K[],
): Readonly<Record<K, number>> | undefined {
  const values = names.map((name) => numberIn(geometry, name));
  if (values.some((value) => value === undefined)) return undefined;
  return Object.fromEntries(names.map((name, i) => [name, values[i]!])) as Record<K, number>;
}

function pointsOf(geometry: XmlElement | undefined): Point[] | undefined {
  const pairs = (textAt(geometry, 'Points') ?? '').trim().split(/\s+/);
  const points = pairs.map((pair) => pair.split(',').map(Number));
  const whole = points.every((point) => point.length === 2 && point.every(Number.isFinite));
  return whole && points.length > 0 ? points.map(([x, y]) => [x!, y!]) : undefined;
}

/** Shapes of one element; none for elements without a counterpart. */
function shapesOf(element: XmlElement): Drawn[] {
  const geometry = child(element, 'Geometry');
  const { name } = element;
  if (LINES.includes(name)) {
    const numbers = numbersAt(geometry, ['X1', 'Y1', 'X2', 'Y2']);
    return numbers ? [{ name: 'Line', numbers }] : [];
  }
  if (BOXES.includes(name)) {
    const box = numbersAt(geometry, ['Left', 'Top', 'Width', 'Height']);
    const numbers = box && { X: box.Left, Y: box.Top, Width: box.Width, Height: box.Height };
    return numbers ? [{ name: 'Rectangle', numbers }] : [];
  }
  if (name === 'Ellipse') {
    const found = numbersAt(geometry, ['CenterX', 'CenterY', 'RadiusX', 'RadiusY']);
    const numbers = found && { X: found.CenterX, Y: found.CenterY, RadiusX: found.RadiusX, RadiusY: found.RadiusY };
    return numbers ? [{ name: 'Ellipse', numbers }] : [];
  }
  if (CIRCLES.includes(name)) {
    const found = numbersAt(geometry, ['CenterX', 'CenterY', 'Radius']);
    const numbers = found && { X: found.CenterX, Y: found.CenterY, RadiusX: found.Radius, RadiusY: found.Radius };
    return numbers ? [{ name: 'Ellipse', numbers }] : [];
  }
  const points = pointsOf(geometry);
  if (!points) return [];
  if (CLOSED.includes(name)) return [{ name: 'Polygon', points }];
  if (OPEN.includes(name)) return [{ name: 'Polyline', points }];
  if (MARKS.includes(name)) return points.map(([X, Y]) => ({ name: 'Point', numbers: { X, Y } }));
  return [];
}

export interface Graphic {
  readonly layer: string | undefined;
  readonly usage: string | undefined;
  readonly text: string | undefined;
  readonly shape: Drawn;
}

export interface Graphics {
  readonly list: readonly Graphic[];
  /** Elements that were left out: turned ones, and those without a counterpart. */
  readonly left: number;
}

export function readGraphics(metadata: XmlElement | undefined): Graphics {
  const layers = [...paths(metadata, 'Layers/Layer'), ...paths(metadata, 'MetadataNodes/MetadataNode/Layers/Layer')];
  const list: Graphic[] = [];
  let left = 0;
  for (const layer of layers) {
    for (const element of child(layer, 'Elements')?.children ?? []) {
      // About which point a shape is turned is not known.
      const turned = (numeric(first(element, 'Rotation')?.text) ?? 0) !== 0;
      const shapes = turned ? [] : shapesOf(element);
      if (shapes.length === 0) left++;
      const texts = child(element, 'TextElements');
      const text = texts && [...descendants(texts, 'Text')][0]?.text.trim();
      for (const shape of shapes) {
        list.push({ layer: layer.attribute('Name'), usage: textAt(layer, 'Usage'), text: text || undefined, shape });
      }
    }
  }
  return { list, left };
}

const X_NAMES = ['X', 'X1', 'X2'];
const Y_NAMES = ['Y', 'Y1', 'Y2'];

function moved({ numbers, points }: Drawn, dx: number, dy: number): Record<string, string> {
  if (points) return { Points: points.map(([x, y]) => `${x - dx},${y - dy}`).join(' ') };
  const shift = (key: string): number => (X_NAMES.includes(key) ? dx : Y_NAMES.includes(key) ? dy : 0);
  return Object.fromEntries(Object.entries(numbers ?? {}).map(([key, value]) => [key, String(value - shift(key))]));
}

/** Left, top, right, bottom. */
function boxOf({ numbers = {}, points }: Drawn): readonly [number, number, number, number] {
  const of = (names: readonly string[], axis: 0 | 1, radius: string, size: string): number[] => {
    if (points) return points.map((point) => point[axis]);
    const starts = names.flatMap((name) => numbers[name] ?? []);
    const reach = numbers[radius] ?? 0;
    return starts.flatMap((at) => [at - reach, at + reach, at + (numbers[size] ?? 0)]);
  };
  const xs = of(X_NAMES, 0, 'RadiusX', 'Width');
  const ys = of(Y_NAMES, 1, 'RadiusY', 'Height');
  const low = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return [low(xs), low(ys), high(xs), high(ys)];
}

export interface PlacedRois {
  readonly rois: readonly OmeRoi[];
  /** ROI references of each image. */
  readonly refs: readonly (readonly string[])[];
}

/** A region for each shape and image that it touches. */
export function placeGraphics(graphics: Graphics, images: readonly CziImage[]): PlacedRois {
  const left = images.reduce((min, { first: at }) => Math.min(min, at.x), Number.POSITIVE_INFINITY);
  const top = images.reduce((min, { first: at }) => Math.min(min, at.y), Number.POSITIVE_INFINITY);
  const rois: OmeRoi[] = [];
  const refs = images.map((image) => {
    const [{ shape, zoom }] = image.levels;
    const [dx, dy] = [image.first.x - left, image.first.y - top];
    const own: string[] = [];
    for (const { shape: drawn, layer, usage, text } of graphics.list) {
      const [x0, y0, x1, y1] = boxOf(drawn);
      if (x1 < dx || y1 < dy || x0 >= dx + shape[4] * zoom || y0 >= dy + shape[3] * zoom) continue;
      const index = rois.length;
      const attributes = defined({ ID: `Shape:${index}:0`, ...moved(drawn, dx, dy), Text: text });
      const element = { name: drawn.name, attributes, children: [] } as OmeElement;
      rois.push(defined({ ID: `ROI:${index}`, Name: layer || undefined, Description: usage, Shapes: [element] }));
      own.push(`ROI:${index}`);
    }
    return own;
  });
  return { rois, refs };
}
