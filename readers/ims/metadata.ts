// DataSetInfo to the OME model. All values are texts.

import { type Attributes, numberOf, textOf } from '../../src/containers/hdf5/attributes.js';
import type { Object5, Objects } from '../../src/containers/hdf5/object.js';
import { attributeRows } from '../../src/containers/hdf5/open.js';
import type { ChannelDisplay, OriginalMetadata } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import {
  type OmeChannel,
  type OmeImage,
  type OmeInstrument,
  type OmePixels,
  type OmePlane,
  omeColor,
} from '../../src/core/ome.js';
import { defined, positive, quantity } from '../../src/core/ome-build.js';
import { integerRange, type PixelType } from '../../src/core/pixel-type.js';

const UNITS: Readonly<Record<string, string>> = { um: 'µm', µm: 'µm', μm: 'µm', nm: 'nm', mm: 'mm', m: 'm' };

export interface ImsInfo {
  readonly groups: readonly Object5[];
  readonly rows: readonly OriginalMetadata[];
}

export async function readInfo(objects: Objects, folder: string): Promise<ImsInfo> {
  const root = await objects.get(folder);
  const groups: Object5[] = [];
  const rows: OriginalMetadata[] = [];
  for (const { name } of root?.links ?? []) {
    const group = await objects.get(`${folder}/${name}`);
    if (!group) continue;
    groups.push(group);
    rows.push(...attributeRows(group.path, group.attributes));
  }
  return { groups, rows };
}

function groupOf(info: ImsInfo, name: string): Attributes {
  return info.groups.find(({ path }) => path.endsWith(`/${name}`))?.attributes ?? new Map();
}

function text(attributes: Attributes, name: string): string | undefined {
  const value = textOf(attributes.get(name))?.trim();
  return value === undefined || value === '' || /^\(.*(not specified|no description).*\)$/i.test(value)
    ? undefined
    : value;
}

/** '2014-11-05 14:06:49.123', local time. */
function dateOf(value: string | undefined): string | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?/.exec(value ?? '');
  if (!match || Number.isNaN(Date.parse(`${match[1]}T${match[2]}Z`))) return undefined;
  const fraction = match[3] && Number(match[3]) > 0 ? match[3].slice(0, 4) : '';
  return `${match[1]}T${match[2]}${fraction}`;
}

/** '1.000 0.500 0.000': red, green, blue from 0 to 1. */
function colorOf(value: string | undefined): number | undefined {
  const parts = value?.split(/\s+/).map(Number) ?? [];
  if (parts.length !== 3 || !parts.every((n) => n >= 0 && n <= 1)) return undefined;
  const [red, green, blue] = parts.map((n) => Math.round(n * 255)) as [number, number, number];
  return omeColor(red, green, blue);
}

function channelOf(attributes: Attributes): Partial<OmeChannel> {
  const wave = (kind: string) => positive(numberOf(attributes.get(`LSM${kind}Wavelength`)), 'nm');
  return defined({
    Name: text(attributes, 'Name'),
    Color: colorOf(text(attributes, 'Color')),
    EmissionWavelength: wave('Emission'),
    ExcitationWavelength: wave('Excitation'),
  });
}

function displayOf(attributes: Attributes, type: PixelType): ChannelDisplay {
  const range = text(attributes, 'ColorRange')?.split(/\s+/).map(Number) ?? [];
  const [start, end] = range;
  if (range.length !== 2 || !Number.isFinite(start) || !Number.isFinite(end) || start! >= end!) return {};
  const [min, max] = integerRange(type) ?? [Math.min(0, start!), end!];
  return { window: { min, max, start: start!, end: end! } };
}

/** Seconds between a time point and the first. */
function timesOf(info: ImsInfo, count: number): readonly number[] | undefined {
  const attributes = groupOf(info, 'TimeInfo');
  const times = Array.from({ length: count }, (_, i) => {
    const date = dateOf(text(attributes, `TimePoint${i + 1}`));
    return date === undefined ? Number.NaN : Date.parse(`${date}Z`) / 1000;
  });
  const seconds = times.map((time) => Number((time - times[0]!).toFixed(3)));
  return seconds.every((time, i) => i === 0 || time >= seconds[i - 1]!) && seconds.at(-1)! > 0 ? seconds : undefined;
}

export interface ImsModel {
  readonly image: Partial<OmeImage>;
  readonly pixels: Partial<OmePixels>;
  readonly channels: readonly Partial<OmeChannel>[];
  readonly display: readonly ChannelDisplay[];
  readonly instrument?: OmeInstrument;
  readonly origin?: Tczyx;
}

function planesOf(shape: Tczyx, times: readonly number[]): OmePlane[] {
  const planes: OmePlane[] = [];
  for (let TheT = 0; TheT < shape[0]; TheT++) {
    for (let TheC = 0; TheC < shape[1]; TheC++) {
      for (let TheZ = 0; TheZ < shape[2]; TheZ++)
        planes.push(defined({ TheZ, TheC, TheT, DeltaT: quantity(times[TheT], 's') }));
    }
  }
  return planes;
}

/** Same step from each to the next, to a thousandth of it. */
function regularStep(times: readonly number[]): number | undefined {
  const step = times.at(-1)! / (times.length - 1);
  return times.every((time, i) => Math.abs(time - i * step) <= Math.max(0.0011, step / 1000)) ? step : undefined;
}

export function describe(info: ImsInfo, shape: Tczyx, type: PixelType): ImsModel {
  const image = groupOf(info, 'Image');
  const unit = UNITS[text(image, 'Unit') ?? 'um'];
  const extent = (i: number) => [numberOf(image.get(`ExtMin${i}`)), numberOf(image.get(`ExtMax${i}`))] as const;
  const size = (i: number): number | undefined => {
    const [min, max] = extent(i);
    const step = min === undefined || max === undefined ? undefined : Math.abs(max - min) / shape[4 - i]!;
    return step !== undefined && step > 0 && unit !== undefined ? Number(step.toPrecision(12)) : undefined;
  };
  const sizes = [size(0), size(1), size(2)] as const;
  const starts = [extent(0)[0], extent(1)[0], extent(2)[0]] as const;
  // Extents go from edge to edge; the first pixel's centre lies half a pixel inside.
  const centre = (i: 0 | 1 | 2): number => (sizes[i] ? Number((starts[i]! + sizes[i]! / 2).toPrecision(12)) : 0);
  const placed = starts.some((start, i) => sizes[i] !== undefined && start !== 0);
  const times = shape[0] > 1 ? timesOf(info, shape[0]) : undefined;
  const step = times && regularStep(times);
  const groups = Array.from({ length: shape[1] }, (_, c) => groupOf(info, `Channel ${c}`));
  const magnification = numberOf(image.get('LensPower'));
  const aperture = numberOf(image.get('NumericalAperture')) ?? numberOf(groups[0]?.get('NumericalAperture'));
  const objective =
    (magnification ?? 0) > 0 || (aperture ?? 0) > 0
      ? defined({
          ID: 'Objective:0:0',
          NominalMagnification: (magnification ?? 0) > 0 ? magnification : undefined,
          LensNA: (aperture ?? 0) > 0 ? aperture : undefined,
        })
      : undefined;
  const instrument = objective && { ID: 'Instrument:0', Objectives: [objective] };
  return {
    image: defined({
      AcquisitionDate: dateOf(text(image, 'RecordingDate')) ?? dateOf(text(groupOf(info, 'TimeInfo'), 'TimePoint1')),
      Description: text(image, 'Description'),
      Name: text(image, 'Name'),
      InstrumentRef: instrument?.ID,
      ObjectiveSettings: objective && { ID: objective.ID },
    }),
    pixels: defined({
      PhysicalSizeX: positive(sizes[0], unit ?? 'µm'),
      PhysicalSizeY: positive(sizes[1], unit ?? 'µm'),
      PhysicalSizeZ: positive(sizes[2], unit ?? 'µm'),
      TimeIncrement: positive(step, 's'),
      Planes: times && planesOf(shape, times),
    }),
    channels: groups.map(channelOf),
    display: groups.map((attributes) => displayOf(attributes, type)),
    ...(instrument ? { instrument } : {}),
    ...(placed ? { origin: [0, 0, centre(2), centre(1), centre(0)] } : {}),
  };
}
