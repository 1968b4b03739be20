// Do the pixels of a level belong to those of the one before? Whatever method made it (mean, nearest, mode, Gaussian, cubic …), a pixel lies
// between the smallest and the largest of the pixels around its place, and the level follows the block means of the finer one.

import type { Level } from '../core/contracts.js';
import type { PixelType } from '../core/pixel-type.js';
import { grantedCores } from '../io/cores.js';
import type { AgreementSums, ScanDamage } from '../pipeline/scan/contract.js';
import { scanLevels } from '../pipeline/scan/run.js';
import type { ValidateOptions } from './options.js';

export interface Agreement {
  /** Pixels compared: all but those next to NaN or infinity. */
  readonly pixels: number;
  /** Share of pixels that lie between the extremes of their surroundings in the finer level. */
  readonly inside: number;
  /** Correlation with block means; undefined where either is constant. */
  readonly correlation: number | undefined;
}

function agreementOf({ n, inside, a, b, aa, bb, ab }: AgreementSums): Agreement {
  if (n === 0) return { pixels: 0, inside: 1, correlation: undefined };
  const va = aa / n - (a / n) ** 2;
  const vb = bb / n - (b / n) ** 2;
  const flat = (v: number, mean: number): boolean => !(v > 1e-9 * Math.max(1, mean * mean));
  const constant = flat(va, a / n) || flat(vb, b / n);
  return {
    pixels: n,
    inside: inside / n,
    correlation: constant ? undefined : (ab / n - (a / n) * (b / n)) / Math.sqrt(va * vb),
  };
}

/** Threads beyond these wait for memory and disks. */
const MOST_WORKERS = 8;

/** What was found in one level. */
export interface LevelPixels {
  /** Blocks that do not decode; side 0: of the level, 1: of the finer one. */
  readonly damage: readonly ScanDamage[];
  /** What is wrong with its pixels as a whole; undefined: nothing, or too much is broken to say. */
  readonly wrong: string | undefined;
}

/** Decode every block of a level; with the finer one before it, compare all its pixels with what they stand for. */
export async function checkLevelPixels(
  level: Level,
  fine: Level | undefined,
  type: PixelType,
  { signal, workers }: Pick<ValidateOptions, 'signal' | 'workers'>,
): Promise<LevelPixels> {
  const options = { workers: workers ?? Math.min(MOST_WORKERS, grantedCores()), signal };
  const [found] = await scanLevels([{ kind: 'levels', type, level, fine }], options);
  const { sums, damage } = found!;
  return { damage, wrong: fine && damage.length === 0 ? disagreement(agreementOf(sums)) : undefined };
}

/** What is wrong with a level, judged by its agreement with the one before; undefined: nothing. */
function disagreement({ pixels, inside, correlation }: Agreement): string | undefined {
  if (inside < 0.9)
    return `${Math.round((1 - inside) * 100)} % of its pixels lie outside the range of those they stand for`;
  // Picked pixels of pure noise follow the block means with 0.5 at factor 2 and 0.25 at factor 4.
  if (correlation !== undefined && pixels >= 256 && correlation < 0.1)
    return `its pixels do not follow those of the level before (correlation ${correlation.toFixed(2)})`;
  return undefined;
}
