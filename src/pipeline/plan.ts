// Cuts a job into passes and regions.
// A pass reads one source and writes a run of consecutive levels; a region is a box of a pass that owns all its output chunks and shards.
// Levels too coarse for regions of a sensible size are made by a later pass from the last level of the one before.
// The cut may depend on the number of workers: the bytes written do not, since every level is computed from the pixels of the one above it
// and shards are filled in the same order by any region that holds them whole.

import type { BlockMap } from '../core/blocks.js';
import type { Level } from '../core/contracts.js';
import { gridCounts, gridPosition, pixelCount, type Region, type Tczyx } from '../core/geometry.js';
import { bytesPerSample } from '../core/pixel-type.js';
import { isRaw } from './block-index.js';
import type { ConvertJob, ImageJob, OutputLevel } from './contract.js';

export interface Pass {
  readonly image: number;
  /** Output levels first … last; the source has the resolution of `first`. */
  readonly first: number;
  readonly last: number;
  /** Level `first` was written by the pass before and is read back here. */
  readonly again: boolean;
  readonly source: Level;
  /** Extent of a region in pixels of output level `first`; the far ones are cut. */
  readonly region: Tczyx;
  readonly counts: Tczyx;
  readonly regions: number;
  /** Channels and planes that are in memory together. */
  readonly cGroup: number;
  readonly zGroup: number;
  /** Where level `last` is kept for the next pass if the output itself cannot be read back. */
  readonly spill?: OutputLevel;
}

export interface ExecutionPlan {
  /** A phase starts when the one before is complete. */
  readonly phases: readonly (readonly Pass[])[];
  /** Peak bytes of one worker's buffers. */
  readonly workerBytes: number;
}

/** Buffers for decoded rows of planes that lie together in source blocks. */
const GROUP_BYTES = 64 * 2 ** 20;
/** Levels smaller than this are made by one worker. */
const SERIAL_BYTES = 16 * 2 ** 20;
/** Fetch window, scratch of codecs, one chunk raw and encoded. */
const FIXED_BYTES = 24 * 2 ** 20;

const STREAM_SIZING = { workers: 8, budget: 96 * 2 ** 20 };

const lcm = (a: number, b: number): number => {
  let [x, y] = [a, b];
  while (y) [x, y] = [y, x % y];
  return (a / x) * b;
};

/** The file layout that reads an output level back. */
export function readBack(output: OutputLevel, fill: number): BlockMap {
  if (output.address.kind === 'stream') throw new Error('a stream cannot be read back');
  return {
    layout: { kind: 'grid', block: output.chunk, edge: output.edge },
    address: output.address,
    files: [],
    chains: [output.chain],
    fill,
    absent: 'sparse',
  };
}

function owner(output: OutputLevel): Tczyx {
  if (output.address.kind !== 'shards') return output.chunk;
  const { inner } = output.address;
  return output.chunk.map((n, i) => n * inner[i]!) as unknown as Tczyx;
}

interface Cut {
  readonly region: Tczyx;
  readonly counts: Tczyx;
  readonly regions: number;
  readonly bytes: number;
}

/** The regions of levels first … last: aligned to every owner, wide for strips, enough of them for the workers. */
function cut(
  job: ImageJob,
  first: number,
  last: number,
  again: boolean,
  source: Level,
  cGroup: number,
  zGroup: number,
  wanted: number,
  budget: number,
): Cut {
  const top = job.outputs[first]!;
  const unit = [1, cGroup, zGroup, 1, 1];
  let scale = 1;
  for (let l = first; l <= last; l++) {
    const output = job.outputs[l]!;
    if (l > first) scale *= 2;
    if (l === first && again) continue;
    for (const [axis, n] of owner(output).entries()) {
      const factor = axis >= 3 ? (top.shape[axis]! === output.shape[axis]! && l > first ? 1 : scale) : 1;
      const whole = n >= output.shape[axis]!;
      const extent = whole ? top.shape[axis]! : n * factor;
      unit[axis] = whole || unit[axis]! >= top.shape[axis]! ? Math.max(unit[axis]!, extent) : lcm(unit[axis]!, extent);
    }
  }
  for (const axis of [0, 1, 2, 3, 4]) unit[axis] = Math.min(unit[axis]!, top.shape[axis]!);
  const size = bytesPerSample(job.type);
  const rows = Math.max(...job.outputs.slice(first, last + 1).map((o) => o.chunk[3]));
  const bytesFor = (width: number): number =>
    2 * cGroup * zGroup * Math.min(rows, top.shape[3]) * width * size + FIXED_BYTES;
  const planes = gridCounts(top.shape, [unit[0]!, unit[1]!, unit[2]!, top.shape[3], top.shape[4]]).reduce(
    (a, b) => a * b,
    1,
  );
  const multiples = (step: number, full: number): number[] => {
    const list = [full];
    for (let n = Math.floor(full / step) * step; n >= step; n = Math.floor(n / 2 / step) * step)
      if (n < full) list.push(n);
    return list.includes(step) || step >= full ? list : [...list, step];
  };
  // A compressed block that spans the plane is decoded once only if the region spans it as well.
  const block =
    source.blocks.layout.kind === 'grid' && !source.blocks.chains.every((chain) => isRaw(chain, size))
      ? source.blocks.layout.block
      : undefined;
  const wholeRows = block !== undefined && block[4] >= source.shape[4];
  const wholePlane = wholeRows && block !== undefined && block[3] >= source.shape[3];
  const [stepY, stepX] = [unit[3]!, unit[4]!];
  let choice: { x: number; y: number } | undefined;
  const widths = multiples(stepX, top.shape[4]).filter((x) => x === stepX || bytesFor(x) <= budget);
  for (const x of wholeRows ? widths.slice(0, 1) : widths) {
    for (const y of wholePlane ? [top.shape[3]] : multiples(stepY, top.shape[3])) {
      if (planes * Math.ceil(top.shape[3] / y) * Math.ceil(top.shape[4] / x) >= wanted) {
        choice = { x, y };
        break;
      }
    }
    if (choice) break;
  }
  if (!choice) {
    const x = wholeRows ? widths[0]! : (widths.at(-1) ?? stepX);
    choice = { x, y: wholePlane ? top.shape[3] : stepY };
  }
  const region: Tczyx = [unit[0]!, unit[1]!, unit[2]!, choice.y, choice.x];
  const counts = gridCounts(top.shape, region);
  return { region, counts, regions: counts.reduce((a, b) => a * b, 1), bytes: bytesFor(choice.x) };
}

/** Channels decoded together (interleaved samples), and planes that share source blocks as far as memory allows. */
function groups(
  job: ImageJob,
  output: OutputLevel,
  source: Level,
  selected: boolean,
): { cGroup: number; zGroup: number } {
  const size = bytesPerSample(job.type);
  const layout = source.blocks.layout;
  const block = layout.kind === 'grid' ? layout.block : undefined;
  let cBlock = block?.[1] ?? (layout.kind === 'placed' && layout.shape.length > 0 ? layout.shape[1]! : 1);
  let zBlock = block && !source.blocks.chains.every((chain) => isRaw(chain, size)) ? block[2] : 1;
  if (selected && (job.select.c || job.select.z)) {
    // A selection need not be aligned to source blocks; the reader's cache serves neighbours.
    cBlock = cBlock > 1 ? output.shape[1] : 1;
    zBlock = 1;
  }
  const cGroup = Math.min(output.shape[1], lcm(cBlock, output.chunk[1]));
  const chunkZ = output.chunk[2];
  let zGroup = chunkZ;
  if (zBlock > chunkZ) {
    const plane =
      cGroup * Math.min(output.chunk[3], output.shape[3]) * Math.min(4096, output.shape[4]) * bytesPerSample(job.type);
    const fits = Math.max(1, Math.floor(GROUP_BYTES / (plane * chunkZ)));
    zGroup = chunkZ * Math.min(fits, Math.ceil(zBlock / chunkZ));
  }
  return { cGroup, zGroup: Math.min(zGroup, Math.max(chunkZ, output.shape[2])) };
}

function spillLevel(job: ImageJob, level: number, folder: string): OutputLevel {
  const output = job.outputs[level]!;
  return {
    shape: output.shape,
    chunk: [1, 1, 1, output.chunk[3], output.chunk[4]],
    edge: 'clipped',
    chain: { codecs: [], order: 'tczyx' },
    address: { kind: 'files', folder, key: { prefix: '', separator: '.', axes: [0, 1, 2, 3, 4] } },
    skipFill: true,
  };
}

/**
 * Workers and bytes a worker that the cut reckons with. The order of a stream is that of its regions, so they may not depend on the machine.
 */
function sizing(job: ConvertJob, image: ImageJob): { workers: number; budget: number } {
  if (image.outputs.some(({ address }) => address.kind === 'stream')) return STREAM_SIZING;
  return { workers: job.workers, budget: Math.max(FIXED_BYTES * 2, job.memory / Math.max(1, job.workers)) };
}

function planImage(job: ConvertJob, image: number, share: number): { passes: Pass[]; bytes: number } {
  const imageJob = job.images[image]!;
  const { outputs, fill } = imageJob;
  const { workers, budget } = sizing(job, imageJob);
  const passes: Pass[] = [];
  let bytes = 0;
  let first = 0;
  let again = false;
  let from: Level = imageJob.source;
  for (;;) {
    const top = outputs[first]!;
    const { cGroup, zGroup } = groups(imageJob, top, from, !again);
    const large = pixelCount(top.shape) * bytesPerSample(imageJob.type) > SERIAL_BYTES;
    const wanted = workers === 1 || !large ? 1 : Math.max(1, Math.ceil(share));
    const upTo = (level: number): Cut => cut(imageJob, first, level, again, from, cGroup, zGroup, wanted, budget);
    const least: number = again ? first + 1 : first;
    let last: number = least;
    let best = upTo(least);
    for (let next = least + 1; next < outputs.length && !outputs[next]!.reuse; next++) {
      const longer = upTo(next);
      // Regions get longer with every level: stop where too few are left, but halve at least once before anything is read back.
      const enough = longer.regions >= wanted || longer.regions === best.regions || next === first + 1;
      if (!enough || (longer.bytes > budget && longer.bytes > best.bytes)) break;
      last = next;
      best = longer;
    }
    const more = last + 1 < outputs.length;
    const reuse: Level | undefined = outputs[last + 1]?.reuse;
    const spilled = more && !reuse && outputs[last]!.address.kind === 'stream';
    const spill = spilled ? spillLevel(imageJob, last, `${job.spill}/${image}-${last}`) : undefined;
    const { region, counts, regions } = best;
    passes.push({ image, first, last, again, source: from, region, counts, regions, cGroup, zGroup, spill });
    bytes = Math.max(bytes, best.bytes);
    if (!more) return { passes, bytes };
    from = reuse ?? { shape: outputs[last]!.shape, blocks: readBack(spill ?? outputs[last]!, fill) };
    again = !reuse;
    first = reuse ? last + 1 : last;
  }
}

/** Passes of all images by phase. */
export function planExecution(job: ConvertJob): ExecutionPlan {
  const phases: Pass[][] = [];
  let workerBytes = 0;
  // Large images get their share of the regions that keep all workers busy; small ones need not be cut.
  const pixels = job.images.map((image) => pixelCount(image.outputs[0].shape));
  const total = pixels.reduce((a, b) => a + b, 0);
  for (let image = 0; image < job.images.length; image++) {
    const share = (4 * sizing(job, job.images[image]!).workers * pixels[image]!) / Math.max(1, total);
    const { passes, bytes } = planImage(job, image, share);
    workerBytes = Math.max(workerBytes, bytes);
    for (const [i, pass] of passes.entries()) {
      phases[i] ??= [];
      phases[i]!.push(pass);
    }
  }
  return { phases, workerBytes };
}

/** Box number `index` of a pass, in pixels of its first output level. */
export function regionOf(pass: Pass, index: number, shape: Tczyx): Region {
  const position = gridPosition(index, pass.counts);
  const start = position.map((p, i) => p * pass.region[i]!) as unknown as Tczyx;
  return { start, shape: start.map((s, i) => Math.min(pass.region[i]!, shape[i]! - s)) as unknown as Tczyx };
}
