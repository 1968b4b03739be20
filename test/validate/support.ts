// Validate folders and files that tests make.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type ValidateOptions, validatePath } from '../../src/app/validate.js';
import { type Store, writeStore } from './defects/store.js';

const folder = mkdtempSync(join(tmpdir(), 'imgconv-validate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** A new path in the scratch folder. */
export function fresh(name: string): string {
  return join(mkdtempSync(join(folder, `${count++}-`)), name);
}

export function stored(store: Store, name = 'test.ome.zarr'): string {
  const path = fresh(name);
  writeStore(store, path);
  return path;
}

export function written(content: Uint8Array | string, name: string): string {
  const path = fresh(name);
  writeFileSync(path, content);
  return path;
}

export interface Outcome {
  readonly rules: readonly string[];
  /** `error RULE where: message`, without notes. */
  readonly lines: readonly string[];
  readonly errors: number;
}

export async function check(path: string, options: Partial<ValidateOptions> = {}): Promise<Outcome> {
  const { findings, errors } = await validatePath(path, { level: 'metadata', ...options });
  const told = findings.filter(({ severity }) => severity !== 'info');
  return {
    rules: told.map(({ rule }) => rule),
    lines: told.map(({ severity, rule, where, message }) => `${severity} ${rule} ${where}: ${message}`),
    errors,
  };
}
