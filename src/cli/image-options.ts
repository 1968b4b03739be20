// What the flags of every conversion mean for a writer.

import type { Dataset } from '../core/contracts.js';
import type { FlagValues } from './flags/flag.js';
import * as image from './flags/image.js';
import * as run from './flags/run.js';
import { selectSeries } from './select.js';

/** Options that all writers know under the same names. */
export function imageOptions(values: FlagValues) {
  return {
    resolutions: values.get(image.resolutions),
    targetMinSize: values.get(image.targetMinSize),
    downsampleType: values.get(image.downsampleType),
    reuseLevels: values.get(image.reuseLevels),
    fillValue: values.get(image.fillValue),
    originalMetadata: !values.get(image.noOriginalMetadata),
    associated: values.get(run.associated),
    channels: values.get(run.channels),
    z: values.get(run.slices),
    timepoints: values.get(run.timepoints),
    crop: values.get(run.crop),
  };
}

/** The options with `--series`, which names and open ranges tie to the input, once that is known. */
export function withSeries<O extends object>(
  options: O,
  values: FlagValues,
): (dataset: Dataset | undefined) => O & { readonly series?: readonly number[] } {
  const series = values.get(run.series);
  return (dataset) => (dataset && series ? { ...options, series: selectSeries(series, dataset) } : options);
}
