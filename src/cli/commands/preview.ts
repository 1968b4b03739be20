// `imgconv preview`: a picture of what a file holds.

import { count, type Flag, text } from '../flags/flag.js';
import { messageFlags, openFlags, opening } from '../flags/run.js';
import { indexRanges, listIndices, usage, whole } from '../values.js';
import type { Command } from './command.js';

const output = text('Output', '--output', '<file>', 'PNG or, by its name, JPEG; - for stdout', { short: '-o' });
const size = count('Output', '--size', '<pixels>', 'longer side of the picture', { initial: 512, defaultText: '512' });
const plane = (name: string, help: string): Flag<number | undefined> => ({
  name,
  value: '<index>',
  group: 'Selection',
  help,
  initial: undefined,
  parse: whole(0),
});
const z = plane('--z', 'plane to show (default: the middle one)');
const t = plane('--timepoint', 'time point to show (default: the first)');
const series: Flag<ReturnType<typeof indexRanges> | undefined> = {
  name: '--series',
  short: '-s',
  value: '<list>',
  group: 'Selection',
  help: 'images to show: 0,2-4 (default: all, as a contact sheet)',
  initial: undefined,
  parse: indexRanges,
};
const channels: typeof series = {
  ...series,
  name: '--channels',
  short: undefined,
  help: 'channels to blend (default: the active ones, at most 7)',
};

export const preview: Command = {
  usage: '<file or folder> -o <picture.png>',
  description:
    'Make a thumbnail: channel colours, contrast from quantiles, RGB as it is; several images become a contact sheet.',
  flags: [output, size, series, channels, z, t, ...openFlags, ...messageFlags],
  examples: [
    ['imgconv preview slide.svs -o slide.jpg', 'at most 512 pixels wide or high'],
    ['imgconv preview plate.ome.zarr --size 2000 -o plate.png', 'all fields side by side'],
  ],
  async run({ paths, values, terminal }) {
    const [input, more] = paths;
    const file = values.get(output);
    if (input === undefined || more !== undefined) throw usage(`preview takes one input, found ${paths.length}`);
    if (file === undefined) throw usage('preview needs an output: -o picture.png');
    const { previewInput } = await import('../../app/preview.js');
    const { encodePicture } = await import('../../app/picture-file.js');
    const { writeTextFile } = await import('../../app.js');
    const list = (flag: typeof series): readonly number[] | undefined => {
      const ranges = values.get(flag);
      return ranges && listIndices(ranges, 2 ** 16, flag.name);
    };
    const picture = await previewInput(input, {
      size: values.get(size) ?? 512,
      series: list(series),
      channels: list(channels),
      z: values.get(z),
      t: values.get(t),
      ...opening(values),
      notice: terminal.notice.bind(terminal),
    });
    const bytes = await encodePicture(picture, file);
    if (file === '-') await terminal.out(bytes);
    else await writeTextFile(file, bytes);
    return 0;
  },
};
