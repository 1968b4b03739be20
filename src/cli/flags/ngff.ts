// Options of `to-ngff` alone. Names follow bioformats2raw where it has them. Values are checked by the writer, which knows what fits together.

import { keyValues } from '../values.js';
import { count, type Flag, text, toggle } from './flag.js';

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
export const squeeze = toggle('Output', '--squeeze', 'drop t, c and z axes of length 1', { aliases: ['--compact'] });
export const noMinmax = toggle('Output', '--no-minmax', 'do not compute display windows from the pixels');
export const noOmeMetaExport = toggle('Output', '--no-ome-meta-export', 'leave out OME/METADATA.ome.xml');
export const noHcs = toggle('Output', '--no-hcs', 'write the images of a plate as a plain collection');

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
  squeeze,
  noMinmax,
  noOmeMetaExport,
  noHcs,
];
