// `npm start -- ARGUMENTS`: sets up, then runs imgconv with the arguments, in the folder where the user called npm, with its exit code.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { root } from './sources.mjs';

await setUp();
const child = spawn(process.execPath, [join(root, 'bin/imgconv.js'), ...process.argv.slice(2)], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: 'inherit',
});
// The child gets Ctrl-C from the terminal itself and cleans up; this process waits for it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('error', (error) => {
  process.stderr.write(`imgconv: cannot start: ${error.message}\n`);
  process.exitCode = 70;
});
child.on('exit', (code) => {
  process.exitCode = code ?? 130;
});
