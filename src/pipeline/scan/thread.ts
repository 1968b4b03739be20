// One thread's part in a scan: claims units, reads them, and says what it found. The same code runs in workers and, for little work, inline.

import { createHash, type Hash } from 'node:crypto';
import type { Chain } from '../../core/blocks.js';
import type { Level } from '../../core/contracts.js';
import { ImgconvError } from '../../core/errors.js';
import type { Region, Tczyx } from '../../core/geometry.js';
import { DEFAULT_LIMITS } from '../../core/limits.js';
import { bytesPerSample, type PixelType } from '../../core/pixel-type.js';
import { FilePool } from '../../io/files.js';
import type { Kernels } from '../../kernels/kernels.js';
import { loadKernels } from '../../kernels/load.js';
import { Codecs } from '../codecs.js';
import type { Control } from '../control.js';
import { RegionReader } from '../region-reader.js';
import { fineBox, makeSpans, measure, type Spans } from './agreement.js';
import {
  type AgreementSums,
  type LevelsWork,
  noDifference,
  noSums,
  type PlaneDifference,
  type PlanesWork,
  type ScanDamage,
  type ScanWork,
} from './contract.js';
import { compareBands } from './difference.js';
import { type BoxCut, boxAt, groupAt, type PlaneCut, type UnitPlan } from './units.js';

/** Decoded blocks kept for the next rows, a side. */
const CACHE_BYTES = 48 * 2 ** 20;
/** Damage told in full, a unit. */
const TOLD = 1000;

/** One plane of a unit, or of its band. */
export interface UnitPlane {
  /** Number of the plane: t, c, z in C order. */
  readonly plane: number;
  /** One a band, in order; absent where one side alone is read. */
  readonly differences?: readonly PlaneDifference[];
  /** Of whole planes. */
  readonly sha256A?: string;
  readonly sha256B?: string;
  /** Of bands, whose hash is taken by the caller; `b` where it is not `a`. */
  readonly a?: Uint8Array;
  readonly b?: Uint8Array;
}

export interface UnitResult {
  readonly unit: number;
  readonly planes?: readonly UnitPlane[];
  readonly sums?: AgreementSums;
  /** Numbers of broken blocks, a side. */
  readonly broken: readonly [readonly number[], readonly number[]];
  readonly damage: readonly ScanDamage[];
}

export interface ScanHost {
  readonly control: Control;
  /** Bands that may be on their way to the caller. */
  readonly window: number;
  result(result: UnitResult): void;
  /** Lets the event loop run (inline only). */
  breathe?(): Promise<void>;
}

/** A reader of one level, and what was broken since it was last asked. */
class Side {
  #damage: ScanDamage[] = [];
  #broken = new Set<number>();
  readonly #reader: RegionReader;

  constructor(
    readonly side: 0 | 1,
    level: Level,
    readonly type: PixelType,
    readonly kernels: Kernels,
    files: FilePool,
    codecs: Codecs,
    blockBytes: number,
  ) {
    this.#reader = new RegionReader(level, type, kernels, files, codecs, {
      fill: 0,
      maxBytes: blockBytes,
      cacheBytes: CACHE_BYTES,
      damage: ({ block, region, code, text }) => {
        if (!this.#broken.has(block) && this.#damage.length < TOLD)
          this.#damage.push({ side, block, start: region.start, code, text });
        this.#broken.add(block);
      },
    });
  }

  /** Pixels of a box, in kernel memory: C order c, z, y, x, one time point after the other. Valid until memory grows. */
  async read({ start, shape }: Region): Promise<number> {
    const size = bytesPerSample(this.type);
    const [nt, nc, nz, ny, nx] = shape;
    const bytes = nc * nz * ny * nx * size;
    const ptr = this.kernels.scratch(`scan-${this.side}`, bytes * nt);
    const strides = { y: nx * size, z: ny * nx * size, c: nz * ny * nx * size };
    for (let t = 0; t < nt; t++) {
      const at: Tczyx = [start[0] + t, start[1], start[2], start[3], start[4]];
      await this.#reader.read({ start: at, shape: [1, nc, nz, ny, nx] }, ptr + t * bytes, strides);
    }
    return ptr;
  }

  /** What was broken since the last call. */
  take(): { readonly broken: readonly number[]; readonly damage: readonly ScanDamage[] } {
    const taken = { broken: [...this.#broken], damage: this.#damage };
    this.#broken = new Set();
    this.#damage = [];
    return taken;
  }
}

interface PlaneState {
  a: Hash;
  /** Where it is no longer the same as `a`. */
  b?: Hash;
  readonly differences: PlaneDifference[];
}

export class ScanThread {
  readonly #files = new FilePool();
  readonly #codecs = new Codecs();
  #kernels: Kernels | undefined;

  constructor(
    readonly works: readonly ScanWork[],
    readonly plan: UnitPlan,
    readonly host: ScanHost,
    readonly blockBytes = DEFAULT_LIMITS.blockBytes,
  ) {}

  /** Do units until none is left. */
  async run(): Promise<void> {
    await this.#codecs.prepare(this.#chains());
    this.#kernels = await loadKernels();
    const { control, window } = this.host;
    const { ends, cuts, total, split } = this.plan;
    let at = 0;
    let sides: readonly Side[] = [];
    let spans: readonly Spans[] = [];
    let current = -1;
    try {
      for (let unit = control.claim(); unit < total; unit = control.claim()) {
        if (split) control.awaitWindow(unit, window);
        if (control.stopped) throw new ImgconvError('internal', 'CANCELLED', 'cancelled');
        while (unit >= ends[at]!) at++;
        const work = this.works[at]!;
        const cut = cuts[at]!;
        if (at !== current) {
          current = at;
          sides = this.#open(work);
          spans = work.kind === 'levels' ? spansOf(work) : [];
        }
        const local = unit - (at > 0 ? ends[at - 1]! : 0);
        const found =
          work.kind === 'planes' && cut.kind === 'planes'
            ? { planes: await this.#planes(work, cut.cut, local, sides) }
            : { sums: await this.#box(work as LevelsWork, cut.cut as BoxCut, local, sides, spans) };
        const [a, b] = sides.map((side) => side.take());
        const damage = work.kind === 'planes' ? [] : [...a!.damage, ...(b?.damage ?? [])];
        this.host.result({ unit, ...found, broken: [a!.broken, b?.broken ?? []], damage });
        await this.host.breathe?.();
      }
    } finally {
      this.#files.close();
    }
  }

  *#chains(): Iterable<Chain> {
    for (const work of this.works) {
      yield* work.kind === 'planes' ? work.a.blocks.chains : work.level.blocks.chains;
      const other = work.kind === 'planes' ? work.b : work.fine;
      if (other) yield* other.blocks.chains;
    }
  }

  #open(work: ScanWork): readonly Side[] {
    const open = (side: 0 | 1, level: Level): Side =>
      new Side(side, level, work.type, this.#kernels as Kernels, this.#files, this.#codecs, this.blockBytes);
    const [first, second] = work.kind === 'planes' ? [work.a, work.b] : [work.level, work.fine];
    return second ? [open(0, first), open(1, second)] : [open(0, first)];
  }

  async #planes(work: PlanesWork, cut: PlaneCut, unit: number, sides: readonly Side[]): Promise<UnitPlane[]> {
    const { split } = this.plan;
    const kernels = this.#kernels as Kernels;
    const [, sizeC, sizeZ, sizeY, sizeX] = work.a.shape;
    const group = split ? Math.floor(unit / cut.bands) : unit;
    const { start, shape } = groupAt(cut, group, work.a.shape);
    const count = shape[0] * shape[1] * shape[2];
    const states = Array.from({ length: count }, (): PlaneState => ({ a: createHash('sha256'), differences: [] }));
    const bytes: { a: Uint8Array; b?: Uint8Array }[] = [];
    const [from, to] = split ? [unit % cut.bands, (unit % cut.bands) + 1] : [0, cut.bands];
    for (let band = from; band < to; band++) {
      const y = band * cut.rows;
      const rows = Math.min(cut.rows, sizeY - y);
      const length = rows * sizeX * bytesPerSample(work.type);
      for (let t = 0; t < shape[0]; t++) {
        const box: Region = {
          start: [start[0] + t, start[1], start[2], y, 0],
          shape: [1, shape[1], shape[2], rows, sizeX],
        };
        const p = await sides[0]!.read(box);
        const q = sides[1] ? await sides[1].read(box) : undefined;
        for (let i = 0; i < shape[1] * shape[2]; i++) {
          const state = states[t * shape[1] * shape[2] + i]!;
          const a = kernels.view(p + i * length, length);
          const b = q === undefined ? undefined : kernels.view(q + i * length, length);
          const unequal = b !== undefined && Buffer.compare(a, b) !== 0;
          if (b) state.differences.push(bandDifference(a, b, work, y));
          if (split) bytes.push({ a: a.slice(), ...(unequal && { b: b.slice() }) });
          else {
            if (unequal) state.b ??= state.a.copy();
            state.b?.update(b as Uint8Array);
            state.a.update(a);
          }
        }
      }
      if (control(this.host)) throw new ImgconvError('internal', 'CANCELLED', 'cancelled');
      if (band + 1 < to) await this.host.breathe?.();
    }
    return states.map(({ a, b, differences }, i) => {
      const z = start[2] + (i % shape[2]);
      const c = start[1] + (Math.floor(i / shape[2]) % shape[1]);
      const t = start[0] + Math.floor(i / (shape[2] * shape[1]));
      const found = { plane: (t * sizeC + c) * sizeZ + z, ...(work.b && { differences }) };
      if (split) return { ...found, ...bytes[i]! };
      const sha256A = a.digest('hex');
      return { ...found, sha256A, ...(work.b && { sha256B: b ? b.digest('hex') : sha256A }) };
    });
  }

  async #box(
    { level, fine, type }: LevelsWork,
    cut: BoxCut,
    unit: number,
    sides: readonly Side[],
    spans: readonly Spans[],
  ): Promise<AgreementSums> {
    const kernels = this.#kernels as Kernels;
    const box = boxAt(cut, unit, level.shape);
    const p = await sides[0]!.read(box);
    if (!fine) return noSums();
    const larger = fineBox(box, spans);
    const q = await sides[1]!.read(larger);
    return measure(p, box, q, larger, spans, type, kernels);
  }
}

function control({ control: { stopped } }: ScanHost): boolean {
  return stopped;
}

function bandDifference(a: Uint8Array, b: Uint8Array, { type, a: { shape } }: PlanesWork, y: number): PlaneDifference {
  return a.length === 0 ? noDifference() : compareBands(a, b, type, shape[4], y);
}

function spansOf({ level, fine }: LevelsWork): readonly Spans[] {
  return fine ? level.shape.map((n, axis) => makeSpans(fine.shape[axis]!, n)) : [];
}
