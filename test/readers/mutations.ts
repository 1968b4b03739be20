// Seeded damage: opening and reading a broken copy gives values or a clear error, never anything else, and ends.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readers } from '../../readers/index.js';
import { ImgconvError } from '../../src/core/errors.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { openTree } from '../../src/io/tree.js';
import { LevelReader } from '../../src/pipeline/read.js';

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A few bytes changed: by chance, to extremes, or a run of them. */
function mutate(bytes: Uint8Array, next: () => number): Uint8Array {
  const out = bytes.slice();
  // Padding is not worth breaking.
  const used = [...out.keys()].filter((i) => out[i] !== 0);
  for (let n = 1 + Math.floor(next() * 4); n > 0; n--) {
    const at = used[Math.floor(next() * used.length)] ?? 0;
    const kind = next();
    if (kind < 0.5) out[at] = Math.floor(next() * 256);
    else if (kind < 0.7) out[at] = next() < 0.5 ? 255 : 0;
    else out.fill(Math.floor(next() * 256), at, at + Math.floor(next() * 16));
  }
  return out;
}

async function openAll(id: string, file: string): Promise<void> {
  const reader = readers.find((each) => each.id === id)!;
  const tree = await openTree(file);
  try {
    const limits = {
      ...DEFAULT_LIMITS,
      directories: 100_000,
      images: 1000,
      blockBytes: 2 ** 26,
      metadataBytes: 2 ** 24,
    };
    const dataset = await reader.open(tree, { limits, notice: () => undefined, reader: {} });
    for (const { levels, type } of dataset.images.slice(0, 4)) {
      const [level] = levels;
      const [, , , ny, nx] = level.shape;
      const pixels = new LevelReader(level, type, { damage: () => undefined, blockBytes: limits.blockBytes });
      await pixels.read({ start: [0, 0, 0, 0, 0], shape: [1, 1, 1, Math.min(ny, 64), Math.min(nx, 64)] });
      pixels.close();
    }
  } catch (error) {
    if (!(error instanceof ImgconvError)) throw error;
    expect(['format', 'unsupported', 'limit', 'io']).toContain(error.blame);
    expect(error.message).not.toMatch(/\n/);
  } finally {
    await tree.close();
  }
}

/** `count` broken copies of each fixture; the seed is in the test's name. */
export function describeMutations(id: string, names: readonly string[], count = 60): void {
  describe(`${id}: broken copies`, () => {
    it.each(names.map((name, i) => [name, i + 1] as const))('%s, seed %i', { timeout: 60_000 }, async (name, seed) => {
      const folder = mkdtempSync(join(tmpdir(), 'imgconv-broken-'));
      const whole = new Uint8Array(readFileSync(`fixtures/${id}/${name}`));
      const next = random(seed);
      const file = join(folder, name.replace(/^.*\//, ''));
      try {
        for (let i = 0; i < count; i++) {
          writeFileSync(file, mutate(whole, next));
          await openAll(id, file);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
}
