// Drives the built command line as a child process.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../bin/imgconv.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with all of stderr so far. */
  onStderr?(text: string, kill: (signal: NodeJS.Signals) => void): void;
}

export function imgconv(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      err += data.toString();
      options.onStderr?.(err, (signal) => child.kill(signal));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
    child.on('error', fail);
    child.on('close', (code) => done({ code, out, err }));
  });
}

/** A folder that lives as long as the test file. */
export function scratchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'imgconv-cli-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Lines of stderr, without empty ones. */
export function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
