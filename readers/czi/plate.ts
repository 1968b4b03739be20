// Scenes that lie in the wells of a sample holder, as an OME plate.

import { child, paths, textAt, type XmlElement } from '../../src/containers/xml/element.js';
import type { OmePlate, OmeWell, OmeWellSample } from '../../src/core/ome.js';
import { defined } from '../../src/core/ome-build.js';
import type { CziImage } from './layout.js';
import { first, numberIn, numeric } from './xml.js';

export interface WellPlace {
  /** 0-based. */
  readonly row: number;
  readonly column: number;
  /** 'B4'. */
  readonly name?: string;
}

function whole(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value > 0 && value <= 1024;
}

/** Wells by scene number: the shape of the scene has them, as row and column or in an id such as '2-4', both 1-based. */
export function readWells(metadata: XmlElement | undefined): ReadonlyMap<number, WellPlace> {
  const wells = new Map<number, WellPlace>();
  for (const [i, scene] of paths(metadata, 'Information/Image/Dimensions/S/Scenes/Scene').entries()) {
    const shape = child(scene, 'Shape');
    const [idRow, idColumn] = (/^(\d+)-(\d+)$/.exec(shape?.attribute('Id') ?? '') ?? []).slice(1).map(Number);
    const row = numberIn(shape, 'RowIndex') ?? idRow;
    const column = numberIn(shape, 'ColumnIndex') ?? idColumn;
    if (!whole(row) || !whole(column)) continue;
    const name = shape?.attribute('Name')?.trim() || textAt(scene, 'ArrayName')?.trim() || undefined;
    wells.set(numeric(scene.attribute('Index')) ?? i, defined({ row: row - 1, column: column - 1, name }));
  }
  return wells;
}

/** The plate, where the sample holder has rows and columns and several images lie in wells, all of them. */
export function plateOf(
  metadata: XmlElement | undefined,
  images: readonly CziImage[],
  wells: ReadonlyMap<number, WellPlace>,
): OmePlate | undefined {
  const holder = first(child(metadata, 'Experiment'), 'SampleHolder');
  const template = first(holder, 'Template');
  const [Rows, Columns] = [numberIn(template, 'ShapeRows'), numberIn(template, 'ShapeColumns')];
  if (!whole(Rows) || !whole(Columns) || Rows * Columns < 2 || images.length < 2) return undefined;
  const places = images.map((image) => wells.get(image.scene));
  if (places.some((place) => !place || place.row >= Rows || place.column >= Columns)) return undefined;
  const samples = new Map<string, OmeWellSample[]>();
  const order: WellPlace[] = [];
  for (const [index, place] of places.entries()) {
    const key = `${place!.row},${place!.column}`;
    let list = samples.get(key);
    if (!list) {
      list = [];
      samples.set(key, list);
      order.push(place!);
    }
    list.push({
      ID: `WellSample:0:${order.findIndex(({ row, column }) => `${row},${column}` === key)}:${list.length}`,
      Index: index,
      ImageRef: `Image:${index}`,
    });
  }
  const Wells = order.map(({ row, column }, i): OmeWell => {
    return { ID: `Well:0:${i}`, Row: row, Column: column, WellSamples: samples.get(`${row},${column}`)! };
  });
  const Name = template?.attribute('Name')?.trim() || textAt(holder, 'TemplateName') || undefined;
  return defined<OmePlate>({
    ID: 'Plate:0',
    Name,
    RowNamingConvention: 'letter',
    ColumnNamingConvention: 'number',
    Rows,
    Columns,
    Wells,
  });
}
