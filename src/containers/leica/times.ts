// Times of planes: Windows file times (100 ns since 1601), as text of hexadecimal numbers or as high and low words.

import { child, children, numberAttribute, type XmlElement } from '../xml/element.js';
import { type Dimension, type Layout, sizeOf } from './layout.js';

/** 100 ns from 1601 to 1970. */
const EPOCH = 116444736000000000n;

function words(element: XmlElement): bigint | undefined {
  const high = numberAttribute(element, 'HighInteger');
  const low = numberAttribute(element, 'LowInteger');
  if (high === undefined || low === undefined || high < 0 || low < 0) return undefined;
  return (BigInt(Math.trunc(high)) << 32n) + BigInt(Math.trunc(low));
}

/** File times in stored order. */
export function readTimes(image: XmlElement): bigint[] {
  const list = child(image, 'TimeStampList');
  if (!list) return [];
  const elements = children(list, 'TimeStamp');
  if (elements.length > 0) return elements.map(words).filter((time): time is bigint => time !== undefined);
  return list.text
    .split(/\s+/)
    .filter((text) => /^[0-9a-f]{1,16}$/i.test(text))
    .map((text) => BigInt(`0x${text}`));
}

/** 'yyyy-mm-ddThh:mm:ss', without a zone: the files do not tell it. */
export function dateOf(time: bigint | undefined): string | undefined {
  if (time === undefined || time <= EPOCH) return undefined;
  const date = new Date(Number((time - EPOCH) / 10_000n));
  return Number.isFinite(date.getTime()) && date.getUTCFullYear() < 3000 ? date.toISOString().slice(0, 19) : undefined;
}

export function secondsBetween(first: bigint, time: bigint): number {
  return Number(time - first) / 1e7;
}

/**
 * Number of the time stamp that belongs to a plane: one a plane in the order of the stored bytes, channels among them or not; or one a time
 * point. Undefined where the number of stamps fits neither.
 */
export function stampIndex(
  layout: Layout,
  stamps: number,
): ((tile: number, t: number, c: number, z: number) => number) | undefined {
  const channels = layout.channels.length;
  const planes = sizeOf([...layout.t, ...layout.z, ...layout.tiles]);
  if (stamps === 0 || planes === 0) return undefined;
  if (stamps === sizeOf(layout.t) && stamps !== planes) return (_tile, t) => t;
  const withChannels = stamps === planes * channels;
  if (!withChannels && stamps !== planes) return undefined;
  type Kind = 'tile' | 't' | 'c' | 'z';
  const order: { kind: Kind; size: number; step: number }[] = [
    ...layout.t.map((each) => ({ kind: 't' as const, ...only(each) })),
    ...layout.z.map((each) => ({ kind: 'z' as const, ...only(each) })),
    ...layout.tiles.map((each) => ({ kind: 'tile' as const, ...only(each) })),
  ];
  if (withChannels && channels > 1) {
    const step = Math.abs(layout.channels[1]!.offset - layout.channels[0]!.offset);
    order.push({ kind: 'c', size: channels, step });
  }
  order.sort((a, b) => a.step - b.step);
  return (tile, t, c, z) => {
    const rest = { tile, t, c, z };
    let index = 0;
    let weight = 1;
    for (const { kind, size } of order) {
      index += (rest[kind] % size) * weight;
      rest[kind] = Math.floor(rest[kind] / size);
      weight *= size;
    }
    return index;
  };
}

function only({ size, step }: Dimension): { size: number; step: number } {
  return { size, step };
}
