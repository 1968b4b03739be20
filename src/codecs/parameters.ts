// Parameters of codec steps, checked.

import type { CodecStep } from '../core/blocks.js';
import { ImgconvError } from '../core/errors.js';

function wrong(step: CodecStep, name: string): ImgconvError {
  return new ImgconvError('internal', 'CODEC_PARAMETER', `codec ${step.id}: ${name} is ${String(step[name])}`);
}

/** A whole number between `min` and `max`. */
export function whole(step: CodecStep, name: string, fallback: number, min: number, max: number): number {
  const value = step[name] ?? fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) throw wrong(step, name);
  return value;
}

/** Any finite number. */
export function real(step: CodecStep, name: string, fallback: number): number {
  const value = step[name] ?? fallback;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(step, name);
  return value;
}

export function flag(step: CodecStep, name: string): boolean {
  return step[name] === true || step[name] === 1;
}

/** One of a few words. */
export function word<T extends string>(step: CodecStep, name: string, words: readonly T[], fallback: T): T {
  const value = step[name] ?? fallback;
  if (!words.includes(value as T)) throw wrong(step, name);
  return value as T;
}
