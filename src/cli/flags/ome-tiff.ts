// Options of `to-ometiff` alone. Names follow raw2ometiff and bfconvert where they have them. Values are checked by the writer, which knows
// what fits together.

import { decimal, word } from '../values.js';
import { count, type Flag, text, toggle } from './flag.js';

export const compression = text(
  'Output',
  '--compression',
  '<codec>',
  'auto, none, lzw, deflate, zstd, jpeg, jpeg2000, packbits',
  {
    short: '-c',
    aliases: ['--codec'],
    defaultText: 'auto',
    more: 'With `auto` stored tiles that an OME-TIFF can hold are handed on as they are, levels computed from them use the same codec, and all else is deflated. Pixels stay exact unless `jpeg`, or `jpeg2000` with --quality, is asked for, or the levels of a JPEG image are computed.',
  },
);
export const quality: Flag<number | undefined> = {
  name: '--quality',
  value: '<n>',
  group: 'Output',
  initial: undefined,
  defaultText: 'jpeg: 90; jpeg2000: lossless',
  help: 'jpeg: 1 to 100; jpeg2000: bits a pixel, such as 2.5',
  parse: decimal,
};
export const compressionLevel = count('Output', '--compression-level', '<n>', 'effort: deflate 1–9, zstd 1–19', {
  aliases: ['--level'],
  defaultText: 'deflate 4, zstd 3',
});
export const transcode = toggle(
  'Output',
  '--transcode',
  'decode and encode every tile, also where it could be handed on',
);
export const tileWidth = count('Output', '--tile-width', '<pixels>', 'tile width, a multiple of 16', {
  short: '-w',
  aliases: ['--tile_width', '--tilex'],
  defaultText: '512',
  more: 'Tiles that are handed on keep their size.',
});
export const tileHeight = count('Output', '--tile-height', '<pixels>', 'tile height, a multiple of 16', {
  short: '-H',
  aliases: ['--tile_height', '--tiley'],
  defaultText: '512',
});
export const bigtiff = toggle('Output', '--bigtiff', 'BigTIFF also where classic TIFF would do', {
  more: 'Without it BigTIFF is chosen where the file would come near 4 GiB.',
});
export const noBigtiff = toggle(
  'Output',
  '--no-bigtiff',
  'classic TIFF; fails where the file becomes too large for it',
  {
    aliases: ['--nobigtiff'],
  },
);
export const dimensionOrder = text('Output', '--dimension-order', '<order>', 'order of the planes, XYZCT to XYTCZ', {
  defaultText: 'XYZCT',
});
export const split: Flag<string | undefined> = {
  name: '--split',
  value: '<by>',
  group: 'Output',
  initial: undefined,
  help: 'a set of files: one for each of the series, channels, z, timepoints or planes',
  more: 'The name of the output is a pattern: %s number and %n name of the image, %c number and %w name of the channel, %z and %t numbers, from 0. Without one, what tells the files apart is put before the extension.',
  parse: word(['series', 'channels', 'z', 'timepoints', 'planes'], {
    images: 'series',
    c: 'channels',
    t: 'timepoints',
  }),
};
export const companion = toggle(
  'Output',
  '--companion',
  'with --split: metadata in a .companion.ome file, not in every TIFF',
);
export const uuid: Flag<string | undefined> = {
  name: '--uuid',
  value: '<content|random>',
  group: 'Output',
  initial: undefined,
  defaultText: 'content',
  help: 'identifiers of the files: made from their content (equal runs give equal files), or random',
  parse: word(['content', 'random']),
};

export const omeTiffFlags: readonly Flag<unknown>[] = [
  compression,
  quality,
  compressionLevel,
  transcode,
  tileWidth,
  tileHeight,
  bigtiff,
  noBigtiff,
  dimensionOrder,
  split,
  companion,
  uuid,
];
