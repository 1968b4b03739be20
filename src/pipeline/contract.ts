// What writers hand to the engine and get back. Everything in a ConvertJob is plain data that workers get once.

import type { Chain, ChunkFileAddress, ShardAddress } from '../core/blocks.js';
import type { Level } from '../core/contracts.js';
import type { Tczyx } from '../core/geometry.js';
import type { PixelType } from '../core/pixel-type.js';

/** Encoded chunks go to the job's StreamConsumer, in grid order of regions (single-file formats). */
export interface StreamAddress {
  readonly kind: 'stream';
}

/** One output resolution. Each is half as wide and high as the one before, rounded up. */
export interface OutputLevel {
  readonly shape: Tczyx;
  /** Pixels a chunk; never larger than the level needs. */
  readonly chunk: Tczyx;
  /** Chunks at the far edge are written at full size, padded with `fill`, or cut. */
  readonly edge: 'padded' | 'clipped';
  /**
   * How the chunk is stored, in reading direction (the engine encodes with the last codec first), so that the same description reads it back.
   */
  readonly chain: Chain;
  readonly address: ChunkFileAddress | ShardAddress | StreamAddress;
  /** Leave out chunks (and shards) that hold the fill value alone. */
  readonly skipFill: boolean;
  /** Take the pixels from this stored level of the source instead of computing them. */
  readonly reuse?: Level;
  /** Hand stored blocks on as they are: source grid = output grid, and the stored bytes are what the format wants (first level or reused ones). */
  readonly passthrough?: boolean;
}

/** Which planes and pixels of the source become the output; absent lists mean all, in order. */
export interface Selection {
  readonly t?: readonly number[];
  readonly c?: readonly number[];
  readonly z?: readonly number[];
  /** First row and column taken; the extent is that of output level 0. */
  readonly y: number;
  readonly x: number;
}

export type Reduction = 'mean' | 'nearest' | 'mode';

export interface ImageJob {
  readonly name: string;
  readonly source: Level;
  readonly type: PixelType;
  readonly select: Selection;
  readonly reduction: Reduction;
  /** Written where the source has no pixels. */
  readonly fill: number;
  /** Collect each channel's minimum, maximum and quantiles. */
  readonly stats: boolean;
  readonly outputs: readonly [OutputLevel, ...OutputLevel[]];
}

export interface ConvertJob {
  readonly images: readonly ImageJob[];
  /** Threads; 1 or a small job runs in the main thread. */
  readonly workers: number;
  /** Bytes that buffers of all workers together may take. */
  readonly memory: number;
  /** Refuse blocks that decode to more bytes than this. */
  readonly blockBytes: number;
  /** Folder for levels that a stream output cannot give back; made and removed by the engine. Needed for stream outputs with pyramids. */
  readonly spill?: string;
}

/** A block that was absent, unreadable or broken; its pixels hold the fill value. */
export interface LedgerRow {
  readonly image: number;
  /** Output level whose source it was: 0 unless levels are reused. */
  readonly level: number;
  /** Source coordinates. */
  readonly start: Tczyx;
  readonly shape: Tczyx;
  readonly code: string;
  readonly text: string;
}

export interface ChannelStats {
  /** Of level 0; +Infinity and -Infinity where no finite pixel exists. */
  readonly min: number;
  readonly max: number;
  /** 0.1 % and 99.9 % quantiles of the coarsest level. */
  readonly low: number;
  readonly high: number;
}

export interface JobResult {
  /** stats[image][channel]; empty where not asked for. */
  readonly stats: readonly (readonly ChannelStats[])[];
  readonly ledger: readonly LedgerRow[];
  /** Ledger rows beyond the first 10,000 are counted, not kept. */
  readonly damaged: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly chunks: number;
}

export interface StreamChunk {
  readonly image: number;
  readonly level: number;
  /** Grid position of the chunk. */
  readonly position: Tczyx;
  readonly bytes: Uint8Array;
}

/** Gets chunks one at a time, in an order that does not depend on the number of workers. */
export type StreamConsumer = (chunk: StreamChunk) => void | Promise<void>;

export interface RunProgress {
  /** Level-0 pixels of all images (source pixels done, of total). */
  readonly done: number;
  readonly total: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Called about ten times a second. */
  progress?(progress: RunProgress): void;
  readonly stream?: StreamConsumer;
}
