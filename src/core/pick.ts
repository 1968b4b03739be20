// Which images, channels, planes, time points and pixels of a data set a conversion takes: the same rules for every writer.

import type { Dataset } from './contracts.js';
import { ImgconvError } from './errors.js';
import type { Crop, ImagePick } from './select.js';

/** Inclusive, 0-based; without `to`: to the end. */
export interface IndexRange {
  readonly from: number;
  readonly to?: number;
}

export interface PickOptions {
  /** 0-based indices of the images to convert; default all. */
  readonly series?: readonly number[];
  /** Slide labels, overviews, thumbnails. */
  readonly associated: 'keep' | 'drop';
  /** 0-based channels (samples), planes and time points to keep, in every image of role 'pixels'; taken in ascending order, each once. */
  readonly channels?: readonly IndexRange[];
  readonly z?: readonly IndexRange[];
  readonly timepoints?: readonly IndexRange[];
  /** Pixels of the full-size level. */
  readonly crop?: Crop;
}

function selectionError(message: string): ImgconvError {
  return new ImgconvError('usage', 'SELECTION', message);
}

/** Parts of the images to convert, in order. Errors: usage SELECTION. */
export function pickParts(dataset: Dataset, options: PickOptions): ImagePick[] {
  return pickImages(dataset, options).map((index) => pickPart(dataset, index, options));
}

function pickImages(dataset: Dataset, options: PickOptions): number[] {
  const count = dataset.images.length;
  for (const index of options.series ?? [])
    if (index >= count) throw selectionError(`--series ${index}: the input has ${count} images, counted from 0`);
  const all = options.series ?? Array.from({ length: count }, (_, index) => index);
  const kept = all.filter((index) => options.associated === 'keep' || dataset.images[index]!.role === 'pixels');
  if (kept.length === 0) throw selectionError('nothing is left to convert: no image is selected');
  return kept;
}

/** Ascending indices that ranges name, undefined for all of them. */
function resolveRanges(name: string, ranges: readonly IndexRange[] | undefined, size: number): number[] | undefined {
  if (!ranges) return undefined;
  const chosen = new Set<number>();
  for (const { from, to = size - 1 } of ranges) {
    if (from >= size || to >= size)
      throw selectionError(`${name} ${Math.max(from, to)} is out of range: the image has ${size}, counted from 0`);
    for (let index = from; index <= to; index++) chosen.add(index);
  }
  return chosen.size === size ? undefined : [...chosen].sort((a, b) => a - b);
}

/** Ranges and the crop concern images proper; slide labels and overviews stay whole. */
function pickPart(dataset: Dataset, index: number, options: PickOptions): ImagePick {
  const { type, levels, role } = dataset.images[index]!;
  const { shape } = levels[0];
  if (role !== 'pixels') return { index, shape, type };
  const { crop } = options;
  if (crop && (crop.x + crop.width > shape[4] || crop.y + crop.height > shape[3]))
    throw selectionError(
      `--crop ${crop.x},${crop.y},${crop.width},${crop.height} reaches beyond image ${index} of ${shape[4]} × ${shape[3]} pixels`,
    );
  const whole = crop && crop.width === shape[4] && crop.height === shape[3];
  return {
    index,
    shape,
    type,
    t: resolveRanges('--timepoints', options.timepoints, shape[0]),
    c: resolveRanges('--channels', options.channels, shape[1]),
    z: resolveRanges('--z', options.z, shape[2]),
    crop: whole ? undefined : crop,
  };
}
