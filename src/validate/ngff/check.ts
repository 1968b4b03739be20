// An OME-Zarr, whole: metadata, then chunks, then pixels, as far as asked for.

import type { ZarrArray } from '../../containers/zarr/array.js';
import { openStore } from '../../containers/zarr/open.js';
import type { ZarrStore } from '../../containers/zarr/store.js';
import { ZipStore } from '../../containers/zarr/zip-store.js';
import type { InputTree, Level } from '../../core/contracts.js';
import { limitsOf, reaches, type ValidateOptions } from '../options.js';
import { checkLevelPixels } from '../pyramid.js';
import type { Report } from '../report.js';
import { checkArchive } from '../zarr/archive.js';
import { checkChunks, plainLevel } from '../zarr/chunks.js';
import { type CheckedArray, type ImageFacts, ZarrContext } from '../zarr/context.js';
import { checkRoot } from './root.js';

/** Facts of what was checked, for profiles. */
export interface ZarrFacts {
  readonly images: readonly ImageFacts[];
  readonly zipped: boolean;
  /** OME/METADATA.ome.xml exists. */
  readonly xml: boolean;
  readonly context: ZarrContext;
}

export async function checkZarr(
  tree: InputTree,
  options: ValidateOptions,
  report: Report,
): Promise<ZarrFacts | undefined> {
  let store: ZarrStore | undefined;
  try {
    store = await openStore(tree, limitsOf(options));
  } catch (error) {
    report.fault(error, '', 'ZIP_BROKEN');
    return undefined;
  }
  if (!store) {
    report.add('ZARR_NONE', '', 'an archive without Zarr metadata');
    return undefined;
  }
  const zipped = store instanceof ZipStore;
  if (store instanceof ZipStore) await checkArchive(store, report);
  const context = new ZarrContext(store, report, limitsOf(options), options.level);
  await checkRoot(context);
  const arrays = context.checked();
  if (reaches(options.level, 'structure')) {
    for (const { array } of arrays) {
      options.signal?.throwIfAborted();
      if (array) await checkChunks(array, context.store, report);
    }
  }
  if (reaches(options.level, 'pixels')) await checkPixels(context, arrays, options, report);
  const xml = (await context.store.get('OME/METADATA.ome.xml')) !== undefined;
  return { images: context.images, zipped, xml, context };
}

async function checkPixels(
  context: ZarrContext,
  arrays: readonly CheckedArray[],
  options: ValidateOptions,
  report: Report,
): Promise<void> {
  const done = new Set<string>();
  for (const image of context.images) {
    let before: LevelToRead | undefined;
    for (const { path, array } of image.levels) {
      const level = await plainLevel(array, context.store, report);
      done.add(path);
      if (!level) continue;
      const now = { path, level, array };
      await checkLevel(now, before, options, report);
      before = now;
    }
  }
  for (const { array } of arrays) {
    if (!array || done.has(array.path)) continue;
    const level = await plainLevel(array, context.store, report);
    if (level) await checkLevel({ path: array.path, level, array }, undefined, options, report);
  }
}

interface LevelToRead {
  readonly path: string;
  readonly level: Level;
  readonly array: ZarrArray;
}

async function checkLevel(
  { path, level, array }: LevelToRead,
  before: LevelToRead | undefined,
  options: ValidateOptions,
  report: Report,
): Promise<void> {
  options.signal?.throwIfAborted();
  const comparable =
    before !== undefined &&
    before.array.type.ome === array.type.ome &&
    before.array.shape.length === array.shape.length &&
    array.shape.every((n, d) => n <= before.array.shape[d]!);
  const fine = comparable ? before : undefined;
  try {
    const { damage, wrong } = await checkLevelPixels(level, fine?.level, array.type.pixel, options);
    for (const { side, start, text } of damage) {
      const place = side === 1 && fine ? fine.path : path;
      report.add('ZARR_CHUNK_BROKEN', place, `the chunk at t, c, z, y, x = ${start.join(', ')}: ${text}`);
    }
    if (wrong && fine) report.add('NGFF_LEVEL_PIXELS', path, `${wrong}; compared with ${fine.path}`);
  } catch (error) {
    report.fault(error, path, 'ZARR_CHUNK_BROKEN');
  }
}
