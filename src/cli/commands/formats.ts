// `imgconv formats`: what can be read and written, from the registries.

import { type Flag, toggle } from '../flags/flag.js';
import { quiet } from '../flags/run.js';
import { usage } from '../values.js';
import type { Command } from './command.js';

const json: Flag<boolean> = toggle('Output', '--json', 'as JSON, with all that is known about each format');

export const formats: Command = {
  usage: '',
  description: 'List the formats that can be read and written.',
  flags: [json, quiet],
  examples: [
    ['imgconv formats', 'a table'],
    ['imgconv formats --json', 'for programs'],
  ],
  async run({ paths, values, terminal }) {
    if (paths.length > 0) throw usage(`formats takes no argument, found: ${paths[0]}`);
    const { listFormats } = await import('../../app.js');
    const list = listFormats();
    if (values.get(json)) {
      await terminal.out(`${JSON.stringify(list, null, 2)}\n`);
      return 0;
    }
    const rows = [
      ...list.read.map((format) => [format.id, format.name, format.extensions.join(' ')]),
      ...list.write.map((format) => [
        `> ${format.id}`,
        `${format.name} ${format.versions.join(', ')}, written by ${format.command}`,
        format.extensions.join(' '),
      ]),
    ];
    const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
    const lines = rows.map((row) =>
      `${row[0]!.padEnd(widths[0]!)}  ${row[1]!.padEnd(widths[1]!)}  ${row[2]}`.trimEnd(),
    );
    await terminal.out(`${lines.join('\n')}\n`);
    return 0;
  },
};
