// From a plan to what the engine runs and to what --dry-run prints.

import type { Tczyx } from '../../src/core/geometry.js';
import type { WritePlan } from '../../src/core/writer.js';
import type { ImageJob, OutputLevel } from '../../src/pipeline/contract.js';
import { arrayMetadata, chunkAddress, chunkChain, zarrType } from './arrays.js';
import { pickAxes } from './axes.js';
import { levelCounts } from './levels.js';
import { groupFileCount, jobImages, jsonText } from './metadata.js';
import type { NgffPlan, PlannedImage } from './plan.js';

const under = (...parts: string[]): string => parts.filter((part) => part !== '').join('/');

function outputLevels(image: PlannedImage, root: string, plan: NgffPlan): OutputLevel[] {
  const { options } = plan;
  const chain = chunkChain(options.compression, image.source.type);
  return image.levels.map((level, n) => ({
    shape: level.shape,
    chunk: level.chunk,
    edge: 'padded',
    chain,
    address: chunkAddress(level, under(root, image.path, String(n)), image.axes, options),
    skipFill: true,
    ...(level.reuse && { reuse: level.reuse }),
  }));
}

/** Jobs of all images and labels, in the order of `jobImages`. `root`: absolute path of the output while it is made. */
export function imageJobs(plan: NgffPlan, root: string): ImageJob[] {
  return jobImages(plan).map((image) => {
    const [first, ...rest] = outputLevels(image, root, plan);
    return {
      name: image.name,
      source: image.source.levels[0],
      type: image.source.type,
      select: image.select,
      reduction: image.reduction,
      fill: image.fill,
      stats: image.stats,
      outputs: [first!, ...rest],
    };
  });
}

/** Metadata files of all arrays, one at a time. */
export function* arrayFiles(plan: NgffPlan): Generator<[file: string, text: string], void> {
  for (const image of jobImages(plan)) {
    for (const [n, level] of image.levels.entries()) {
      const { file, json } = arrayMetadata(level, image.source.type, image.fill, image.axes, plan.options);
      yield [under(image.path, String(n), file), jsonText(json)];
    }
  }
}

/** Node with its code, kernels and buffers that do not depend on the image. */
const BASE_BYTES = 96 * 2 ** 20;

/**
 * Sizes for --dry-run.
 * @param workerBytes peak of one worker's buffers · @param workers threads
 */
export function describePlan(plan: NgffPlan, workerBytes: number, workers: number): WritePlan {
  const images = jobImages(plan).map((image) => ({
    name: image.name,
    path: image.path,
    type: zarrType(image.source.type),
    levels: image.levels.map((level) => {
      const { chunks, bytes } = levelCounts(level, image.source.type);
      const axes = (values: Tczyx) => pickAxes(values, image.axes);
      const shard = level.shard && { shard: axes(level.shard) };
      return { shape: axes(level.shape), chunk: axes(level.chunk), ...shard, chunks, bytes };
    }),
  }));
  let [files, chunks, shards, bytes, tables] = [groupFileCount(plan) + (plan.omeXml ? 1 : 0), 0, 0, 0, 0];
  for (const image of jobImages(plan)) {
    const { address } = image.source.levels[0].blocks;
    if (address.kind === 'table') tables += address.offset.byteLength + address.length.byteLength;
    for (const level of image.levels) {
      const counts = levelCounts(level, image.source.type);
      chunks += counts.chunks;
      shards += counts.shards;
      bytes += counts.bytes;
      files += 1 + (level.shard ? counts.shards : counts.chunks);
    }
  }
  const memory = BASE_BYTES + tables + workers * workerBytes;
  const losses = plan.notices.filter((notice) => notice.rank === 'loss');
  return { images, files, chunks, shards, bytes, memory, losses };
}
