// How deep to look, and for whom.

import { DEFAULT_LIMITS, type Limits } from '../core/limits.js';

export const CHECK_LEVELS = ['metadata', 'structure', 'pixels'] as const;
export type CheckLevel = (typeof CHECK_LEVELS)[number];

export const PROFILES = ['omero', 'idr', 'bia', 'viewer', 'strict'] as const;
export type Profile = (typeof PROFILES)[number];

export interface ValidateOptions {
  readonly level: CheckLevel;
  readonly profile?: Profile;
  readonly limits?: Limits;
  /** Threads that read pixels; default: the cores granted to this process, eight at most. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
}

export function limitsOf(options: ValidateOptions): Limits {
  return options.limits ?? DEFAULT_LIMITS;
}

/** True if `level` includes what `wanted` stands for. */
export function reaches(level: CheckLevel, wanted: CheckLevel): boolean {
  return CHECK_LEVELS.indexOf(level) >= CHECK_LEVELS.indexOf(wanted);
}
