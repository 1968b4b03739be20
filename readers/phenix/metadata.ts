// Harmony's index to the OME model.

import { matchEnum } from '../../src/containers/ome-xml/enums.js';
import { child, textAt, type XmlElement } from '../../src/containers/xml/element.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type {
  OmeChannel,
  OmeDetector,
  OmeImage,
  OmeInstrument,
  OmeObjective,
  OmePlane,
  OmePlate,
  Quantity,
} from '../../src/core/ome.js';
import { defined, positive, quantity, simpleImage } from '../../src/core/ome-build.js';
import type { Facts, Field, Measurement } from './planes.js';

const MICRO = 1e6;

/** Seven decimals of a second are more than some readers take. */
export function dateOf(text: string | undefined): string | undefined {
  const m = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(text ?? '');
  if (!m || Number.isNaN(Date.parse(`${m[1]}Z`))) return undefined;
  return `${m[1]}${m[2]?.slice(0, 4) ?? ''}${m[3] ?? ''}`;
}

/** A … Z, AA, AB … */
function rowName(row: number): string {
  return (row >= 26 ? String.fromCharCode(64 + Math.floor(row / 26)) : '') + String.fromCharCode(65 + (row % 26));
}

export function fieldName({ row, column, field }: Field): string {
  return `Well ${rowName(row)}${String(column + 1).padStart(2, '0')}, Field ${field}`;
}

const CHANNEL_FACTS = [
  'ChannelName',
  'MainExcitationWavelength',
  'MainEmissionWavelength',
  'AcquisitionType',
  'ChannelType',
  'IlluminationType',
  'CameraType',
  'BinningX',
  'BinningY',
] as const;

/** Lenses, cameras and channels of the measurement, and its numbers, each once: they repeat from plane to plane. */
export class Equipment {
  readonly #channels = new Map<string, Partial<OmeChannel>>();
  readonly #quantities = new Map<string, Quantity | undefined>();

  channel(facts: Facts): Partial<OmeChannel> {
    const key = CHANNEL_FACTS.map((name) => facts.text(name)).join('\n');
    const found = this.#channels.get(key) ?? channelOf(facts, this);
    this.#channels.set(key, found);
    return found;
  }

  /** A number of the index in metres as µm, or in seconds. */
  quantity(text: string | undefined, unit: 'µm' | 's'): Quantity | undefined {
    if (text === undefined) return undefined;
    const key = unit + text;
    if (this.#quantities.has(key)) return this.#quantities.get(key);
    const number = Number(text);
    const found = quantity(unit === 's' ? number : Number((number * MICRO).toPrecision(12)), unit);
    if (this.#quantities.size < 100_000) this.#quantities.set(key, found);
    return found;
  }

  readonly #objectives = new Map<string, OmeObjective>();
  readonly #detectors = new Map<string, OmeDetector>();

  objective(facts: Facts): string | undefined {
    const magnification = facts.number('ObjectiveMagnification');
    const na = facts.number('ObjectiveNA');
    if (magnification === undefined && na === undefined) return undefined;
    const key = `${magnification} ${na}`;
    const ID = `Objective:0:${this.#objectives.size}`;
    const found = this.#objectives.get(key) ?? defined({ ID, NominalMagnification: magnification, LensNA: na });
    this.#objectives.set(key, found);
    return found.ID;
  }

  detector(facts: Facts): string | undefined {
    const model = facts.text('CameraType');
    if (!model) return undefined;
    const found = this.#detectors.get(model) ?? { ID: `Detector:0:${this.#detectors.size}`, Model: model };
    this.#detectors.set(model, found);
    return found.ID;
  }

  instrument(root: XmlElement): OmeInstrument | undefined {
    const model = textAt(root, 'InstrumentType')?.trim();
    if (!model && this.#objectives.size + this.#detectors.size === 0) return undefined;
    const list = <T>(map: ReadonlyMap<string, T>): readonly T[] | undefined =>
      map.size > 0 ? [...map.values()] : undefined;
    return defined({
      ID: 'Instrument:0',
      Microscope: model ? { Model: model } : undefined,
      Detectors: list(this.#detectors),
      Objectives: list(this.#objectives),
    });
  }
}

function channelOf(facts: Facts, equipment: Equipment): Partial<OmeChannel> {
  const detector = equipment.detector(facts);
  const binning = [facts.number('BinningX'), facts.number('BinningY')];
  const mode = facts.text('AcquisitionType');
  const contrast = facts.text('ChannelType');
  const illumination = facts.text('IlluminationType');
  return defined({
    Name: facts.text('ChannelName'),
    ExcitationWavelength: positive(facts.number('MainExcitationWavelength'), 'nm'),
    EmissionWavelength: positive(facts.number('MainEmissionWavelength'), 'nm'),
    // Both instruments are confocal by a spinning disk.
    AcquisitionMode: mode === 'NonConfocal' ? 'WideField' : mode === 'Confocal' ? 'SpinningDiskConfocal' : undefined,
    ContrastMethod: contrast ? matchEnum('ContrastMethod', contrast) : undefined,
    IlluminationType: illumination ? matchEnum('IlluminationType', illumination) : undefined,
    DetectorSettings: detector
      ? defined({
          ID: detector,
          Binning: binning.every((n) => n !== undefined) ? matchEnum('Binning', binning.join('x')) : undefined,
        })
      : undefined,
  });
}

/** Distance of neighbouring planes, where all are the same. */
function zStep(field: Field): number | undefined {
  const positions: number[] = [];
  const [first] = field.planes;
  for (const { t, c, z, facts } of field.planes) {
    const at = facts.number('PositionZ');
    if (t === first!.t && c === first!.c && at !== undefined) positions[z] = at;
  }
  const steps = positions.slice(1).map((at, i) => at - positions[i]!);
  const [step] = steps;
  if (!step || steps.length !== field.counts[2] - 1) return undefined;
  return steps.every((each) => Math.abs(each - step) < Math.abs(step) * 1e-3) ? Math.abs(step) * MICRO : undefined;
}

/** `shape` of the image; c counts samples. */
export function describe(
  index: number,
  field: Field,
  all: Measurement,
  equipment: Equipment,
  stored: { readonly shape: Tczyx; readonly type: string; readonly samples: number },
  more: { readonly user: boolean; readonly instrument: boolean },
): OmeImage {
  const { facts } = field.planes[0]!;
  const own = new Map(field.planes.map((plane) => [plane.c, plane.facts]));
  const objective = equipment.objective(facts);
  const dates = field.planes.map((plane) => dateOf(plane.facts.text('AbsTime'))).filter((each) => each !== undefined);
  const Planes = field.planes.map((plane): OmePlane => {
    const length = (name: string): Quantity | undefined => equipment.quantity(plane.facts.text(name), 'µm');
    const exposure = equipment.quantity(plane.facts.text('ExposureTime'), 's');
    return {
      TheZ: plane.z,
      TheC: plane.c,
      TheT: plane.t,
      DeltaT: equipment.quantity(plane.facts.text('MeasurementTimeOffset'), 's'),
      ExposureTime: exposure && exposure.value > 0 ? exposure : undefined,
      PositionX: length('PositionX'),
      PositionY: length('PositionY'),
      PositionZ: length('PositionZ'),
    };
  });
  const size = (name: string): OmePlane['PositionX'] => {
    const meters = facts.number(name);
    return positive(meters === undefined ? undefined : Number((meters * MICRO).toPrecision(15)), 'µm');
  };
  const step = zStep(field);
  return simpleImage({
    index,
    name: fieldName(field),
    shape: stored.shape,
    type: stored.type,
    samplesPerPixel: stored.samples,
    channels: all.channels.map((any, c) => equipment.channel(own.get(c) ?? any)),
    image: defined({
      AcquisitionDate: dates.reduce<string | undefined>(
        (a, b) => (a === undefined || Date.parse(b) < Date.parse(a) ? b : a),
        undefined,
      ),
      ExperimenterRef: more.user ? 'Experimenter:0' : undefined,
      InstrumentRef: more.instrument ? 'Instrument:0' : undefined,
      ObjectiveSettings: objective ? { ID: objective } : undefined,
    }),
    pixels: defined({
      PhysicalSizeX: size('ImageResolutionX'),
      PhysicalSizeY: size('ImageResolutionY'),
      PhysicalSizeZ: positive(step === undefined ? undefined : Number(step.toPrecision(9)), 'µm'),
      Planes,
    }),
  });
}

export function plateOf(root: XmlElement, fields: readonly Field[]): OmePlate {
  const plate = child(child(root, 'Plates'), 'Plate');
  const text = (name: string): string | undefined => textAt(plate, name)?.trim() || undefined;
  const whole = (name: string): number | undefined => {
    const n = Number(text(name));
    return Number.isInteger(n) && n > 0 ? n : undefined;
  };
  const wells = new Map<string, { row: number; column: number; samples: OmePlate['Wells'][0]['WellSamples'][0][] }>();
  for (const [i, field] of fields.entries()) {
    const key = `${field.row} ${field.column}`;
    const well = wells.get(key) ?? { row: field.row, column: field.column, samples: [] };
    wells.set(key, well);
    const { facts } = field.planes[0]!;
    const position = (name: string): OmePlane['PositionX'] => {
      const meters = facts.number(name);
      return quantity(meters === undefined ? undefined : Number((meters * MICRO).toPrecision(12)), 'µm');
    };
    well.samples.push(
      defined({
        ID: `WellSample:0:${i}`,
        Index: i,
        PositionX: position('PositionX'),
        PositionY: position('PositionY'),
        ImageRef: `Image:${i}`,
      }),
    );
  }
  const most = [...wells.values()].reduce((n, well) => Math.max(n, well.samples.length), 0);
  return defined({
    ID: 'Plate:0',
    Name: text('Name') ?? text('PlateID'),
    ExternalIdentifier: text('PlateID'),
    Description: text('PlateTypeName'),
    Rows: whole('PlateRows'),
    Columns: whole('PlateColumns'),
    Wells: [...wells.values()].map((well, i) => ({
      ID: `Well:0:${i}`,
      Row: well.row,
      Column: well.column,
      WellSamples: well.samples,
    })),
    PlateAcquisitions: [
      defined({
        ID: 'PlateAcquisition:0:0',
        StartTime: dateOf(text('MeasurementStartTime')),
        MaximumFieldCount: most,
        WellSampleRefs: fields.map((_, i) => `WellSample:0:${i}`),
      }),
    ],
  });
}

/** Leaves of the document, by their path; attributes of entries tell the channels apart. */
function leaves(element: XmlElement, path: string, out: OriginalMetadata[]): void {
  for (const each of element.children) {
    const id = each.attribute('ChannelID');
    const here = `${path}${each.name}${id === undefined ? '' : `[${id}]`}`;
    if (each.children.length > 0) leaves(each, `${here}/`, out);
    else if (each.text.trim()) out.push({ key: here, value: each.text.trim() });
  }
}

/** Planes whose elements are kept in full. */
const KEPT_PLANES = 2000;

export function originalMetadata(root: XmlElement, fields: readonly Field[]): OriginalMetadata[] {
  const out: OriginalMetadata[] = [];
  leaves(root, '', out);
  let kept = 0;
  for (const [image, { planes }] of fields.entries()) {
    for (const { t, c, z, facts } of planes) {
      if (++kept > KEPT_PLANES) return out;
      for (const [name, value] of facts.own) out.push({ image, key: `Plane t${t} c${c} z${z} ${name}`, value });
    }
  }
  return out;
}
