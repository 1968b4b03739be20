// Opens an input the way the program does and reads a little of its images: a damaged one may give values or a clear error, nothing else.

import { openInput } from '../app.js';
import type { Dataset } from '../core/contracts.js';
import { ImgconvError } from '../core/errors.js';
import type { Tczyx } from '../core/geometry.js';
import { DEFAULT_LIMITS, type Limits } from '../core/limits.js';
import { LevelReader } from '../pipeline/read.js';

/** Far below the defaults, so that what a reader fails to check shows as memory taken. */
export const SMALL_LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  directories: 100_000,
  images: 1000,
  blockBytes: 2 ** 26,
  metadataBytes: 2 ** 24,
};
const EDGE = 32;
const IMAGES = 4;

export interface Outcome {
  /** 'values', the code of a clear error, or 'bug'. */
  readonly result: string;
  /** One line for a bug, the same for the same bug. */
  readonly bug?: string;
  readonly stack?: string;
}

/** The first corner, the last one, and the middle of the middle plane of the largest and the smallest level. */
export async function readCorners({ images }: Dataset): Promise<void> {
  for (const { levels, type } of images.slice(0, IMAGES)) {
    for (const level of new Set([levels[0], levels.at(-1)!])) {
      const { shape } = level;
      const box = shape.map((n, axis) => (axis < 3 ? 1 : Math.min(n, EDGE))) as unknown as Tczyx;
      const reader = new LevelReader(level, type, { damage: () => undefined, blockBytes: SMALL_LIMITS.blockBytes });
      try {
        for (const part of [0, 0.5, 1]) {
          const start = shape.map((n, axis) => Math.floor((n - box[axis]!) * part)) as unknown as Tczyx;
          await reader.read({ start, shape: box });
        }
      } finally {
        reader.close();
      }
    }
  }
}

function judge(error: unknown): Outcome {
  const shown = error instanceof Error ? error : new Error(String(error));
  const clear = error instanceof ImgconvError && error.blame !== 'internal';
  if (clear && !shown.message.includes('\n')) return { result: error.code };
  const code = error instanceof ImgconvError ? `${error.blame} ${error.code}` : shown.name;
  const line = shown.message.split('\n')[0]!.replace(/\d+/g, 'N').slice(0, 120);
  return { result: 'bug', bug: `${clear ? 'message of several lines: ' : ''}${code}: ${line}`, stack: shown.stack };
}

/** `reader`: id, where the content is not to decide. */
export async function readDamaged(path: string, reader?: string): Promise<Outcome> {
  try {
    const input = await openInput(path, { reader, limits: SMALL_LIMITS });
    try {
      await readCorners(input.dataset);
    } finally {
      await input.tree.close();
    }
    return { result: 'values' };
  } catch (error) {
    return judge(error);
  }
}
