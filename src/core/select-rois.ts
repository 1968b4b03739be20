// Regions of interest of a part of an image. Shapes are OME elements (2016-06) with coordinates in pixels of the full-size level.

import { channelSamples } from './channels.js';
import type { OmeElement, OmePixels } from './ome.js';
import type { ImagePick } from './select.js';

const X_ATTRIBUTES = ['X', 'X1', 'X2'];
const Y_ATTRIBUTES = ['Y', 'Y1', 'Y2'];

/** Shapes of the planes that a pick keeps, numbered and placed as in its result. */
export function moveShapes(shapes: readonly OmeElement[], pick: ImagePick, pixels: OmePixels): OmeElement[] {
  const channels = keptChannels(pick, pixels);
  return shapes.flatMap((shape) => {
    const attributes: Record<string, string> = { ...shape.attributes };
    const kept =
      renumber(attributes, 'TheZ', pick.z) &&
      renumber(attributes, 'TheT', pick.t) &&
      renumber(attributes, 'TheC', channels);
    if (!kept) return [];
    const { crop } = pick;
    if (!crop || (crop.x === 0 && crop.y === 0)) return [{ ...shape, attributes }];
    // A transform applies after the shape's own coordinates: there the move belongs into its translation.
    if (shape.children.some((child) => child.name === 'Transform'))
      return [{ ...shape, attributes, children: shape.children.map((c) => moveTransform(c, crop.x, crop.y)) }];
    move(attributes, X_ATTRIBUTES, -crop.x);
    move(attributes, Y_ATTRIBUTES, -crop.y);
    if (attributes.Points !== undefined) attributes.Points = movePoints(attributes.Points, -crop.x, -crop.y);
    return [{ ...shape, attributes }];
  });
}

/** Old indices of the channel elements that stay. */
function keptChannels(pick: ImagePick, pixels: OmePixels): readonly number[] | undefined {
  if (!pick.c) return undefined;
  const wanted = pick.c;
  return channelSamples(pixels, pick.shape[1]).flatMap(({ first, count }, i) =>
    wanted.some((sample) => sample >= first && sample < first + count) ? [i] : [],
  );
}

/** False where the attribute names a plane that is not kept. */
function renumber(attributes: Record<string, string>, name: string, list: readonly number[] | undefined): boolean {
  const text = attributes[name];
  if (text === undefined || list === undefined) return true;
  const place = list.indexOf(Number(text));
  attributes[name] = String(place);
  return place >= 0;
}

function add(text: string, delta: number): string {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) ? String(value + delta) : text;
}

function move(attributes: Record<string, string>, names: readonly string[], delta: number): void {
  for (const name of names) if (attributes[name] !== undefined) attributes[name] = add(attributes[name], delta);
}

/** Points are 'x,y x,y …'. */
function movePoints(points: string, dx: number, dy: number): string {
  return points
    .trim()
    .split(/\s+/)
    .map((pair) => {
      const [x, y] = pair.split(',');
      return x === undefined || y === undefined ? pair : `${add(x, dx)},${add(y, dy)}`;
    })
    .join(' ');
}

function moveTransform(child: OmeElement, x: number, y: number): OmeElement {
  if (child.name !== 'Transform') return child;
  const attributes = { ...child.attributes };
  if (attributes.A02 !== undefined) attributes.A02 = add(attributes.A02, -x);
  if (attributes.A12 !== undefined) attributes.A12 = add(attributes.A12, -y);
  return { ...child, attributes };
}
