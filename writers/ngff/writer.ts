// Writes a planned OME-Zarr: array metadata, pixels (the engine's work), OME-XML, group metadata; the root's last.
// The caller owns the sink: it commits after this returns, or aborts.

import type { Dataset, OriginalMetadata } from '../../src/core/contracts.js';
import type { OutputSink, WriteContext, WritePlan, WriteReport } from '../../src/core/writer.js';
import type { ConvertJob, JobResult } from '../../src/pipeline/contract.js';
import { damageNotices } from '../../src/pipeline/damage.js';
import { planExecution } from '../../src/pipeline/plan.js';
import { arrayFiles, describePlan, imageJobs } from './jobs.js';
import { groupDocuments, groupFiles, jobImages } from './metadata.js';
import { renderOmeXml } from './ome-xml.js';
import type { NgffOptions } from './options.js';
import { type NgffPlan, planNgff } from './plan.js';

type RunSize = Pick<WriteContext, 'workers' | 'memory' | 'blockBytes'>;

const DEFAULT_RUN: RunSize = { workers: 2, memory: 256 * 2 ** 20, blockBytes: 2 ** 30 };

function convertJob(plan: NgffPlan, root: string, run: RunSize): ConvertJob {
  const { workers, memory, blockBytes } = run;
  return { images: imageJobs(plan, root), workers, memory, blockBytes };
}

function describe(plan: NgffPlan, run: RunSize): WritePlan {
  return describePlan(plan, planExecution(convertJob(plan, '', run)).workerBytes, run.workers);
}

/** What a conversion would make. Pure. */
export function planOutput(dataset: Dataset, options: NgffOptions, run: RunSize = DEFAULT_RUN): WritePlan {
  return describe(planNgff(dataset, options), run);
}

/** Write into `sink.temporary`; commit and abort are the caller's. Errors of planning and of the engine pass through. */
export async function writeNgff(
  dataset: Dataset,
  options: NgffOptions,
  sink: OutputSink,
  context: WriteContext,
): Promise<WriteReport> {
  const plan = planNgff(dataset, options);
  for (const notice of plan.notices) context.notice(notice);
  for (const [file, text] of arrayFiles(plan)) await sink.put(file, text);
  const result = await runImages(plan, sink, context);
  const names = jobImages(plan).map(({ name }) => name);
  for (const notice of damageNotices(names, result)) context.notice(notice);
  if (plan.omeXml) {
    const loss = (text: string) => context.notice({ code: 'OME_XML', rank: 'loss', text });
    await sink.put('OME/METADATA.ome.xml', await renderOmeXml(plan.ome, originalsOf(dataset, plan), loss));
  }
  for (const document of groupDocuments(plan, result.stats)) {
    for (const [file, text] of groupFiles(document, options.ngffVersion)) await sink.put(file, text);
  }
  const { bytesRead, bytesWritten, chunks, damaged } = result;
  return { plan: describe(plan, context), bytesRead, bytesWritten, chunks, damaged };
}

async function runImages(plan: NgffPlan, sink: OutputSink, context: WriteContext): Promise<JobResult> {
  const { runJob } = await import('../../src/pipeline/run.js');
  const { signal, progress } = context;
  const job = convertJob(plan, sink.temporary, context);
  return runJob(job, { ...(signal && { signal }), ...(progress && { progress: (state) => progress(state) }) });
}

/** Vendor metadata of what is written, with the images' new numbers. */
function originalsOf(dataset: Dataset, plan: NgffPlan): readonly OriginalMetadata[] {
  if (!plan.options.originalMetadata) return [];
  const place = new Map(plan.picked.map((index, position) => [index, position]));
  return dataset.original.flatMap((entry) => {
    if (entry.image === undefined) return [entry];
    const image = place.get(entry.image);
    return image === undefined ? [] : [{ ...entry, image }];
  });
}
