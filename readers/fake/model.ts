// The OME model of test images: series, or plates with rows, columns, fields and acquisitions.

import type { OmeChannel, OmeImage, OmeModel, OmePlane, OmePlate, OmeWell } from '../../src/core/ome.js';
import type { FakeParameters } from './parameters.js';

export interface FakeImage {
  readonly name: string;
  readonly plate?: number;
  readonly row?: number;
  readonly column?: number;
  readonly field?: number;
  readonly acquisition?: number;
}

/** Plane elements are written out one by one; beyond this many an exposure time is left to the original metadata. */
const MAX_PLANES = 100_000;

function rowName(row: number): string {
  const last = String.fromCharCode(65 + (row % 26));
  return row < 26 ? last : rowName(Math.floor(row / 26) - 1) + last;
}

/** Images in the order plate, row, column, acquisition, field; without plates one a series. */
export function listImages({ name, counts }: FakeParameters): readonly FakeImage[] {
  if (counts.plates === 0) {
    return Array.from({ length: counts.series }, (_, i) => ({ name: counts.series === 1 ? name : `${name} ${i + 1}` }));
  }
  const images: FakeImage[] = [];
  for (let plate = 0; plate < counts.plates; plate++) {
    for (let row = 0; row < counts.platerows; row++) {
      for (let column = 0; column < counts.platecols; column++) {
        for (let acquisition = 0; acquisition < counts.plateacqs; acquisition++) {
          for (let field = 0; field < counts.fields; field++) {
            const well = `plate ${plate + 1}, well ${rowName(row)}${column + 1}, field ${field + 1}`;
            const text = counts.plateacqs > 1 ? `${well}, run ${acquisition + 1}` : well;
            images.push({ name: `${name}: ${text}`, plate, row, column, acquisition, field });
          }
        }
      }
    }
  }
  return images;
}

function planesOf(parameters: FakeParameters, channels: number): readonly OmePlane[] | undefined {
  const { sizez, sizet } = parameters.counts;
  const { exposureTime } = parameters;
  if (!exposureTime || sizez * sizet * channels > MAX_PLANES) return undefined;
  const planes: OmePlane[] = [];
  for (let TheT = 0; TheT < sizet; TheT++) {
    for (let TheC = 0; TheC < channels; TheC++) {
      for (let TheZ = 0; TheZ < sizez; TheZ++) planes.push({ TheZ, TheC, TheT, ExposureTime: exposureTime });
    }
  }
  return planes;
}

function omeImage(parameters: FakeParameters, image: FakeImage, index: number): OmeImage {
  const { counts, colors } = parameters;
  const channels = counts.sizec / counts.rgb;
  return {
    ID: `Image:${index}`,
    Name: image.name,
    AcquisitionDate: parameters.acquisitionDate,
    Pixels: {
      ID: `Pixels:${index}`,
      DimensionOrder: 'XYZCT',
      Type: parameters.type,
      SizeX: counts.sizex,
      SizeY: counts.sizey,
      SizeZ: counts.sizez,
      SizeC: counts.sizec,
      SizeT: counts.sizet,
      PhysicalSizeX: parameters.physicalSizeX,
      PhysicalSizeY: parameters.physicalSizeY,
      PhysicalSizeZ: parameters.physicalSizeZ,
      TimeIncrement: parameters.timeIncrement,
      Channels: Array.from(
        { length: channels },
        (_, c): OmeChannel => ({
          ID: `Channel:${index}:${c}`,
          SamplesPerPixel: counts.rgb,
          Color: colors.get(c) ?? colors.get('all'),
        }),
      ),
      Planes: planesOf(parameters, channels),
    },
  };
}

function omePlate(parameters: FakeParameters, images: readonly FakeImage[], plate: number): OmePlate {
  const { counts } = parameters;
  const wells: OmeWell[] = [];
  const perWell = counts.plateacqs * counts.fields;
  const first = plate * counts.platerows * counts.platecols * perWell;
  const runs: string[][] = Array.from({ length: counts.plateacqs }, () => []);
  for (let w = 0; w < counts.platerows * counts.platecols; w++) {
    wells.push({
      ID: `Well:${plate}:${w}`,
      Row: Math.floor(w / counts.platecols),
      Column: w % counts.platecols,
      WellSamples: Array.from({ length: perWell }, (_, s) => {
        const image = first + w * perWell + s;
        const id = `WellSample:${plate}:${w}:${s}`;
        runs[images[image]!.acquisition ?? 0]!.push(id);
        return { ID: id, Index: image - first, ImageRef: `Image:${image}` };
      }),
    });
  }
  return {
    ID: `Plate:${plate}`,
    Name: `${parameters.name} ${plate + 1}`,
    RowNamingConvention: 'letter',
    ColumnNamingConvention: 'number',
    Rows: counts.platerows,
    Columns: counts.platecols,
    Wells: wells,
    PlateAcquisitions: runs.map((refs, run) => ({
      ID: `PlateAcquisition:${plate}:${run}`,
      Name: `run ${run + 1}`,
      MaximumFieldCount: counts.fields,
      WellSampleRefs: refs,
    })),
  };
}

export function omeModel(parameters: FakeParameters, images: readonly FakeImage[]): OmeModel {
  const { plates } = parameters.counts;
  return {
    Images: images.map((image, index) => omeImage(parameters, image, index)),
    ...(plates > 0
      ? { Plates: Array.from({ length: plates }, (_, plate) => omePlate(parameters, images, plate)) }
      : {}),
  };
}
