// Runs one command and turns its end into an exit code.

import { reportError } from './exit.js';
import { debug, logLevel, progress, quiet } from './flags/run.js';
import { parseArguments } from './program.js';
import { makeTerminal } from './terminal.js';

export async function run(args: readonly string[]): Promise<number> {
  let terminal = makeTerminal('warn', args.includes('--debug'), false);
  try {
    const invocation = await parseArguments(args);
    if (!invocation) return 0;
    const { command, paths, values } = invocation;
    const level = values.get(debug) ? 'debug' : values.get(quiet) ? 'error' : values.get(logLevel);
    terminal = makeTerminal(level, values.get(debug), values.get(progress) === 'json');
    return await command.run({ paths, values, terminal });
  } catch (error) {
    return reportError(error, terminal);
  }
}
