// Plates: OME Plate, Well, WellSample → the plate and well groups of OME-NGFF (§ "plate" and "well" metadata).

import { ImgconvError } from '../../src/core/errors.js';
import type { OmePlate, OmePlateAcquisition } from '../../src/core/ome.js';
import { wellName } from './names.js';
import type { NgffVersion } from './options.js';

export interface PlannedWell {
  readonly row: number;
  readonly column: number;
  /** ROW/COLUMN. */
  readonly path: string;
  /** Fields in order: position in the list of images, id of the acquisition. */
  readonly fields: readonly { readonly image: number; readonly acquisition?: number }[];
}

export interface PlannedPlate {
  readonly plate: OmePlate;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly wells: readonly PlannedWell[];
  readonly acquisitions: readonly OmePlateAcquisition[];
  /** Group of each image that is a field, by position in the list of images. */
  readonly paths: ReadonlyMap<number, string>;
}

/** Far above the largest plates (1536 wells: 32 × 48; nanowell chips: some thousands). */
const MAX_SIDE = 16384;

/**
 * The plate that the images belong to; undefined where they belong to none.
 * @param imageIds OME IDs of the images that will be written, in order
 */
export function planPlate(plate: OmePlate, imageIds: readonly string[]): PlannedPlate | undefined {
  const position = new Map(imageIds.map((id, index) => [id, index]));
  const acquisitions = plate.PlateAcquisitions ?? [];
  const acquisitionOf = new Map(
    acquisitions.flatMap((acquisition, id) => (acquisition.WellSampleRefs ?? []).map((ref) => [ref, id] as const)),
  );
  const paths = new Map<number, string>();
  const wells = new Map<
    string,
    { row: number; column: number; path: string; fields: PlannedWell['fields'][number][] }
  >();
  const sides = sizeOf(plate);
  for (const well of plate.Wells) {
    const row = wellName(well.Row, plate.RowNamingConvention ?? 'letter');
    const column = wellName(well.Column, plate.ColumnNamingConvention ?? 'number');
    const path = `${row}/${column}`;
    for (const sample of well.WellSamples) {
      const image = sample.ImageRef === undefined ? undefined : position.get(sample.ImageRef);
      if (image === undefined || paths.has(image)) continue;
      const found = wells.get(path) ?? { row: well.Row, column: well.Column, path, fields: [] };
      wells.set(path, found);
      paths.set(image, `${path}/${found.fields.length}`);
      found.fields.push({ image, acquisition: acquisitionOf.get(sample.ID) });
    }
  }
  if (wells.size === 0) return undefined;
  const names = (count: number, convention: 'letter' | 'number') =>
    Array.from({ length: count }, (_, index) => wellName(index, convention));
  return {
    plate,
    rows: names(sides.rows, plate.RowNamingConvention ?? 'letter'),
    columns: names(sides.columns, plate.ColumnNamingConvention ?? 'number'),
    wells: [...wells.values()].sort((a, b) => a.row - b.row || a.column - b.column),
    acquisitions,
    paths,
  };
}

function sizeOf(plate: OmePlate): { rows: number; columns: number } {
  let rows = plate.Rows ?? 1;
  let columns = plate.Columns ?? 1;
  for (const well of plate.Wells) {
    rows = Math.max(rows, well.Row + 1);
    columns = Math.max(columns, well.Column + 1);
  }
  if (rows > MAX_SIDE || columns > MAX_SIDE)
    throw new ImgconvError('limit', 'PLATE_SIZE', `plate of ${rows} × ${columns} wells: at most ${MAX_SIDE} a side`);
  return { rows, columns };
}

/** True where wells can say which acquisition each field is of: NGFF wants all or none once there are several. */
export function acquisitionsComplete(plan: PlannedPlate): boolean {
  const known = plan.wells.every((well) => well.fields.every((field) => field.acquisition !== undefined));
  return plan.acquisitions.length > 0 && (plan.acquisitions.length === 1 || known);
}

/** Seconds since 1970; undefined for times without a zone, which name no instant. */
function epoch(time: string | undefined): number | undefined {
  if (time === undefined || !/(Z|[+-]\d\d:?\d\d)$/.test(time)) return undefined;
  const value = Math.floor(Date.parse(time) / 1000);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

function acquisitionMetadata(plan: PlannedPlate, id: number): Record<string, unknown> {
  const acquisition = plan.acquisitions[id]!;
  const fields = plan.wells.map((well) => well.fields.filter((field) => field.acquisition === id).length);
  const entries = {
    id,
    name: acquisition.Name ?? acquisition.ID,
    maximumfieldcount: acquisition.MaximumFieldCount ?? (Math.max(...fields) || undefined),
    description: acquisition.Description,
    starttime: epoch(acquisition.StartTime),
    endtime: epoch(acquisition.EndTime),
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

/** Value of the key `plate`. */
export function plateMetadata(plan: PlannedPlate, version: NgffVersion): Record<string, unknown> {
  const { plate } = plan;
  return {
    name: plate.Name ?? plate.ID,
    version,
    rows: plan.rows.map((name) => ({ name })),
    columns: plan.columns.map((name) => ({ name })),
    wells: plan.wells.map(({ path, row, column }) => ({ path, rowIndex: row, columnIndex: column })),
    field_count: Math.max(...plan.wells.map((well) => well.fields.length)),
    ...(acquisitionsComplete(plan) && {
      acquisitions: plan.acquisitions.map((_, id) => acquisitionMetadata(plan, id)),
    }),
  };
}

/** Value of the key `well`. */
export function wellMetadata(plan: PlannedPlate, well: PlannedWell, version: NgffVersion): Record<string, unknown> {
  const named = acquisitionsComplete(plan);
  const images = well.fields.map(({ acquisition }, index) => ({
    ...(named && acquisition !== undefined ? { acquisition } : {}),
    path: String(index),
  }));
  return version === '0.4' ? { version, images } : { images };
}
