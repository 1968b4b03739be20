// Everything that CZ_LSMINFO points to, read once.

import type { ByteSource } from '../../src/core/contracts.js';
import {
  type ChannelLook,
  type LsmEvent,
  type LsmInfo,
  readApplicationTags,
  readChannelLook,
  readEvents,
  readPositions,
  readTimeStamps,
  readWavelengths,
} from './info.js';
import { readScan, type ScanNode } from './scan.js';

export interface LsmFacts {
  readonly look: ChannelLook;
  /** Seconds. */
  readonly stamps: readonly number[];
  readonly events: readonly LsmEvent[];
  /** Metres. */
  readonly bands: readonly (readonly [start: number, end: number])[];
  readonly positions: readonly (readonly [x: number, y: number, z: number])[];
  readonly tiles: readonly (readonly [x: number, y: number, z: number])[];
  readonly tags: readonly (readonly [key: string, value: string])[];
  readonly scan?: ScanNode;
}

export async function readFacts(source: ByteSource, info: LsmInfo): Promise<LsmFacts> {
  const scan = await readScan(source, info.offsets.ScanInformation);
  return {
    look: await readChannelLook(source, info),
    stamps: await readTimeStamps(source, info),
    events: await readEvents(source, info),
    bands: await readWavelengths(source, info),
    positions: await readPositions(source, info.offsets.Positions),
    tiles: await readPositions(source, info.offsets.TilePositions),
    tags: await readApplicationTags(source, info),
    ...(scan ? { scan } : {}),
  };
}
