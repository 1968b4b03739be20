// One thread's part in a job: claims regions of a phase and converts them. The same code runs in workers and, for small jobs, inline.

import type { Chain } from '../core/blocks.js';
import { ImgconvError } from '../core/errors.js';
import type { Tczyx } from '../core/geometry.js';
import { FilePool } from '../io/files.js';
import { loadKernels } from '../kernels/load.js';
import { Codecs } from './codecs.js';
import type { ConvertJob, LedgerRow } from './contract.js';
import type { Control } from './control.js';
import { type ExecutionPlan, type Pass, regionOf } from './plan.js';
import type { Damage } from './region-reader.js';
import { RegionRunner, type RunnerHost } from './region-runner.js';
import { mergeStats, type RawStats } from './statistics.js';

export interface PhaseResult {
  readonly ledger: readonly LedgerRow[];
  readonly damaged: number;
  /** By image number. */
  readonly stats: ReadonlyMap<number, readonly RawStats[]>;
}

/** Ledger rows that one worker keeps. */
const LEDGER_ROWS = 10_000;

export interface ThreadHost {
  /** Number of this worker. */
  readonly worker: number;
  readonly control: Control;
  /** A region of a stream begins or ends; chunks in between are its. `bytes` is only valid during the call. */
  chunk?(region: number, image: number, level: number, position: Tczyx, bytes: Uint8Array): void;
  regionDone?(region: number): void;
  /** Lets the event loop run (inline only). */
  breathe?(): Promise<void>;
}

export const CANCELLED = new ImgconvError('internal', 'CANCELLED', 'cancelled');

export class PhaseWorker {
  readonly #files = new FilePool();
  readonly #codecs = new Codecs();
  #pixels = 0;
  #read = 0;
  #written = 0;
  #chunks = 0;

  constructor(
    readonly job: ConvertJob,
    readonly plan: ExecutionPlan,
    readonly host: ThreadHost,
  ) {}

  /** Convert regions until none is left. */
  async run(phase: number): Promise<PhaseResult> {
    const passes = this.plan.phases[phase]!;
    await this.#codecs.prepare(this.#chains(passes));
    const kernels = await loadKernels();
    const ledger: LedgerRow[] = [];
    const seen = new Set<string>();
    const stats = new Map<number, RawStats[]>();
    const { control, worker } = this.host;
    const streams = passes.some((pass) =>
      this.job.images[pass.image]!.outputs.some((o) => o.address.kind === 'stream'),
    );
    let runner: RegionRunner | undefined;
    let current: Pass | undefined;
    let region = -1;

    const host: RunnerHost = {
      kernels,
      files: this.#files,
      codecs: this.#codecs,
      sampledChannels: this.job.images.reduce(
        (sum, { stats: wanted, outputs }) => sum + (wanted ? outputs[0].shape[1] : 0),
        0,
      ),
      damage: (image, level, damage) => {
        const row = ledgerRow(image, level, damage);
        const key = `${image} ${level} ${row.start.join()} ${row.code}`;
        if (seen.has(key)) return;
        seen.add(key);
        if (ledger.length < LEDGER_ROWS) ledger.push(row);
      },
      chunk: (image, level, position, bytes) => this.host.chunk?.(region, image, level, position, bytes),
      pause: (pixels) => {
        this.#pixels += pixels;
        const now = runner;
        control.count(
          worker,
          this.#pixels,
          this.#read + (now?.bytesRead ?? 0),
          this.#written + (now?.bytesWritten ?? 0),
          this.#chunks + (now?.chunks ?? 0),
        );
        if (control.stopped) throw CANCELLED;
        return this.host.breathe?.();
      },
    };
    const finish = (): void => {
      if (!runner || !current) return;
      this.#read += runner.bytesRead;
      this.#written += runner.bytesWritten;
      this.#chunks += runner.chunks;
      control.count(worker, this.#pixels, this.#read, this.#written, this.#chunks);
      const known = stats.get(current.image) ?? [];
      mergeStats(known, runner.stats);
      stats.set(current.image, known);
      runner = undefined;
    };

    // Cumulative region counts, so that a claimed number finds its pass.
    const ends: number[] = [];
    let total = 0;
    for (const pass of passes) {
      total += pass.regions;
      ends.push(total);
    }
    let at = 0;
    try {
      for (region = control.claim(); region < total; region = control.claim()) {
        if (streams) control.awaitWindow(region);
        if (control.stopped) throw CANCELLED;
        while (region >= ends[at]!) at++;
        const pass = passes[at]!;
        if (pass !== current) {
          finish();
          current = pass;
          runner = new RegionRunner(this.job, pass, host);
        }
        const shape = this.job.images[pass.image]!.outputs[pass.first]!.shape;
        await runner!.run(regionOf(pass, region - (ends[at]! - pass.regions), shape));
        this.host.regionDone?.(region);
      }
      finish();
    } catch (error) {
      runner?.abort();
      throw error;
    }
    this.#files.close();
    return { ledger, damaged: seen.size, stats };
  }

  *#chains(passes: readonly Pass[]): Iterable<Chain> {
    for (const pass of passes) {
      yield* pass.source.blocks.chains;
      for (const output of this.job.images[pass.image]!.outputs.slice(pass.first, pass.last + 1)) yield output.chain;
    }
  }
}

function ledgerRow(image: number, level: number, damage: Damage): LedgerRow {
  const { start, shape } = damage.region;
  return { image, level, start, shape, code: damage.code, text: damage.text };
}
