// Joins readers, writers, files and the engine: what the command line and library users call. Heavy parts load when they are needed.

import { basename, join } from 'node:path';
import { readers } from '../readers/index.js';
import { writers } from '../writers/index.js';
import type { NgffOptionsInput } from '../writers/ngff/options.js';
import type { OmeTiffOptionsInput } from '../writers/ome-tiff/options.js';
import { openAnyTree } from './app/open-tree.js';
import { checkOutput, checkPlanned } from './app/output.js';
import { chooseReader, probeAll, type ReaderVerdict, readerById } from './app/probe.js';
import type { Verification } from './app/schemas.js';
import { loadWriter, type Target } from './app/target.js';
import type { Dataset, FormatReader, InputTree, Notice, OpenOptions } from './core/contracts.js';
import { formatError, ImgconvError } from './core/errors.js';
import { DEFAULT_LIMITS, type Limits } from './core/limits.js';
import { checkReaderOptions } from './core/reader-options.js';
import type { RunSize, WriteContext, WritePlan, WriteReport } from './core/writer.js';
import { grantedCores } from './io/cores.js';
import { lookAt, writeWhole } from './io/places.js';
import { openSink } from './io/sink.js';
import { pieces, temporaryFolder } from './io/temporary.js';

export type { NgffOptionsInput, OmeTiffOptionsInput, ReaderVerdict, Target };
export { grantedCores, lookAt, readers, writers, writeWhole as writeTextFile };

export interface OpenRequest {
  /** Reader id; absent: the content decides. */
  readonly reader?: string;
  readonly readerOptions?: Readonly<Record<string, string>>;
  readonly limits?: Limits;
  /** Leave out what may tell who was examined, by whom and when. */
  readonly deidentify?: boolean;
  readonly signal?: AbortSignal;
  notice?(notice: Notice): void;
}

export interface OpenedInput {
  readonly dataset: Dataset;
  readonly reader: FormatReader;
  /** Best first; the chosen one alone where the caller chose. */
  readonly verdicts: readonly ReaderVerdict[];
  /** What opening gave rise to. */
  readonly notices: readonly Notice[];
  /** To be closed by the caller. */
  readonly tree: InputTree;
}

async function stripped(reader: FormatReader, tree: InputTree, options: OpenOptions): Promise<Dataset> {
  const { deidentify } = await import('./core/deidentify.js');
  const { dataset, notice } = deidentify(await reader.open(tree, options));
  options.notice(notice);
  return dataset;
}

/** Open an input: headers only. Errors: io, unsupported, format, limit, usage UNKNOWN_READER. */
export async function openInput(path: string, request: OpenRequest = {}): Promise<OpenedInput> {
  const tree = await openAnyTree(path);
  try {
    const verdicts: readonly ReaderVerdict[] = request.reader
      ? [{ reader: readerById(readers, request.reader), verdict: { score: 100, why: 'chosen by --reader' } }]
      : await probeAll(readers, tree);
    const reader = chooseReader(verdicts, tree);
    const notices: Notice[] = [];
    const given = request.readerOptions ?? {};
    const idle = checkReaderOptions(given, reader, readers);
    const options: OpenOptions = {
      limits: request.limits ?? DEFAULT_LIMITS,
      reader: given,
      signal: request.signal,
      notice(notice) {
        notices.push(notice);
        request.notice?.(notice);
      },
    };
    for (const key of idle)
      options.notice({
        code: 'OPTION_WITHOUT_EFFECT',
        rank: 'info',
        text: `option ${key} means nothing to ${reader.name}`,
      });
    const dataset = request.deidentify ? await stripped(reader, tree, options) : await reader.open(tree, options);
    const missing = dataset.missing ?? [];
    if (missing.length > 0 && !notices.some((notice) => notice.rank === 'damage')) {
      const names = `${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ' …' : ''}`;
      options.notice({
        code: 'MISSING_FILES',
        rank: 'damage',
        text: `${missing.length} files of the set are missing: ${names}`,
      });
    }
    return { dataset, reader, verdicts, notices, tree };
  } catch (error) {
    await tree.close();
    throw error;
  }
}

export interface ConvertRequest extends OpenRequest {
  readonly input: string;
  readonly output: string;
  readonly target: Target;
  readonly overwrite: boolean;
  /** Threads; default: the cores granted to this process. */
  readonly workers?: number;
  /** Bytes that the whole process may take. */
  readonly memory?: number;
  readonly onMissing: 'fill' | 'fail';
  progress?(progress: Progress): void;
}

export interface Progress {
  /** Pixels of the full-size levels. */
  readonly done: number;
  readonly total: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export interface ConvertReport {
  readonly input: string;
  readonly output: string;
  readonly reader: string;
  readonly writer: string;
  readonly files: readonly string[];
  readonly missing: readonly string[];
  readonly plan: WritePlan;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly chunks: number;
  /** Blocks that hold the fill value because the input lacks or breaks them. */
  readonly damaged: number;
  readonly notices: readonly Notice[];
  readonly seconds: number;
  readonly workers: number;
  readonly memory: number;
  /** Set where the caller compared source and output. */
  readonly verification?: Verification;
}

const MIB = 2 ** 20;

/** Bytes for the whole process: what 4 workers need with room to spare; more workers need more. */
export function defaultMemory(workers: number): number {
  return (400 + 64 * Math.max(0, workers - 4)) * MIB;
}

/** A worker takes about this much with the smallest buffers that make sense; Node and the program take the rest. */
const WORKER_BYTES = 70 * MIB;
const PROCESS_BYTES = 60 * MIB;

/** As many workers as asked for, as far as memory allows: fewer workers are slower, too little memory is the end. */
function runSize(request: Pick<ConvertRequest, 'workers' | 'memory' | 'limits'>): RunSize & { readonly total: number } {
  const wanted = request.workers ?? grantedCores();
  const total = request.memory ?? defaultMemory(wanted);
  const workers = Math.max(1, Math.min(wanted, Math.floor((total - PROCESS_BYTES) / WORKER_BYTES)));
  const { blockBytes } = limitsOf(request);
  return { workers, total, memory: bufferMemory(total, workers), blockBytes: Math.max(blockBytes, total) };
}

/** Who grants more memory also means the blocks that need it. */
function limitsOf({ limits = DEFAULT_LIMITS, memory = 0 }: Pick<ConvertRequest, 'limits' | 'memory'>): Limits {
  return { ...limits, blockBytes: Math.max(limits.blockBytes, memory) };
}

/** What of the process's memory is left for pixels: Node, the program and each thread take their part first. */
function bufferMemory(memory: number, workers: number): number {
  return Math.max(32 * MIB, memory - (72 + 14 * workers) * MIB);
}

function missingError(dataset: Dataset, notices: readonly Notice[]): ImgconvError | undefined {
  const damage = notices.find((notice) => notice.rank === 'damage');
  if (damage) return formatError('MISSING_PARTS', `${damage.text} (--on-missing fail)`);
  const count = dataset.missing?.length ?? 0;
  return count > 0 ? formatError('MISSING_PARTS', `${count} files are missing (--on-missing fail)`) : undefined;
}

/** What a conversion would make. Writes nothing. */
export async function planConversion(
  request: Pick<ConvertRequest, 'input' | 'target' | 'workers' | 'memory'> & { readonly output?: string } & OpenRequest,
): Promise<{
  plan: WritePlan;
  reader: string;
  files: readonly string[];
  missing: readonly string[];
  notices: readonly Notice[];
}> {
  const writer = await loadWriter(request.target);
  const opened = await openInput(request.input, { ...request, limits: limitsOf(request) });
  try {
    const { dataset, reader, notices } = opened;
    const plan = writer.plan(dataset, runSize(request), request.output && basename(request.output));
    return {
      plan: { ...plan, memory: plan.memory + PROCESS_BYTES },
      reader: reader.id,
      files: dataset.files,
      missing: dataset.missing ?? [],
      notices,
    };
  } finally {
    await opened.tree.close();
  }
}

/** Convert one input. Nothing is left behind where it fails. */
export async function convert(request: ConvertRequest): Promise<ConvertReport> {
  const started = performance.now();
  const { total, ...size } = runSize(request);
  const writer = await loadWriter(request.target);
  await checkOutput(request, writer.kind);
  // Blocks may be looked up as late as when they are read: what the reader says then belongs to the run.
  let running: WriteContext['notice'] | undefined;
  const opened = await openInput(request.input, {
    ...request,
    limits: limitsOf(request),
    notice: (notice) => (running ? running(notice) : request.notice?.(notice)),
  });
  const { dataset, reader } = opened;
  const notices = [...opened.notices];
  try {
    const broken = request.onMissing === 'fail' ? missingError(dataset, notices) : undefined;
    if (broken) throw broken;
    const planned = writer.plan(dataset, size, basename(request.output));
    await checkPlanned(request, writer.kind, planned, dataset);
    const stop = new AbortController();
    const context: WriteContext = {
      ...size,
      signal: request.signal ? AbortSignal.any([request.signal, stop.signal]) : stop.signal,
      notice(notice) {
        notices.push(notice);
        request.notice?.(notice);
        if (notice.rank === 'damage' && request.onMissing === 'fail') stop.abort(missingError(dataset, [notice]));
      },
      progress: request.progress?.bind(request),
    };
    running = context.notice;
    const sink = await openSink(request.output, {
      overwrite: request.overwrite,
      kind: writer.kind,
      names: planned.names,
    });
    let report: WriteReport;
    try {
      report = await writer.write(dataset, sink, context);
      stop.signal.throwIfAborted();
      await sink.commit();
    } catch (error) {
      await sink.abort();
      // What stopped the job says more than the job's word that it was stopped.
      throw stop.signal.aborted ? stop.signal.reason : error;
    }
    return {
      input: request.input,
      output: request.output,
      reader: reader.id,
      writer: writer.id,
      files: dataset.files,
      missing: dataset.missing ?? [],
      plan: report.plan,
      bytesRead: report.bytesRead,
      bytesWritten: report.bytesWritten,
      chunks: report.chunks,
      damaged: report.damaged,
      notices,
      seconds: (performance.now() - started) / 1000,
      workers: size.workers,
      memory: total,
    };
  } finally {
    await opened.tree.close();
  }
}

/** Name of a file that exists only on its way to a stream. */
const STREAMED_NAME = 'output.ome.tiff';

/**
 * Convert one input to a stream: the file is made in a temporary folder, since what comes last in it decides what comes first, and handed to
 * `take` piece by piece when it is complete. Errors: usage STREAM_FORMAT where the output is not one file.
 */
export async function convertToStream(
  request: Omit<ConvertRequest, 'output' | 'overwrite'>,
  take: (piece: Uint8Array) => Promise<void>,
): Promise<ConvertReport> {
  const folder = await temporaryFolder();
  try {
    const output = join(folder.path, STREAMED_NAME);
    const report = await convert({ ...request, output, overwrite: false });
    if (report.plan.names?.length !== 1)
      throw new ImgconvError('usage', 'STREAM_FORMAT', 'stdout takes one file; this output has several');
    for await (const piece of pieces(output)) {
      request.signal?.throwIfAborted();
      await take(piece);
    }
    return { ...report, output: '-' };
  } finally {
    await folder.remove();
  }
}

/** Parts of the input were missing or broken, or the output was found to differ. */
export function isDamaged(report: Pick<ConvertReport, 'damaged' | 'missing' | 'notices' | 'verification'>): boolean {
  const { damaged, missing, notices, verification } = report;
  const differs = verification?.lossless === false;
  return differs || damaged > 0 || missing.length > 0 || notices.some(({ rank }) => rank === 'damage');
}

export interface FormatList {
  readonly read: readonly Pick<
    FormatReader,
    'id' | 'name' | 'extensions' | 'structure' | 'reads' | 'gaps' | 'options'
  >[];
  readonly write: readonly {
    readonly id: string;
    readonly name: string;
    readonly versions: readonly string[];
    readonly extensions: readonly string[];
    readonly command: string;
  }[];
}

/** What can be read and written, in registry order. */
export function listFormats(): FormatList {
  return {
    read: readers.map(({ id, name, extensions, structure, reads, gaps, options }) => ({
      id,
      name,
      extensions,
      structure,
      reads,
      gaps,
      options: options ?? {},
    })),
    write: Object.values(writers).map(({ id, name, versions, extensions, command }) => ({
      id,
      name,
      versions,
      extensions,
      command,
    })),
  };
}
