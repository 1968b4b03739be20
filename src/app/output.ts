// What may be overwritten: never more than was asked for, never the input.

import { basename, dirname, join } from 'node:path';
import type { Dataset } from '../core/contracts.js';
import { ImgconvError } from '../core/errors.js';
import type { WritePlan } from '../core/writer.js';
import { isInside, lookAt, truePath } from '../io/places.js';
import type { OutputKind } from './target.js';

export interface OutputRequest {
  readonly input: string;
  readonly output: string;
  readonly overwrite: boolean;
}

function refuse(code: string, output: string, text: string): never {
  throw new ImgconvError('usage', code, `${output} ${text}`, { file: output });
}

function isZarr(entries: readonly string[]): boolean {
  return ['zarr.json', '.zgroup', '.zarray', '.zattrs'].some((name) => entries.includes(name));
}

/** An existing output stays unless it may be replaced and is of the kind that would replace it. Reads no input. */
export async function checkOutput(request: OutputRequest, kind: OutputKind): Promise<void> {
  const { input, output, overwrite } = request;
  if (output === '') throw new ImgconvError('usage', 'OUTPUT_NAME', 'the output has no name');
  const place = await lookAt(output);
  if (place.kind === 'nothing') return;
  if (place.kind === 'special')
    refuse('OUTPUT_SPECIAL', output, 'is a device, a pipe or a link that leads nowhere; choose another name');
  if (kind === 'files' && place.kind === 'folder')
    refuse('OUTPUT_IS_FOLDER', output, 'is a folder; to convert into it, end its name with /');
  if (!overwrite) {
    const into = kind === 'folder' && place.kind === 'folder' && !isZarr(place.entries);
    const hint = into ? '; to convert into this folder, end its name with /' : '';
    refuse('OUTPUT_EXISTS', output, `exists already; --overwrite replaces it${hint}`);
  }
  if (kind === 'folder') {
    if (place.kind === 'file')
      refuse('OUTPUT_IS_FILE', output, 'is a file; --overwrite replaces an OME-Zarr folder only');
    if (place.kind === 'folder' && place.entries.length > 0 && !isZarr(place.entries))
      refuse('OUTPUT_NOT_ZARR', output, 'is a folder that holds no Zarr; --overwrite will not delete it');
  }
  if (isInside(await truePath(input), await truePath(output)))
    refuse('OUTPUT_IS_INPUT', output, 'holds the input; choose another name');
}

/** Replacing the output must not take files of the input with it. */
async function checkFiles(dataset: Dataset, output: string): Promise<void> {
  const target = await truePath(output);
  for (const file of dataset.files) {
    if (isInside(file, target))
      refuse('OUTPUT_IS_INPUT', output, `holds a file of the input, ${file}; choose another name`);
  }
}

/** Every file of a planned output, or the output folder. */
function outputPaths(output: string, plan: Pick<WritePlan, 'names'>): readonly string[] {
  return plan.names?.map((name) => join(dirname(output), name)) ?? [output];
}

/** The same once it is planned, for each file of a set: before anything is written. */
export async function checkPlanned(
  request: OutputRequest,
  kind: OutputKind,
  plan: WritePlan,
  dataset: Dataset,
): Promise<void> {
  for (const path of outputPaths(request.output, plan)) {
    if (basename(path) !== basename(request.output)) await checkOutput({ ...request, output: path }, kind);
    await checkFiles(dataset, path);
  }
}
