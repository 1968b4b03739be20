// The process that opens damaged inputs for scripts/fuzz.mjs: may hang or die, its parent looks after it. Loaded by a script, not by tests.

import { readFileSync } from 'node:fs';
import { readDamaged } from './read-damaged.js';

export { readers } from '../../readers/index.js';
export { fixtureInputs, unpackArchive } from './fixture-inputs.js';
export { applyEdits, fewestEdits, randomEdits, seeded } from './mutate.js';

/** Bytes that this process has read from files so far; 0 where the system doesn't tell. */
function bytesRead(): number {
  try {
    return Number(/^rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

interface Task {
  readonly path: string;
  readonly reader?: string;
}

/** Answers each task of the parent with the outcome, the bytes read and the most memory held so far. */
export function serve(): void {
  process.on('message', (message) => {
    const { path, reader } = message as Task;
    const before = bytesRead();
    void readDamaged(path, reader).then((outcome) => {
      const read = bytesRead() - before;
      process.send?.({ ...outcome, bytesRead: read, memory: process.resourceUsage().maxRSS * 1024 });
    });
  });
}
