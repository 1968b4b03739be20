// Runs the conversions of a command: one or many, with progress, messages, report and exit code. The same for every output format.

import { basename, dirname, join } from 'node:path';
import {
  type ConvertReport,
  convert,
  convertToStream,
  grantedCores,
  isDamaged,
  type Progress,
  planConversion,
  type Target,
  writeTextFile,
} from '../app.js';
import { EXIT, ImgconvError } from '../core/errors.js';
import type { CommandInput } from './commands/command.js';
import { describePlan } from './dry-run.js';
import { abortOnSignals, describe, reportError } from './exit.js';
import * as run from './flags/run.js';
import { type Job, listJobs, type OutputStyle, STDOUT } from './jobs.js';
import { makeProgress, type ProgressView } from './progress.js';
import type { Terminal } from './terminal.js';
import { formatBytes, formatSeconds, plural } from './text.js';
import { usage } from './values.js';

type Outcome =
  | { readonly job: Job; readonly report: ConvertReport }
  | { readonly job: Job; readonly error: { readonly code: number; readonly text: string } };

function common(input: CommandInput, signal: AbortSignal) {
  const { values, terminal } = input;
  return {
    ...run.opening(values),
    workers: values.get(run.maxWorkers),
    memory: values.get(run.memory),
    deidentify: values.get(run.deidentify),
    signal,
    notice: terminal.notice,
  };
}

async function dryRun(input: CommandInput, target: Target, style: OutputStyle, signal: AbortSignal): Promise<number> {
  const { values, terminal, paths } = input;
  const [only] = paths;
  const jobs: readonly { input: string; output?: string }[] =
    paths.length === 1 && only !== undefined && only !== '-' ? [{ input: only }] : (await listJobs(paths, style)).jobs;
  let code: number = EXIT.ok;
  for (const job of jobs) {
    try {
      const planned = await planConversion({ ...common(input, signal), input: job.input, output: job.output, target });
      const text = { input: job.input, output: job.output, ...planned };
      await terminal.out(values.get(run.json) ? `${JSON.stringify(text)}\n` : describePlan(text));
    } catch (error) {
      const failed = reportError(error, terminal, job.input);
      code = jobs.length > 1 ? EXIT.damage : failed;
    }
  }
  return code;
}

/** The line that ends a conversion. */
function summary(report: ConvertReport): string {
  const { plan, seconds, verification } = report;
  const proof = verification === undefined ? '' : verification.lossless ? ', verified' : ', verified to differ';
  const levels = plan.images.reduce((sum, image) => sum + image.levels.length, 0);
  const damage = report.damaged > 0 ? `, ${plural(report.damaged, 'block')} missing or broken` : '';
  const parts =
    (plan.names?.length ?? 0) > 1 ? plural(plan.names!.length, 'file') : plural(plan.images.length, 'image');
  return `${report.input} -> ${report.output}: ${parts}, ${plural(levels, 'level')}, ${formatBytes(report.bytesWritten)} in ${formatSeconds(seconds)}${damage}${proof}`;
}

async function convertOne(
  input: CommandInput,
  target: Target,
  job: Job,
  view: ProgressView,
  label: string,
  signal: AbortSignal,
): Promise<ConvertReport> {
  const { values, terminal } = input;
  terminal.event({ type: 'start', input: job.input, output: job.output });
  let started = false;
  try {
    const request = {
      ...common(input, signal),
      input: job.input,
      target,
      onMissing: values.get(run.onMissing),
      progress(progress: Progress) {
        // The bar appears with the first pixels, so that quick refusals and tiny files draw none.
        if (!started) {
          started = true;
          void view.start(label).then(() => view.update(progress));
        } else view.update(progress);
      },
    };
    if (job.output === STDOUT) return await convertToStream(request, (piece) => terminal.out(piece));
    const report = await convert({ ...request, output: job.output, overwrite: values.get(run.overwrite) });
    return values.get(run.verify) ? await verified(report, input, signal) : report;
  } finally {
    view.stop();
    terminal.flushNotices();
  }
}

/** Compare what was written with its source; a set of split files is opened by its first. */
async function verified(
  report: ConvertReport,
  { values, terminal }: CommandInput,
  signal: AbortSignal,
): Promise<ConvertReport> {
  const { verifyConversion } = await import('../app/verify.js');
  const [first] = report.plan.names ?? [];
  const output = first === undefined ? report.output : join(dirname(report.output), first);
  const request = { ...run.opening(values), workers: values.get(run.maxWorkers), signal };
  const verification = await verifyConversion(report.input, output, request);
  for (const { image, what } of verification.differences.filter(({ kind }) => kind !== 'metadata'))
    terminal.say('warn', `imgconv: verify: ${image === undefined ? '' : `image ${image}: `}${what}`);
  return { ...report, verification };
}

function tellEnd(report: ConvertReport, terminal: Terminal): void {
  const { plan, ...rest } = report;
  if (terminal.json) terminal.event({ type: 'end', ...rest });
  else terminal.say('warn', summary(report));
}

function reportJson(outcomes: readonly Outcome[], batch: boolean): string {
  const entries = outcomes.map((outcome) =>
    'report' in outcome
      ? outcome.report
      : { input: outcome.job.input, output: outcome.job.output, error: outcome.error },
  );
  return `${JSON.stringify(batch ? entries : entries[0], null, 2)}\n`;
}

async function writeReport(input: CommandInput, outcomes: readonly Outcome[], batch: boolean): Promise<void> {
  const file = input.values.get(run.report);
  if (file === undefined || outcomes.length === 0) return;
  const text = reportJson(outcomes, batch);
  if (file === '-') await input.terminal.out(text);
  else await writeTextFile(file, text);
}

function exitCode(outcomes: readonly Outcome[], batch: boolean): number {
  const failed = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error.code] : []));
  if (failed.length > 0) return batch ? EXIT.damage : failed[0]!;
  return outcomes.some((outcome) => 'report' in outcome && isDamaged(outcome.report)) ? EXIT.damage : EXIT.ok;
}

function tellBatch(outcomes: readonly Outcome[], total: number, terminal: Terminal): void {
  const failed = outcomes.filter((outcome) => 'error' in outcome);
  const good = outcomes.length - failed.length;
  const left = total - outcomes.length;
  if (terminal.json) {
    terminal.event({ type: 'summary', converted: good, failed: failed.length, left });
    return;
  }
  terminal.say(
    'warn',
    `imgconv: ${good} of ${plural(total, 'input')} converted, ${failed.length} failed${left > 0 ? `, ${left} not tried` : ''}`,
  );
  for (const outcome of failed) terminal.say('error', `  failed: ${outcome.job.input}`);
}

function checkVerify({ values, paths }: CommandInput): void {
  if (!values.get(run.verify)) return;
  if (values.get(run.deidentify)) throw usage('--verify compares whole data sets: leave --deidentify away');
  const given = run.selectionFlags.find((flag) => values.has(flag));
  if (given) throw usage(`--verify compares whole data sets: leave ${given.name} away`);
  if (paths.at(-1) === STDOUT) throw usage('--verify cannot read stdout back');
}

async function convertAll(
  input: CommandInput,
  target: Target,
  style: OutputStyle,
  signal: AbortSignal,
): Promise<number> {
  const { values, terminal, paths } = input;
  if (values.get(run.json)) throw usage('--json goes with --dry-run; --report FILE writes a report of a conversion');
  checkVerify(input);
  const { jobs, batch } = await listJobs(paths, style);
  if (jobs[0]?.output === STDOUT && values.get(run.report) === STDOUT)
    throw usage('--report - and - as output: stdout takes one of them');
  const view = makeProgress(values.get(run.progressBar) ? 'bar' : values.get(run.progress), terminal);
  const outcomes: Outcome[] = [];
  terminal.say('debug', `imgconv: ${plural(values.get(run.maxWorkers) ?? grantedCores(), 'worker')}`);
  for (const [index, job] of jobs.entries()) {
    if (signal.aborted) break;
    const name = basename(job.input);
    const label = terminal.json ? job.input : batch ? `[${index + 1}/${jobs.length}] ${name}` : name;
    try {
      const report = await convertOne(input, target, job, view, label, signal);
      outcomes.push({ job, report });
      tellEnd(report, terminal);
    } catch (error) {
      if (signal.aborted) break;
      // A mistake in a single command needs no reminder of its input.
      const subject = batch || !(error instanceof ImgconvError && error.blame === 'usage') ? job.input : '';
      const code = reportError(error, terminal, subject);
      outcomes.push({ job, error: { code, text: describe(error, subject).line } });
    }
  }
  if (batch) tellBatch(outcomes, jobs.length, terminal);
  await writeReport(input, outcomes, batch);
  if (!signal.aborted) return exitCode(outcomes, batch);
  terminal.say('error', 'imgconv: interrupted, nothing unfinished is left');
  return EXIT.interrupted;
}

export async function runConversions(input: CommandInput, target: Target, style: OutputStyle): Promise<number> {
  const { signal, release } = abortOnSignals();
  try {
    return await (input.values.get(run.dryRun) ? dryRun : convertAll)(input, target, style, signal);
  } finally {
    release();
  }
}
