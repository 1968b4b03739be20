// ImageJ ROI records (.roi files, as ij.io.RoiDecoder documents their layout): big-endian, header of 64 bytes, coordinates, second header.
// Composite selections and images in overlays have no counterpart in OME; they stay in the original metadata.

import { type OmeElement, type OmeRoi, omeColor } from '../../src/core/ome.js';

const POINTS: Readonly<Record<number, 'Polygon' | 'Polyline'>> = {
  0: 'Polygon',
  4: 'Polyline',
  5: 'Polyline',
  7: 'Polygon',
  8: 'Polygon',
  9: 'Polyline',
};

const SUBPIXEL = 128;

interface Record64 {
  readonly view: DataView;
  readonly type: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly count: number;
  readonly fractions: boolean;
}

function header(bytes: Uint8Array): Record64 | undefined {
  if (bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x496f7574) return undefined; // 'Iout'
  const version = view.getUint16(4);
  const fractions = version >= 222 && (view.getUint16(50) & SUBPIXEL) !== 0;
  const type = view.getUint8(6);
  const box = fractions && version >= 223 && (type === 1 || type === 2);
  const [top, left] = [view.getInt16(8), view.getInt16(10)];
  return {
    view,
    type,
    left: box ? view.getFloat32(18) : left,
    top: box ? view.getFloat32(22) : top,
    width: box ? view.getFloat32(26) : view.getInt16(14) - left,
    height: box ? view.getFloat32(30) : view.getInt16(12) - top,
    count: view.getUint16(16),
    fractions,
  };
}

function coordinates(roi: Record64): [number, number][] | undefined {
  const { view, count, fractions } = roi;
  const end = 64 + count * (fractions ? 12 : 4);
  if (count === 0 || end > view.byteLength) return undefined;
  return Array.from({ length: count }, (_, i): [number, number] =>
    fractions
      ? [view.getFloat32(64 + 4 * count + 4 * i), view.getFloat32(64 + 8 * count + 4 * i)]
      : [view.getInt16(64 + 2 * i) + roi.left, view.getInt16(64 + 2 * count + 2 * i) + roi.top],
  );
}

function shapes(roi: Record64): [name: string, attributes: Record<string, number | string>][] | undefined {
  const { view, type, left, top, width, height } = roi;
  if (view.getInt32(36) > 0) return undefined; // composite
  if (type === 1) return [['Rectangle', { X: left, Y: top, Width: width, Height: height }]];
  if (type === 2) {
    return [['Ellipse', { X: left + width / 2, Y: top + height / 2, RadiusX: width / 2, RadiusY: height / 2 }]];
  }
  if (type === 3) {
    return [
      ['Line', { X1: view.getFloat32(18), Y1: view.getFloat32(22), X2: view.getFloat32(26), Y2: view.getFloat32(30) }],
    ];
  }
  const points = coordinates(roi);
  if (!points) return undefined;
  if (type === 10) return points.map(([x, y]) => ['Point', { X: x, Y: y }]);
  const name = POINTS[type];
  return name && [[name, { Points: points.map(([x, y]) => `${x},${y}`).join(' ') }]];
}

/** Name and 1-based hyperstack position (0: none) in the second header. */
function second(view: DataView): { name?: string; c: number; z: number; t: number } {
  const at = view.getInt32(60);
  if (at <= 0 || at + 52 > view.byteLength) return { c: 0, z: 0, t: 0 };
  const [offset, length] = [view.getInt32(at + 16), view.getInt32(at + 20)];
  let name: string | undefined;
  if (offset > 0 && length > 0 && offset + 2 * length <= view.byteLength) {
    name = String.fromCharCode(
      ...Array.from({ length: Math.min(length, 1000) }, (_, i) => view.getUint16(offset + 2 * i)),
    );
  }
  return { name, c: view.getInt32(at + 4), z: view.getInt32(at + 8), t: view.getInt32(at + 12) };
}

/** One ROI; undefined where the record is broken or has no counterpart. */
export function parseRoi(
  bytes: Uint8Array,
  index: number,
  size: { c: number; z: number; t: number },
): OmeRoi | undefined {
  const roi = header(bytes);
  const found = roi && shapes(roi);
  if (!roi || !found || found.some(([, attributes]) => Object.values(attributes).some((v) => Number.isNaN(v))))
    return undefined;
  const more = second(roi.view);
  const argb = roi.view.getInt32(40);
  const stroke = argb === 0 ? undefined : omeColor((argb >> 16) & 255, (argb >> 8) & 255, argb & 255, argb >>> 24);
  const place: Record<string, string> = {};
  for (const [attribute, position, length] of [
    ['TheC', more.c, size.c],
    ['TheZ', more.z, size.z],
    ['TheT', more.t, size.t],
  ] as const) {
    if (position > 0 && position <= length) place[attribute] = String(position - 1);
  }
  const list = found.map(
    ([name, attributes], i): OmeElement => ({
      name,
      attributes: {
        ID: `Shape:${index}:${i}`,
        ...place,
        ...(stroke === undefined ? {} : { StrokeColor: String(stroke) }),
        ...Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, String(value)])),
      },
      children: [],
    }),
  );
  return { ID: `ROI:${index}`, ...(more.name ? { Name: more.name } : {}), Shapes: list };
}
