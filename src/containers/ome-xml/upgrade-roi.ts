// Regions of interest of older schemas: a Shape element around each geometry, SVG-like names before 2009-09, display options apart, paths.

import { type Draft, draft, rename, take } from './upgrade.js';

const GEOMETRY: Readonly<Record<string, string>> = {
  Rect: 'Rectangle',
  Rectangle: 'Rectangle',
  Circle: 'Ellipse',
  Ellipse: 'Ellipse',
  Point: 'Point',
  Line: 'Line',
  Polyline: 'Polyline',
  Polygon: 'Polygon',
  Path: 'Path',
  Text: 'Label',
  Label: 'Label',
  Mask: 'Mask',
};

const RENAMED: readonly (readonly [string, string])[] = [
  ['x', 'X'],
  ['y', 'Y'],
  ['cx', 'X'],
  ['cy', 'Y'],
  ['rx', 'RadiusX'],
  ['ry', 'RadiusY'],
  ['width', 'Width'],
  ['height', 'Height'],
  ['x1', 'X1'],
  ['y1', 'Y1'],
  ['x2', 'X2'],
  ['y2', 'Y2'],
  ['points', 'Points'],
  ['d', 'Definition'],
  ['transform', 'Transform'],
  ['theZ', 'TheZ'],
  ['theT', 'TheT'],
  ['Fill', 'FillColor'],
  ['Stroke', 'StrokeColor'],
  ['Label', 'Text'],
];

/** Changes one ROI in place. `channels`: index of each channel by its identifier. */
export function upgradeRoi(roi: Draft, channels: ReadonlyMap<string, number>): void {
  for (const union of roi.children) {
    if (union.name === 'Union') union.children = union.children.map((shape) => upgradeShape(shape, channels));
  }
}

function upgradeShape(shape: Draft, channels: ReadonlyMap<string, number>): Draft {
  const inner = shape.name === 'Shape' ? shape.children.find((each) => GEOMETRY[each.name]) : shape;
  if (!inner) return shape;
  let made = inner;
  if (inner !== shape) {
    for (const options of take(shape, 'ShapeDisplayOptions'))
      shape.attributes = { ...options.attributes, ...shape.attributes };
    const rest = shape.children.filter((each) => each !== inner);
    made = {
      ...inner,
      attributes: { ...shape.attributes, ...inner.attributes },
      children: [...rest, ...inner.children],
    };
  }
  made.name = GEOMETRY[inner.name]!;
  for (const [from, to] of RENAMED) rename(made, from, to);
  if (inner.attributes.r !== undefined && inner.name === 'Circle') {
    made.attributes.RadiusX ??= inner.attributes.r;
    made.attributes.RadiusY ??= inner.attributes.r;
    delete made.attributes.r;
  }
  oneChannel(made, channels);
  if (made.name === 'Label') for (const value of take(made, 'Value')) made.attributes.Text = value.text.trim();
  if (made.name === 'Path') path(made);
  if (made.name === 'Polyline' && made.attributes.Closed !== undefined) {
    if (/^(?:true|1)$/.test(made.attributes.Closed)) made.name = 'Polygon';
    delete made.attributes.Closed;
  }
  if (made.name === 'Mask') mask(made);
  transform(made);
  return made;
}

/** A shape that names one channel stands in its plane; one that names several keeps the names. */
function oneChannel(shape: Draft, channels: ReadonlyMap<string, number>): void {
  const refs = shape.children.filter((each) => each.name === 'ChannelRef');
  const index = refs.length === 1 ? channels.get(refs[0]!.attributes.ID ?? '') : undefined;
  if (index === undefined) return;
  take(shape, 'ChannelRef');
  shape.attributes.TheC ??= String(index);
}

/** Straight paths in absolute coordinates become lines; others keep their name and end up as original metadata. */
function path(shape: Draft): void {
  const text = shape.attributes.Definition ?? '';
  if (!/^\s*M[^A-Za-z]*(?:L[^A-Za-z]*)*[zZ]?\s*$/.test(text)) return;
  const numbers = text.match(/[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/g) ?? [];
  if (numbers.length < 4 || numbers.length % 2 !== 0) return;
  shape.name = /z\s*$/i.test(text) ? 'Polygon' : 'Polyline';
  shape.attributes.Points = numbers
    .map((n, i) => (i % 2 === 0 ? n : `,${n} `))
    .join('')
    .trim();
  delete shape.attributes.Definition;
}

function mask(shape: Draft): void {
  for (const pixels of take(shape, 'MaskPixels')) {
    shape.attributes.Width ??= pixels.attributes.SizeX ?? '';
    shape.attributes.Height ??= pixels.attributes.SizeY ?? '';
    shape.children.push(...pixels.children);
  }
}

/** Six numbers, or SVG's `matrix(…)`, in the order a b c d e f. */
function transform(shape: Draft): void {
  const text = shape.attributes.Transform;
  if (text === undefined) return;
  const numbers = text.match(/[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/g) ?? [];
  if (numbers.length === 6 && /^\s*(?:matrix\s*\(|[\d\s.,+-])/.test(text)) {
    const [A00, A10, A01, A11, A02, A12] = numbers as unknown as [string, string, string, string, string, string];
    shape.children.unshift(draft('Transform', { A00, A10, A01, A11, A02, A12 }));
    delete shape.attributes.Transform;
  } else if (/^\s*none\s*$/i.test(text)) delete shape.attributes.Transform;
}
