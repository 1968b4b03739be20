// MetaMorph's facts in the OME model.

import { matchEnum, matchUnit } from '../../src/containers/ome-xml/enums.js';
import { parseDate, significantBits } from '../../src/containers/tiff/metadata.js';
import { TAG } from '../../src/containers/tiff/tags.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { OmeChannel, OmeImage, OmeInstrument, OmePixels, OmePlane, Quantity } from '../../src/core/ome.js';
import { defined, positive, quantity } from '../../src/core/ome-build.js';
import { type PlaneFacts, propertyValues } from './arrange.js';
import { binningOf, exposureOf, numberOf, type Properties } from './description.js';
import type { Stack } from './stack.js';

export function isoOf(time: number): string {
  return new Date(time).toISOString().replace(/(\.000)?Z$/, '');
}

function propertyNumber(stack: Stack, name: string): number | undefined {
  const text = propertyValues(stack, name)[0] ?? stack.properties[0]?.get(name);
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function propertyText(stack: Stack, name: string): string | undefined {
  return propertyValues(stack, name)[0] || stack.properties[0]?.get(name) || undefined;
}

/** Objective of the magnification setting, and one detector for the camera. */
export function instrumentOf(stack: Stack): OmeInstrument {
  const model = propertyText(stack, '_MagSetting_');
  const aperture = propertyNumber(stack, '_MagNA_');
  const magnification = /(\d+(?:\.\d+)?)\s*x\b/i.exec(model ?? '')?.[1];
  const objective = model !== undefined || (aperture ?? 0) > 0;
  const serial = propertyText(stack, 'Instrument Serial Number');
  return defined<OmeInstrument>({
    ID: 'Instrument:0',
    Microscope: serial ? { SerialNumber: serial } : undefined,
    Detectors: [{ ID: 'Detector:0:0', Type: 'Other' }],
    Objectives: objective
      ? [
          defined({
            ID: 'Objective:0:0',
            Model: model,
            LensNA: aperture !== undefined && aperture > 0 ? aperture : undefined,
            NominalMagnification: magnification === undefined ? undefined : Number(magnification),
          }),
        ]
      : undefined,
  });
}

/** Of the sample. The lines of the description have the camera's, which is no imaging environment. */
function temperatureOf(stack: Stack): Quantity | undefined {
  const [properties] = stack.properties;
  return quantity(properties && numberOf(properties, '_Temperature_'), '°C');
}

export async function imageFacts(
  stack: Stack,
  facts: readonly PlaneFacts[],
  instrument: OmeInstrument,
): Promise<Partial<OmeImage>> {
  const [first] = facts;
  const index = propertyNumber(stack, '_MagRI_');
  const temperature = temperatureOf(stack);
  return defined<Partial<OmeImage>>({
    AcquisitionDate:
      parseDate(await stack.page.ifd.text(TAG.DateTime)) ?? (first?.time === undefined ? undefined : isoOf(first.time)),
    InstrumentRef: instrument.ID,
    ObjectiveSettings: instrument.Objectives
      ? defined({ ID: 'Objective:0:0', RefractiveIndex: index !== undefined && index > 0 ? index : undefined })
      : undefined,
    ImagingEnvironment: temperature ? { Temperature: temperature } : undefined,
    StageLabel: first?.label ? { Name: first.label } : undefined,
  });
}

/** Lengths of calibration: no size where calibration is off, where the unit is a pixel, or unknown. */
function calibration(stack: Stack): { x?: number; y?: number; units?: string } {
  const { uic } = stack;
  const [properties] = stack.properties;
  if (uic && (uic.xCalibration !== undefined || uic.calibrated !== undefined)) {
    return uic.calibrated === false ? {} : { x: uic.xCalibration, y: uic.yCalibration, units: uic.units };
  }
  if (!properties || properties.get('spatial-calibration-state') === 'off') return {};
  return {
    x: numberOf(properties, 'spatial-calibration-x'),
    y: numberOf(properties, 'spatial-calibration-y'),
    units: properties.get('spatial-calibration-units'),
  };
}

/** `unnamed`: the calibration is on, but names no unit: taken as µm. */
export function pixelFacts(
  stack: Stack,
  facts: readonly PlaneFacts[],
  z: number,
  zStep?: number,
): { pixels: Partial<OmePixels>; unnamed: boolean } {
  const { x, y, units } = calibration(stack);
  const named = (units ?? '').trim();
  const unit = named === '' ? 'µm' : matchUnit('length', named);
  const length = unit === undefined || unit === 'pixel' ? undefined : unit;
  const heights = facts.flatMap((each) => each.z ?? []);
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const range = heights.length > 1 && z > 1 ? (high - low) / (z - 1) : undefined;
  return {
    pixels: defined<Partial<OmePixels>>({
      PhysicalSizeX: length === undefined ? undefined : positive(x, length),
      PhysicalSizeY: length === undefined ? undefined : positive(y, length),
      PhysicalSizeZ: positive(zStep ?? range, zStep === undefined ? (length ?? 'µm') : 'µm'),
      SignificantBits: bitsOf(stack),
    }),
    unnamed: named === '' && ((x ?? 0) > 0 || (y ?? 0) > 0),
  };
}

function bitsOf(stack: Stack): number | undefined {
  const depth = propertyNumber(stack, 'Camera Bit Depth');
  const stored = stack.page.bits;
  return depth !== undefined && Number.isInteger(depth) && depth > 0 && depth < stored && stack.page.format === 1
    ? depth
    : significantBits(stack.page);
}

function gainOf(properties: Properties | undefined): number | undefined {
  const text = /\((\d+(?:\.\d+)?)x\)/.exec(properties?.get('Gain') ?? '')?.[1];
  return text === undefined ? undefined : Number(text);
}

/** Name, wavelength and camera settings of a channel. */
export function channelFacts(
  stack: Stack,
  facts: PlaneFacts | undefined,
  name: string | undefined,
): Partial<OmeChannel> {
  const [properties] = stack.properties;
  const binning = stack.uic?.binning ?? (properties && binningOf(properties));
  return defined<Partial<OmeChannel>>({
    Name: name ?? facts?.channel,
    EmissionWavelength: positive(facts?.wavelength, 'nm'),
    DetectorSettings: defined({
      ID: 'Detector:0:0',
      Binning: binning ? (matchEnum('Binning', `${binning[0]}x${binning[1]}`) ?? 'Other') : undefined,
      Gain: gainOf(properties),
    }),
  });
}

/** One plane of the model; `start`: time of the first plane. */
export function planeOf(
  at: { readonly t: number; readonly c: number; readonly z: number },
  facts: PlaneFacts,
  properties: Properties | undefined,
  start: number | undefined,
): OmePlane {
  return defined<OmePlane>({
    TheZ: at.z,
    TheC: at.c,
    TheT: at.t,
    DeltaT: facts.time === undefined || start === undefined ? undefined : quantity((facts.time - start) / 1000, 's'),
    ExposureTime: quantity(properties && exposureOf(properties), 's'),
    PositionX: quantity(facts.x, 'reference frame'),
    PositionY: quantity(facts.y, 'reference frame'),
    PositionZ: quantity(facts.z, 'reference frame'),
  });
}

export function originalOf(stack: Stack, image: number, prefix = ''): OriginalMetadata[] {
  const list: [string, string][] = [];
  for (const [i, properties] of stack.properties.entries()) {
    const page = stack.properties.length > 1 ? `Page ${i + 1} ` : '';
    for (const [key, value] of properties) list.push([`${page}${key}`, value]);
  }
  const { uic } = stack;
  if (uic) {
    for (const [key, value] of uic.listed) list.push([key, value]);
    for (const [i, [key, value]] of uic.properties.entries()) list.push([`PlaneProperty ${i + 1} ${key}`, value]);
    for (const [i, label] of uic.labels.entries()) list.push([`StageLabel ${i + 1}`, label]);
    for (const [i, z] of uic.absoluteZ.entries()) list.push([`AbsoluteZ ${i + 1}`, String(z)]);
    for (const [i, time] of uic.created.entries())
      if (!Number.isNaN(time)) list.push([`Created ${i + 1}`, new Date(time).toISOString().slice(0, 23)]);
  }
  return list.map(([key, value]) => ({ image, key: `${prefix}MetaMorph ${key}`, value }));
}
