// From an error to one line on stderr and an exit code; from a signal to an orderly end.

import { basename } from 'node:path';
import { EXIT, ImgconvError, type Where } from '../core/errors.js';
import type { Terminal } from './terminal.js';

function place(where: Where, message: string): string {
  const parts = [
    where.file !== undefined && !message.includes(where.file) ? where.file : '',
    where.part ?? '',
    where.offset !== undefined && !/\boffset\b/.test(message) ? `offset ${where.offset}` : '',
  ].filter((part) => part !== '');
  return parts.length > 0 ? `: ${parts.join(', ')}` : '';
}

/** Memory that the system refuses is a limit, not a defect of the program. */
function asMemoryLimit(error: unknown): ImgconvError | undefined {
  const text = error instanceof Error ? error.message : '';
  if (!/Array buffer allocation failed|could not allocate memory|Cannot allocate memory/i.test(text)) return undefined;
  return new ImgconvError('limit', 'MEMORY', 'not enough memory; lower --max-workers or --memory', {}, error);
}

/** `subject`: the input at work, told where the error does not name it. */
export function describe(error: unknown, subject = ''): { line: string; code: number; kind: string } {
  const known = error instanceof ImgconvError ? error : asMemoryLimit(error);
  if (known) {
    const text = known.message.replace(/\s*\n\s*/g, ' ');
    const line = `imgconv: ${text}${place(known.where, text)}`;
    return {
      line: line.includes(basename(subject)) ? line : `${line}: ${subject}`,
      code: EXIT[known.blame],
      kind: known.code,
    };
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    line: `imgconv: internal error, please report it with the command and the input: ${text.replace(/\s*\n\s*/g, ' ')}${subject && `: ${subject}`}`,
    code: EXIT.internal,
    kind: 'INTERNAL',
  };
}

/** Print an error; returns the exit code that goes with it. */
export function reportError(error: unknown, terminal: Terminal, subject?: string): number {
  const { line, code, kind } = describe(error, subject);
  if (terminal.json) terminal.event({ type: 'error', code: kind, exit: code, text: line });
  else terminal.say('error', line);
  if (terminal.stacks) {
    for (let e: unknown = error; e instanceof Error; e = e.cause) terminal.say('error', e.stack ?? e.message);
  }
  return code;
}

/**
 * Aborts on the first Ctrl-C (SIGINT) or SIGTERM, so that the running job can clean up, and ends at once on the second.
 */
export function abortOnSignals(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      // A bar that is cut off leaves the cursor hidden.
      if (process.stderr.isTTY) process.stderr.write('\u001b[?25h\n');
      process.exit(EXIT.interrupted);
    }
    controller.abort(new Error('interrupted'));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release() {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
