// Frames of one image → z, t, c. Planes are told apart by where they lie, what they show and when they were taken; where that does not
// give every frame a place of its own, they stay in stored order along one axis.

import { type DataSet, tagsOf } from '../../src/containers/dicom/data-set.js';
import { elementName } from '../../src/containers/dicom/parse.js';
import { TAG } from '../../src/containers/dicom/tags.js';
import {
  depthOf,
  type Frame,
  groupOf,
  normalOf,
  numbersOf,
  orientationOf,
  secondsOf,
  splitDateTime,
  textOf,
} from './frame.js';

export interface Arranged {
  readonly sizeT: number;
  readonly sizeC: number;
  readonly sizeZ: number;
  /** Place of each frame: t, c, z. */
  readonly places: readonly (readonly [t: number, c: number, z: number])[];
  /** Distance of planes, mm, where it is the same for all. */
  readonly spacing?: number;
  readonly channelNames?: readonly (string | undefined)[];
  /** Frames that the arrangement expects and the files lack are an intended gap. */
  readonly sparse: boolean;
}

/** One thing by which frames may differ. */
interface Trait {
  readonly axis: 't' | 'c';
  readonly name: string;
  /** Sortable; undefined where the frame lacks it. */
  of(frame: Frame): number | string | undefined;
}

const SPATIAL: ReadonlySet<number> = new Set([
  TAG.ImagePositionPatient,
  TAG.ImageOrientationPatient,
  TAG.InStackPositionNumber,
  TAG.StackID,
  TAG.RowPositionInTotalImagePixelMatrix,
  TAG.ColumnPositionInTotalImagePixelMatrix,
  TAG.XOffsetInSlide,
  TAG.YOffsetInSlide,
  TAG.ZOffsetInSlide,
]);
const TEMPORAL: ReadonlySet<number> = new Set([
  TAG.TemporalPositionIndex,
  TAG.TemporalPositionTimeOffset,
  TAG.FrameAcquisitionDateTime,
  TAG.NominalCardiacTriggerDelayTime,
  TAG.TriggerTime,
  TAG.FrameTime,
  TAG.FrameTimeVector,
]);

function indexTraits(data: DataSet): Trait[] {
  return data.items(TAG.DimensionIndexSequence).flatMap((item, i): Trait[] => {
    const element = item.get(TAG.DimensionIndexPointer);
    const pointer = element && tagsOf(element, item)[0];
    if (pointer === undefined || SPATIAL.has(pointer)) return [];
    const name = item.text(TAG.DimensionDescriptionLabel) ?? elementName(pointer);
    const axis = TEMPORAL.has(pointer) ? 't' : 'c';
    return [
      { axis, name, of: (frame) => groupOf(frame, TAG.FrameContentSequence)?.numbers(TAG.DimensionIndexValues)[i] },
    ];
  });
}

function plain(axis: 't' | 'c', tag: number, sequence = 0): Trait {
  return { axis, name: elementName(tag), of: (frame) => numbersOf(frame, sequence, tag)[0] };
}

const OTHERS: readonly Trait[] = [
  plain('t', TAG.TemporalPositionIndex, TAG.FrameContentSequence),
  plain('t', TAG.TemporalPositionIdentifier),
  plain('c', TAG.EchoNumbers),
  plain('c', TAG.EchoTime),
  plain('c', TAG.EffectiveEchoTime, 0x00189114),
  plain('c', TAG.DiffusionBValue, 0x00189117),
  { axis: 'c', name: 'ImageType', of: (frame) => frame.instance.data.texts(TAG.ImageType).slice(2).join('\\') },
  plain('t', TAG.TriggerTime),
  plain('t', TAG.AcquisitionNumber),
  {
    axis: 't',
    name: 'FrameAcquisitionDateTime',
    of: (frame) => secondsOf(splitDateTime(textOf(frame, TAG.FrameContentSequence, TAG.FrameAcquisitionDateTime))),
  },
  { axis: 't', name: 'AcquisitionTime', of: (frame) => frame.instance.data.text(TAG.AcquisitionTime) },
];

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/** Rank of each frame's value among the distinct ones; undefined where a frame lacks it. */
function ranks(
  values: readonly (number | string | undefined)[],
): { rank: number[]; distinct: (number | string)[] } | undefined {
  if (values.some((value) => value === undefined)) return undefined;
  const distinct = [...new Set(values as (number | string)[])].sort(compare);
  const order = new Map(distinct.map((value, i) => [value, i]));
  return { rank: values.map((value) => order.get(value!)!), distinct };
}

/** Planes along the normal; positions within a micrometre of each other, or a thousandth of the usual distance, are one. */
function depths(frames: readonly Frame[]): { rank: number[]; count: number; spacing?: number } | undefined {
  const normal = normalOf(frames[0]!);
  const values = frames.map((frame) => depthOf(frame, normal));
  if (values.some((value) => value === undefined)) return undefined;
  const sorted = [...new Set(values as number[])].sort((a, b) => a - b);
  const centres: number[] = [];
  for (const value of sorted)
    if (centres.length === 0 || value - centres[centres.length - 1]! > 1e-3) centres.push(value);
  const rank = values.map((value) => {
    let low = 0;
    let high = centres.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (centres[middle]! <= value!) low = middle;
      else high = middle - 1;
    }
    return low;
  });
  const count = centres.length;
  // The stored order says which end comes first.
  const down = rank[0]! > rank[rank.length - 1]!;
  return { rank: down ? rank.map((i) => count - 1 - i) : rank, count, spacing: even(centres) };
}

/** The distance of neighbours where all have the same, to one in a hundred. */
function even(centres: readonly number[]): number | undefined {
  if (centres.length < 2) return undefined;
  const mean = (centres[centres.length - 1]! - centres[0]!) / (centres.length - 1);
  const same = centres.every((value, i) => i === 0 || Math.abs(value - centres[i - 1]! - mean) < 0.01 * mean);
  return same ? Math.round(mean * 1e9) / 1e9 : undefined;
}

function parallel(frames: readonly Frame[]): boolean {
  const first = orientationOf(frames[0]!);
  return frames.every((frame) => {
    const other = orientationOf(frame);
    return first === undefined ? other === undefined : other?.every((n, i) => Math.abs(n - first[i]!) < 1e-3);
  });
}

/** True if time alone tells the frames apart: a film. */
function isFilm({ instance: { data } }: Frame): boolean {
  const element = data.get(TAG.FrameIncrementPointer);
  const pointers = element ? tagsOf(element, data) : [];
  if (pointers.length > 0) return pointers.every((pointer) => TEMPORAL.has(pointer));
  return data.number(TAG.FrameTime) !== undefined || data.get(TAG.FrameTimeVector) !== undefined;
}

/** Frames of one image, in stored order. */
export function arrange(frames: readonly Frame[]): Arranged {
  const first = frames[0]!;
  const segments = segmentRanks(frames);
  const z = parallel(frames) ? depths(frames) : undefined;
  if (!z || (z.count === 1 && !segments && isFilm(first))) return segments ? fallback(segments) : stored(frames);
  const unique = tryPlaces(frames, z, segments, []);
  if (unique) return { ...unique, spacing: z.spacing, channelNames: segments?.names, sparse: segments !== undefined };
  if (segments) return fallback(segments);
  const traits = [...indexTraits(first.instance.data), ...OTHERS];
  const usable = traits.flatMap((trait) => {
    const found = ranks(frames.map((frame) => trait.of(frame)));
    return found && found.distinct.length > 1 ? [{ trait, ...found }] : [];
  });
  for (const one of usable) {
    const placed = tryPlaces(frames, z, undefined, [one]);
    if (placed) return { ...placed, spacing: z.spacing, channelNames: namesOf([one]), sparse: false };
  }
  for (const [i, one] of usable.entries()) {
    for (const two of usable.slice(i + 1)) {
      const placed = one.trait.axis !== two.trait.axis && tryPlaces(frames, z, undefined, [one, two]);
      if (placed) return { ...placed, spacing: z.spacing, channelNames: namesOf([one, two]), sparse: false };
    }
  }
  return z.count > 1 && frames.length % z.count === 0 ? repeated(frames, z) : stored(frames);
}

type Ranked = {
  readonly trait: Trait;
  readonly rank: readonly number[];
  readonly distinct: readonly (number | string)[];
};

function namesOf(traits: readonly Ranked[]): (string | undefined)[] | undefined {
  const channel = traits.find(({ trait }) => trait.axis === 'c');
  return channel?.distinct.map((value) => `${channel.trait.name} ${value}`);
}

/** Places by position, segment and traits; undefined where two frames meet, or where too many places stay empty. */
function tryPlaces(
  frames: readonly Frame[],
  z: { readonly rank: readonly number[]; readonly count: number },
  segments: Segments | undefined,
  traits: readonly Ranked[],
): Pick<Arranged, 'sizeT' | 'sizeC' | 'sizeZ' | 'places'> | undefined {
  const t = traits.find(({ trait }) => trait.axis === 't');
  const c = traits.find(({ trait }) => trait.axis === 'c');
  const sizeT = t?.distinct.length ?? 1;
  const sizeC = segments?.names.length ?? c?.distinct.length ?? 1;
  const places = frames.map((_, i) => [t?.rank[i] ?? 0, segments?.rank[i] ?? c?.rank[i] ?? 0, z.rank[i]!] as const);
  const taken = new Set(places.map(([a, b, d]) => (a * sizeC + b) * z.count + d));
  if (taken.size < frames.length) return undefined;
  if (!segments && frames.length < 0.9 * sizeT * sizeC * z.count) return undefined;
  return { sizeT, sizeC, sizeZ: z.count, places };
}

/** The same planes several times, without a word on why: repetitions in stored order along t. */
function repeated(
  frames: readonly Frame[],
  z: { readonly rank: readonly number[]; readonly count: number; readonly spacing?: number },
): Arranged {
  const sizeT = frames.length / z.count;
  const seen = new Array<number>(z.count).fill(0);
  const places = z.rank.map((plane) => [seen[plane]!++, 0, plane] as const);
  if (seen.some((n) => n !== sizeT)) return stored(frames);
  return { sizeT, sizeC: 1, sizeZ: z.count, places, spacing: z.spacing, sparse: false };
}

/** Stored order: a film along t, everything else along z. */
function stored(frames: readonly Frame[]): Arranged {
  const film = frames.length > 1 && isFilm(frames[0]!);
  const places = frames.map((_, i) => (film ? ([i, 0, 0] as const) : ([0, 0, i] as const)));
  return { sizeT: film ? frames.length : 1, sizeC: 1, sizeZ: film ? 1 : frames.length, places, sparse: false };
}

/** Segments whose planes have no place: each in stored order. */
function fallback(segments: { rank: readonly number[]; names: readonly (string | undefined)[] }): Arranged {
  const seen = new Array<number>(segments.names.length).fill(0);
  const places = segments.rank.map((c) => [0, c, seen[c]!++] as const);
  return {
    sizeT: 1,
    sizeC: segments.names.length,
    sizeZ: Math.max(...seen),
    places,
    channelNames: segments.names,
    sparse: true,
  };
}

export interface Segments {
  /** Channel of each frame. */
  readonly rank: readonly number[];
  readonly numbers: readonly number[];
  readonly names: readonly (string | undefined)[];
}

/**
 * Channels of a segmentation: its segments in the order of their numbers, those without a frame too, as they are empty. Undefined for other
 * images and for label maps.
 */
export function segmentRanks(frames: readonly Frame[]): Segments | undefined {
  const { data } = frames[0]!.instance;
  const declared = data.items(TAG.SegmentSequence);
  if (declared.length === 0) return undefined;
  const values = frames.map((frame) =>
    groupOf(frame, TAG.SegmentIdentificationSequence)?.number(TAG.ReferencedSegmentNumber),
  );
  if (values.some((value) => value === undefined)) return undefined;
  const all = [...declared.map((item) => item.number(TAG.SegmentNumber)), ...values];
  const numbers = [...new Set(all.filter((value) => value !== undefined))].sort((a, b) => a - b);
  const order = new Map(numbers.map((value, i) => [value, i]));
  const names = numbers.map((number) =>
    declared.find((item) => item.number(TAG.SegmentNumber) === number)?.text(TAG.SegmentLabel),
  );
  return { rank: values.map((value) => order.get(value!)!), numbers, names };
}
