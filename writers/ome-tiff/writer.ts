// Writes a planned OME-TIFF or set of them: the engine streams tiles, directories and the OME-XML follow.
// The caller owns the sink: it commits after this returns, or aborts.

import { basename } from 'node:path';
import type { TiffDataBlock } from '../../src/containers/ome-xml/document.js';
import type { Dataset, OriginalMetadata } from '../../src/core/contracts.js';
import { gridCounts, pixelCount, type Tczyx } from '../../src/core/geometry.js';
import { bytesPerSample } from '../../src/core/pixel-type.js';
import { VERSION } from '../../src/core/version.js';
import type { OutputSink, RunSize, WriteContext, WritePlan, WriteReport } from '../../src/core/writer.js';
import type { ConvertJob, ImageJob, OutputLevel } from '../../src/pipeline/contract.js';
import { damageNotices } from '../../src/pipeline/damage.js';
import { planExecution } from '../../src/pipeline/plan.js';
import { type PlaneBox, planesOf } from './files.js';
import { randomUrn } from './identity.js';
import type { OmeTiffOptions } from './options.js';
import { boxSelection, planOmeTiff, type TiffImage, type TiffPlan } from './plan.js';
import { TiffFile } from './tiff-file.js';

const DEFAULT_RUN: RunSize = { workers: 2, memory: 256 * 2 ** 20, blockBytes: 2 ** 30 };
const BASE_BYTES = 96 * 2 ** 20;
const CREATOR = `imgconv ${VERSION}`;

function outputLevels(image: TiffImage, box: PlaneBox): [OutputLevel, ...OutputLevel[]] {
  const shape = (full: Tczyx): Tczyx => [box.size.t, box.size.c * image.samples, box.size.z, full[3], full[4]];
  return image.levels.map(
    (level): OutputLevel => ({
      shape: shape(level.shape),
      chunk: [1, image.samples, 1, level.tile[0], level.tile[1]],
      edge: 'padded',
      chain: level.coding.chain,
      address: { kind: 'stream' },
      skipFill: false,
      passthrough: level.handedOn,
      ...(level.reuse && { reuse: level.reuse }),
    }),
  ) as unknown as [OutputLevel, ...OutputLevel[]];
}

interface Part {
  readonly file: number;
  readonly box: number;
  readonly job: ImageJob;
}

function parts(plan: TiffPlan): Part[] {
  return plan.files.flatMap((file, f) =>
    file.boxes.map((box, b): Part => {
      const image = plan.images[box.image]!;
      const job: ImageJob = {
        name: image.name,
        source: image.source.levels[0],
        type: image.source.type,
        select: boxSelection(image, box),
        reduction: image.reduction,
        fill: image.fill,
        stats: false,
        outputs: outputLevels(image, box),
      };
      return { file: f, box: b, job };
    }),
  );
}

function convertJob(list: readonly Part[], run: RunSize, spill: string): ConvertJob {
  const { workers, memory, blockBytes } = run;
  return { images: list.map(({ job }) => job), workers, memory, blockBytes, spill };
}

function describe(plan: TiffPlan, run: RunSize): WritePlan {
  const list = parts(plan);
  const images = list.map(({ job, file }) => ({
    name: job.name,
    path: plan.files.length > 1 ? plan.files[file]!.name : '',
    type: job.type,
    levels: job.outputs.map(({ shape, chunk }) => ({
      shape,
      chunk,
      chunks: pixelCount(gridCounts(shape, chunk)),
      bytes: pixelCount(shape) * bytesPerSample(job.type),
    })),
  }));
  const levels = images.flatMap((image) => image.levels);
  const chunks = levels.reduce((sum, level) => sum + level.chunks, 0);
  return {
    images,
    files: plan.files.length + (plan.options.companion ? 1 : 0),
    chunks,
    shards: 0,
    bytes: levels.reduce((sum, level) => sum + level.bytes, 0),
    memory: BASE_BYTES + chunks * 16 + run.workers * planExecution(convertJob(list, run, 'spill')).workerBytes,
    losses: plan.notices.filter(({ rank }) => rank === 'loss'),
    names: [...plan.files.map(({ name }) => name), ...(plan.options.companion ? [companionName(plan)] : [])],
  };
}

/** Metadata file of a set: named after the output, or where that is a pattern after the first file. */
function companionName(plan: TiffPlan): string {
  const name = plan.name.includes('%') ? plan.files[0]!.name : plan.name;
  return `${name.replace(/(\.ome)?\.(tiff?|btf|tf2|tf8)$/i, '')}.companion.ome`;
}

/** What a conversion would make. Pure. */
export function planOutput(
  dataset: Dataset,
  options: OmeTiffOptions,
  run: RunSize = DEFAULT_RUN,
  name = 'output.ome.tiff',
): WritePlan {
  return describe(planOmeTiff(dataset, options, name), run);
}

/** Write into `sink.temporary`; commit and abort are the caller's. Errors of planning and of the engine pass through. */
export async function writeOmeTiff(
  dataset: Dataset,
  options: OmeTiffOptions,
  sink: OutputSink,
  context: WriteContext,
): Promise<WriteReport> {
  const plan = planOmeTiff(dataset, options, basename(sink.path));
  for (const notice of plan.notices) context.notice(notice);
  tellCoding(plan, context);
  const list = parts(plan);
  const files: TiffFile[] = [];
  try {
    for (const file of plan.files) files.push(await TiffFile.create(plan, file, await sink.grow(file.name)));
    const { runJob } = await import('../../src/pipeline/run.js');
    const { signal, progress } = context;
    const result = await runJob(convertJob(list, context, `${sink.temporary}/levels`), {
      ...(signal && { signal }),
      ...(progress && { progress: (state) => progress(state) }),
      stream: (chunk) => {
        const { file, box } = list[chunk.image]!;
        return files[file]!.add(box, chunk);
      },
    });
    for (const notice of damageNotices(
      list.map(({ job }) => job.name),
      result,
    ))
      context.notice(notice);
    await finish(plan, files, dataset, sink, context);
    const { bytesRead, bytesWritten, chunks, damaged } = result;
    return { plan: describe(plan, context), bytesRead, bytesWritten, chunks, damaged };
  } catch (error) {
    await Promise.allSettled(files.map((file) => file.abandon()));
    throw error;
  }
}

/** How each image was coded: for the report. */
function tellCoding(plan: TiffPlan, context: WriteContext): void {
  for (const { name, levels } of plan.images) {
    const words = levels.map(({ coding, handedOn }) => `${coding.name}${handedOn ? ' (handed on)' : ''}`);
    const lossy = levels[0].coding.lossy && !levels[0].handedOn;
    const text = `image ${name}: ${[...new Set(words)].join(', levels ')}${lossy ? '; lossy, as asked for' : ''}`;
    context.notice({ code: 'CODING', rank: 'info', text });
  }
}

async function finish(
  plan: TiffPlan,
  files: readonly TiffFile[],
  dataset: Dataset,
  sink: OutputSink,
  context: WriteContext,
): Promise<void> {
  const { binaryOnlyXml, encodeOmeXml } = await import('../../src/containers/ome-xml/write.js');
  const { options } = plan;
  const original = options.originalMetadata ? originalsOf(dataset, plan) : [];
  const blocks = (uuids: readonly string[] | undefined) => (image: number) => tiffData(plan, files, image, uuids);
  const common = {
    original,
    creator: CREATOR,
    types: plan.images.map(({ source }) => source.type),
    interleaved: plan.images.map(({ samples }) => (samples > 1 ? true : undefined)),
    comment: 'OME-XML metadata of this file: edit it with `imgconv xml` or tiffcomment, not with an image editor',
    loss: (text: string) => context.notice({ code: 'OME_XML', rank: 'loss', text }),
  };
  const draft = new TextDecoder().decode(
    encodeOmeXml(plan.ome, { ...common, loss: () => {}, pixels: blocks(undefined) }),
  );
  const uuids = files.map((file) =>
    options.uuid === 'random' ? randomUrn() : file.identity.uuid(`${file.file.name}\n${draft}`),
  );
  const set = files.length > 1 ? uuids : undefined;
  if (options.companion) {
    const companion = companionName(plan);
    const uuid =
      options.uuid === 'random' ? randomUrn() : files[0]!.identity.uuid(`companion\n${uuids.join('\n')}\n${draft}`);
    await sink.put(companion, encodeOmeXml(plan.ome, { ...common, pixels: blocks(uuids), uuid }));
    for (const [i, file] of files.entries()) {
      const xml = binaryOnlyXml(companion, uuid, { uuid: uuids[i]!, creator: CREATOR });
      await file.finish(new TextEncoder().encode(xml), plan.ome.Images);
    }
    return;
  }
  for (const [i, file] of files.entries()) {
    const loss = i === 0 ? common.loss : () => {};
    await file.finish(
      encodeOmeXml(plan.ome, { ...common, loss, pixels: blocks(set), uuid: uuids[i]! }),
      plan.ome.Images,
    );
  }
}

/**
 * Where the planes of an image are. One block tells the directories of a whole image; a part of one may jump in the dimension order, so each
 * of its planes is told on its own. In a set every block names its file.
 */
function* tiffData(
  plan: TiffPlan,
  files: readonly TiffFile[],
  image: number,
  uuids: readonly string[] | undefined,
): Iterable<TiffDataBlock> {
  const { shape, samples } = plan.images[image]!;
  const all = (shape[0] * shape[1] * shape[2]) / samples;
  for (const [f, file] of files.entries()) {
    const first = file.firstDirectories();
    for (const [b, { image: owner, start, size }] of file.file.boxes.entries()) {
      if (owner !== image) continue;
      const member = uuids ? { uuid: uuids[f]!, fileName: plan.files[f]!.name } : {};
      if (size.t * size.c * size.z === all) {
        yield { ifd: first[b]!, firstZ: 0, firstC: 0, firstT: 0, planeCount: all, ...member };
        continue;
      }
      let ifd = first[b]!;
      for (const at of planesOf(plan.options.dimensionOrder, size)) {
        const position = { firstZ: start.z + at.z, firstC: start.c + at.c, firstT: start.t + at.t };
        yield { ifd: ifd++, ...position, planeCount: 1, ...member };
      }
    }
  }
}

/** Vendor metadata of what is written, with the images' new numbers. */
function originalsOf(dataset: Dataset, plan: TiffPlan): OriginalMetadata[] {
  const place = new Map(plan.images.map(({ pick }, position) => [pick.index, position]));
  return dataset.original.flatMap((entry) => {
    if (entry.image === undefined) return [entry];
    const image = place.get(entry.image);
    return image === undefined ? [] : [{ ...entry, image }];
  });
}
