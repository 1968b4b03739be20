// Runs a scan: in worker threads, or inline where starting them would cost more than the work. Results do not depend on the number of workers.

import { createHash, type Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Level } from '../../core/contracts.js';
import { type Blame, ImgconvError, type Where } from '../../core/errors.js';
import { pixelCount } from '../../core/geometry.js';
import { bytesPerSample } from '../../core/pixel-type.js';
import { deferOptimisation } from '../../kernels/tiering.js';
import { Control } from '../control.js';
import { shareArrays } from '../share.js';
import { Unpacker } from '../unpack.js';
import {
  addDifference,
  addSums,
  type LevelsResult,
  type LevelsWork,
  noDifference,
  noSums,
  type PlaneDifference,
  type PlanesResult,
  type PlanesWork,
  type ScanDamage,
  type ScanOptions,
  type ScanWork,
} from './contract.js';
import { ScanThread, type UnitPlane, type UnitResult } from './thread.js';
import { planUnits, type UnitPlan } from './units.js';

/** Less than this is read in the calling thread: starting a worker costs about 30 ms. */
const INLINE_BYTES = 24 * 2 ** 20;
/** Less than this is read before optimised kernels pay. */
const BRIEF_BYTES = 6 * 2 ** 20;
const TOLD = 1000;
/** Broken blocks that are told apart; beyond, each report counts. */
const DISTINCT = 1_000_000;

export type ScanMessage =
  | { readonly type: 'unit'; readonly result: UnitResult }
  | { readonly type: 'done' }
  | {
      readonly type: 'error';
      readonly blame: Blame;
      readonly code: string;
      readonly message: string;
      readonly where: Where;
      readonly stack: string;
    };

/** SHA-256 of all planes of each work, and where its two sides differ. Errors: those that are not damage of the input; CANCELLED. */
export async function scanPlanes(works: readonly PlanesWork[], options: ScanOptions): Promise<PlanesResult[]> {
  const gather = works.map((work) => new Planes(work));
  await scan(works, options, (work, result) => gather[work]!.add(result));
  return gather.map((each) => each.result());
}

/** Decode all blocks of each work's level and measure its agreement with the finer one. */
export async function scanLevels(works: readonly LevelsWork[], options: ScanOptions): Promise<LevelsResult[]> {
  const found = works.map(() => ({ sums: noSums(), damage: [[], []] as [ScanDamage[], ScanDamage[]] }));
  const seen = works.map(() => [new Set<number>(), new Set<number>()] as const);
  await scan(works, options, (work, { sums, damage }) => {
    if (sums) addSums(found[work]!.sums, sums);
    for (const each of damage) {
      const known = seen[work]![each.side];
      if (known.has(each.block) || known.size >= TOLD) continue;
      known.add(each.block);
      found[work]!.damage[each.side].push(each);
    }
  });
  return found.map(({ sums, damage }) => ({ sums, damage: damage.flat() }));
}

async function scan(
  works: readonly ScanWork[],
  options: ScanOptions,
  take: (work: number, result: UnitResult) => void,
): Promise<void> {
  const unpacker = new Unpacker(options.signal);
  const stop = (): void => control?.stop();
  let control: Control | undefined;
  try {
    const ready: ScanWork[] = [];
    for (const work of works) ready.push(await unpacked(work, unpacker));
    const bytes = works.reduce((sum, work) => sum + workBytes(work), 0);
    if (bytes < BRIEF_BYTES) deferOptimisation();
    const wanted = bytes < INLINE_BYTES ? 1 : options.workers;
    const plan = planUnits(ready, wanted);
    const workers = Math.min(wanted, plan.total);
    control = Control.create(Math.max(1, workers));
    options.signal?.addEventListener('abort', stop);
    options.signal?.throwIfAborted();
    // Units end in any order; what is made of them must not depend on it.
    const order = new Order(plan, control, take);
    if (workers <= 1) await inline(ready, plan, control, options, order);
    else await inWorkers(ready, plan, workers, control, options, order);
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await unpacker.remove();
  }
}

async function unpacked(work: ScanWork, unpacker: Unpacker): Promise<ScanWork> {
  const level = async (each: Level | undefined): Promise<Level | undefined> => each && unpacker.level(each);
  if (work.kind === 'planes') return { ...work, a: await unpacker.level(work.a), b: await level(work.b) };
  return { ...work, level: await unpacker.level(work.level), fine: await level(work.fine) };
}

function workBytes(work: ScanWork): number {
  const levels = work.kind === 'planes' ? [work.a, work.b] : [work.level, work.fine];
  return levels.reduce((sum, each) => sum + (each ? pixelCount(each.shape) * bytesPerSample(work.type) : 0), 0);
}

/** Hands results on in the order of their units. */
class Order {
  readonly #waiting = new Map<number, UnitResult>();
  #head = 0;
  #work = 0;

  constructor(
    readonly plan: UnitPlan,
    readonly control: Control,
    readonly take: (work: number, result: UnitResult) => void,
  ) {}

  add(result: UnitResult): void {
    this.#waiting.set(result.unit, result);
    for (let next = this.#waiting.get(this.#head); next; next = this.#waiting.get(this.#head)) {
      this.#waiting.delete(this.#head);
      while (this.#head >= this.plan.ends[this.#work]!) this.#work++;
      this.take(this.#work, next);
      this.#head++;
    }
    this.control.advance(this.#head);
  }
}

async function inline(
  works: readonly ScanWork[],
  plan: UnitPlan,
  control: Control,
  { blockBytes }: ScanOptions,
  order: Order,
): Promise<void> {
  const host = {
    control,
    window: 1,
    result: (result: UnitResult) => order.add(result),
    breathe: () => nextTurn(),
  };
  await new ScanThread(works, plan, host, blockBytes).run();
}

async function inWorkers(
  works: readonly ScanWork[],
  plan: UnitPlan,
  count: number,
  control: Control,
  { blockBytes }: ScanOptions,
  order: Order,
): Promise<void> {
  // Loaded here: little work does without threads.
  const [{ Worker }, { workerUrl }] = await Promise.all([import('node:worker_threads'), import('../pool.js')]);
  const scan = { ...shareArrays({ works, plan }), memory: control.memory, window: 2 * count, blockBytes };
  const threads = Array.from(
    { length: count },
    () => new Worker(workerUrl(), { workerData: { scan }, resourceLimits: { maxYoungGenerationSizeMb: 16 } }),
  );
  let left = count;
  await new Promise<void>((resolve, reject) => {
    for (const thread of threads) {
      thread.on('message', (message: ScanMessage) => {
        if (message.type === 'unit') order.add(message.result);
        else if (message.type === 'done') {
          if (--left === 0) resolve();
        } else {
          const error = new ImgconvError(message.blame, message.code, message.message, message.where);
          if (message.stack) error.stack = message.stack;
          reject(error);
        }
      });
      thread.on('error', (error) =>
        reject(new ImgconvError('internal', 'WORKER_CRASH', `a worker stopped: ${error.message}`, {}, error)),
      );
      thread.on('exit', (code) => {
        if (code !== 0) reject(new ImgconvError('internal', 'WORKER_CRASH', `a worker ended with code ${code}`));
      });
    }
  }).finally(async () => {
    control.stop();
    await Promise.all(threads.map((thread) => thread.terminate()));
  });
}

/** Puts planes together. */
class Planes {
  readonly #a: string[];
  readonly #b: string[];
  readonly #differences: PlaneDifference[];
  readonly #open = new Map<number, { a: Hash; b?: Hash; rows: number }>();
  readonly #broken = [new Set<number>(), new Set<number>()] as const;
  readonly #beyond = [0, 0];

  constructor(readonly work: PlanesWork) {
    const [t, c, z] = work.a.shape;
    this.#a = new Array<string>(t * c * z);
    this.#b = work.b ? new Array<string>(t * c * z) : [];
    this.#differences = work.b ? Array.from({ length: t * c * z }, noDifference) : [];
  }

  add({ planes, broken }: UnitResult): void {
    for (const side of [0, 1] as const) {
      for (const block of broken[side]) {
        const known = this.#broken[side];
        if (known.size < DISTINCT) known.add(block);
        else if (!known.has(block)) this.#beyond[side]!++;
      }
    }
    for (const plane of planes ?? []) {
      for (const part of plane.differences ?? []) addDifference(this.#differences[plane.plane]!, part);
      if (plane.a) this.#band(plane, plane.a);
      else {
        this.#a[plane.plane] = plane.sha256A!;
        if (plane.sha256B !== undefined) this.#b[plane.plane] = plane.sha256B;
      }
    }
  }

  /** Bands come in order, so that a plane's hash can go on from one to the next. */
  #band({ plane, b }: UnitPlane, a: Uint8Array): void {
    const [, , , sizeY, sizeX] = this.work.a.shape;
    const state = this.#open.get(plane) ?? { a: createHash('sha256'), rows: 0 };
    this.#open.set(plane, state);
    if (b) state.b ??= state.a.copy();
    state.b?.update(b ?? a);
    state.a.update(a);
    state.rows += a.length / (sizeX * bytesPerSample(this.work.type));
    if (state.rows < sizeY) return;
    this.#a[plane] = state.a.digest('hex');
    if (this.work.b) this.#b[plane] = state.b ? state.b.digest('hex') : this.#a[plane]!;
    this.#open.delete(plane);
  }

  result(): PlanesResult {
    const damaged = [0, 1].map((side) => this.#broken[side as 0 | 1].size + this.#beyond[side]!);
    return {
      sha256A: this.#a,
      sha256B: this.#b,
      differences: this.#differences,
      damaged: damaged as unknown as [number, number],
    };
  }
}
