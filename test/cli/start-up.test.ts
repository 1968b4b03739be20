// The first things that a user feels: how fast the command line answers, and how it is refused on an old Node.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BIN } from './run-imgconv.js';

/** Least wall time of some runs, milliseconds: noise only ever adds. */
function fastest(args: readonly string[], runs: number): number {
  const times = Array.from({ length: runs }, () => {
    const started = performance.now();
    execFileSync(process.execPath, args, { stdio: 'ignore' });
    return performance.now() - started;
  });
  return Math.min(...times);
}

describe('start-up', () => {
  test('--version takes 30 ms more than an empty process at most', () => {
    const empty = fastest(['-e', '0'], 8);
    expect(fastest([BIN, '--version'], 8) - empty).toBeLessThan(30);
  });

  test('bin/imgconv.js checks the version of Node before it loads anything else', () => {
    const text = readFileSync(BIN, 'utf8');
    expect(text.split('\n').length).toBeLessThanOrEqual(6);
    expect(text).not.toMatch(/^import /m);
  });
});
