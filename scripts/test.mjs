// `npm test [-- ARGUMENTS]`: sets up, then runs the tests that need Node alone. Arguments go to vitest (a file name, -t name …).

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { root } from './sources.mjs';

await setUp();
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const run = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exitCode = run.status ?? 1;
