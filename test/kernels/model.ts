// Shared by kernel tests: seeded randomness and a guarded region of kernel memory.

import { expect } from 'vitest';
import type { Kernels } from '../../src/kernels/kernels.js';
import { loadKernels } from '../../src/kernels/load.js';

export const kernels: Kernels = await loadKernels();

/** Mulberry32: equal numbers on every machine. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomBytes(next: () => number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, () => next() * 256);
}

const GUARD = 64;

/** `bytes` at an odd address with canaries around; `check` fails if a kernel wrote outside. */
export class Guarded {
  readonly ptr: number;
  constructor(
    readonly bytes: number,
    misalign = 0,
  ) {
    const base = kernels.alloc(bytes + 2 * GUARD + misalign);
    kernels.view(base, bytes + 2 * GUARD + misalign).fill(0xa5);
    this.ptr = base + GUARD + misalign;
  }
  static of(data: Uint8Array, misalign = 0): Guarded {
    const it = new Guarded(data.length, misalign);
    kernels.view(it.ptr, data.length).set(data);
    return it;
  }
  read(): Uint8Array {
    return kernels.view(this.ptr, this.bytes).slice();
  }
  check(): void {
    const around = [...kernels.view(this.ptr - GUARD, GUARD), ...kernels.view(this.ptr + this.bytes, GUARD)];
    expect(around.every((b) => b === 0xa5)).toBe(true);
  }
}

/** Byte equality; much faster than toEqual on long arrays. */
export function expectSame(got: Uint8Array | number, want: Uint8Array): void {
  if (typeof got === 'number') expect(got).toBe(want.length);
  else if (Buffer.compare(got, want) !== 0) expect(got).toEqual(want);
}
