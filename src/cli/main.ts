// First code that runs. `--version` must answer at once, so nothing is imported before it; all else loads src/cli/run.ts.

import { VERSION } from '../core/version.js';

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    process.stderr.write(`imgconv: cannot write to stdout: ${message}\n`);
    process.exitCode = 5;
  });
  process.stdout.write(`imgconv ${VERSION}\n`);
} else {
  const { run } = await import('./run.js');
  process.exitCode = await run(args);
}
