// Metadata of two models, fact by fact: what a conversion must keep. IDs, units of equal lengths and the order of attributes do not matter.

import type { OmeChannel, OmeImage, OmeModel, Quantity } from '../core/ome.js';
import { metres, seconds } from '../core/units.js';
import type { Difference } from './schemas.js';

/** Relative difference below which two numbers are the same: writers round to about seven digits. */
const TOLERANCE = 1e-6;

type Fact = readonly [what: string, value: string | number | Quantity | undefined];

function show(value: Fact[1]): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'object' ? `${value.value} ${value.unit}` : String(value);
}

function inBase({ value, unit }: Quantity): readonly [number, string] {
  const length = metres(unit);
  if (length !== undefined) return [value * length, 'm'];
  const time = seconds(unit);
  return time !== undefined ? [value * time, 's'] : [value, unit];
}

function same(a: Fact[1], b: Fact[1]): boolean {
  if (a === b) return true;
  const near = (p: number, q: number): boolean => Math.abs(p - q) <= TOLERANCE * Math.max(Math.abs(p), Math.abs(q));
  if (typeof a === 'number' && typeof b === 'number') return near(a, b);
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  const [p, q] = [inBase(a), inBase(b)];
  return p[1] === q[1] && near(p[0], q[0]);
}

function* imageFacts(image: OmeImage, model: OmeModel): Iterable<Fact> {
  const { Pixels } = image;
  yield ['name', image.Name];
  yield ['acquisition date', image.AcquisitionDate];
  yield ['description', image.Description];
  yield ['pixel size x', Pixels.PhysicalSizeX];
  yield ['pixel size y', Pixels.PhysicalSizeY];
  yield ['pixel size z', Pixels.PhysicalSizeZ];
  yield ['time increment', Pixels.TimeIncrement];
  yield ['significant bits', Pixels.SignificantBits];
  const instrument = model.Instruments?.find(({ ID }) => ID === image.InstrumentRef);
  const objective = instrument?.Objectives?.find(({ ID }) => ID === image.ObjectiveSettings?.ID);
  yield ['objective model', objective?.Model];
  yield ['objective magnification', objective?.NominalMagnification];
  yield ['objective NA', objective?.LensNA];
  for (const [i, channel] of Pixels.Channels.entries()) yield* channelFacts(channel, i);
  for (const plane of Pixels.Planes ?? []) {
    const where = `plane z ${plane.TheZ} c ${plane.TheC} t ${plane.TheT}`;
    yield [`${where} time`, plane.DeltaT];
    yield [`${where} exposure`, plane.ExposureTime];
    yield [`${where} position x`, plane.PositionX];
    yield [`${where} position y`, plane.PositionY];
    yield [`${where} position z`, plane.PositionZ];
  }
  yield ['regions of interest', image.ROIRefs?.length || undefined];
  yield ['annotations', image.AnnotationRefs?.length || undefined];
}

function* channelFacts(channel: OmeChannel, i: number): Iterable<Fact> {
  yield [`channel ${i} name`, channel.Name];
  yield [`channel ${i} colour`, channel.Color];
  yield [`channel ${i} excitation`, channel.ExcitationWavelength];
  yield [`channel ${i} emission`, channel.EmissionWavelength];
  yield [`channel ${i} fluorophore`, channel.Fluor];
  yield [`channel ${i} samples`, channel.SamplesPerPixel ?? 1];
}

function* plateFacts(model: OmeModel): Iterable<Fact> {
  for (const [p, plate] of (model.Plates ?? []).entries()) {
    yield [`plate ${p} name`, plate.Name];
    for (const well of plate.Wells) {
      const fields = well.WellSamples.map(({ ImageRef }) => model.Images.findIndex(({ ID }) => ID === ImageRef));
      yield [`plate ${p} well ${well.Row},${well.Column}`, fields.join(' ')];
    }
  }
}

function compareFacts(a: Iterable<Fact>, b: Iterable<Fact>, image: number | undefined): Difference[] {
  const [p, q] = [new Map(a), new Map(b)];
  const differences: Difference[] = [];
  for (const what of new Set([...p.keys(), ...q.keys()])) {
    if (same(p.get(what), q.get(what))) continue;
    differences.push({ image, kind: 'metadata', what, a: show(p.get(what)), b: show(q.get(what)) });
  }
  return differences;
}

/** Differences of the first `count` images and of the plates. */
export function compareModels(a: OmeModel, b: OmeModel, count: number): Difference[] {
  const differences = compareFacts(plateFacts(a), plateFacts(b), undefined);
  for (let i = 0; i < count; i++) {
    const [p, q] = [a.Images[i], b.Images[i]];
    if (p && q) differences.push(...compareFacts(imageFacts(p, a), imageFacts(q, b), i));
  }
  return differences;
}
