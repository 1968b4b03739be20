// Settings of FluoView to the OME model.

import type {
  OmeChannel,
  OmeDetector,
  OmeDichroic,
  OmeFilter,
  OmeImage,
  OmeInstrument,
  OmeLightSource,
  OmeModel,
  OmePixels,
  OmePlane,
  Quantity,
} from '../../src/core/ome.js';
import { omeColor } from '../../src/core/ome.js';
import { defined, positive, quantity } from '../../src/core/ome-build.js';
import type { FluoFiles } from './files.js';
import { decodeText, type Ini, number, text } from './ini.js';
import type { FluoAxis, PlaneList } from './planes.js';

/** Lengths to micrometres, times to seconds. */
const LENGTH: Readonly<Record<string, number>> = { um: 1, µm: 1, μm: 1, nm: 1e-3, mm: 1e3 };
const TIME: Readonly<Record<string, number>> = { ms: 1e-3, s: 1, sec: 1, us: 1e-6, µs: 1e-6 };

function scaled(value: number | undefined, unit: string | undefined, table: Readonly<Record<string, number>>) {
  const factor = unit === undefined ? undefined : table[unit];
  // Decimal factors: 994150 nm are 994.15 µm, not 994.1500000000001.
  return value === undefined || factor === undefined ? undefined : Number((value * factor).toPrecision(15));
}

export interface FluoSettings {
  readonly main: Ini;
  readonly list: PlaneList;
  /** Settings of each plane, in the order of `list.planes`. */
  readonly plane: readonly (Ini | undefined)[];
  /** By channel: signed RGBA. */
  readonly colors: readonly (number | undefined)[];
}

/** Last entry of a colour table: 'Resolution' entries of blue, green, red, unused at the end of the file. */
export async function readColor(files: FluoFiles, main: Ini, channel: number): Promise<number | undefined> {
  const path = text(main, 'ProfileSaveInfo', `LutFileName${channel}`);
  const bytes = path && (await files.read(path.split(/[\\/]/).at(-1)!));
  if (!bytes || bytes.length < 4) return undefined;
  const resolution = Number(/Resolution=(\d+)/.exec(decodeText(bytes.subarray(0, 2048)))?.[1]);
  if (!(resolution > 0) || bytes.length < resolution * 4) return undefined;
  const [blue, green, red] = bytes.subarray(-4);
  return red! + green! + blue! === 0 ? undefined : omeColor(red!, green!, blue!);
}

/** '2012-07-26 15:13:35', local time of the microscope. */
function acquired(main: Ini): string | undefined {
  const section = 'Acquisition Parameters Common';
  const value = text(main, section, 'ImageCaputreDate') ?? text(main, section, 'ImageCaptureDate');
  const date = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})/.exec(value ?? '');
  if (!date || Number.isNaN(Date.parse(`${date[1]}T${date[2]}Z`))) return undefined;
  const ms = number(main, section, 'ImageCaputreDate+MilliSec');
  const fraction = ms !== undefined && ms > 0 && ms < 1000 ? `.${String(Math.round(ms)).padStart(3, '0')}` : '';
  return `${date[1]}T${date[2]}${fraction}`;
}

function spacing(main: Ini, axis: FluoAxis | undefined, table: Readonly<Record<string, number>>): number | undefined {
  if (!axis) return undefined;
  const section = `Axis ${axis.section} Parameters Common`;
  const unit = text(main, section, 'UnitName') ?? text(main, section, 'PixUnit');
  const interval = Math.abs(number(main, section, 'Interval') ?? 0);
  if (interval > 0) return scaled(interval, unit, table);
  const [start, end] = [number(main, section, 'StartPosition'), number(main, section, 'EndPosition')];
  if (start === undefined || end === undefined || axis.size < 2) return undefined;
  const step = Math.abs(end - start) / (axis.size - 1);
  return step > 0 ? scaled(step, unit, table) : undefined;
}

function pixelsOf({ main, list, plane }: FluoSettings): Partial<OmePixels> {
  const reference = 'Reference Image Parameter';
  const size = (side: 'Width' | 'Height'): Quantity | undefined =>
    positive(
      scaled(number(main, reference, `${side}ConvertValue`), text(main, reference, `${side}Unit`), LENGTH),
      'µm',
    );
  const axis = (code: string): FluoAxis | undefined => list.axes.find((each) => each.code === code);
  const bits = number(main, reference, 'ValidBitCounts') ?? 0;
  const PhysicalSizeZ = list.z > 1 ? positive(spacing(main, axis('Z'), LENGTH), 'µm') : undefined;
  const TimeIncrement =
    list.t > 1 && list.folded.length === 0 ? positive(spacing(main, axis('T'), TIME), 's') : undefined;
  const position = (ini: Ini | undefined, code: string, table: Readonly<Record<string, number>>) => {
    const section = `Axis ${axis(code)?.section} Parameters`;
    return ini && scaled(number(ini, section, 'AbsPositionValue'), text(ini, section, 'AbsPositionUnitName'), table);
  };
  const Planes = list.planes.map((each, i): OmePlane => {
    const ini = plane[i];
    return defined({
      TheZ: each.z,
      TheC: each.c,
      TheT: each.t,
      DeltaT: quantity(position(ini, 'T', TIME), 's'),
      PositionZ: quantity(position(ini, 'Z', LENGTH), 'µm'),
    });
  });
  return defined({
    SignificantBits: bits > 0 && bits < 16 ? Math.round(bits) : undefined,
    PhysicalSizeX: size('Width'),
    PhysicalSizeY: size('Height'),
    PhysicalSizeZ,
    TimeIncrement,
    Planes: Planes.some((each) => each.DeltaT || each.PositionZ) ? Planes : undefined,
  });
}

interface Optics {
  readonly filters: OmeFilter[];
  readonly dichroics: OmeDichroic[];
}

/** 'BA505-525' passes 505 to 525 nm. */
function emissionFilter(name: string | undefined, optics: Optics): string | undefined {
  if (!name || /null/.test(name)) return undefined;
  const known = optics.filters.find((filter) => filter.Model === name);
  if (known) return known.ID;
  const range = /(\d{3,4})-(\d{3,4})/.exec(name);
  const ID = `Filter:0:${optics.filters.length}`;
  const TransmittanceRange = range && {
    CutIn: { value: Number(range[1]), unit: 'nm' },
    CutOut: { value: Number(range[2]), unit: 'nm' },
  };
  optics.filters.push({ ID, Model: name, ...(TransmittanceRange ? { TransmittanceRange } : {}) });
  return ID;
}

function dichroic(name: string | undefined, optics: Optics): string | undefined {
  if (!name || /null/.test(name)) return undefined;
  const known = optics.dichroics.find((each) => each.Model === name);
  if (known) return known.ID;
  const ID = `Dichroic:0:${optics.dichroics.length}`;
  optics.dichroics.push({ ID, Model: name });
  return ID;
}

function lasersOf(main: Ini): OmeLightSource[] {
  const lasers: OmeLightSource[] = [];
  for (let i = 0; main.has(`Laser ${i} Parameters`); i++) {
    const Wavelength = positive(number(main, `Laser ${i} Parameters`, 'LaserWavelength'), 'nm');
    if (Wavelength) lasers.push({ Kind: 'Laser', ID: `LightSource:0:${lasers.length}`, Wavelength });
  }
  return lasers;
}

interface ChannelParts {
  readonly channel: Partial<OmeChannel>;
  readonly detector: OmeDetector;
}

function channelOf(
  settings: FluoSettings,
  index: number,
  optics: Optics,
  lasers: readonly OmeLightSource[],
): ChannelParts {
  const { main, colors } = settings;
  const section = `Channel ${index + 1} Parameters`;
  const excitation = number(main, section, 'ExcitationWavelength');
  const laser = lasers.find((each) => each.Wavelength?.value === excitation);
  // 0: analogue integration, 1: photon counting.
  const mode = number(main, section, 'PMTDetectingMode') === 1 ? 'Counting' : 'Analog';
  const values = {
    Gain: number(main, section, `${mode}PMTGain`),
    Offset: number(main, section, `${mode}PMTOffset`),
    Voltage: positive(number(main, section, `${mode}PMTVoltage`), 'V'),
  };
  const detector = defined({ ID: `Detector:0:${index}`, Type: 'PMT', ...values });
  const dye = text(main, section, 'DyeName');
  const light = text(main, section, 'LightType');
  const emission = emissionFilter(text(main, section, 'BF Name'), optics);
  dichroic(text(main, section, 'EmissionDM Name'), optics);
  const DichroicRef = dichroic(text(main, section, 'ExcitationDM Name'), optics);
  const channel = defined({
    Name: text(main, section, 'CH Name'),
    Fluor: dye && dye !== 'None' ? dye : undefined,
    IlluminationType:
      light === 'Fluorescence' ? 'Epifluorescence' : light === 'Transmitted Light' ? 'Transmitted' : undefined,
    AcquisitionMode: text(main, section, 'Confocal') === 'ON' ? 'LaserScanningConfocalMicroscopy' : undefined,
    ExcitationWavelength: positive(excitation, 'nm'),
    EmissionWavelength: positive(number(main, section, 'EmissionWavelength'), 'nm'),
    Color: colors[index],
    LightSourceSettings: laser && { ID: laser.ID, Wavelength: laser.Wavelength },
    DetectorSettings: defined({ ID: detector.ID, ...values }),
    LightPath:
      emission || DichroicRef
        ? defined({ DichroicRef, EmissionFilterRefs: emission === undefined ? undefined : [emission] })
        : undefined,
  });
  return { channel, detector };
}

/** Emission of one position of a spectral scan, from the settings of its plane. */
function spectral(settings: FluoSettings, c: number): Partial<OmeChannel> {
  const { main, list, plane } = settings;
  if (list.lambdas < 2) return {};
  const axis = list.axes.find((each) => each.code === 'L');
  const index = list.planes.findIndex((each, i) => each.c === c && plane[i] !== undefined);
  const ini = index < 0 ? undefined : plane[index];
  const unit = axis && text(main, `Axis ${axis.section} Parameters Common`, 'UnitName');
  const value = ini && axis && number(ini, `Axis ${axis.section} Parameters`, 'AbsPositionValue');
  const EmissionWavelength = unit === 'nm' ? positive(value, 'nm') : undefined;
  return EmissionWavelength ? { EmissionWavelength } : {};
}

function objectiveOf(settings: FluoSettings) {
  const ini = settings.plane.find((each) => each !== undefined);
  const section = 'Acquisition Parameters Common';
  if (!ini) return undefined;
  const distance = number(ini, section, 'ObjectiveLens WDValue');
  const Model = text(ini, section, 'ObjectiveLens Name');
  const NominalMagnification = number(ini, section, 'Magnification');
  const LensNA = number(ini, section, 'ObjectiveLens NAValue');
  if (!Model && !NominalMagnification) return undefined;
  return defined({
    ID: 'Objective:0:0',
    Model,
    LensNA: LensNA && LensNA > 0 ? LensNA : undefined,
    NominalMagnification: NominalMagnification && NominalMagnification > 0 ? NominalMagnification : undefined,
    // 9999 stands for unknown.
    WorkingDistance: distance === 9999 ? undefined : positive(distance, 'µm'),
  });
}

export interface FluoModel {
  readonly channels: readonly Partial<OmeChannel>[];
  readonly pixels: Partial<OmePixels>;
  readonly image: Partial<OmeImage>;
  readonly ome: Omit<OmeModel, 'Images'>;
}

export function describe(settings: FluoSettings): FluoModel {
  const { main, list } = settings;
  const optics: Optics = { filters: [], dichroics: [] };
  const lasers = lasersOf(main);
  const parts = Array.from({ length: list.channels }, (_, i) => channelOf(settings, i, optics, lasers));
  const objective = objectiveOf(settings);
  const person = text(main, 'File Info', 'UserName');
  const model = text(main, 'Version Info', 'SystemName');
  const instrument: OmeInstrument = defined({
    ID: 'Instrument:0',
    Microscope: defined({ Manufacturer: 'Olympus', Model: model }),
    LightSources: lasers.length > 0 ? lasers : undefined,
    Detectors: parts.map((each) => each.detector),
    Objectives: objective && [objective],
    Filters: optics.filters.length > 0 ? optics.filters : undefined,
    Dichroics: optics.dichroics.length > 0 ? optics.dichroics : undefined,
  });
  const channels = Array.from({ length: list.channels * list.lambdas }, (_, c) => ({
    ...parts[Math.floor(c / list.lambdas)]!.channel,
    ...spectral(settings, c),
  }));
  return {
    channels,
    pixels: pixelsOf(settings),
    image: defined({
      AcquisitionDate: acquired(main),
      Description: text(main, 'File Info', 'UserComment'),
      InstrumentRef: instrument.ID,
      ObjectiveSettings: objective && { ID: objective.ID },
      ExperimenterRef: person && 'Experimenter:0',
    }),
    ome: defined({
      Instruments: [instrument],
      Experimenters: person ? [{ ID: 'Experimenter:0', UserName: person }] : undefined,
    }),
  };
}
