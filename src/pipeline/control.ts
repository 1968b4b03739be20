// Memory shared by the main thread and the workers of a job: who takes which region, what is done, when to stop.

const NEXT = 0;
const STOP = 1;
const HEAD = 2;
const INTS_PER_WORKER = 1;
const FIXED_INTS = 4;
const FLOATS_PER_WORKER = 4;

export interface ControlMemory {
  readonly ints: SharedArrayBuffer;
  readonly floats: SharedArrayBuffer;
}

/** Encoded bytes that one worker may have on their way to a stream, in KiB. */
const QUEUE_KIB = 16 * 1024;
/** Regions that may be begun before the first unfinished one ends, so that a stream buffers little. */
const STREAM_WINDOW = 4;

export class Control {
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;

  constructor(readonly memory: ControlMemory) {
    this.#ints = new Int32Array(memory.ints);
    this.#floats = new Float64Array(memory.floats);
  }

  static create(workers: number): Control {
    return new Control({
      ints: new SharedArrayBuffer(4 * (FIXED_INTS + workers * INTS_PER_WORKER)),
      floats: new SharedArrayBuffer(8 * workers * FLOATS_PER_WORKER),
    });
  }

  /** Number of the next region nobody has taken. */
  claim(): number {
    return Atomics.add(this.#ints, NEXT, 1);
  }

  /** Start counting anew: a phase begins. */
  rewind(): void {
    Atomics.store(this.#ints, NEXT, 0);
    Atomics.store(this.#ints, HEAD, 0);
  }

  stop(): void {
    Atomics.store(this.#ints, STOP, 1);
    Atomics.notify(this.#ints, HEAD);
    for (let i = FIXED_INTS; i < this.#ints.length; i++) Atomics.notify(this.#ints, i);
  }

  get stopped(): boolean {
    return Atomics.load(this.#ints, STOP) === 1;
  }

  /** The stream has everything of the regions before `head`. */
  advance(head: number): void {
    Atomics.store(this.#ints, HEAD, head);
    Atomics.notify(this.#ints, HEAD);
  }

  /** Block the worker until its region is near enough to the head of the stream. */
  awaitWindow(region: number, window = STREAM_WINDOW): void {
    for (;;) {
      const head = Atomics.load(this.#ints, HEAD);
      if (region < head + window || this.stopped) return;
      Atomics.wait(this.#ints, HEAD, head, 1000);
    }
  }

  /** Block the worker until its bytes on the way to the stream are few enough, then count these. */
  queue(worker: number, bytes: number): void {
    const slot = FIXED_INTS + worker;
    for (;;) {
      const now = Atomics.load(this.#ints, slot);
      if (now <= QUEUE_KIB || this.stopped) break;
      Atomics.wait(this.#ints, slot, now, 1000);
    }
    Atomics.add(this.#ints, slot, Math.ceil(bytes / 1024));
  }

  dequeue(worker: number, bytes: number): void {
    const slot = FIXED_INTS + worker;
    Atomics.sub(this.#ints, slot, Math.ceil(bytes / 1024));
    Atomics.notify(this.#ints, slot);
  }

  /** A worker's own totals; each worker writes only its slot. */
  count(worker: number, pixels: number, read: number, written: number, chunks: number): void {
    this.#floats.set([pixels, read, written, chunks], worker * FLOATS_PER_WORKER);
  }

  totals(): { pixels: number; read: number; written: number; chunks: number } {
    const sum = [0, 0, 0, 0];
    for (let i = 0; i < this.#floats.length; i++) sum[i % FLOATS_PER_WORKER]! += this.#floats[i]!;
    return { pixels: sum[0]!, read: sum[1]!, written: sum[2]!, chunks: sum[3]! };
  }
}
