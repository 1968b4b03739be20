// Colour tables, which NGFF has no place for: imgconv keeps them under `imgconv.palette` of an image's attributes, as lists of [r, g, b].

import { asList, asObject, type JsonObject } from '../../src/containers/zarr/json.js';
import type { ImageSource } from '../../src/core/contracts.js';

const MOST = 65_536;

/** The table as kept by the writer; undefined where there is none, or where it is not one. */
export function paletteOf(attributes: JsonObject): ImageSource['palette'] {
  const { depth, colors } = asObject(asObject(attributes.imgconv).palette);
  const list = asList(colors).map(asList);
  const most = depth === 16 ? 65_535 : 255;
  if ((depth !== 8 && depth !== 16) || list.length === 0 || list.length > MOST) return undefined;
  const isValue = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
  if (!list.every((color) => color.length === 3 && color.every(isValue))) return undefined;
  const values = list.flat() as number[];
  const rgb = new Uint8Array(values.length * (depth / 8));
  const view = new DataView(rgb.buffer);
  for (const [i, value] of values.entries()) {
    if (depth === 16) view.setUint16(2 * i, value, true);
    else view.setUint8(i, value);
  }
  return { depth, rgb };
}
