// How far a conversion is: a bar on a terminal, JSON lines for programs, or nothing. The door to cli-progress, loaded when a bar is drawn.

import type { Progress } from '../app.js';
import type { ProgressKind } from './flags/run.js';
import type { Terminal } from './terminal.js';
import { formatBytes, formatSeconds } from './text.js';

/** JSON lines are at least this far apart. */
const JSON_INTERVAL_MS = 500;

export interface ProgressView {
  /** `label`: what is shown before the bar. */
  start(label: string): Promise<void>;
  update(progress: Progress): void;
  stop(): void;
}

const silent: ProgressView = {
  async start() {},
  update() {},
  stop() {},
};

/** Seconds left if the rest goes as fast as what is done; undefined at the start. */
function estimate(progress: Progress, seconds: number): number | undefined {
  return progress.done > 0 ? (seconds * (progress.total - progress.done)) / progress.done : undefined;
}

function jsonView(terminal: Terminal): ProgressView {
  let input = '';
  let started = 0;
  let last = 0;
  return {
    async start(label) {
      input = label;
      started = performance.now();
      last = 0;
    },
    update(progress) {
      const now = performance.now();
      if (now - last < JSON_INTERVAL_MS && progress.done < progress.total) return;
      last = now;
      const seconds = (now - started) / 1000;
      const { done, total, bytesRead, bytesWritten } = progress;
      const eta = estimate(progress, seconds);
      terminal.event({
        type: 'progress',
        input,
        fraction: total > 0 ? Math.min(1, done / total) : 1,
        pixelsDone: done,
        pixelsTotal: total,
        bytesRead,
        bytesWritten,
        seconds: Math.round(seconds * 100) / 100,
        eta: eta === undefined ? null : Math.round(eta * 10) / 10,
      });
    },
    stop() {},
  };
}

function barView(terminal: Terminal): ProgressView {
  let bar:
    | {
        start(total: number, value: number, payload: object): void;
        update(value: number, payload: object): void;
        stop(): void;
      }
    | undefined;
  let started = 0;
  return {
    async start(label) {
      const { default: cliProgress } = await import('cli-progress');
      started = performance.now();
      bar = new cliProgress.SingleBar({
        format: '{label} [{bar}] {percentage} % {rate}, {left} left',
        stream: process.stderr,
        barCompleteChar: '=',
        barIncompleteChar: ' ',
        barsize: 30,
        fps: 8,
        clearOnComplete: true,
        stopOnComplete: false,
        hideCursor: true,
        noTTYOutput: !process.stderr.isTTY,
        gracefulExit: false,
      });
      bar.start(1000, 0, { label, rate: '-', left: '?' });
      // Lines of text would land behind the bar: start a fresh line, the bar is redrawn below it.
      terminal.bar = {
        pause: () => void process.stderr.write(process.stderr.isTTY ? '\r\u001b[K' : '\n'),
        resume: () => undefined,
      };
    },
    update(progress) {
      const seconds = (performance.now() - started) / 1000;
      const left = estimate(progress, seconds);
      bar?.update(Math.floor((1000 * progress.done) / Math.max(1, progress.total)), {
        rate: `${formatBytes(progress.bytesRead / Math.max(0.1, seconds))}/s read`,
        left: left === undefined ? '?' : formatSeconds(left),
      });
    },
    stop() {
      bar?.stop();
      bar = undefined;
      terminal.bar = undefined;
    },
  };
}

export function makeProgress(kind: ProgressKind, terminal: Terminal): ProgressView {
  if (kind === 'json') return jsonView(terminal);
  if (terminal.level === 'off' || terminal.level === 'error') return silent;
  return kind === 'bar' || (kind === 'auto' && process.stderr.isTTY) ? barView(terminal) : silent;
}
