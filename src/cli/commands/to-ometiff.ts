// `imgconv to-ometiff`: images to OME-TIFF, one or a batch.

import type { OmeTiffOptionsInput, Target } from '../../app.js';
import type { FlagValues } from '../flags/flag.js';
import * as image from '../flags/image.js';
import * as tiff from '../flags/ome-tiff.js';
import * as run from '../flags/run.js';
import { imageOptions, withSeries } from '../image-options.js';
import { usage } from '../values.js';
import type { Command } from './command.js';

function bigtiff(values: FlagValues): 'auto' | 'always' | 'never' {
  const [always, never] = [values.get(tiff.bigtiff), values.get(tiff.noBigtiff)];
  if (always && never) throw usage('--bigtiff and --no-bigtiff exclude each other');
  return always ? 'always' : never ? 'never' : 'auto';
}

function omeTiffTarget(values: FlagValues): Target {
  const fixed: OmeTiffOptionsInput = {
    ...imageOptions(values),
    compression: values.get(tiff.compression),
    quality: values.get(tiff.quality),
    level: values.get(tiff.compressionLevel),
    transcode: values.get(tiff.transcode),
    tileWidth: values.get(tiff.tileWidth),
    tileHeight: values.get(tiff.tileHeight),
    bigtiff: bigtiff(values),
    dimensionOrder: values.get(tiff.dimensionOrder),
    split: values.get(tiff.split),
    companion: values.get(tiff.companion),
    uuid: values.get(tiff.uuid),
  };
  return { writer: 'ome-tiff', options: withSeries(fixed, values) };
}

export const toOmeTiff: Command = {
  usage: '<input...> <output>',
  description: `Convert images to OME-TIFF: tiled, with pyramids.

Several inputs, or - for names from stdin, go into the output folder under their own names.
One that fails does not stop the others. The output appears when it is complete, never before.
With - as the output of a single input, the finished file goes to stdout.`,
  flags: [
    ...tiff.omeTiffFlags,
    ...image.imageFlags,
    ...run.selectionFlags,
    ...run.inputFlags,
    ...run.runFlags,
    ...run.messageFlags,
  ],
  examples: [
    ['imgconv to-ometiff slide.ome.zarr slide.ome.tiff', 'with all levels; stored tiles are handed on where they fit'],
    ['imgconv to-ometiff -c jpeg --quality 85 slide.ome.zarr slide.ome.tiff', 'smaller, for bright-field slides'],
    ['imgconv to-ometiff --split channels in.ome.zarr out_%w.ome.tiff', 'a set of files, one a channel'],
    ['imgconv to-ometiff --dry-run slide.ome.zarr slide.ome.tiff', 'what would be made'],
    ['imgconv to-ometiff *.zarr converted/', 'a batch'],
  ],
  async run(input) {
    const { values } = input;
    const target = omeTiffTarget(values);
    const { runConversions } = await import('../conversions.js');
    const split = values.get(tiff.split) !== undefined;
    return runConversions(input, target, {
      command: 'to-ometiff',
      extension: '.ome.tiff',
      stream: split ? 'no' : 'yes',
    });
  },
};
