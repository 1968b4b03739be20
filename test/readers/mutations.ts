// Seeded damage: opening and reading a broken copy gives values or a clear error, never anything else, and ends. `npm run fuzz` does it at length.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyEdits, randomEdits, seeded } from '../../src/testing/mutate.js';
import { readDamaged } from '../../src/testing/read-damaged.js';

/** `count` broken copies of each fixture; the seed is in the test's name. */
export function describeMutations(id: string, names: readonly string[], count = 60): void {
  describe(`${id}: broken copies`, () => {
    it.each(names.map((name, i) => [name, i + 1] as const))('%s, seed %i', { timeout: 60_000 }, async (name, seed) => {
      const folder = mkdtempSync(join(tmpdir(), 'imgconv-broken-'));
      const whole = new Uint8Array(readFileSync(`fixtures/${id}/${name}`));
      const next = seeded(seed);
      const file = join(folder, name.replace(/^.*\//, ''));
      try {
        for (let i = 0; i < count; i++) {
          writeFileSync(file, applyEdits(whole, randomEdits(whole, next)));
          expect((await readDamaged(file, id)).bug).toBeUndefined();
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
}
