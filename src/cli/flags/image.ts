// Options of every command that writes images with pyramids.

import { decimal, whole, word } from '../values.js';
import { count, type Flag, toggle } from './flag.js';

export const fillValue: Flag<number | undefined> = {
  name: '--fill-value',
  value: '<number>',
  group: 'Output',
  initial: undefined,
  defaultText: "the input's, else 0",
  help: 'value of pixels that the input does not hold',
  parse: decimal,
};
export const noOriginalMetadata = toggle('Output', '--no-original-metadata', "leave out the vendor's own metadata");

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
export const downsampleType: Flag<string | undefined> = {
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

export const imageFlags: readonly Flag<unknown>[] = [
  fillValue,
  noOriginalMetadata,
  resolutions,
  targetMinSize,
  downsampleType,
  reuseLevels,
];
