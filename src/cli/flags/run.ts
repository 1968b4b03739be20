// Options of every conversion, whatever the output format.

import {
  byteSize,
  type Crop,
  cropBox,
  type IndexRange,
  indexRanges,
  keyValues,
  plainText,
  whole,
  word,
} from '../values.js';
import { type Flag, type FlagValues, toggle } from './flag.js';

export const reader: Flag<string | undefined> = {
  name: '--reader',
  value: '<id>',
  group: 'Input',
  initial: undefined,
  help: 'open the input with this reader instead of asking all of them (see `imgconv formats`)',
  parse: plainText,
};

export const option: Flag<Readonly<Record<string, string>>> = {
  name: '--option',
  aliases: ['--options'],
  value: '<key=value>',
  group: 'Input',
  initial: {},
  help: 'setting for the reader; may be given several times',
  more: 'Readers and their settings: `imgconv formats --json`, and the table above.',
  parse: keyValues,
  merge: (before, next) => ({ ...before, ...next }),
};

export const mosaic: Flag<'stitched' | 'tiles' | undefined> = {
  name: '--mosaic',
  value: '<stitched|tiles>',
  group: 'Input',
  initial: undefined,
  defaultText: 'stitched',
  help: 'tiles of a mosaic as one image, or as images with positions (short for --option mosaic=…)',
  parse: word<'stitched' | 'tiles'>(['stitched', 'tiles']),
};

export const onMissing: Flag<'fill' | 'fail'> = {
  name: '--on-missing',
  value: '<fill|fail>',
  group: 'Input',
  initial: 'fill',
  defaultText: 'fill',
  help: 'missing or broken parts of the input: fill and report them (exit code 1), or stop',
  more: 'Filled pixels hold the fill value, never those of a neighbour. Every missing plane, tile or file is listed in the report.',
  parse: word(['fill', 'fail']),
};

export const associated: Flag<'keep' | 'drop'> = {
  name: '--associated',
  value: '<keep|drop>',
  group: 'Selection',
  initial: 'keep',
  defaultText: 'keep',
  help: 'label, macro, preview and thumbnail images that belong to the main ones',
  more: 'Kept ones become images of their own, under their names.',
  parse: word(['keep', 'drop']),
};

export const channels: Flag<readonly IndexRange[] | undefined> = {
  name: '--channels',
  value: '<list>',
  group: 'Selection',
  initial: undefined,
  help: 'channels to keep, counted from 0: 0,2-5,8-',
  parse: indexRanges,
};

export const slices: Flag<readonly IndexRange[] | undefined> = {
  name: '--z',
  value: '<list>',
  group: 'Selection',
  initial: undefined,
  help: 'z slices to keep, counted from 0',
  parse: indexRanges,
};

export const timepoints: Flag<readonly IndexRange[] | undefined> = {
  name: '--timepoints',
  value: '<list>',
  group: 'Selection',
  initial: undefined,
  help: 'time points to keep, counted from 0',
  parse: indexRanges,
};

export const crop: Flag<Crop | undefined> = {
  name: '--crop',
  value: '<x,y,w,h>',
  group: 'Selection',
  initial: undefined,
  help: 'part of the plane to keep, pixels of the full size',
  parse: cropBox,
};

export const series: Flag<readonly string[] | undefined> = {
  name: '--series',
  short: '-s',
  value: '<list>',
  group: 'Selection',
  initial: undefined,
  defaultText: 'all',
  help: 'images to convert: indices from 0, ranges, names, names with * and ?',
  more: 'Parts are separated by commas: `--series 0,2-5,"Position *"`.',
  parse: (text, flag) =>
    plainText(text, flag)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
};

export const maxWorkers: Flag<number | undefined> = {
  name: '--max-workers',
  aliases: ['--max_workers', '--threads'],
  value: '<n>',
  group: 'Run',
  initial: undefined,
  defaultText: 'the cores granted to this process',
  help: 'threads that read, decode and encode',
  more: 'The default obeys cgroup limits (containers), SLURM_CPUS_PER_TASK and GALAXY_SLOTS. The output bytes do not depend on it.',
  parse: whole(1, 1024),
};

export const memory: Flag<number | undefined> = {
  name: '--memory',
  value: '<size>',
  group: 'Run',
  initial: undefined,
  defaultText: '400M for up to 4 workers, 64M more for each further one',
  help: 'memory that the process may take, such as 512M or 2G',
  more: 'A worker needs about 70M: with less memory, fewer of them run. Blocks of the input that decode to more than this (or 1G) are refused.',
  parse: byteSize,
};

export const overwrite = toggle('Run', '--overwrite', 'replace an output that exists');
export const deidentify = toggle(
  'Output',
  '--deidentify',
  'leave out persons, dates, serial numbers, vendor metadata, free texts, label and macro images',
  {
    more: 'What was removed is listed. Names of images, channels and files are kept: check that they tell nothing.',
  },
);
export const verify = toggle(
  'Run',
  '--verify',
  'read both again afterwards and compare every pixel; exit code 1 where they differ',
  {
    more: 'The comparison (equal planes, largest difference, PSNR, first position) becomes part of --report. Not with a selection or crop.',
  },
);
export const dryRun = toggle('Run', '--dry-run', 'print what would be made (sizes, files, memory, losses) and stop', {
  aliases: ['--plan'],
});
export const json = toggle('Run', '--json', 'with --dry-run: as JSON');

export const report: Flag<string | undefined> = {
  name: '--report',
  value: '<file>',
  group: 'Run',
  initial: undefined,
  help: 'write a report as JSON: notices, missing parts, sizes, time (- for stdout)',
  parse: plainText,
};

export type ProgressKind = 'auto' | 'bar' | 'none' | 'json';
export const progress: Flag<ProgressKind> = {
  name: '--progress',
  value: '<kind>',
  group: 'Messages',
  initial: 'auto',
  defaultText: 'auto',
  help: 'auto (a bar on a terminal), bar, none, json (one object a line, on stderr)',
  parse: word(['auto', 'bar', 'none', 'json']),
};

export const progressBar = toggle('Messages', '--progress-bar', 'the same as --progress bar', { short: '-p' });
export const quiet = toggle('Messages', '--quiet', 'errors only', { short: '-q' });
export const debug = toggle('Messages', '--debug', 'everything, with stack traces');

const LOG_LEVELS = ['off', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const logLevel: Flag<LogLevel> = {
  name: '--log-level',
  value: '<level>',
  group: 'Messages',
  initial: 'warn',
  defaultText: 'warn',
  help: 'off, error, warn, info, debug',
  parse: word(LOG_LEVELS, { trace: 'debug', all: 'debug', warning: 'warn' }),
};

export const messageFlags: readonly Flag<unknown>[] = [progress, progressBar, quiet, debug, logLevel];
export const runFlags: readonly Flag<unknown>[] = [
  maxWorkers,
  memory,
  overwrite,
  deidentify,
  verify,
  dryRun,
  json,
  report,
];
/** How an input is opened. */
export const openFlags: readonly Flag<unknown>[] = [reader, option, mosaic];
export const inputFlags: readonly Flag<unknown>[] = [...openFlags, onMissing];
export const selectionFlags: readonly Flag<unknown>[] = [series, channels, slices, timepoints, crop, associated];

/** What was asked for by `openFlags`. */
export function opening(values: FlagValues): { reader?: string; readerOptions: Readonly<Record<string, string>> } {
  const tiles = values.get(mosaic);
  return { reader: values.get(reader), readerOptions: { ...values.get(option), ...(tiles && { mosaic: tiles }) } };
}
