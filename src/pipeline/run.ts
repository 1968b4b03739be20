// Runs a job: in worker threads, or inline where starting them would cost more than the work.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { pixelCount } from '../core/geometry.js';
import { bytesPerSample } from '../core/pixel-type.js';
import { removeFolder } from '../io/output-files.js';
import { calmOptimisation, deferOptimisation } from '../kernels/tiering.js';
import type { ConvertJob, JobResult, LedgerRow, RunOptions, StreamChunk, StreamConsumer } from './contract.js';
import { Control } from './control.js';
import { type PhaseResult, PhaseWorker } from './phase-worker.js';
import { planExecution } from './plan.js';
import { finishStats, mergeStats, type RawStats } from './statistics.js';
import { Unpacker } from './unpack.js';

/** Jobs smaller than this run in the main thread: starting a worker costs about 30 ms. */
const INLINE_BYTES = 12 * 2 ** 20;
/** Jobs smaller than this are done before optimised kernels pay. */
const BRIEF_BYTES = 6 * 2 ** 20;
const PROGRESS_MS = 100;
const LEDGER_ROWS = 10_000;

/** Puts the chunks of a stream into the order of their regions and hands them on one at a time. */
class StreamOrder {
  readonly #waiting = new Map<number, { chunks: { chunk: StreamChunk; release: () => void }[]; done: boolean }>();
  #head = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(
    readonly consumer: StreamConsumer,
    readonly control: Control,
    readonly fail: (error: unknown) => void,
  ) {}

  #entry(region: number): { chunks: { chunk: StreamChunk; release: () => void }[]; done: boolean } {
    let entry = this.#waiting.get(region);
    if (!entry) {
      entry = { chunks: [], done: false };
      this.#waiting.set(region, entry);
    }
    return entry;
  }

  add(region: number, chunk: StreamChunk, release: () => void): void {
    this.#entry(region).chunks.push({ chunk, release });
    this.#pump();
  }

  done(region: number): void {
    this.#entry(region).done = true;
    this.#pump();
  }

  #pump(): void {
    for (let entry = this.#waiting.get(this.#head); entry; entry = this.#waiting.get(this.#head)) {
      for (const { chunk, release } of entry.chunks.splice(0)) {
        this.#tail = this.#tail.then(async () => {
          await this.consumer(chunk);
          release();
        });
        this.#tail.catch(this.fail);
      }
      if (!entry.done) return;
      this.#waiting.delete(this.#head);
      this.#head++;
      this.control.advance(this.#head);
    }
  }

  /** All that was handed on is consumed; a new phase may begin. */
  async drained(): Promise<void> {
    await this.#tail;
    this.#head = 0;
  }
}

/**
 * Convert. The bytes written do not depend on the number of workers. Errors: those of codecs and files that are not damage of the input;
 * CANCELLED when the signal fires.
 */
export async function runJob(job: ConvertJob, options: RunOptions = {}): Promise<JobResult> {
  const unpacker = new Unpacker(options.signal);
  try {
    return await runUnpacked(await unpacker.job(job), options);
  } finally {
    await unpacker.remove();
  }
}

async function runUnpacked(job: ConvertJob, options: RunOptions): Promise<JobResult> {
  calmOptimisation();
  const plan = planExecution(job);
  const bytes = job.images.reduce(
    (sum, image) => sum + pixelCount(image.outputs[0].shape) * bytesPerSample(image.type),
    0,
  );
  if (bytes < BRIEF_BYTES) deferOptimisation();
  const regions = Math.max(...plan.phases.map((passes) => passes.reduce((sum, pass) => sum + pass.regions, 0)));
  // Fewer workers where the buffers of all of them would not fit.
  const fitting = Math.max(1, Math.floor(job.memory / plan.workerBytes));
  const workers = bytes < INLINE_BYTES ? 1 : Math.min(job.workers, regions, fitting);
  const control = Control.create(workers);
  const total = job.images.reduce((sum, image) => sum + pixelCount(image.outputs[0].shape), 0);
  const report = (): void => {
    const { pixels, read, written } = control.totals();
    options.progress?.({ done: pixels, total, bytesRead: read, bytesWritten: written });
  };
  const timer = options.progress ? setInterval(report, PROGRESS_MS) : undefined;
  const stop = (): void => control.stop();
  options.signal?.addEventListener('abort', stop);
  if (options.signal?.aborted) stop();
  try {
    const results =
      workers > 1 ? await inWorkers(job, plan, workers, control, options) : await inline(job, plan, control, options);
    report();
    return collect(job, results, control);
  } finally {
    clearInterval(timer);
    options.signal?.removeEventListener('abort', stop);
    if (job.spill) removeFolder(job.spill);
  }
}

async function inline(
  job: ConvertJob,
  plan: ReturnType<typeof planExecution>,
  control: Control,
  options: RunOptions,
): Promise<PhaseResult[]> {
  const results: PhaseResult[] = [];
  const queue: StreamChunk[] = [];
  const drain = async (): Promise<void> => {
    for (const chunk of queue.splice(0)) await options.stream?.(chunk);
  };
  const thread = new PhaseWorker(job, plan, {
    worker: 0,
    control,
    chunk: (_, image, level, position, bytes) => queue.push({ image, level, position, bytes: bytes.slice() }),
    regionDone: (region) => control.advance(region + 1),
    async breathe() {
      await drain();
      await nextTurn();
    },
  });
  for (let phase = 0; phase < plan.phases.length; phase++) {
    control.rewind();
    results.push(await thread.run(phase));
    await drain();
  }
  return results;
}

async function inWorkers(
  job: ConvertJob,
  plan: ReturnType<typeof planExecution>,
  workers: number,
  control: Control,
  options: RunOptions,
): Promise<PhaseResult[]> {
  let abandon: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    abandon = reject;
  });
  failed.catch(() => {});
  const order = options.stream && new StreamOrder(options.stream, control, (error) => abandon(error));
  // Loaded here: small jobs do without threads, and Node takes 2 ms to load what they need.
  const { Pool } = await import('./pool.js');
  const pool = new Pool(job, plan, workers, control, {
    parcel(worker, { region, chunks, bytes }) {
      for (const { image, level, position, offset, length } of chunks) {
        const piece = bytes.subarray(offset, offset + length);
        order?.add(region, { image, level, position, bytes: piece }, () => control.dequeue(worker, length));
      }
    },
    regionDone: (region) => order?.done(region),
  });
  try {
    const results: PhaseResult[] = [];
    for (let phase = 0; phase < plan.phases.length; phase++) {
      control.rewind();
      results.push(...(await Promise.race([pool.run(phase), failed])));
      await Promise.race([order?.drained(), failed]);
    }
    return results;
  } catch (error) {
    control.stop();
    throw error;
  } finally {
    await pool.close();
  }
}

function collect(job: ConvertJob, results: readonly PhaseResult[], control: Control): JobResult {
  const ledger = new Map<string, LedgerRow>();
  let beyond = 0;
  const stats = new Map<number, RawStats[]>();
  for (const result of results) {
    for (const row of result.ledger) ledger.set(`${row.image} ${row.level} ${row.start.join()} ${row.code}`, row);
    beyond += result.damaged - result.ledger.length;
    for (const [image, raw] of result.stats) {
      const known = stats.get(image) ?? [];
      mergeStats(known, raw);
      stats.set(image, known);
    }
  }
  const rows = [...ledger.values()].sort((a, b) => a.image - b.image || a.level - b.level || compare(a.start, b.start));
  const { read, written, chunks } = control.totals();
  return {
    stats: job.images.map((image, i) => (image.stats ? (stats.get(i) ?? []).map(finishStats) : [])),
    ledger: rows.slice(0, LEDGER_ROWS),
    damaged: rows.length + beyond,
    bytesRead: read,
    bytesWritten: written,
    chunks,
  };
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
