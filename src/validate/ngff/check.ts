// An OME-Zarr, whole: metadata, then chunks, then pixels, as far as asked for.

import { openStore } from '../../containers/zarr/open.js';
import type { ZarrStore } from '../../containers/zarr/store.js';
import { ZipStore } from '../../containers/zarr/zip-store.js';
import type { InputTree, Level } from '../../core/contracts.js';
import { limitsOf, reaches, type ValidateOptions } from '../options.js';
import { compareLevels, decodeAll, disagreement } from '../pyramid.js';
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
  const broken = (path: string) => (damage: { region: { start: readonly number[] }; text: string }) =>
    report.add(
      'ZARR_CHUNK_BROKEN',
      path,
      `the chunk at t, c, z, y, x = ${damage.region.start.join(', ')}: ${damage.text}`,
    );
  for (const image of context.images) {
    const levels: { path: string; level: Level; shape: readonly number[]; type: string }[] = [];
    for (const { path, array } of image.levels) {
      options.signal?.throwIfAborted();
      const level = await plainLevel(array, context.store, report);
      if (level) levels.push({ path, level, shape: array.shape, type: array.type.ome });
    }
    for (const [i, coarse] of levels.entries()) {
      const fine = levels[i - 1];
      const type = image.levels.find((level) => level.path === coarse.path)!.array.type.pixel;
      const comparable =
        fine &&
        fine.type === coarse.type &&
        fine.shape.length === coarse.shape.length &&
        coarse.shape.every((n, d) => n <= fine.shape[d]!);
      try {
        if (!comparable || !fine) {
          await decodeAll(coarse.level, type, broken(coarse.path), options.signal);
        } else {
          const agreement = await compareLevels(
            fine.level,
            coarse.level,
            type,
            (which, damage) => broken(which === 0 ? fine.path : coarse.path)(damage),
            options.signal,
          );
          const text = disagreement(agreement);
          if (
            text &&
            !report.findings.some(
              ({ rule, where }) => rule === 'ZARR_CHUNK_BROKEN' && (where === fine.path || where === coarse.path),
            )
          )
            report.add('NGFF_LEVEL_PIXELS', coarse.path, `${text}; compared with ${fine.path}`);
        }
      } catch (error) {
        report.fault(error, coarse.path, 'ZARR_CHUNK_BROKEN');
      }
      done.add(coarse.path);
    }
  }
  for (const { array } of arrays) {
    if (!array || done.has(array.path)) continue;
    const level = await plainLevel(array, context.store, report);
    try {
      if (level) await decodeAll(level, array.type.pixel, broken(array.path), options.signal);
    } catch (error) {
      report.fault(error, array.path, 'ZARR_CHUNK_BROKEN');
    }
  }
}
