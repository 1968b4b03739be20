// What the metadata chunks say, as an OME model.

import type {
  OmeChannel,
  OmeDetector,
  OmeDetectorSettings,
  OmeImage,
  OmeInstrument,
  OmeObjective,
  OmeObjectiveSettings,
  OmePlane,
} from '../../src/core/ome.js';
import { defined, positive, quantity, simpleImage } from '../../src/core/ome-build.js';
import { MODALITY, type Nd2Channel } from './channels.js';
import type { Arrangement, Point } from './experiment.js';
import { components, type FrameFormat } from './frames.js';
import type { Variant } from './variant.js';

/** One value a frame. */
export interface FrameValues {
  /** Milliseconds since the start. */
  readonly times?: Float64Array;
  /** µm. */
  readonly x?: Float64Array;
  readonly y?: Float64Array;
  readonly z?: Float64Array;
}

export interface Nd2Facts {
  readonly file: string;
  /** Metadata of the first frame. */
  readonly metadata: Variant | undefined;
  readonly channels: readonly Nd2Channel[];
  readonly values: FrameValues;
  readonly description?: string;
  readonly optics?: string;
  readonly significantBits?: number;
  /** References to the position's regions of interest. */
  readonly rois?: readonly string[];
}

const JULIAN_1970 = 2440587.5;

/** Julian days are UTC: the local time that the text information tells differs by whole time zones. */
function dateOfJulian(days: number | undefined): string | undefined {
  if (days === undefined || days < 2_400_000 || days > 5_000_000) return undefined;
  return new Date(Math.round((days - JULIAN_1970) * 86_400_000)).toISOString();
}

function correctionOf(name: string): string | undefined {
  const text = name.toLowerCase().replace(/[^a-z]/g, '');
  if (text.includes('planapo')) return 'PlanApo';
  if (text.includes('planfluor')) return 'PlanFluor';
  if (text.includes('superfluor') || text.includes('sfluor')) return 'SuperFluor';
  if (text.includes('achromat')) return 'Achromat';
  return undefined;
}

function immersionOf(name: string): string | undefined {
  if (/\boil\b/i.test(name)) return 'Oil';
  if (/\b(water|wi)\b/i.test(name)) return 'Water';
  if (/\b(gly|glycerol)\b/i.test(name)) return 'Glycerol';
  if (/\bsil\b|silicone/i.test(name)) return 'Other';
  return undefined;
}

function readObjective(facts: Nd2Facts): OmeObjective | undefined {
  const { metadata } = facts;
  const name = metadata?.text('ObjectiveName') ?? facts.optics;
  const stated = metadata?.positive('ObjectiveMag');
  const named = /(\d+(?:\.\d+)?)\s?x/i.exec(name ?? '')?.[1];
  const lensNA = metadata?.positive('ObjectiveNA');
  if (!name && stated === undefined && lensNA === undefined) return undefined;
  const magnification = stated ?? (named === undefined ? undefined : Number(named));
  return defined({
    ID: 'Objective:0:0',
    Model: name,
    NominalMagnification: magnification,
    CalibratedMagnification: magnification,
    LensNA: lensNA,
    Correction: name ? correctionOf(name) : undefined,
    Immersion: name ? immersionOf(name) : undefined,
  });
}

interface Cameras {
  readonly detectors: readonly OmeDetector[];
  /** One a channel. */
  readonly settings: readonly (OmeDetectorSettings | undefined)[];
}

function detectorType(flags: number): string | undefined {
  if ((flags & (MODALITY.pmt | MODALITY.gaasp)) !== 0) return 'PMT';
  return undefined;
}

function binningOf(camera: Variant): string | undefined {
  const format =
    camera.find('FormatQuality/Desc') ?? camera.find('FormatQuality/fmtDesc') ?? camera.find('FormatFast/fmtDesc');
  const [x, y] = [format?.positive('BinningX'), format?.positive('BinningY')];
  if (x === undefined || y === undefined) return undefined;
  const text = `${x}x${y}`;
  return ['1x1', '2x2', '4x4', '8x8'].includes(text) ? text : 'Other';
}

function readCameras(channels: readonly Nd2Channel[]): Cameras {
  const detectors: OmeDetector[] = [];
  const known = new Map<string, string>();
  const settings = channels.map((channel): OmeDetectorSettings | undefined => {
    const camera = channel.settings?.find('CameraSetting');
    const family = camera?.text('CameraFamilyName');
    const user = camera?.text('CameraUserName');
    const unique = camera?.text('CameraUniqueName');
    if (!camera || !(family || user || unique)) return undefined;
    const key = `${unique} ${user} ${family}`;
    let ID = known.get(key);
    if (ID === undefined) {
      ID = `Detector:0:${detectors.length}`;
      known.set(key, ID);
      const serial = /SN:?\s?(\S+)/.exec(`${unique ?? ''} ${user ?? ''}`)?.[1];
      detectors.push(
        defined({
          ID,
          Manufacturer: /^(Hamamatsu|Andor|Nikon|Photometrics|QImaging|PCO)\b/i.exec(`${unique ?? ''}`)?.[1],
          Model: family ?? user ?? unique,
          SerialNumber: serial,
          Type: detectorType(channel.flags),
        }),
      );
    }
    const properties = camera.find('PropertiesQuality') ?? camera.find('PropertiesFast');
    return defined({
      ID,
      Binning: binningOf(camera),
      Gain: properties?.positive('ConversionGain') ?? properties?.positive('Gain'),
    });
  });
  return { detectors, settings };
}

export interface Equipment {
  readonly instrument?: OmeInstrument;
  readonly objectiveSettings?: OmeObjectiveSettings;
  readonly detectorSettings: readonly (OmeDetectorSettings | undefined)[];
}

export function readEquipment(facts: Nd2Facts): Equipment {
  const objective = readObjective(facts);
  const { detectors, settings } = readCameras(facts.channels);
  const device = facts.channels[0]?.settings?.find('DeviceSetting');
  const model = device?.text('MicroscopePhysFullName') ?? device?.text('MicroscopeFullName');
  const refractive = facts.metadata?.positive('RefractIndex1');
  const instrument = defined({
    ID: 'Instrument:0',
    Microscope: model ? { Manufacturer: /^nikon/i.test(model) ? 'Nikon' : undefined, Model: model } : undefined,
    Detectors: detectors.length > 0 ? detectors : undefined,
    Objectives: objective ? [objective] : undefined,
  });
  return {
    instrument: Object.keys(instrument).length > 1 ? instrument : undefined,
    objectiveSettings: objective ? defined({ ID: objective.ID, RefractiveIndex: refractive }) : undefined,
    detectorSettings: settings,
  };
}

/** Columns that hold zeros alone were not recorded: cut-out frames have them so. */
function recorded(values: Float64Array | undefined): Float64Array | undefined {
  return values?.some((value) => value !== 0) ? values : undefined;
}

function readPlanes(
  facts: Nd2Facts,
  arrangement: Arrangement,
  p: number,
  point: Point | undefined,
  count: number,
): OmePlane[] {
  const { values, metadata, channels } = facts;
  const { sizeT, sizeZ } = arrangement;
  const single = arrangement.loops.length === 0;
  const [x, y, z] = [recorded(values.x), recorded(values.y), recorded(values.z)];
  const own = { x: metadata?.number('XPos'), y: metadata?.number('YPos'), z: metadata?.number('ZPos') };
  const planes: OmePlane[] = [];
  for (let TheT = 0; TheT < sizeT; TheT++) {
    for (let TheZ = 0; TheZ < sizeZ; TheZ++) {
      const frame = arrangement.frame(p, TheT, TheZ);
      const at = (column: Float64Array | undefined): number | undefined =>
        column && frame < column.length ? column[frame] : undefined;
      const time = at(values.times) ?? (single ? metadata?.number('TimeMSec') : undefined);
      const place = {
        PositionX: quantity(at(x) ?? point?.x ?? (single ? own.x : undefined), 'µm'),
        PositionY: quantity(at(y) ?? point?.y ?? (single ? own.y : undefined), 'µm'),
        PositionZ: quantity(at(z) ?? (sizeZ === 1 ? point?.z : undefined) ?? (single ? own.z : undefined), 'µm'),
      };
      for (let TheC = 0; TheC < count; TheC++) {
        const exposure = channels[TheC]?.exposure;
        const DeltaT = time === undefined ? undefined : quantity(time / 1000, 's');
        const plane = defined({ TheZ, TheC, TheT, DeltaT, ExposureTime: quantity(exposure, 's'), ...place });
        if (Object.keys(plane).length > 3) planes.push(plane);
      }
    }
  }
  return planes;
}

export function describe(
  index: number,
  facts: Nd2Facts,
  format: FrameFormat,
  arrangement: Arrangement,
  equipment: Equipment,
): { name: string; image: OmeImage } {
  const { metadata, channels } = facts;
  const { loops, positions, sizeT, sizeZ } = arrangement;
  const name = `${facts.file} (series ${index + 1})`;
  const positionLoops = loops.filter((loop) => loop.axis === 'p');
  const point = positionLoops.length === 1 ? positionLoops[0]!.points?.[index] : undefined;
  const planes = readPlanes(facts, arrangement, index, point, format.samples.length);
  const calibrated = metadata?.flag('Calibrated') !== false;
  const size = calibrated ? positive(metadata?.number('Calibration'), 'µm') : undefined;
  const z = loops.filter((loop) => loop.axis === 'z');
  const t = loops.filter((loop) => loop.axis === 't');
  const label = point?.name ?? (positions > 1 ? `Position ${index + 1}` : undefined);
  const image = simpleImage({
    index,
    name,
    shape: [sizeT, components(format), sizeZ, format.height, format.width],
    type: format.type,
    // Colour and plain channels may be mixed: this makes as many elements as there are channels.
    samplesPerPixel: components(format) / format.samples.length,
    channels: format.samples.map((SamplesPerPixel, c): Partial<OmeChannel> => {
      const channel = channels[c];
      return {
        Name: channel?.name,
        Color: channel?.color,
        EmissionWavelength: channel?.emission,
        ExcitationWavelength: channel?.excitation,
        PinholeSize: channel?.pinhole,
        AcquisitionMode: channel?.mode,
        ContrastMethod: channel?.contrast,
        DetectorSettings: equipment.detectorSettings[c],
        SamplesPerPixel,
      };
    }),
    pixels: {
      SignificantBits: facts.significantBits,
      PhysicalSizeX: size,
      PhysicalSizeY: size,
      PhysicalSizeZ: z.length === 1 ? positive(z[0]!.stepUm, 'µm') : undefined,
      TimeIncrement: t.length === 1 ? positive((t[0]!.periodMs ?? 0) / 1000, 's') : undefined,
      Planes: planes.length > 0 ? planes : undefined,
    },
    image: {
      AcquisitionDate: dateOfJulian(metadata?.number('TimeAbsolute')),
      Description: facts.description,
      InstrumentRef: equipment.instrument?.ID,
      ObjectiveSettings: equipment.objectiveSettings,
      ROIRefs: facts.rois && facts.rois.length > 0 ? facts.rois : undefined,
      StageLabel: label
        ? defined({
            Name: label,
            X: quantity(point?.x, 'µm'),
            Y: quantity(point?.y, 'µm'),
            Z: quantity(point?.z, 'µm'),
          })
        : undefined,
    },
  });
  return { name, image };
}
