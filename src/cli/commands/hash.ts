// `imgconv hash`: content hashes that do not depend on container, chunks, compression or byte order.

import type { Notice } from '../../core/contracts.js';
import { toggle } from '../flags/flag.js';
import { maxWorkers, messageFlags, openFlags, opening } from '../flags/run.js';
import { usage } from '../values.js';
import type { Command } from './command.js';
import { eachPath } from './each-path.js';

const json = toggle('Output', '--json', 'as JSON, with the hash of every plane (`imgconv schema hash`)');
const planes = toggle('Output', '--planes', 'a line for every plane, too');

export const hash: Command = {
  usage: '<file or folder ... | ->',
  description:
    'Print a SHA-256 of the pixels of each image: the same for a file and for what it was converted to. docs/HASH.md defines it.',
  flags: [json, planes, ...openFlags, maxWorkers, ...messageFlags],
  examples: [
    ['imgconv hash scan.czi scan.ome.zarr scan.ome.tiff', 'three times the same'],
    ['imgconv hash --planes stack.ome.tif', 'every plane'],
  ],
  async run({ paths, values, terminal }) {
    if (paths.length === 0) throw usage('hash needs a file or folder');
    const { hashInput } = await import('../../app/hash.js');
    return eachPath(paths, terminal, async (path, several) => {
      let damage = false;
      const request = {
        ...opening(values),
        workers: values.get(maxWorkers),
        notice(notice: Notice) {
          damage ||= notice.rank === 'damage';
          terminal.notice(notice);
        },
      };
      const report = await hashInput(path, values.get(json) || values.get(planes), request);
      if (values.get(json)) {
        await terminal.out(`${JSON.stringify(report, null, several ? 0 : 2)}\n`);
      } else {
        const lines = report.images.flatMap((image) => [
          `${image.sha256}  ${path}#${image.index}  ${image.name}`,
          ...(image.planes ?? []).map(
            ({ t, c, z, sha256 }) => `${sha256}  ${path}#${image.index} t=${t} c=${c} z=${z}`,
          ),
        ]);
        await terminal.out(`${lines.join('\n')}\n`);
      }
      const damaged = report.images.reduce((sum, image) => sum + image.damaged, 0);
      if (damaged > 0)
        terminal.say(
          'warn',
          `imgconv: damage: ${path}: ${damaged} blocks are absent or broken; their pixels count as 0`,
        );
      return damage || damaged > 0 ? 1 : 0;
    });
  },
};
