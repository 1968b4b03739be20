// Options of `to-ngff` alone. Names follow bioformats2raw where it has them. Values are checked by the writer, which knows what fits together.

import { decimal, keyValues, plainText, whole, word } from '../values.js';
import { type Flag, toggle } from './flag.js';

type Text = string | undefined;
type Count = number | undefined;

function text(
  group: Flag<Text>['group'],
  name: string,
  value: string,
  help: string,
  rest: Partial<Flag<Text>>,
): Flag<Text> {
  return { name, value, group, help, initial: undefined, parse: plainText, ...rest };
}

function count(
  group: Flag<Count>['group'],
  name: string,
  value: string,
  help: string,
  rest: Partial<Flag<Count>>,
): Flag<Count> {
  return { name, value, group, help, initial: undefined, parse: whole(1, 2 ** 24), ...rest };
}

export const ngffVersion = text('Output', '--ngff-version', '<0.4|0.5>', 'OME-NGFF version', {
  defaultText: '0.5',
  more: '0.5 is Zarr v3 with shards; 0.4 is Zarr v2, for OMERO and older tools.',
});
export const layout = text(
  'Output',
  '--layout',
  '<kind>',
  'auto, image (one image at the root), bioformats2raw (collection)',
  {
    defaultText: 'auto',
    more: 'With `auto` a single image lies at the root of the output, several become a bioformats2raw collection, and plates become plates.',
  },
);
export const tileWidth = count('Output', '--tile-width', '<pixels>', 'chunk width', {
  short: '-w',
  aliases: ['--tile_width', '--chunk-width'],
  defaultText: '512; 1024 for 0.4',
});
export const tileHeight = count('Output', '--tile-height', '<pixels>', 'chunk height', {
  short: '-H',
  aliases: ['--tile_height', '--chunk-height'],
  defaultText: '512; 1024 for 0.4',
  more: 'bioformats2raw calls this `-h`, which is help here.',
});
export const chunkDepth = count('Output', '--chunk-depth', '<slices>', 'chunk depth', {
  short: '-z',
  aliases: ['--chunk_depth', '--tile-depth'],
  defaultText: '1',
});
export const shardWidth = count('Output', '--shard-width', '<pixels>', 'shard width (0.5)', { defaultText: 'chosen' });
export const shardHeight = count('Output', '--shard-height', '<pixels>', 'shard height (0.5)', {
  defaultText: 'chosen',
});
export const shardDepth = count('Output', '--shard-depth', '<slices>', 'shard depth (0.5)', { defaultText: 'chosen' });
export const noShards = toggle('Output', '--no-shards', 'one file a chunk (0.5)');
export const noNested = toggle('Output', '--no-nested', "chunk names with '.' instead of '/' (0.4)");
export const compression = text('Output', '--compression', '<codec>', 'blosc, zstd, gzip, zlib (0.4), none', {
  short: '-c',
  defaultText: 'blosc',
  more: 'Every one of them is lossless. `null` means none.',
});
export const compressionProperties: Flag<Readonly<Record<string, string>>> = {
  name: '--compression-properties',
  value: '<key=value>',
  group: 'Output',
  initial: {},
  defaultText: 'blosc: cname=zstd,clevel=1,shuffle=shuffle; for 0.4 cname=lz4,clevel=5',
  help: 'settings of the codec; may be given several times',
  more: 'blosc: cname (lz4, zstd), clevel 0–9, shuffle (noshuffle, shuffle, bitshuffle), blocksize; zstd: level, checksum; gzip and zlib: level.',
  parse: keyValues,
  merge: (before, next) => ({ ...before, ...next }),
};
export const fillValue: Flag<number | undefined> = {
  name: '--fill-value',
  value: '<number>',
  group: 'Output',
  initial: undefined,
  defaultText: "the input's, else 0",
  help: 'value of pixels that the input does not hold',
  parse: decimal,
};
export const squeeze = toggle('Output', '--squeeze', 'drop t, c and z axes of length 1', { aliases: ['--compact'] });
export const noMinmax = toggle('Output', '--no-minmax', 'do not compute display windows from the pixels');
export const noOriginalMetadata = toggle('Output', '--no-original-metadata', "leave out the vendor's own metadata");
export const noOmeMetaExport = toggle('Output', '--no-ome-meta-export', 'leave out OME/METADATA.ome.xml');
export const noHcs = toggle('Output', '--no-hcs', 'write the images of a plate as a plain collection');

export const resolutions = count('Pyramid', '--resolutions', '<n>', 'number of levels, full size included', {
  short: '-r',
  defaultText: 'until --target-min-size is reached',
  parse: whole(1, 64),
});
export const targetMinSize = count(
  'Pyramid',
  '--target-min-size',
  '<pixels>',
  'halve until width and height are at most this',
  {
    defaultText: '256',
  },
);

const UNSUPPORTED_FILTER =
  'is not offered: it rings or blurs and gives values that no pixel has; use area (mean of 2 × 2), simple or mode';
export const downsampleType: Flag<Text> = {
  name: '--downsample-type',
  value: '<method>',
  group: 'Pyramid',
  initial: undefined,
  defaultText: 'area; mode for labels and indexed colours',
  help: 'area (mean), linear (the same here), simple (every second pixel), mode (most frequent)',
  parse: word(
    ['area', 'simple', 'mode', 'linear'],
    { nearest: 'simple', mean: 'area' },
    { gaussian: UNSUPPORTED_FILTER, cubic: UNSUPPORTED_FILTER, lanczos: UNSUPPORTED_FILTER },
  ),
};
export const reuseLevels = toggle(
  'Pyramid',
  '--reuse-levels',
  "take the input's own levels where their sizes fit exactly",
  {
    aliases: ['--use-existing-resolutions'],
  },
);

export const ngffFlags: readonly Flag<unknown>[] = [
  ngffVersion,
  layout,
  tileWidth,
  tileHeight,
  chunkDepth,
  shardWidth,
  shardHeight,
  shardDepth,
  noShards,
  noNested,
  compression,
  compressionProperties,
  fillValue,
  squeeze,
  noMinmax,
  noOriginalMetadata,
  noOmeMetaExport,
  noHcs,
  resolutions,
  targetMinSize,
  downsampleType,
  reuseLevels,
];
