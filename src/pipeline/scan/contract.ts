// Reading without writing: what programs that compare, hash or check ask the engine for. Plain data that workers get once.

import type { Level } from '../../core/contracts.js';
import type { Tczyx } from '../../core/geometry.js';
import type { PixelType } from '../../core/pixel-type.js';

/** SHA-256 of every plane of `a`; with `b`, which has the same shape and type, also where the two differ. */
export interface PlanesWork {
  readonly kind: 'planes';
  readonly type: PixelType;
  readonly a: Level;
  readonly b?: Level;
}

/** Decode all blocks of a level; with `fine`, the level before it, also measure how far the two agree. */
export interface LevelsWork {
  readonly kind: 'levels';
  readonly type: PixelType;
  readonly level: Level;
  readonly fine?: Level;
}

export type ScanWork = PlanesWork | LevelsWork;

export interface ScanOptions {
  /** Threads; 1 or little work runs in the calling thread. */
  readonly workers: number;
  /** Refuse blocks that decode to more bytes than this. */
  readonly blockBytes?: number;
  readonly signal?: AbortSignal;
}

/** A block that is absent, unreadable or broken. */
export interface ScanDamage {
  /** 0: `a` or `level`, 1: `b` or `fine`. */
  readonly side: 0 | 1;
  readonly block: number;
  readonly start: Tczyx;
  readonly code: string;
  readonly text: string;
}

/** How two planes differ, or two parts of them. */
export interface PlaneDifference {
  /** Pixels that differ. */
  different: number;
  largest: number;
  /** Sum of squared differences. */
  squares: number;
  /** First pixel that differs, row by row; -1: none. */
  firstY: number;
  firstX: number;
  /** Box of all pixels that differ. */
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** Range of finite values of A; of floating point only. */
  low: number;
  high: number;
}

/** Sums over the pixels of a level and those of the finer one that they stand for. */
export interface AgreementSums {
  n: number;
  /** Pixels between the extremes of their surroundings. */
  inside: number;
  a: number;
  b: number;
  aa: number;
  bb: number;
  ab: number;
}

export interface PlanesResult {
  /** Planes in the order t, c, z. */
  readonly sha256A: readonly string[];
  /** Equal to `sha256A` where the plane has no different byte; empty without `b`. */
  readonly sha256B: readonly string[];
  /** Empty without `b`. */
  readonly differences: readonly PlaneDifference[];
  /** Blocks that are absent or broken, each counted once. */
  readonly damaged: readonly [a: number, b: number];
}

export interface LevelsResult {
  readonly sums: AgreementSums;
  /** The first thousand of each side. */
  readonly damage: readonly ScanDamage[];
}

export function noDifference(): PlaneDifference {
  return {
    different: 0,
    largest: 0,
    squares: 0,
    firstY: -1,
    firstX: -1,
    left: Number.POSITIVE_INFINITY,
    top: Number.POSITIVE_INFINITY,
    right: -1,
    bottom: -1,
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
  };
}

/** Add what a later part of the plane gave. */
export function addDifference(sum: PlaneDifference, part: PlaneDifference): void {
  sum.different += part.different;
  sum.largest = Math.max(sum.largest, part.largest);
  sum.squares += part.squares;
  if (sum.firstY < 0) {
    sum.firstY = part.firstY;
    sum.firstX = part.firstX;
  }
  sum.left = Math.min(sum.left, part.left);
  sum.top = Math.min(sum.top, part.top);
  sum.right = Math.max(sum.right, part.right);
  sum.bottom = Math.max(sum.bottom, part.bottom);
  sum.low = Math.min(sum.low, part.low);
  sum.high = Math.max(sum.high, part.high);
}

export function noSums(): AgreementSums {
  return { n: 0, inside: 0, a: 0, b: 0, aa: 0, bb: 0, ab: 0 };
}

export function addSums(sum: AgreementSums, part: AgreementSums): void {
  for (const key of Object.keys(sum) as (keyof AgreementSums)[]) sum[key] += part[key];
}
