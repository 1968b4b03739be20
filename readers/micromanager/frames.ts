// One frame a plane, from metadata.txt or from the tags of stacks.

import {
  isObject,
  type MmObject,
  numberOf,
  parseObject,
  textOf,
  valueAt,
} from '../../src/containers/micromanager/json.js';

export interface Frame {
  /** Relative to the opened folder. */
  readonly file: string;
  /** Directory inside the file. */
  readonly page: number;
  /** As counted by the acquisition. */
  readonly time: number;
  readonly channel: number;
  readonly z: number;
  readonly position: number;
  /** Custom axes, 'angle 2'; '' for none. */
  readonly custom: string;
  readonly metadata: MmObject | undefined;
}

const KNOWN_AXES = new Set(['time', 'channel', 'z', 'position', 'stagePosition', 'slice', 'frame']);

/** Acquisitions that were cut off leave JSON without its end: cut at the last entry that is whole. */
export function parseMetadata(text: string): MmObject | undefined {
  const whole = parseObject(text);
  if (whole) return whole;
  const start = text.indexOf('{');
  if (start < 0) return undefined;
  let end = text.length;
  for (let tries = 0; tries < 200; tries++) {
    end = text.lastIndexOf('}', end - 1);
    if (end <= start) return undefined;
    const found = parseObject(`${text.slice(start, end + 1)}}`);
    if (found) return found;
  }
  return undefined;
}

function baseName(path: string): string {
  return path.replaceAll('\\', '/').replace(/^.*\//, '');
}

/** Entries of metadata.txt. 1.4: FrameKey-t-c-z with FileName; 2.0: Coords-file and Metadata-file. `folder`: '' or with '/' at its end. */
export function framesOfMetadata(root: MmObject, folder: string): Frame[] {
  const frames: Frame[] = [];
  for (const key of Object.keys(root)) {
    const value = root[key];
    if (!isObject(value)) continue;
    const old = /^FrameKey-(\d+)-(\d+)-(\d+)$/.exec(key);
    if (old) {
      const file = textOf(value, 'FileName', 'File');
      const [t, c, z] = old.slice(1).map(Number) as [number, number, number];
      const name = file ? baseName(file) : undefined;
      if (!name) continue;
      const position = numberOf(value, 'PositionIndex') ?? 0;
      frames.push({ file: folder + name, page: 0, time: t, channel: c, z, position, custom: '', metadata: value });
    } else if (key.startsWith('Coords-')) {
      const path = key.slice('Coords-'.length);
      const metadata = root[`Metadata-${path}`];
      const custom = Object.keys(value)
        .filter((axis) => !KNOWN_AXES.has(axis))
        .map((axis) => `${axis} ${String(valueAt(value, axis))}`);
      frames.push({
        file: folder + baseName(path),
        page: 0,
        time: numberOf(value, 'time', 'frame') ?? 0,
        channel: numberOf(value, 'channel') ?? 0,
        z: numberOf(value, 'z', 'slice') ?? 0,
        position: numberOf(value, 'position', 'stagePosition') ?? 0,
        custom: custom.sort().join(', '),
        metadata: isObject(metadata) ? metadata : undefined,
      });
    }
  }
  return frames;
}

/** Frame of a stack's directory by its MicroManagerMetadata. */
export function frameOfTag(metadata: MmObject | undefined, file: string, page: number): Frame | undefined {
  const coords = valueAt(metadata, 'Coords');
  const axes = isObject(coords) ? coords : undefined;
  const at = (key: string, axis: string): number | undefined => numberOf(metadata, key) ?? numberOf(axes, axis);
  const time = at('FrameIndex', 'time') ?? numberOf(metadata, 'Frame');
  if (time === undefined) return undefined;
  return {
    file,
    page,
    time,
    channel: at('ChannelIndex', 'channel') ?? 0,
    z: at('SliceIndex', 'z') ?? numberOf(metadata, 'Slice') ?? 0,
    position: at('PositionIndex', 'position') ?? 0,
    custom: '',
    metadata,
  };
}
