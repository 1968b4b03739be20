// DICOM attributes → OME.

import { TAG } from '../../src/containers/dicom/tags.js';
import type { ChannelDisplay } from '../../src/core/contracts.js';
import type {
  OmeChannel,
  OmeExperimenter,
  OmeImage,
  OmeInstrument,
  OmeObjective,
  OmePlane,
} from '../../src/core/ome.js';
import { defined, positive, quantity, simpleImage } from '../../src/core/ome-build.js';
import { integerRange } from '../../src/core/pixel-type.js';
import type { PlacedFrame } from './blocks.js';
import { dateTime, type Frame, groupOf, numbersOf, positionOf, secondsOf, splitDateTime, textOf } from './frame.js';
import type { Instance } from './instance.js';
import type { Spacing } from './spacing.js';

const PIXEL_VALUE = TAG.PixelValueTransformationSequence;
const VOI = TAG.FrameVoiLutSequence;

/** Title: the third value of Image Type, or the last of fewer, else the series' description. */
export function titleOf({ data }: Instance, fallback: string): string {
  const type = data.texts(TAG.ImageType).slice(0, 3);
  return type[type.length - 1] || data.text(TAG.SeriesDescription) || fallback;
}

/** When the picture was taken. Content dates count for originals alone: those of derived images are dates of processing. */
function acquiredAt(frame: Frame): string | undefined {
  const { data } = frame.instance;
  const zone = data.text(TAG.TimezoneOffsetFromUTC);
  const of = (date: number, time: number): string | undefined => dateTime(data.text(date), data.text(time), zone);
  const taken =
    splitDateTime(data.text(TAG.AcquisitionDateTime), zone) ??
    splitDateTime(textOf(frame, TAG.FrameContentSequence, TAG.FrameAcquisitionDateTime), zone) ??
    of(TAG.AcquisitionDate, TAG.AcquisitionTime);
  if (taken || data.texts(TAG.ImageType)[0] === 'DERIVED') return taken;
  return of(TAG.ContentDate, TAG.ContentTime) ?? of(TAG.SeriesDate, TAG.SeriesTime) ?? of(TAG.StudyDate, TAG.StudyTime);
}

export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/** The modality's scale, where it is more than the stored value. */
export function rescaleOf(frame: Frame): Rescale | undefined {
  const slope = numbersOf(frame, PIXEL_VALUE, TAG.RescaleSlope)[0];
  const intercept = numbersOf(frame, PIXEL_VALUE, TAG.RescaleIntercept)[0];
  if (slope === undefined && intercept === undefined) return undefined;
  const scale = { slope: slope ?? 1, intercept: intercept ?? 0 };
  return scale.slope === 1 && scale.intercept === 0 ? undefined : scale;
}

/** The first window, in stored values (PS3.3 C.11.2.1.2); undefined where frames are scaled differently. */
export function displayOf(frames: readonly Frame[], samples: number): ChannelDisplay[] | undefined {
  const first = frames[0]!;
  const [centre] = numbersOf(first, VOI, TAG.WindowCenter);
  const [width] = numbersOf(first, VOI, TAG.WindowWidth);
  if (samples !== 1 || centre === undefined || width === undefined || !(width >= 1)) return undefined;
  const scale = rescaleOf(first) ?? { slope: 1, intercept: 0 };
  const same = frames.every((frame) => {
    const other = rescaleOf(frame) ?? { slope: 1, intercept: 0 };
    return other.slope === scale.slope && other.intercept === scale.intercept;
  });
  if (!same || !(scale.slope > 0)) return undefined;
  const exact = (first.instance.data.text(TAG.VoiLutFunction) ?? 'LINEAR') !== 'LINEAR';
  const low = exact ? centre - width / 2 : centre - 0.5 - (width - 1) / 2;
  const high = exact ? centre + width / 2 : centre - 0.5 + (width - 1) / 2;
  const stored = (value: number): number => (value - scale.intercept) / scale.slope;
  const start = stored(low);
  const end = stored(high);
  const { type, significant } = first.instance.chain;
  const range = integerRange(type);
  const signed = range !== undefined && range[0] < 0;
  const least = range ? (signed ? -(2 ** (significant - 1)) : 0) : start;
  const most = range ? 2 ** (signed ? significant - 1 : significant) - 1 : end;
  return [{ window: { min: Math.min(least, start), max: Math.max(most, end), start, end } }];
}

/** Persons are kept: removing them is a task of its own. */
export function experimenterOf({ data }: Instance): OmeExperimenter | undefined {
  const name = data.text(TAG.OperatorsName);
  const Institution = data.text(TAG.InstitutionName);
  if (!name) return undefined;
  const [LastName, FirstName, MiddleName] = name
    .split('=')[0]!
    .split('^')
    .map((part) => part.trim() || undefined);
  if (!LastName && !FirstName) return undefined;
  return defined({ ID: 'Experimenter:0', LastName, FirstName, MiddleName, Institution });
}

/** Device and lens of one image; undefined where the file names neither. */
export function instrumentOf({ data }: Instance, index: number): OmeInstrument | undefined {
  const Microscope = defined({
    Manufacturer: data.text(TAG.Manufacturer),
    Model: data.text(TAG.ManufacturerModelName),
    SerialNumber: data.text(TAG.DeviceSerialNumber),
  });
  const Objectives = data.items(TAG.OpticalPathSequence).flatMap((path, i): OmeObjective[] => {
    const NominalMagnification = path.number(TAG.ObjectiveLensPower);
    const LensNA = path.number(TAG.ObjectiveLensNumericalAperture);
    if (!NominalMagnification && !LensNA) return [];
    return [defined({ ID: `Objective:${index}:${i}`, NominalMagnification, LensNA })];
  });
  const one = Objectives.slice(0, 1);
  if (Object.keys(Microscope).length === 0 && one.length === 0) return undefined;
  return defined({
    ID: `Instrument:${index}`,
    Microscope: Object.keys(Microscope).length > 0 ? Microscope : undefined,
    Objectives: one.length > 0 ? one : undefined,
  });
}

export interface Described {
  readonly index: number;
  readonly name: string;
  readonly shape: readonly [t: number, c: number, z: number, y: number, x: number];
  readonly samples: number;
  readonly frames: readonly PlacedFrame[];
  readonly spacing: Spacing;
  readonly channelNames?: readonly (string | undefined)[];
  /** Identifiers of the optical paths, by channel. */
  readonly channelKeys?: readonly string[];
  readonly instrument?: OmeInstrument;
  readonly experimenter?: OmeExperimenter;
  /** Frames are tiles: planes have no position of their own. */
  readonly tiled: boolean;
}

function channelsOf({ channelNames, channelKeys, shape, samples, frames }: Described): Partial<OmeChannel>[] {
  const { data } = frames[0]!.instance;
  const paths = data.items(TAG.OpticalPathSequence);
  return Array.from({ length: shape[1] / samples }, (_, c) => {
    const key = channelKeys?.[c];
    const path =
      paths.find((item) => item.text(TAG.OpticalPathIdentifier) === key) ?? (paths.length === 1 ? paths[0] : undefined);
    return defined({
      Name: channelNames?.[c],
      ExcitationWavelength: path && positive(path.number(TAG.IlluminationWaveLength), 'nm'),
    });
  });
}

/** Seconds between the frames of a film. */
function incrementOf(frames: readonly PlacedFrame[]): { step?: number; times?: readonly number[] } {
  const { data } = frames[0]!.instance;
  const vector = data.numbers(TAG.FrameTimeVector);
  if (vector.length >= frames.length && frames.length > 1) {
    let sum = 0;
    return { times: vector.slice(0, frames.length).map((ms, i) => (sum += i === 0 ? 0 : ms / 1000)) };
  }
  const step = data.number(TAG.FrameTime);
  return step !== undefined && step > 0 ? { step: step / 1000 } : {};
}

function planesOf(image: Described): OmePlane[] {
  const { frames, shape, tiled } = image;
  if (tiled) return slidePlane(image);
  const film = shape[0] > 1 && shape[0] === frames.length ? incrementOf(frames) : {};
  const starts = frames.map((frame) => secondsOf(acquiredAtFrame(frame)));
  const known = starts.filter((value) => value !== undefined);
  const start = known.length === starts.length && new Set(known).size > 1 ? Math.min(...known) : undefined;
  return frames.flatMap((frame, i): OmePlane[] => {
    const position = positionOf(frame);
    const delta =
      start !== undefined ? starts[i]! - start : film.times ? film.times[frame.t] : film.step && film.step * frame.t;
    const exposure = exposureOf(frame);
    if (!position && delta === undefined && exposure === undefined) return [];
    return [
      defined({
        TheZ: frame.z,
        TheC: frame.c,
        TheT: frame.t,
        DeltaT: quantity(delta, 's'),
        ExposureTime: quantity(exposure, 's'),
        PositionX: quantity(position?.[0], 'mm'),
        PositionY: quantity(position?.[1], 'mm'),
        PositionZ: quantity(position?.[2], 'mm'),
      }),
    ];
  });
}

/** Times are compared within one image only where each frame has its own. */
function acquiredAtFrame(frame: Frame): string | undefined {
  const own = splitDateTime(textOf(frame, TAG.FrameContentSequence, TAG.FrameAcquisitionDateTime));
  if (own) return own;
  const { data, format } = frame.instance;
  if (format.frames > 1) return undefined;
  return (
    splitDateTime(data.text(TAG.AcquisitionDateTime)) ??
    dateTime(data.text(TAG.AcquisitionDate), data.text(TAG.AcquisitionTime))
  );
}

/** Milliseconds in the file. */
function exposureOf({ instance: { data } }: Frame): number | undefined {
  const ms = data.number(TAG.ExposureTimeInms) ?? data.number(TAG.ExposureTime);
  return ms !== undefined && ms > 0 ? ms / 1000 : undefined;
}

/** Corner of the total pixel matrix on the slide. */
function slidePlane({ frames }: Described): OmePlane[] {
  const origin = frames[0]!.instance.data.items(TAG.TotalPixelMatrixOriginSequence)[0];
  const x = origin?.number(TAG.XOffsetInSlide);
  const y = origin?.number(TAG.YOffsetInSlide);
  if (x === undefined || y === undefined) return [];
  return [{ TheZ: 0, TheC: 0, TheT: 0, PositionX: { value: x, unit: 'mm' }, PositionY: { value: y, unit: 'mm' } }];
}

/** One image of the model. */
export function describe(image: Described): OmeImage {
  const { index, name, shape, samples, frames, spacing, instrument } = image;
  const first = frames[0]!;
  const { data, chain, format } = first.instance;
  const film = shape[0] > 1 && shape[0] === frames.length ? incrementOf(frames).step : undefined;
  const resolution = data.number(TAG.TemporalResolution);
  const increment = film ?? (shape[0] > 1 && resolution ? resolution / 1000 : undefined);
  const planes = planesOf(image);
  return simpleImage({
    index,
    name,
    shape,
    type: format.allocated === 1 && chain.type === 'uint8' ? 'bit' : chain.type,
    samplesPerPixel: samples,
    channels: channelsOf(image),
    image: defined({
      AcquisitionDate: acquiredAt(first),
      Description: data.texts(TAG.ImageType).join('\\') || undefined,
      InstrumentRef: instrument?.ID,
      ObjectiveSettings: instrument?.Objectives?.[0] && { ID: instrument.Objectives[0].ID },
      ExperimenterRef: image.experimenter?.ID,
    }),
    pixels: defined({
      SignificantBits: format.allocated === 1 ? 1 : chain.significant,
      PhysicalSizeX: positive(spacing.x, 'mm'),
      PhysicalSizeY: positive(spacing.y, 'mm'),
      PhysicalSizeZ: positive(spacing.z, 'mm'),
      TimeIncrement: positive(increment, 's'),
      Planes: planes.length > 0 ? planes : undefined,
    }),
  });
}

/** What the file says beyond the model, worth a word. */
export function focalSpacing(frame: Frame): number | undefined {
  return groupOf(frame, TAG.PixelMeasuresSequence)?.number(TAG.SpacingBetweenSlices);
}
