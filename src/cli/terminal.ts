// The streams of the process: stdout carries data, stderr carries all that is said to people.

import type { Notice } from '../core/contracts.js';
import { EXIT, ImgconvError } from '../core/errors.js';
import type { LogLevel } from './flags/run.js';

const RANK: Readonly<Record<LogLevel, number>> = { off: 0, error: 1, warn: 2, info: 3, debug: 4 };
/** Notices of one kind that are printed before the rest is counted. */
const SHOWN_PER_CODE = 5;

export interface Terminal {
  readonly level: LogLevel;
  /** Show stack traces. */
  readonly stacks: boolean;
  /** `--progress json`: everything on stderr is one JSON object a line. */
  readonly json: boolean;
  /** Data. */
  out(data: string | Uint8Array): Promise<void>;
  /** A line for people, whatever the level unless it is off. */
  say(level: Exclude<LogLevel, 'off'>, text: string): void;
  /** A JSON line where they are wanted; else nothing. */
  event(object: Readonly<Record<string, unknown>>): void;
  /** Warnings about the input or output, at most a few of each kind. */
  notice(notice: Notice): void;
  /** Tell how many notices were not shown, and start anew. */
  flushNotices(): void;
  /** A progress bar that lines must not cut through; one at a time. */
  bar: { pause(): void; resume(): void } | undefined;
}

const ready = { out: false, err: false };

/**
 * Made ready on first use, since a stream takes a millisecond to open. A closed pipe ends quietly: nobody wants the data. Other errors, such
 * as a full disk, are those of the write (`Terminal.out`).
 */
export function stdout(): NodeJS.WriteStream {
  if (!ready.out) {
    ready.out = true;
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
      process.exitCode = EXIT.io;
    });
  }
  return process.stdout;
}

/** As `stdout`, but work goes on unseen where the pipe is closed. */
export function stderr(): NodeJS.WriteStream {
  if (!ready.err) {
    ready.err = true;
    process.stderr.on('error', () => undefined);
  }
  return process.stderr;
}

function stdoutError(error: NodeJS.ErrnoException): ImgconvError {
  return new ImgconvError('io', error.code ?? 'STDOUT', `cannot write to stdout: ${error.message}`, {}, error);
}

export function makeTerminal(level: LogLevel, stacks: boolean, json: boolean): Terminal {
  const counts = new Map<string, number>();
  const terminal: Terminal = {
    level,
    stacks,
    json,
    bar: undefined,
    out: (data) =>
      new Promise((done, fail) => {
        stdout().write(data, (error) => (error ? fail(stdoutError(error)) : done()));
      }),
    say(rank, text) {
      if (RANK[rank] > RANK[level]) return;
      if (json) return terminal.event({ type: 'message', level: rank, text });
      terminal.bar?.pause();
      stderr().write(`${text}\n`);
      terminal.bar?.resume();
    },
    event(object) {
      if (json) stderr().write(`${JSON.stringify(object)}\n`);
    },
    notice(notice) {
      if (json) return terminal.event({ type: 'notice', ...notice });
      const rank = notice.rank === 'info' ? 'info' : 'warn';
      if (RANK[rank] > RANK[level]) return;
      const count = (counts.get(notice.code) ?? 0) + 1;
      counts.set(notice.code, count);
      if (count > SHOWN_PER_CODE && level !== 'debug') return;
      terminal.say(rank, `imgconv: ${notice.rank === 'info' ? 'note' : notice.rank}: ${notice.text}`);
    },
    flushNotices() {
      for (const [code, count] of counts) {
        const left = count - SHOWN_PER_CODE;
        if (left > 0 && level !== 'debug')
          terminal.say('warn', `imgconv: ${left} more of kind ${code} (--report FILE lists all)`);
      }
      counts.clear();
    },
  };
  return terminal;
}
