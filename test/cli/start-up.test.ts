// The first things that a user feels: how little the command line loads to answer (times are measured by `npm run bench -- start`), and how
// it is refused on an old Node.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN } from './run-imgconv.js';

/** Files and modules of Node that a built file loads at once, itself included; `import(…)` comes later. */
function loadedAtOnce(path: string, found = new Map<string, number>()): Map<string, number> {
  if (found.has(path)) return found;
  const text = readFileSync(path, 'utf8');
  found.set(path, text.length);
  for (const [, name] of text.matchAll(/(?:\bfrom|\bimport)\s*["']([^"']+)["']/g)) {
    if (name!.startsWith('.')) loadedAtOnce(join(dirname(path), name!), found);
    else found.set(name!, 0);
  }
  return found;
}

describe('start-up', () => {
  test('--version loads next to nothing', () => {
    const found = loadedAtOnce('dist/main.js');
    expect([...found.keys()].filter((name) => !name.startsWith('dist'))).toEqual(['node:module']);
    expect([...found.values()].reduce((a, b) => a + b)).toBeLessThan(4096);
  });

  test('bin/imgconv.js checks the version of Node before it loads anything else', () => {
    const text = readFileSync(BIN, 'utf8');
    expect(text.split('\n').length).toBeLessThanOrEqual(6);
    expect(text).not.toMatch(/^import /m);
  });
});
