// What a command is to the command line. Its module holds flags and texts; the work is imported when it runs.

import type { Flag, FlagValues } from '../flags/flag.js';
import type { Terminal } from '../terminal.js';

export interface CommandInput {
  /** Arguments that are not options. */
  readonly paths: readonly string[];
  readonly values: FlagValues;
  readonly terminal: Terminal;
}

export interface Command {
  /** After the name, as help shows it: `<input...> <output>`. */
  readonly usage: string;
  readonly description: string;
  readonly flags: readonly Flag<unknown>[];
  /** Lines of help: a command line, and what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Exit code. Throws ImgconvError. */
  run(input: CommandInput): Promise<number>;
}
