// A command over one or many inputs: one that fails does not stop the others.

import { reportError } from '../exit.js';
import { namedPaths } from '../names.js';
import type { Terminal } from '../terminal.js';
import { usage } from '../values.js';

/**
 * Run `work` for each path (`-`: names from stdin). One input: its exit code or error; several: 1 if any was not 0.
 */
export async function eachPath(
  paths: readonly string[],
  terminal: Terminal,
  work: (path: string, several: boolean) => Promise<number>,
): Promise<number> {
  const list = await namedPaths(paths);
  if (list.length === 0) throw usage('no names came from stdin');
  const [only] = list;
  if (list.length === 1 && only !== undefined) return work(only, false);
  let worst = 0;
  for (const path of list) {
    try {
      worst = Math.max(worst, (await work(path, true)) === 0 ? 0 : 1);
    } catch (error) {
      reportError(error, terminal, path);
      worst = 1;
    }
  }
  return worst;
}
