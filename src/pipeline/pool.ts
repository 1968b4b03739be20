// Worker threads of one job, phase by phase. A worker that fails or dies ends the job.

import { Worker } from 'node:worker_threads';
import { type Blame, ImgconvError, type Where } from '../core/errors.js';
import type { ConvertJob } from './contract.js';
import type { Control } from './control.js';
import type { Parcel } from './parcel.js';
import type { PhaseResult } from './phase-worker.js';
import type { ExecutionPlan } from './plan.js';
import { shareArrays } from './share.js';

export type WorkerMessage =
  | { readonly type: 'parcel'; readonly worker: number; readonly parcel: Parcel }
  | { readonly type: 'region'; readonly region: number }
  | { readonly type: 'phase'; readonly result: PhaseResult }
  | {
      readonly type: 'error';
      readonly blame: Blame;
      readonly code: string;
      readonly message: string;
      readonly where: Where;
      readonly stack: string;
    };

export interface PoolEvents {
  parcel(worker: number, parcel: Parcel): void;
  regionDone(region: number): void;
}

/** The bundle's worker lies beside it; run from source, the built one is used. */
export function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? '../../dist/worker.js' : './worker.js', import.meta.url);
}

export class Pool {
  readonly #workers: Worker[];
  #fail: (error: unknown) => void = () => {};

  constructor(job: ConvertJob, plan: ExecutionPlan, count: number, control: Control, events: PoolEvents) {
    const shared = shareArrays({ job, plan });
    this.#workers = Array.from({ length: count }, (_, worker) => {
      const thread = new Worker(workerUrl(), {
        workerData: { ...shared, memory: control.memory, worker },
        // Decoded pixels live in WASM memory; the heap of a worker stays small.
        resourceLimits: { maxYoungGenerationSizeMb: 8 },
      });
      thread.on('message', (message: WorkerMessage) => {
        if (message.type === 'parcel') events.parcel(message.worker, message.parcel);
        else if (message.type === 'region') events.regionDone(message.region);
        else if (message.type === 'error') {
          const error = new ImgconvError(message.blame, message.code, message.message, message.where);
          if (message.stack) error.stack = message.stack;
          this.#fail(error);
        }
      });
      thread.on('error', (error) =>
        this.#fail(new ImgconvError('internal', 'WORKER_CRASH', `a worker stopped: ${error.message}`, {}, error)),
      );
      thread.on('exit', (code) => {
        if (code !== 0) this.#fail(new ImgconvError('internal', 'WORKER_CRASH', `a worker ended with code ${code}`));
      });
      return thread;
    });
  }

  /** Run a phase on all workers. Rejects at the first failure. */
  run(phase: number): Promise<PhaseResult[]> {
    return new Promise((resolve, reject) => {
      const results: PhaseResult[] = [];
      this.#fail = reject;
      for (const worker of this.#workers) {
        const take = (message: WorkerMessage): void => {
          if (message.type !== 'phase') return;
          worker.off('message', take);
          results.push(message.result);
          if (results.length === this.#workers.length) resolve(results);
        };
        worker.on('message', take);
        worker.postMessage({ phase });
      }
    });
  }

  async close(): Promise<void> {
    this.#fail = () => {};
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
