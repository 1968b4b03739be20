// `imgconv to-ngff`: images to OME-Zarr, one or a batch.

import type { NgffOptionsInput, Target } from '../../app.js';
import type { FlagValues } from '../flags/flag.js';
import * as image from '../flags/image.js';
import * as ngff from '../flags/ngff.js';
import * as run from '../flags/run.js';
import { imageOptions, withSeries } from '../image-options.js';
import type { Command } from './command.js';

function ngffTarget(values: FlagValues): Target {
  const fixed: NgffOptionsInput = {
    ...imageOptions(values),
    ngffVersion: values.get(ngff.ngffVersion),
    layout: values.get(ngff.layout),
    tileWidth: values.get(ngff.tileWidth),
    tileHeight: values.get(ngff.tileHeight),
    tileDepth: values.get(ngff.chunkDepth),
    shard: values.get(ngff.noShards) ? 'off' : undefined,
    shardWidth: values.get(ngff.shardWidth),
    shardHeight: values.get(ngff.shardHeight),
    shardDepth: values.get(ngff.shardDepth),
    compression: values.get(ngff.compression),
    compressionProperties: values.get(ngff.compressionProperties),
    squeeze: values.get(ngff.squeeze),
    minMax: !values.get(ngff.noMinmax),
    omeXml: !values.get(ngff.noOmeMetaExport),
    hcs: !values.get(ngff.noHcs),
    nested: !values.get(ngff.noNested),
  };
  return { writer: 'ngff', options: withSeries(fixed, values) };
}

export const toNgff: Command = {
  usage: '<input...> <output>',
  description: `Convert images to OME-Zarr.

Several inputs, or - for names from stdin, go into the output folder under their own names.
One that fails does not stop the others. The output appears when it is complete, never before.`,
  flags: [
    ...ngff.ngffFlags,
    ...image.imageFlags,
    ...run.selectionFlags,
    ...run.inputFlags,
    ...run.runFlags,
    ...run.messageFlags,
  ],
  examples: [
    ['imgconv to-ngff slide.ome.tif slide.ome.zarr', 'OME-Zarr 0.5 with all levels'],
    ['imgconv to-ngff --ngff-version 0.4 slide.ome.tif slide.ome.zarr', 'for OMERO and older tools'],
    ['imgconv to-ngff --dry-run slide.ome.tif slide.ome.zarr', 'what would be made'],
    ['imgconv to-ngff *.tif converted/', 'a batch'],
    ["find data -name '*.tif' | imgconv to-ngff - converted/", 'a batch from stdin'],
  ],
  async run(input) {
    const { runConversions } = await import('../conversions.js');
    return runConversions(input, ngffTarget(input.values), {
      command: 'to-ngff',
      extension: '.ome.zarr',
      stream: 'no',
    });
  },
};
