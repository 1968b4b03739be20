// Frames to images, images to the OME model.

import {
  instrumentOf,
  omePlane,
  type PlaneFacts,
  planeFacts,
  summaryFacts,
} from '../../src/containers/micromanager/facts.js';
import { flatten, isObject, type MmObject, textOf, valueAt } from '../../src/containers/micromanager/json.js';
import type { OriginalMetadata } from '../../src/core/contracts.js';
import type { Tczyx } from '../../src/core/geometry.js';
import type { OmeImage, OmePlane } from '../../src/core/ome.js';
import { defined, positive, simpleImage } from '../../src/core/ome-build.js';
import type { Frame } from './frames.js';

export interface Placed extends Frame {
  readonly t: number;
  readonly c: number;
  readonly zIndex: number;
}

export interface MmImage {
  readonly label: string;
  readonly frames: readonly Placed[];
  readonly counts: readonly [t: number, c: number, z: number];
}

/** Counting starts at the lowest number; gaps stay gaps unless they outweigh what is there. */
function positions(values: readonly number[]): { index: ReadonlyMap<number, number>; count: number } {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const span = sorted.at(-1)! - sorted[0]! + 1;
  const counted = sorted.every(Number.isInteger) && span <= 4 * sorted.length;
  return {
    index: new Map(sorted.map((value, i) => [value, counted ? value - sorted[0]! : i])),
    count: counted ? span : sorted.length,
  };
}

export function imagesOf(frames: readonly Frame[]): MmImage[] {
  const groups = new Map<string, { label: string; position: number; list: Frame[] }>();
  for (const frame of frames) {
    const folder = frame.file.includes('/') ? frame.file.replace(/\/[^/]*$/, '') : '';
    const key = `${folder}\n${frame.position}\n${frame.custom}`;
    const name = textOf(frame.metadata, 'PositionName') ?? (folder || `Pos${frame.position}`);
    const label = [name, frame.custom].filter(Boolean).join(', ');
    const group = groups.get(key) ?? { label, position: frame.position, list: [] };
    group.list.push(frame);
    groups.set(key, group);
  }
  const sorted = [...groups.values()].sort((a, b) => a.position - b.position);
  return sorted.map(({ label, list }) => {
    const times = positions(list.map((each) => each.time));
    const channels = positions(list.map((each) => each.channel));
    const slices = positions(list.map((each) => each.z));
    const planes = new Map<string, Placed>();
    for (const frame of list) {
      const [t, c, zIndex] = [
        times.index.get(frame.time)!,
        channels.index.get(frame.channel)!,
        slices.index.get(frame.z)!,
      ];
      planes.set(`${t} ${c} ${zIndex}`, { ...frame, t, c, zIndex });
    }
    return { label, frames: [...planes.values()], counts: [times.count, channels.count, slices.count] };
  });
}

/** Stage position of 2.0's list of positions, by its default devices. */
function stageOf(summary: MmObject | undefined, position: number): { x?: number; y?: number; z?: number } {
  const list = valueAt(summary, 'StagePositions');
  const entry: unknown = Array.isArray(list) ? list[position] : undefined;
  if (!isObject(entry)) return {};
  const found: { x?: number; y?: number; z?: number } = {};
  const parts = valueAt(entry, 'subpositions');
  for (const part of Array.isArray(parts) ? parts : []) {
    if (!isObject(part)) continue;
    const name = textOf(part, 'stageName');
    const number = (key: string): number | undefined => {
      const value = valueAt(part, key);
      return typeof value === 'number' ? value : undefined;
    };
    if (name !== undefined && name === textOf(entry, 'defaultXYStage'))
      Object.assign(found, { x: number('x'), y: number('y') });
    // One-axis stages keep their position in x.
    if (name !== undefined && name === textOf(entry, 'defaultZStage')) found.z = number('x');
  }
  return found;
}

export function describe(
  index: number,
  name: string,
  image: MmImage,
  summary: MmObject | undefined,
  stored: { readonly shape: Tczyx; readonly type: string; readonly samples: number },
  instrument: boolean,
): OmeImage {
  const facts = summaryFacts(summary);
  const first = image.frames[0]!;
  const own = image.frames.map((frame): PlaneFacts => planeFacts(frame.metadata));
  const { settings, objective } = instrumentOf(first.metadata);
  const size = positive(facts.pixelSize ?? own[0]!.pixelSize, 'µm');
  const stage = stageOf(summary, first.position);
  const Planes: OmePlane[] = image.frames.map((frame, i) => {
    const { x = stage.x, y = stage.y, z = stage.z } = own[i]!;
    return omePlane({ ...own[i]!, x, y, z }, [frame.zIndex, frame.c, frame.t]);
  });
  // Channels count from the lowest one that was taken.
  const lowest = image.frames.reduce((n, frame) => Math.min(n, frame.channel), Number.POSITIVE_INFINITY);
  return simpleImage({
    index,
    name,
    shape: stored.shape,
    type: stored.type,
    samplesPerPixel: stored.samples,
    channels: Array.from({ length: image.counts[1] }, (_, c) => {
      const frame = image.frames.findIndex((each) => each.c === c);
      return defined({
        Name: facts.channelNames[lowest + c] || own[frame]?.channel,
        Color: facts.channelColors[lowest + c],
        DetectorSettings: settings,
      });
    }),
    image: defined({
      AcquisitionDate: facts.date ?? own[0]!.date,
      Description: facts.comment,
      InstrumentRef: instrument ? 'Instrument:0' : undefined,
      ObjectiveSettings: instrument && objective ? { ID: objective } : undefined,
      ExperimenterRef: facts.user ? 'Experimenter:0' : undefined,
    }),
    pixels: defined({
      PhysicalSizeX: size,
      PhysicalSizeY: size,
      PhysicalSizeZ: positive(facts.zStep, 'µm'),
      TimeIncrement: image.counts[0] > 1 ? positive(facts.interval, 'ms') : undefined,
      Planes,
    }),
  });
}

/** Frames whose metadata are kept one by one. */
const KEPT_FRAMES = 2000;

export function originalMetadata(summary: MmObject | undefined, images: readonly MmImage[]): OriginalMetadata[] {
  const out: OriginalMetadata[] = summary ? flatten(summary, 'Summary ') : [];
  let kept = 0;
  for (const [image, { frames }] of images.entries()) {
    let before: ReadonlyMap<string, string> | undefined;
    for (const { metadata, t, c, zIndex } of frames) {
      if (!metadata || (before && kept++ >= KEPT_FRAMES)) continue;
      const rows = flatten(metadata);
      // The first frame in full, of the others what differs from it.
      for (const { key, value } of rows) {
        if (!before) out.push({ image, key, value });
        else if (before.get(key) !== value) out.push({ image, key: `Plane t${t} c${c} z${zIndex} ${key}`, value });
      }
      before ??= new Map(rows.map(({ key, value }) => [key, value]));
    }
  }
  return out;
}
