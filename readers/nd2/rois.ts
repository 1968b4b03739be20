// Regions of interest: chunk CustomData|RoiMetadata_v1. Centres are fractions of half the picture from its middle, sizes are fractions of half
// the picture (NOTES.md, "Regions").

import { type OmeElement, type OmeRoi, omeColor } from '../../src/core/ome.js';
import { defined } from '../../src/core/ome-build.js';
import type { Variant } from './variant.js';

const MOST = 100_000;
const ROLES: readonly (string | undefined)[] = [undefined, undefined, 'background', 'reference', 'stimulation'];
const SHAPE = { point: 2, rectangle: 3, ellipse: 4, circle: 9, square: 10 } as const;

export interface Nd2Rois {
  readonly rois: readonly OmeRoi[];
  /** ROI references of each position. */
  readonly refs: readonly (readonly string[])[];
  /** Regions that move, are turned, or have no counterpart. */
  readonly left: number;
}

/** `shapeType` 3 and one state that holds for all times. */
function attributesOf(region: Variant, width: number, height: number): [string, Record<string, number>] | undefined {
  const state = region.find('AnimParams_0');
  if (!state || (region.number('AnimParams_Size') ?? 1) > 1 || (state.number('RotationZ') ?? 0) !== 0) return undefined;
  const [x, y] = [state.number('CenterX'), state.number('CenterY')];
  if (x === undefined || y === undefined) return undefined;
  const [X, Y] = [(width / 2) * (1 + x), (height / 2) * (1 + y)];
  const Width = (width / 2) * (state.number('BoxShape/SizeX') ?? 0);
  const Height = (height / 2) * (state.number('BoxShape/SizeY') ?? 0);
  const kind = region.number('Info/ShapeType');
  if (kind === SHAPE.point) return ['Point', { X, Y }];
  if (!(Width > 0 && Height > 0)) return undefined;
  if (kind === SHAPE.rectangle || kind === SHAPE.square)
    return ['Rectangle', { X: X - Width / 2, Y: Y - Height / 2, Width, Height }];
  if (kind === SHAPE.ellipse || kind === SHAPE.circle)
    return ['Ellipse', { X, Y, RadiusX: Width / 2, RadiusY: Height / 2 }];
  return undefined;
}

function roiOf(region: Variant, index: number, width: number, height: number): OmeRoi | undefined {
  const found = attributesOf(region, width, height);
  if (!found) return undefined;
  const [name, numbers] = found;
  const color = region.number('Info/Color');
  const places = Object.entries(numbers).map(([key, value]) => [key, String(value)]);
  // 0x00BBGGRR.
  const stroke = color === undefined ? undefined : omeColor(color & 255, (color >> 8) & 255, (color >> 16) & 255);
  const Text = region.text('Info/Label');
  const attributes = defined({
    ID: `Shape:${index}:0`,
    ...Object.fromEntries(places),
    StrokeColor: stroke === undefined ? undefined : String(stroke),
    Text,
  }) as Record<string, string>;
  const shape: OmeElement = { name, attributes, children: [] };
  const Description = ROLES[region.number('Info/InterpType') ?? 0];
  return defined({ ID: `ROI:${index}`, Name: Text, Description, Shapes: [shape] });
}

function byKey(tree: Variant | undefined): ReadonlyMap<string, Variant> {
  return new Map(tree?.children.map((each) => [each.key, each]));
}

/** Those of the whole file belong to every position, others to one. */
export function readRois(
  root: Variant | undefined,
  positions: number,
  size: { readonly width: number; readonly height: number },
): Nd2Rois {
  const rois: OmeRoi[] = [];
  const refs: string[][] = Array.from({ length: positions }, () => []);
  let left = 0;
  const add = (region: Variant | undefined, owners: readonly string[][]): void => {
    if (!region) return;
    const roi = roiOf(region, rois.length, size.width, size.height);
    if (!roi) {
      left++;
      return;
    }
    rois.push(roi);
    for (const owner of owners) owner.push(roi.ID);
  };
  const all = byKey(root);
  const shared = Math.min(MOST, root?.number('Global_Size') ?? 0);
  for (let i = 0; i < shared; i++) add(all.get(`Global_${i}`), refs);
  const points = Math.min(positions, root?.number('2PerMPoint_Size') ?? 0);
  for (let p = 0; p < points; p++) {
    const own = all.get(`2PerMPoint_${p}`);
    const list = byKey(own);
    const count = Math.min(MOST, own?.number('Size') ?? 0);
    for (let i = 0; i < count; i++) add(list.get(String(i)), [refs[p]!]);
  }
  return { rois, refs, left };
}
